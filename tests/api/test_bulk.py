"""Batches, substitutions and cards, as machines ask for them."""

from __future__ import annotations

from typing import Any

import pytest

from banjie.services import bulk, people, substitutes

from .conftest import API, Api

APPROVAL = {"decision": "approve", "conditions_confirmed": True}
PLACE = {
    "substitute": "li", "from_at": "2026-09-07T09:00:00+08:00", "until_at": "2026-09-09T00:00:00+08:00",
    "reason": "出差",
}  # fmt: skip


def review(api: Api) -> int:
    return api.office.advance_to(api.office.apply(), "Review").id


def missed(api: Api) -> str:
    """A case whose review was missed on Wednesday."""
    case_no = api.office.apply()
    api.office.advance_to(case_no, "Review")
    api.office.tick("2026-09-09 17:30")
    return case_no


def test_a_run_is_started_followed_and_finished(api: Api) -> None:
    items = [{"task": review(api), "version": 1}, {"task": review(api)}, {"task": review(api), "version": 9}]

    started = api.post("/bulk", "zhao", json={"kind": "complete", "items": items, "submission": APPROVAL})
    path = started.headers["Location"].removeprefix(API)
    before = api.get(path, "zhao").get_json()
    bulk.run(api.office.rt, started.get_json()["id"])
    after = api.get(path, "zhao").get_json()

    assert (started.status_code, before["finished_at"], before["items"][0]["outcome"]) == (202, None, None)
    assert (after["done"], after["failed"], after["skipped"], after["total"]) == (2, 1, 0, 3)
    assert [item["code"] for item in after["items"]] == [None, None, "stale_version"]
    assert [one["id"] for one in api.get("/bulk", "zhao").get_json()["items"]] == [after["id"]]
    assert api.get(path, "zhou").status_code == 404
    assert api.get("/bulk", "zhou").get_json() == {"items": []}


def test_a_run_is_stopped_once(api: Api) -> None:
    items = [{"task": review(api)}, {"task": review(api)}]
    run = api.post("/bulk", "zhao", json={"kind": "claim", "items": items}).get_json()["id"]

    assert api.post(f"/bulk/{run}/stop", "zhou").status_code == 404
    assert api.post(f"/bulk/{run}/stop", "zhao").status_code == 204
    assert api.post(f"/bulk/{run}/stop", "zhao").status_code == 409
    bulk.run(api.office.rt, run)
    assert [item["outcome"] for item in api.get(f"/bulk/{run}", "zhao").get_json()["items"]] == [
        "done",
        "skipped",
    ]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "complete", "items": []}, 422),
        ({"kind": "burn", "items": [{"task": 1}]}, 422),
        ({"kind": "claim", "items": [{"task": 0}]}, 422),
        ({"kind": "claim", "items": [{"task": number} for number in range(1, 502)]}, 422),
        ({"kind": "claim", "items": [{"task": 1}, {"task": 1}]}, 400),
        ({"kind": "complete", "items": [{"task": 10**9}]}, 404),
    ],
)
def test_a_run_that_cannot_be_is_refused(api: Api, body: dict[str, Any], status: int) -> None:
    assert api.post("/bulk", "zhao", json=body).status_code == status


def test_a_refusal_is_not_given_to_many(api: Api) -> None:
    body = {"kind": "complete", "items": [{"task": review(api)}], "submission": {"decision": "refuse"}}

    assert api.post("/bulk", "zhao", json=body).status_code == 400


def test_a_substitution_is_arranged_listed_and_ended(api: Api) -> None:
    arranged = api.post("/substitutions", "sun", json=PLACE)
    place = arranged.get_json()["id"]

    listed = {who: api.get("/substitutions", who).get_json() for who in ("sun", "li", "zheng", "qian")}
    assert arranged.status_code == 201
    assert [one["substitute_name"] for one in listed["sun"]["absent"]] == ["李建国"]
    assert [one["absent_name"] for one in listed["li"]["substituting"]] == ["孙丽"]
    assert [one["id"] for one in listed["zheng"]["in_agencies"]] == [place]
    assert listed["qian"] == {"absent": [], "substituting": [], "in_agencies": []}
    assert api.post("/substitutions", "sun", json=PLACE).get_json()["code"] == "substitution_clash"
    assert api.post(f"/substitutions/{place}/end", "qian").status_code == 404
    assert api.post(f"/substitutions/{place}/end", "li").status_code == 204
    assert api.post(f"/substitutions/{place}/end", "li").status_code == 409
    assert substitutes.arrangements(api.office.rt, api.office.actors["sun"]).absent == []


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"from_at": "2026-09-07T09:00:00"}, 422),
        ({"reason": ""}, 422),
        ({"substitute": "nobody"}, 404),
        ({"until_at": "2026-09-06T09:00:00+08:00"}, 400),
        ({"absent": "li", "substitute": "sun"}, 403),
        ({"services": ["no-such"]}, 400),
    ],
)
def test_a_substitution_that_cannot_be_is_refused(api: Api, change: dict[str, Any], status: int) -> None:
    assert api.post("/substitutions", "sun", json={**PLACE, **change}).status_code == status


def test_a_card_is_listed_and_answered(api: Api) -> None:
    case_no = missed(api)
    [card] = api.get("/cards", "zhao").get_json()["items"]

    assert (card["case_no"], card["colour"], card["element"], card["clock"]) == (
        case_no,
        "yellow",
        "Review",
        "step",
    )
    assert (card["may_answer"], card["may_revoke"]) == (True, False)
    assert api.get("/cards", "qian").get_json() == {"items": [], "counts": []}
    assert api.get("/cards", "wang").status_code == 404
    assert api.post(f"/cards/{card['id']}/answer", "qian", json={"reason": "不归我管"}).status_code == 404
    assert api.post(f"/cards/{card['id']}/answer", "zhao", json={"reason": ""}).status_code == 422
    assert api.post(f"/cards/{card['id']}/answer", "zhao", json={"reason": "系统升级"}).status_code == 204
    assert api.post(f"/cards/{card['id']}/answer", "zhou", json={"reason": "再答"}).status_code == 409
    [count] = api.get("/cards", "feng").get_json()["counts"]
    assert (count["waiting"], count["yellow"], count["red"]) == (0, 1, 0)


def test_a_card_is_taken_back_by_a_manager_only(api: Api) -> None:
    missed(api)
    [card] = api.get("/cards", "feng").get_json()["items"]

    assert card["may_revoke"] is True
    assert api.post(f"/cards/{card['id']}/revoke", "zhou", json={"reason": "自己撤"}).status_code == 403
    assert api.post(f"/cards/{card['id']}/revoke", "feng", json={"reason": "停电"}).status_code == 204


def test_a_substitute_finds_the_task_in_the_list_for_the_absent(api: Api) -> None:
    office = api.office
    task = office.advance_to(office.apply(), "BankAccept")
    assert api.post(f"/tasks/{task.id}/claim", "sun").status_code == 200
    api.post("/substitutions", "sun", json=PLACE)

    listed = api.get("/tasks?tab=substitute", "li").get_json()

    assert [row["id"] for row in listed["items"]] == [task.id]
    assert [place.absent_name for place in people.actor_named(office.rt, "li").places] == ["孙丽"]
