"""Each endpoint in its usual use; the fixture holds every answer against the OpenAPI document."""

from __future__ import annotations

from io import BytesIO

from openapi_spec_validator import validate

from banjie.services import demo

from .conftest import Api

INDIVIDUAL = "guarantee-loan-individual"


def apply(api: Api, **headers: str) -> str:
    answer = api.post(
        "/cases",
        "wang",
        headers=headers,
        json={"service": INDIVIDUAL, "submission": demo.individual_application(1)},
    )
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/v1/cases/{answer.get_json()['case_no']}"
    return str(answer.get_json()["case_no"])


def complete(api: Api, task_id: int, by: str, element: str, **headers: str) -> tuple[int, dict[str, object]]:
    answer = api.post(
        f"/tasks/{task_id}/complete", by, headers={name.replace("_", "-"): value for name, value in headers.items()},
        json={"submission": demo.answer(element, api.office.rt.today())},
    )  # fmt: skip
    return answer.status_code, answer.get_json()


def test_the_published_document_is_openapi_3_1(api: Api) -> None:
    document = api.client.get("/api/v1/openapi.json").get_json()

    assert document["openapi"].startswith("3.1")
    validate(document)


def test_every_route_of_the_api_is_published(api: Api) -> None:
    document = api.client.get("/api/v1/openapi.json").get_json()
    published = {
        (method.upper(), path) for path, operations in document["paths"].items() for method in operations
        if method in ("get", "post", "put", "delete", "patch")
    }  # fmt: skip
    served = {
        (method, rule.rule.replace("<int:", "{").replace("<path:", "{").replace("<", "{").replace(">", "}"))
        for rule in api.client.application.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/v1/") and not rule.rule.endswith("openapi.json")
    }

    assert served == published


def test_a_name_and_a_password_give_a_token_that_opens_the_inbox(api: Api) -> None:
    answer = api.post("/tokens", json={"username": "zhao", "password": demo.PASSWORD})
    token = answer.get_json()["token"]

    listed = api.get("/tasks", headers={"Authorization": f"Bearer {token}"})

    assert (answer.status_code, listed.status_code) == (201, 200)


def test_the_catalogue_lists_both_loans_to_anybody(api: Api) -> None:
    keys = [service["key"] for service in api.get("/services").get_json()["items"]]

    assert keys == sorted(keys)
    assert {"guarantee-loan-individual", "guarantee-loan-sme", "startup-subsidy"} <= set(keys)


def test_a_deployed_form_is_given_as_it_is(api: Api) -> None:
    form = api.get("/forms/guarantee_loan/review").get_json()

    assert form["id"] == "guarantee_loan_review"


def test_a_deadline_is_computed_by_the_working_calendar(api: Api) -> None:
    answer = api.get("/calendar/deadline", query_string={"start": "2025-09-30T10:00+08:00", "limit": 5})

    assert answer.get_json()["day"] == "2025-10-14"


def test_a_case_is_walked_to_the_money_by_its_officers(api: Api) -> None:
    case_no = apply(api)
    for element, officer in demo.OFFICERS.items():
        task_id = api.task_of(case_no)
        claimed = api.post(f"/tasks/{task_id}/claim", officer).get_json()
        status, _ = complete(api, task_id, officer, element, If_Match=f'"{claimed["version"]}"')
        assert status == 200

    case = api.get(f"/cases/{case_no}", "feng").get_json()
    assert (case["status"], case["outcome"], case["tasks"]) == ("ended", "approved", [])
    assert {clock["state"] for clock in case["clocks"]} == {"stopped"}
    assert [row["element"] for row in case["submissions"]] == ["Applied", *demo.OFFICERS]
    decided = {decision["key"] for decision in case["decisions"]}
    assert decided >= {"guarantee_loan/eligibility", "guarantee_loan/loan_cap"}
    assert case["history"][-1]["type"] == "instance.ended"


def test_a_task_shows_its_form_its_draft_and_its_version(api: Api) -> None:
    task_id = api.task_of(apply(api))
    api.post(f"/tasks/{task_id}/claim", "zhao")
    saved = api.ask("PUT", f"/tasks/{task_id}/draft", "zhao", json={"submission": {"decision": "accept"}})

    answer = api.get(f"/tasks/{task_id}", "zhao")

    assert saved.status_code == 204
    assert answer.headers["ETag"] == f'"{answer.get_json()["version"]}"'
    assert (answer.get_json()["form"], answer.get_json()["draft"]) == (
        "guarantee_loan/accept",
        {"decision": "accept"},
    )
    assert api.post(f"/tasks/{task_id}/release", "zhao").status_code == 200


def test_an_applicant_withdraws_and_a_head_cancels(api: Api) -> None:
    withdrawn, cancelled = api.office.apply(), api.office.apply()

    assert api.post(f"/cases/{withdrawn}/withdraw", "wang", json={"reason": "因故"}).status_code == 204
    assert api.post(f"/cases/{cancelled}/cancel", "zhou", json={"reason": "重复"}).status_code == 204
    assert [row["status"] for row in api.get("/cases", "wang").get_json()["items"]] == [
        "cancelled",
        "withdrawn",
    ]


def test_a_file_is_uploaded_for_a_submission(api: Api) -> None:
    answer = api.post(
        "/files", "wang", data={"field": "licence", "file": (BytesIO(b"%PDF-1.7"), "执照.pdf")},
        content_type="multipart/form-data",
    )  # fmt: skip

    assert (answer.status_code, answer.get_json()["name"], answer.get_json()["size"]) == (201, "执照.pdf", 8)


def test_cursors_lead_through_all_cases_and_all_tasks(api: Api) -> None:
    numbers = [api.office.apply() for _ in range(5)]
    for path, by, key, expected in (
        ("/cases", "wang", "case_no", numbers[::-1]), ("/tasks", "zhao", "case_no", numbers),
    ):  # fmt: skip
        seen: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            page = api.get(
                path, by, query_string={"limit": 2, **({"cursor": cursor} if cursor else {})}
            ).get_json()
            seen += [row[key] for row in page["items"]]
            cursor = page["next"]
        assert seen == expected


def test_names_are_masked_in_lists(api: Api) -> None:
    case_no = api.office.apply(name="王小梅")

    for path, by in (("/cases", "wang"), ("/tasks", "zhao"), (f"/cases/{case_no}", "zhao")):
        assert "王小梅" not in row_names(api.get(path, by).get_json())


def row_names(body: dict[str, object]) -> str:
    rows = body.get("items", [body])
    assert isinstance(rows, list)
    return str([row.get("applicant") for row in rows])


def test_a_repeated_post_is_answered_as_the_first(api: Api) -> None:
    numbers = {apply(api, **{"Idempotency-Key": "start-1"}) for _ in range(3)}
    (case_no,) = numbers
    task_id = api.task_of(case_no)

    answers = [complete(api, task_id, "zhao", "Accept", Idempotency_Key="done-1") for _ in range(3)]

    assert {status for status, _ in answers} == {200}
    assert {body["case_no"] for _, body in answers} == {case_no}
    assert api.office.open_elements(case_no) == ["Review"]


def test_health_is_told_without_signing_in(api: Api) -> None:
    assert api.client.get("/healthz").data == b"ok"


def test_every_answer_forbids_framing_sniffing_and_storing(api: Api) -> None:
    for path in ("/api/v1/services", "/api/v1/cases", "/api/v1/nothing", "/healthz"):
        headers = api.client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]


def test_a_second_application_while_one_is_open_is_409_and_names_the_case_to_who_applied(api: Api) -> None:
    case_no = apply(api)
    body = {"service": INDIVIDUAL, "submission": demo.individual_application(1)}

    own, strangers = api.post("/cases", "wang", json=body), api.post("/cases", "liu", json=body)

    assert (own.status_code, own.get_json()["code"], own.get_json()["case_no"]) == (
        409,
        "already_open",
        case_no,
    )
    assert (strangers.status_code, strangers.get_json()["code"]) == (409, "already_open")
    assert "case_no" not in strangers.get_json()


def test_the_cases_of_a_region_come_in_the_shape_of_one_s_own_with_names_masked(api: Api) -> None:
    first, second = api.office.apply(applicant_name="包青山"), api.office.apply()

    page = api.get("/cases?scope=region&limit=1", "feng").get_json()
    rest = api.get(f"/cases?scope=region&cursor={page['next']}", "feng").get_json()

    assert [row["case_no"] for row in page["items"] + rest["items"]] == [second, first]
    assert (rest["items"][0]["applicant"], rest["next"]) == ("包*山", None)
    narrowed = api.get("/cases?scope=region&query=青山&status=running&order=ascending", "feng").get_json()
    assert [row["case_no"] for row in narrowed["items"]] == [first]
    assert api.get("/cases?scope=region", "wang").status_code == 403
    assert api.get("/cases?scope=region&query=%00&late=true", "feng").status_code in (200, 400)


def test_the_reason_of_a_withdrawal_is_read_with_the_case(api: Api) -> None:
    case_no = apply(api)
    assert api.get(f"/cases/{case_no}", "feng").get_json()["reason"] is None

    api.post(f"/cases/{case_no}/withdraw", "wang", json={"reason": "改日再办"})

    assert api.get(f"/cases/{case_no}", "feng").get_json()["reason"] == "改日再办"
