"""The application on an office's runtime, asked as machines and browsers ask it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it has no types
from werkzeug.test import TestResponse

from banjie.app import create_app
from banjie.services import demo, people
from support.office import Office, checked

API = "/api/v1"


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """A running office, checked for consistency when the test has passed."""
    with checked(Office(database_url, tmp_path)) as running:
        yield running


@dataclass
class Api:
    """The API as one person's machine asks it; every answer is held against the OpenAPI document."""

    office: Office
    client: FlaskClient
    tokens: dict[str, str] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)

    def token(self, username: str) -> str:
        if username not in self.tokens:
            opened = people.sign_in(self.office.rt, username, demo.PASSWORD, address="127.0.0.1", kind="api")
            self.tokens[username] = opened.token
        return self.tokens[username]

    def ask(
        self,
        method: str,
        path: str,
        by: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> TestResponse:
        """Ask, and check that the answer has the published shape."""
        sent = dict(headers or {})
        if by is not None:
            sent["Authorization"] = f"Bearer {self.token(by)}"
        answer = self.client.open(API + path, method=method, headers=sent, **more)
        self.check(method, path, answer)
        return answer

    def get(self, path: str, by: str | None = None, **more: Any) -> TestResponse:
        return self.ask("GET", path, by, **more)

    def post(self, path: str, by: str | None = None, **more: Any) -> TestResponse:
        return self.ask("POST", path, by, **more)

    def check(self, method: str, path: str, answer: TestResponse) -> None:
        if answer.status_code >= 400:
            require_problem(answer)
            return
        operation = self.operation(method, path)
        described = operation["responses"].get(str(answer.status_code))
        assert described is not None, f"{method} {path}: {answer.status_code} is not published"
        schema = described.get("content", {}).get("application/json", {}).get("schema")
        if schema and answer.mimetype == "application/json":
            whole = {"components": self.document["components"], **schema}
            faults = [fault.message for fault in Draft202012Validator(whole).iter_errors(answer.get_json())]
            assert faults == []

    def operation(self, method: str, path: str) -> dict[str, Any]:
        """The published operation that answers a path."""
        if not self.document:
            self.document = self.client.get(f"{API}/openapi.json").get_json()
        asked = (API + path).partition("?")[0].split("/")
        for template, operations in self.document["paths"].items():
            parts = template.split("/")
            if len(parts) == len(asked) and all(
                part.startswith("{") or part == given for part, given in zip(parts, asked, strict=True)
            ):
                found: dict[str, Any] = operations.get(method.lower(), {})
                if found:
                    return found
        raise AssertionError(f"{method} {path} is not published")

    def task_of(self, case_no: str) -> int:
        """The id of the open task of a case."""
        return self.office.open_task(case_no).id


def require_problem(answer: TestResponse) -> dict[str, Any]:
    """The body of an error, which must have the shape of RFC 9457."""
    assert answer.mimetype == "application/problem+json", (answer.status_code, answer.mimetype)
    body: dict[str, Any] = answer.get_json()
    assert body["status"] == answer.status_code
    assert isinstance(body["type"], str)
    assert isinstance(body["title"], str)
    assert body["title"]
    assert isinstance(body["code"], str)
    for fault in body.get("errors", []):
        assert set(fault) == {"field", "code", "message"}
        assert all(isinstance(text, str) for text in fault.values())
    return body


@pytest.fixture
def api(office: Office) -> Api:
    """The API of the office."""
    app = create_app(office.settings, office.rt)
    return Api(office, app.test_client())
