"""The operations on a step as machines ask for them; every answer is held against the published document."""

from __future__ import annotations

from banjie.services import tasks

from .conftest import Api


def at_bank(api: Api) -> tuple[str, int]:
    """A case at the bank, and the task that 孙丽 holds."""
    case_no = api.office.apply()
    task = api.office.advance_to(case_no, "BankAccept")
    tasks.claim(api.office.rt, api.office.actors["sun"], task.id)
    return case_no, task.id


def test_a_task_is_transferred_and_taken_back(api: Api) -> None:
    _, task = at_bank(api)

    found = api.get(f"/tasks/{task}/colleagues", "sun").get_json()
    given = api.post(f"/tasks/{task}/transfer", "sun", json={"to": "li", "reason": "出差"})
    back = api.post(f"/tasks/{task}/transfer/take-back", "sun")

    assert [one["username"] for one in found["receivers"]] == ["li"]
    assert (given.status_code, back.status_code) == (200, 200)
    assert back.get_json()["version"] == given.get_json()["version"] + 1


def test_an_opinion_is_asked_for_recalled_and_given(api: Api) -> None:
    _, task = at_bank(api)

    answers = [
        api.post(f"/tasks/{task}/delegate", "sun", json={"to": "qian", "reason": "请核对"}),
        api.post(f"/tasks/{task}/recall", "sun"),
        api.post(f"/tasks/{task}/delegate", "sun", json={"to": "qian", "reason": "请核对"}),
        api.post(f"/tasks/{task}/resolve", "qian", json={"words": "无误"}),
    ]

    assert [answer.status_code for answer in answers] == [200] * 4


def test_the_head_reassigns_and_a_stale_version_is_refused(api: Api) -> None:
    _, task = at_bank(api)
    body = {"to": "li", "reason": "请假"}

    stale = api.post(f"/tasks/{task}/reassign", "zheng", json=body, headers={"If-Match": '"1"'})
    fresh = api.post(f"/tasks/{task}/reassign", "zheng", json=body)

    assert (stale.status_code, stale.get_json()["code"]) == (409, "stale_version")
    assert fresh.status_code == 200


def test_urging_twice_within_the_hour_says_when(api: Api) -> None:
    case_no, task = at_bank(api)

    first = api.post(f"/cases/{case_no}/urge", "wang", json={"words": "请尽快"})
    second = api.post(f"/tasks/{task}/urge", "feng", json={})

    assert first.get_json() == {"tasks": [task]}
    assert (second.status_code, second.get_json()["code"]) == (409, "urged_before")
    assert "urged_at" in second.get_json()


def test_a_case_is_returned_to_a_step_of_the_list(api: Api) -> None:
    case_no, task = at_bank(api)

    steps = api.get(f"/tasks/{task}/return", "sun").get_json()["items"]
    answer = api.post(
        f"/tasks/{task}/return", "sun", json={"target": steps[1]["element"], "reason": "金额有误"}
    )

    assert [one["element"] for one in steps] == ["Investigate", "Review", "Accept"]
    assert answer.get_json() == {"id": task, "returned": True}
    assert api.office.open_elements(case_no) == ["Review"]


def test_what_cannot_be_returned_is_refused_by_its_rule(api: Api) -> None:
    _, task = at_bank(api)

    unpassed = api.post(f"/tasks/{task}/return", "sun", json={"target": "Disburse", "reason": "x"})
    idle = api.post(f"/tasks/{task}/return/give-up", "sun")
    unsaid = api.post(f"/tasks/{task}/return", "sun", json={"target": "Review"})

    assert (unpassed.status_code, unpassed.get_json()["code"]) == (409, "not_passed")
    assert idle.status_code == 409
    assert unsaid.status_code in (400, 422)


def test_a_completion_is_taken_back(api: Api) -> None:
    case_no = api.office.apply()
    task = api.office.open_task(case_no).id
    api.office.complete(case_no)

    answer = api.post(f"/tasks/{task}/take-back", "zhao", json={"reason": "误点"})

    assert answer.get_json() == {"id": api.task_of(case_no)}
    assert api.office.open_elements(case_no) == ["Accept"]


def test_a_jump_is_proposed_seen_and_consented_to(api: Api) -> None:
    case_no = api.office.apply()
    api.office.advance_to(case_no, "Investigate")
    body = {"tasks": [api.task_of(case_no)], "target": "Review", "reason": "误入"}

    board = api.get(f"/cases/{case_no}/jumps", "chen").get_json()
    number = api.post(f"/cases/{case_no}/jumps", "chen", json=body).get_json()["id"]
    waiting = api.get("/jumps", "zhou").get_json()["items"]
    own = api.post(f"/jumps/{number}/consent", "chen")
    done = api.post(f"/jumps/{number}/consent", "zhou")
    late = api.post(f"/jumps/{number}/refuse", "zhou", json={"reason": "晚了"})

    assert board["targets"]["Review"]
    assert [(one["id"], one["by"]) for one in waiting] == [(number, "陈工")]
    assert (own.status_code, done.status_code, late.status_code) == (403, 204, 409)
    assert api.office.open_elements(case_no) == ["Review"]
