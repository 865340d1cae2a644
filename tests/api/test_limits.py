"""How limits across cases stand, as machines ask for it and as the case's page says it."""

from __future__ import annotations

import re

from banjie.services import demo, tasks
from support.office import Office

from .conftest import Api

SERVICE = "startup-subsidy"


def two_cases(office: Office) -> tuple[str, str]:
    """Two cases of one person, the first of them granted; which `while_open` prevents at one office."""
    cases = [office.apply(SERVICE) for _ in range(2)]
    for case_no in cases:
        office.advance_to(case_no, "SecondReview")
    with office.rt.store.begin() as uow:
        uow.db.run(
            "UPDATE instance SET subject = (SELECT subject FROM instance WHERE case_no = %s)", (cases[0],)
        )
    office.complete(cases[0], "SecondReview")
    return cases[0], cases[1]


def test_an_officer_sees_what_is_used_up_before_approving(api: Api) -> None:
    first, second = two_cases(api.office)

    [state] = api.get(f"/cases/{second}/limits", "zhao").get_json()["items"]

    assert (state["limit"], state["free"], state["taken"], state["allowed"]) == ("once", False, "1", "1")
    assert state["earlier"] == {"case_no": first, "service": SERVICE, "granted_on": "2026-09-07"}
    assert (state["basis"], state["document"]) == ("stated", "nzf-2019-4")
    assert [one["free"] for one in api.get(f"/cases/{first}/limits", "zhao").get_json()["items"]] == [True]


def test_a_second_approval_is_refused_with_the_case_that_came_first(api: Api) -> None:
    first, second = two_cases(api.office)
    task = api.office.open_task(second, "SecondReview")
    officer, answer = api.office.usual_answer(second, "SecondReview")

    refused = api.post(
        f"/tasks/{task.id}/complete", officer, json={"submission": {**answer, "approved_amount": 5000}}
    )

    assert refused.status_code == 409
    told = refused.get_json()
    assert (told["code"], told["limit"], told["case_no"], told["article"]) == (
        "limit_reached",
        "once",
        first,
        "三",
    )


def test_the_applicant_asks_for_limits_in_vain(api: Api) -> None:
    case_no = api.office.apply(SERVICE)

    assert api.get(f"/cases/{case_no}/limits", "wang").status_code == 404


def test_the_page_of_a_case_says_who_came_first(api: Api) -> None:
    first, second = two_cases(api.office)
    task = api.office.open_task(second, "SecondReview")
    tasks.claim(api.office.rt, api.office.actors["bai"], task.id)
    api.client.post("/sign-in", data={"name": "bai", "password": demo.PASSWORD})

    page = api.client.get(f"/cases/{second}").text
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    refused = api.client.post(
        f"/tasks/{task.id}/complete",
        data={"csrf_token": token, "decision": "approve", "approved_amount": "5000"},
    )

    assert "限次与互斥" in page
    assert "已用尽" in page
    assert f"已由办件 {first} 首次批准" in page
    assert refused.status_code == 409
    assert f"“每人只享受一次”：2026-09-07 已由办件 {first} 批准" in refused.text
