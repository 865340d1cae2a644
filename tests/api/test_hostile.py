"""Hostile bodies, headers and queries: a 4xx that names the field, never a 5xx, and nothing stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pytest

from banjie.services import demo

from .conftest import Api, require_problem

DEEP = 100_000
TABLES = (
    "instance",
    "task",
    "event",
    "submission",
    "attachment",
    "outbox",
    "answered",
    "decision",
    "clock",
    "inbox",
)


def stored(api: Api) -> tuple[tuple[Any, ...], ...]:
    """What the tables hold; a refused request must leave it as it was."""
    for username in ("wang", "zhao", "zhou"):  # signing in is on record too
        api.token(username)
    with api.office.rt.store.read() as uow:
        return tuple(
            tuple(uow.db.rows(f"SELECT count(*), max(t::text) FROM {table} t")[0]) for table in TABLES
        )


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


def nested_objects(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


#: JSON texts of a field's value that no form takes.
VALUES = {
    "lists 100,000 deep": nested(DEEP),
    "objects 100,000 deep": nested_objects(DEEP),
    "lists 900 deep": nested(900),
    "objects 300 deep": nested_objects(300),
    "NaN": "NaN",
    "infinity": "-Infinity",
    "beyond a float": "1e999999999",
    "endlessly small": "1e-999999999",
    "4000 digits": "9" * 4000,
    "20000 digits": "9" * 20_000,
    "beyond 64 bits": str(2**70),
    "NUL": '"a\\u0000b"',
    "lone surrogate": '"\\ud800"',
    "surrogates in the wrong order": '"\\udc00\\ud800"',
    "list": "[1, 2]",
    "object": '{"__class__": "x"}',
    "boolean": "true",
    "megabyte": json.dumps("长" * 1_000_000),
}
#: Keys that no form has.
KEYS = (
    "__class__", "typename", "__typename", "__init__", "constructor", "__proto__", "unknown", "", " ", "a.b",
    "\u202e", "长" * 1000,
)  # fmt: skip


def bodies(api: Api) -> dict[str, tuple[str, str, str, dict[str, Any], str]]:
    """Endpoint → method, path, who asks, the body where all is well, and the field that is spoilt."""
    case_no = api.office.apply()
    task_id = api.task_of(case_no)
    api.post(f"/tasks/{task_id}/claim", "zhao")
    answer = demo.answer("Accept", api.office.rt.today())
    return {
        "start": ("POST", "/cases", "wang",
                  {"service": "guarantee-loan-individual", "submission": demo.individual_application(1)}, "amount"),
        "complete": ("POST", f"/tasks/{task_id}/complete", "zhao", {"submission": answer}, "decision"),
    }  # fmt: skip


def send(api: Api, method: str, path: str, by: str | None, text: str | bytes) -> dict[str, Any]:
    headers = {"Content-Type": "application/json"}
    if by:
        headers["Authorization"] = f"Bearer {api.token(by)}"
    answer = api.client.open("/api/v1" + path, method=method, data=text, headers=headers)
    assert 400 <= answer.status_code < 500, (answer.status_code, text[:80])
    return require_problem(answer)


@pytest.mark.parametrize("endpoint", ["start", "complete"])
def test_a_hostile_value_is_refused_and_leaves_nothing(api: Api, endpoint: str) -> None:
    method, path, by, body, field = bodies(api)[endpoint]
    before = stored(api)
    for name, value in VALUES.items():
        text = json.dumps({**body, "submission": {**body["submission"], field: "@@"}}).replace('"@@"', value)

        told = send(api, method, path, by, text)

        if told["status"] == 422:
            assert {fault["field"] for fault in told["errors"]} == {field}, name
    assert stored(api) == before


@pytest.mark.parametrize("endpoint", ["start", "complete"])
def test_a_field_that_the_form_does_not_have_is_refused_by_its_name(api: Api, endpoint: str) -> None:
    method, path, by, body, _ = bodies(api)[endpoint]
    before = stored(api)
    for key in KEYS:
        told = send(
            api, method, path, by, json.dumps({**body, "submission": {**body["submission"], key: "x"}})
        )
        assert told["status"] == 422
        assert len(told["errors"]) == 1
        assert told["errors"][0]["code"] in ("unknown_field", "bad_character", "too_large", "too_long")
    assert stored(api) == before


#: Bodies that are no envelope of any endpoint.
ENVELOPES = [
    b"", b"{", b"[]", b"null", b"1", b'"x"', b"\xff\xfe", b"{}", b'{"a": NaN}', nested(DEEP).encode(),
    nested_objects(DEEP).encode(), b'{"submission": null}', b'{"submission": []}', b'{"submission": "x"}',
    b'{"service": {}, "submission": {}}', b'{"service": "x", "submission": {}, "__class__": 1}',
    b'{"username": ["a"], "password": {}}', b'{"reason": 5}', b'{"reason": null}', b'{"reason": "\\u0000"}',
    b'{"submission": {}, "typename": "x"}',
]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "by"),
    [("POST", "/tokens", None), ("POST", "/cases", "wang"), ("POST", "/cases/{case}/withdraw", "wang"),
     ("POST", "/cases/{case}/cancel", "zhou"), ("PUT", "/tasks/{task}/draft", "zhao"),
     ("POST", "/tasks/{task}/complete", "zhao"), ("POST", "/files", "wang")],
)  # fmt: skip
def test_a_body_that_is_no_envelope_is_refused(api: Api, method: str, path: str, by: str | None) -> None:
    case_no = api.office.apply()
    path = path.format(case=case_no, task=api.task_of(case_no))
    if by:
        api.token(by)
    before = stored(api)

    for body in ENVELOPES:
        send(api, method, path, by, body)

    assert stored(api) == before


@pytest.mark.parametrize(
    "value", ["1e999999999", "1e-999999999", nested(DEEP), nested(900), nested_objects(300), str(2**70), "9" * 4000,
              '"\\u0000"', '"\\ud800"', "NaN"]
)  # fmt: skip
def test_a_draft_with_a_hostile_value_is_refused(api: Api, value: str) -> None:
    method, path, by, _, _ = bodies(api)["complete"]
    before = stored(api)

    send(api, "PUT", path.replace("complete", "draft"), by, f'{{"submission": {{"x": {value}}}}}')

    assert method
    assert stored(api) == before


@pytest.mark.parametrize(
    ("path", "by", "query"),
    [("/cases", "wang", {"limit": "0"}), ("/cases", "wang", {"limit": "101"}), ("/cases", "wang", {"limit": "x"}),
     ("/cases", "wang", {"limit": "9" * 30}), ("/cases", "wang", {"cursor": "x"}),
     ("/cases", "wang", {"cursor": "9" * 30}), ("/tasks", "zhao", {"tab": "none"}),
     ("/tasks", "zhao", {"cursor": "x~1"}), ("/tasks", "zhao", {"cursor": "infinity~" + "9" * 30}),
     ("/tasks", "zhao", {"query": "x" * 101}), ("/tasks", "zhao", {"query": "a\x00b"}),
     ("/tasks", "zhao", {"limit": "-1"}), ("/calendar/deadline", None, {"start": "yesterday", "limit": "5"}),
     ("/calendar/deadline", None, {"start": "2025-09-30T10:00+08:00", "limit": "99999"}),
     ("/calendar/deadline", None, {"start": "0001-01-01T00:00+14:00", "limit": "5"}),
     ("/calendar/deadline", None, {"start": "9999-12-31T23:59-14:00", "limit": "5"}),
     ("/calendar/deadline", None, {"start": "9999-12-31T23:59+08:00", "limit": "10000"}),
     ("/calendar/deadline", None, {"limit": "5"})],
)  # fmt: skip
def test_a_hostile_query_is_refused(api: Api, path: str, by: str | None, query: Mapping[str, str]) -> None:
    answer = api.get(path, by, query_string=query)

    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize(
    "header", ["x", '"x"', '"-1"', "99999999999999999999", '"²"'.encode().decode("latin-1")]
)
def test_an_if_match_that_is_no_version_is_refused(api: Api, header: str) -> None:
    task_id = api.task_of(api.office.apply())

    answer = api.post(
        f"/tasks/{task_id}/complete", "zhao", headers={"If-Match": header}, json={"submission": {}}
    )

    assert require_problem(answer)["code"] == "invalid_request"


def test_an_endless_idempotency_key_is_refused(api: Api) -> None:
    task_id = api.task_of(api.office.apply())
    for path, by, body in (
        (f"/tasks/{task_id}/complete", "zhao", {"submission": demo.answer("Accept", api.office.rt.today())}),
        ("/cases", "wang",
         {"service": "guarantee-loan-individual", "submission": demo.individual_application(1)}),
    ):  # fmt: skip
        answer = api.post(path, by, headers={"Idempotency-Key": "k" * 5000}, json=body)
        assert require_problem(answer)["code"] == "invalid_request"


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.html", b"<script>alert(1)</script>"), ("a.svg", b"<svg onload=alert(1)>"), ("a.pdf", b""),
     ("a.exe", b"MZ\x90"), ("", b"%PDF-1.7"), ("\u202e", b"%PDF-1.7")],
)  # fmt: skip
def test_a_file_of_a_wrong_kind_or_without_a_name_is_refused(api: Api, name: str, content: bytes) -> None:
    before = stored(api)

    answer = api.post(
        "/files",
        "wang",
        data={"field": "x", "file": (BytesIO(content), name)},
        content_type="multipart/form-data",
    )

    assert require_problem(answer)["status"] == 400
    assert stored(api) == before


def test_a_file_beyond_the_limit_is_refused(api: Api) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-'
    for size in (api.office.settings.upload_limit_bytes, api.office.settings.upload_limit_bytes + (2 << 20)):
        # Written by hand: the test client would leave its own temporary file open.
        body = head + b"0" * size + b"\r\n--b--\r\n"
        answer = api.post("/files", "wang", data=body, content_type="multipart/form-data; boundary=b")
        assert require_problem(answer)["status"] in (400, 413)


def test_nul_in_the_field_of_an_upload_is_refused(api: Api) -> None:
    answer = api.post(
        "/files", "wang", data={"field": "a\x00b", "file": (BytesIO(b"%PDF-1"), "a.pdf")},
        content_type="multipart/form-data",
    )  # fmt: skip

    assert require_problem(answer)["status"] == 400


@pytest.mark.parametrize(
    "case_no", ["%00", "%ff%fe", "..%2f..%2fetc", "'%20OR%201=1", "x" * 5000, "%ED%A0%80"]
)
def test_an_odd_case_number_is_refused(api: Api, case_no: str) -> None:
    answer = api.client.get(
        f"/api/v1/cases/{case_no}", headers={"Authorization": f"Bearer {api.token('zhao')}"}
    )

    assert answer.status_code in (400, 404)
    require_problem(answer)
