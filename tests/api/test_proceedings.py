"""What stops, resumes and extends clocks, as machines ask for it; every answer is held against the document."""

from __future__ import annotations

from banjie.services import tasks

from .conftest import Api

WORDS = "材料不齐，请一次补齐"


def held(api: Api, element: str = "Accept", by: str = "zhao") -> tuple[str, int]:
    """A case at a step, and its task in the hands of its officer."""
    case_no = api.office.apply()
    task = api.office.advance_to(case_no, element)
    tasks.claim(api.office.rt, api.office.actors[by], task.id)
    return case_no, task.id


def test_a_supplement_is_asked_for_seen_and_answered_once(api: Api) -> None:
    case_no, task = held(api)
    assert api.get(f"/cases/{case_no}/supplement", "wang").get_json() == {"open": None}
    offered = api.get(f"/tasks/{task}/supplement", "zhao").get_json()
    assert offered["may_ask"]
    assert "phone" in [one["key"] for one in offered["fields"]]
    body = {"items": [{"kind": "field", "key": "phone", "note": "号码有误"}], "words": WORDS}

    opened = api.post(f"/tasks/{task}/supplement", "zhao", json=body)

    proceeding = opened.get_json()["proceeding"]
    shown = api.get(f"/cases/{case_no}/supplement", "wang").get_json()["open"]
    assert (opened.status_code, shown["proceeding"], shown["may_answer"]) == (201, proceeding, True)
    assert shown["items"] == [
        {"name": "phone", "kind": "field", "key": "phone", "title": "手机号码", "note": "号码有误"}
    ]
    path, key = f"/supplements/{proceeding}/answer", {"Idempotency-Key": "k-1"}
    empty = api.post(path, "wang", json={"values": {}})
    assert (empty.status_code, empty.get_json()["errors"][0]["field"]) == (422, "phone")
    values = {"values": {"phone": "13900000099"}}
    first = api.post(path, "wang", json=values, headers=key).get_json()
    second = api.post(path, "wang", json=values, headers=key).get_json()
    assert (first["repeated"], second["repeated"], first["case_no"]) == (False, True, case_no)
    again = api.post(f"/tasks/{task}/supplement", "zhao", json=body)
    assert (again.status_code, again.get_json()["code"]) == (409, "supplement_asked_before")
    assert api.post(f"/cases/{case_no}/supplement/second", "zhao", json={"reason": "x"}).status_code == 403
    assert api.post(f"/cases/{case_no}/supplement/second", "zhou", json={"reason": "x"}).status_code == 201
    third = api.post(f"/tasks/{task}/supplement", "zhao", json=body).get_json()["proceeding"]
    taken = api.post(f"/supplements/{third}/withdraw", "zhao", json={"reason": "已在卷"})
    assert taken.status_code == 204


def test_a_held_case_says_so_by_code(api: Api) -> None:
    _, task = held(api)
    body = {"items": [{"kind": "other", "title": "说明"}], "words": WORDS}
    api.post(f"/tasks/{task}/supplement", "zhao", json=body)

    answer = api.post(f"/tasks/{task}/supplement", "zhao", json=body)

    assert (answer.status_code, answer.get_json()["code"], answer.get_json()["by"]) == (
        409,
        "case_held",
        "赵敏",
    )


def test_an_extension_is_offered_asked_for_and_decided(api: Api) -> None:
    _, task = held(api, "Investigate", "qian")
    offered = api.get(f"/tasks/{task}/extension", "qian").get_json()["items"]
    assert [(one["scope"], one["most"]) for one in offered] == [("step", 5), ("case", 10)]

    opened = api.post(f"/tasks/{task}/extension", "qian", json={"days": 2, "reason": "办理抵押登记"})
    path = f"/extensions/{opened.get_json()['proceeding']}/decide"
    own = api.post(path, "qian", json={"grant": True, "words": "同意"})
    granted = api.post(path, "wu", json={"grant": True, "words": "同意"})
    late = api.post(path, "wu", json={"grant": False, "words": "不同意"})

    assert (own.status_code, granted.get_json(), late.status_code) == (403, {"status": "granted"}, 409)
    assert late.get_json()["by"] == "吴主任"


def test_a_procedure_is_begun_ended_and_counted(api: Api) -> None:
    _, task = held(api, "Review")
    assert "hearing" in [one["key"] for one in api.get("/grounds", "zhao").get_json()["items"]]
    body = {"ground": "hearing", "document": "听告字3号", "expected_days": 10, "words": "听证"}

    opened = api.post(f"/tasks/{task}/excluded", "zhao", json=body)
    counts = api.get("/procedures/counts?since=2026-01-01T00:00:00%2B08:00", "feng").get_json()["items"]
    ended = api.post(
        f"/procedures/{opened.get_json()['proceeding']}/end",
        "zhao",
        json={"document": "笔录", "words": "结束"},
    )

    assert (opened.status_code, ended.status_code) == (201, 204)
    assert [(one["ground"], one["officer"], one["open"], one["total"]) for one in counts] == [
        ("hearing", "赵敏", 1, 1)
    ]
    assert api.get("/procedures/counts?since=2026-01-01T00:00:00%2B08:00", "zhao").status_code == 403
    assert api.get("/procedures/counts?since=yesterday", "feng").status_code == 422


def test_a_case_is_suspended_and_resumed(api: Api) -> None:
    case_no, _ = held(api)

    opened = api.post(f"/cases/{case_no}/suspend", "zhou", json={"reason": "等待上级意见"})
    refused = api.post(f"/cases/{case_no}/suspend", "wang", json={"reason": "等待"})
    resumed = api.post(
        f"/suspensions/{opened.get_json()['proceeding']}/resume", "zhou", json={"words": "继续办理"}
    )

    assert (opened.status_code, refused.status_code, resumed.status_code) == (201, 403, 204)


def test_what_does_not_exist_is_not_found(api: Api) -> None:
    for path, body in (
        ("/supplements/999/answer", {"values": {}}), ("/supplements/999/withdraw", {"reason": "x"}),
        ("/extensions/999/decide", {"grant": True, "words": "x"}), ("/suspensions/999/resume", {"words": "x"}),
        ("/procedures/999/end", {"document": "x", "words": "x"}), ("/tasks/999/extension", {"days": 1, "reason": "x"}),
        ("/cases/none/suspend", {"reason": "x"}),
    ):  # fmt: skip
        assert api.post(path, "zhao", json=body).status_code == 404
