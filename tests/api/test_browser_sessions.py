"""What a browser's cookie may do, and what the logs may say."""

from __future__ import annotations

import logging

import pytest
from flask.testing import FlaskClient

from banjie.services import demo, people
from support.office import run_worker

from .conftest import Api


def signed_in(api: Api, username: str = "zhao") -> tuple[FlaskClient, str]:
    """A browser with a session cookie, and the token that its pages carry."""
    opened = people.sign_in(api.office.rt, username, demo.PASSWORD, address="127.0.0.1")
    client = api.client.application.test_client()
    client.set_cookie("banjie", opened.token)
    return client, opened.csrf


def claim(api: Api, client: FlaskClient, **headers: str) -> int:
    task_id = api.task_of(api.office.apply())
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(f"/api/v1/tasks/{task_id}/claim", headers=named).status_code


def test_our_own_page_with_its_token_may_act(api: Api) -> None:
    client, csrf = signed_in(api)

    assert claim(api, client, Origin="http://localhost", X_CSRF_Token=csrf) == 200


@pytest.mark.parametrize("token", [None, "", "wrong", "é"])
def test_without_the_page_s_token_a_cookie_does_nothing(api: Api, token: str | None) -> None:
    client, _ = signed_in(api)

    assert claim(api, client, **({} if token is None else {"X_CSRF_Token": token})) == 403


def test_the_token_of_another_session_does_not_serve(api: Api) -> None:
    client, _ = signed_in(api)
    _, of_another = signed_in(api)

    assert claim(api, client, X_CSRF_Token=of_another) == 403


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "https://localhost.evil.example", "http://localhost:9999", "http://"],
)
def test_a_request_from_another_site_is_refused_even_with_the_token(api: Api, origin: str) -> None:
    client, csrf = signed_in(api)

    assert claim(api, client, Origin=origin, X_CSRF_Token=csrf) == 403


def test_a_machine_s_token_does_not_serve_as_a_cookie_nor_a_cookie_as_a_token(api: Api) -> None:
    client = api.client.application.test_client()
    client.set_cookie("banjie", api.token("zhao"))
    web = people.sign_in(api.office.rt, "zhao", demo.PASSWORD, address="127.0.0.1").token

    assert client.get("/api/v1/tasks").status_code == 401
    assert api.get("/tasks", headers={"Authorization": f"Bearer {web}"}).status_code == 401


def test_a_session_that_was_ended_opens_nothing(api: Api) -> None:
    client, _ = signed_in(api)
    assert client.get("/api/v1/tasks").status_code == 200

    people.set_active(api.office.rt, "zhao", active=False)

    assert client.get("/api/v1/tasks").status_code == 401


def test_the_logs_of_a_whole_walk_hold_no_personal_data(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    application = demo.individual_application(1)
    case_no = api.post(
        "/cases", "wang", json={"service": "guarantee-loan-individual", "submission": application}
    ).get_json()["case_no"]
    api.post(
        "/cases", "wang", json={"service": "guarantee-loan-individual", "submission": {**application, "x": 1}}
    )
    for element, officer in demo.OFFICERS.items():
        api.post(
            f"/tasks/{api.task_of(case_no)}/complete", officer,
            json={"submission": demo.answer(element, api.office.rt.today())},
        )  # fmt: skip
    run_worker(api.office.rt, api.office.database_url)

    told = "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    personal = ("id_number", "phone", "applicant_name", "bank_account", "address", "business_address")
    assert [key for key in personal if str(application[key]) in told] == []
    assert demo.PASSWORD not in told
    assert api.token("wang") not in told
