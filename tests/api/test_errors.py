"""Every refusal: its status, its shape, and that it changes nothing."""

from __future__ import annotations

import pytest

from banjie.services import demo

from .conftest import Api, require_problem


def refused(answer: object) -> tuple[int, str]:
    body = require_problem(answer)  # type: ignore[arg-type]
    return body["status"], body["code"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/cases"), ("POST", "/cases"), ("GET", "/cases/1"), ("POST", "/cases/1/withdraw"),
     ("POST", "/cases/1/cancel"), ("GET", "/tasks"), ("GET", "/tasks/1"), ("POST", "/tasks/1/claim"),
     ("POST", "/tasks/1/release"), ("PUT", "/tasks/1/draft"), ("POST", "/tasks/1/complete"), ("POST", "/files")],
)  # fmt: skip
@pytest.mark.parametrize("token", [None, "", "x", "Bearer", "秘密"])
def test_without_a_live_token_nothing_is_shown(api: Api, method: str, path: str, token: str | None) -> None:
    headers = {} if token is None else {"Authorization": f"Bearer {token}".encode().decode("latin-1")}

    answer = api.client.open("/api/v1" + path, method=method, headers=headers, json={})

    assert refused(answer) == (401, "not_signed_in")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_an_expired_token_is_refused(api: Api) -> None:
    api.get("/tasks", "zhao")
    api.office.clock.pass_(hours=8)

    assert refused(api.get("/tasks", "zhao")) == (401, "not_signed_in")


def test_a_wrong_password_is_refused(api: Api) -> None:
    answer = api.post("/tokens", json={"username": "zhao", "password": "wrong"})

    assert refused(answer) == (401, "sign_in_refused")


def test_the_fault_of_each_field_is_named_in_the_language_asked_for(api: Api) -> None:
    application = {**demo.individual_application(1), "amount": -1, "typename": "X"}
    for language, word in (("zh-CN", "表单中没有这一项"), ("en", "The form has no such field")):
        answer = api.post(
            "/cases", "wang", headers={"Accept-Language": language},
            json={"service": "guarantee-loan-individual", "submission": application},
        )  # fmt: skip
        assert refused(answer) == (422, "invalid_submission")
        told = {fault["field"]: fault["message"] for fault in answer.get_json()["errors"]}
        assert set(told) == {"amount", "typename"}
        assert told["typename"] == word


def test_a_closed_task_answers_409_with_who_and_when(api: Api) -> None:
    case_no = api.office.apply()
    task_id = api.task_of(case_no)
    api.office.complete(case_no)

    answer = api.post(f"/tasks/{task_id}/complete", "zhao", json={"submission": {}})

    assert refused(answer) == (409, "task_closed")
    assert (answer.get_json()["by"], answer.get_json()["at"]) == ("赵敏", "2026-09-07T02:00:00+00:00")


def test_a_stale_version_answers_409_with_the_present_one(api: Api) -> None:
    task_id = api.task_of(api.office.apply())
    api.post(f"/tasks/{task_id}/claim", "zhao")

    answer = api.post(
        f"/tasks/{task_id}/complete", "zhao", headers={"If-Match": '"1"'}, json={"submission": {}}
    )

    assert refused(answer) == (409, "stale_version")
    assert answer.get_json()["version"] == 2


def test_a_task_that_a_colleague_holds_answers_409_with_who(api: Api) -> None:
    case_no = api.office.apply()
    task_id = api.office.advance_to(case_no, "BankAccept").id
    api.post(f"/tasks/{task_id}/claim", "sun")

    answer = api.post(f"/tasks/{task_id}/claim", "li")

    assert refused(answer) == (409, "task_taken")
    assert answer.get_json()["by"] == "孙丽"


def test_the_same_person_at_both_bank_steps_answers_403(api: Api) -> None:
    case_no = api.office.apply()
    task_id = api.office.advance_to(case_no, "Disburse").id

    answer = api.post(
        f"/tasks/{task_id}/complete",
        "sun",
        json={"submission": demo.answer("Disburse", api.office.rt.today())},
    )

    assert refused(answer) == (403, "four_eyes")


def test_a_key_used_otherwise_answers_409(api: Api) -> None:
    for amount, status in ((80_000, 201), (90_000, 409)):
        answer = api.post(
            "/cases", "wang", headers={"Idempotency-Key": "k"},
            json={"service": "guarantee-loan-individual",
                  "submission": demo.individual_application(1, amount=amount)},
        )  # fmt: skip
        assert answer.status_code == status
    assert answer.get_json()["code"] == "idempotency_mismatch"


@pytest.mark.parametrize("who", ["jiang", "liu", "wei"])
def test_another_agency_s_case_and_task_answer_as_missing_ones(api: Api, who: str) -> None:
    case_no = api.office.apply()
    task_id = api.task_of(case_no)
    absent = "152201-20260907-999999"
    for method, hidden, missing in (
        ("GET", f"/cases/{case_no}", f"/cases/{absent}"),
        ("POST", f"/cases/{case_no}/withdraw", f"/cases/{absent}/withdraw"),
        ("POST", f"/cases/{case_no}/cancel", f"/cases/{absent}/cancel"),
        ("GET", f"/tasks/{task_id}", "/tasks/999999"),
        ("POST", f"/tasks/{task_id}/claim", "/tasks/999999/claim"),
        ("POST", f"/tasks/{task_id}/release", "/tasks/999999/release"),
        ("PUT", f"/tasks/{task_id}/draft", "/tasks/999999/draft"),
        ("POST", f"/tasks/{task_id}/complete", "/tasks/999999/complete"),
    ):
        body = {"reason": "因故", "submission": {}}
        if "withdraw" in hidden or "cancel" in hidden:
            del body["submission"]
        else:
            del body["reason"]
        ends = []
        for path in (hidden, missing):
            answer = api.ask(method, path, who, json=body if method != "GET" else None)
            told = require_problem(answer)
            ends.append({key: value for key, value in told.items() if key not in ("case", "task")})
            assert told["status"] == 404
        assert ends[0] == ends[1]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("DELETE", "/cases", 405), ("GET", "/tasks/abc", 404), ("GET", "/forms/none/none", 404),
     ("GET", "/forms/guarantee_loan/none", 404), ("GET", "/tasks/99999999999999999999999", 404)],
)  # fmt: skip
def test_what_is_not_there_answers_as_a_problem(api: Api, method: str, path: str, status: int) -> None:
    answer = api.client.open(
        "/api/v1" + path, method=method, headers={"Authorization": f"Bearer {api.token('zhao')}"}
    )

    assert require_problem(answer)["status"] == status


def test_the_public_follow_up_stops_guessing(api: Api) -> None:
    case_no = api.office.apply()
    client = api.client.application.test_client()
    statuses = []
    for number in range(22):
        answer = client.post("/follow", data={"case_no": case_no, "last_four": f"{number:04d}"})
        statuses.append(answer.status_code)

    assert statuses[-1] == 429
    assert set(statuses[:20]) == {404}
