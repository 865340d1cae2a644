"""Publicity as machines read it, object to it and answer."""

from __future__ import annotations

from .conftest import Api

SAID = {"name": "张大山", "contact": "13912345678", "reason": "该申请人去年已经领取过这项补贴。", "line": 1}


def test_anybody_reads_and_objects_and_the_office_answers(api: Api) -> None:
    office = api.office
    case_no = office.apply("startup-subsidy")
    office.advance_to(case_no, "Publish")
    office.complete(case_no)

    (listed,) = api.get("/publicity?region=152201&limit=1").get_json()["items"]
    no = listed["no"]
    shown = api.get(f"/publicity/{no}").get_json()
    assert (listed["is_open"], shown["publicity"], shown["next"]) == (True, listed, None)
    assert [entry["name"] for entry in shown["entries"]] == ["王*梅"]
    assert api.get(f"/publicity/{no}?q=%25").get_json()["entries"] == []

    made = api.post(f"/publicity/{no}/objections", json=SAID)
    assert made.status_code == 201
    for wrong in (
        {**SAID, "name": ""},
        {**SAID, "line": 0},
        {**SAID, "more": 1},
        {**SAID, "reason": "x" * 1001},
    ):
        assert api.post(f"/publicity/{no}/objections", json=wrong).status_code == 422
    assert api.post(f"/publicity/{no}/objections", json={**SAID, "line": 7}).status_code == 422
    assert api.post("/publicity/GS-1/objections", json=SAID).status_code == 404
    assert api.get("/publicity?cursor=x").status_code == 400
    assert api.get("/publicity?limit=0").status_code == 422

    assert api.get("/objections").status_code == 401
    assert api.get("/objections", "wang").status_code == 403
    (pending,) = api.get("/objections?status=open", "zhao").get_json()["items"]
    assert (pending["receipt"], pending["contact"]) == (made.get_json()["receipt"], SAID["contact"])
    (watched,) = api.get(f"/cases/{case_no}/objections", "feng").get_json()["items"]
    assert watched["contact"] != SAID["contact"]
    answer = {"decision": "dismiss", "answer": "经查不属实。"}
    assert api.post(f"/objections/{pending['id']}/answer", "qian", json=answer).status_code == 404
    assert api.post(f"/objections/{pending['id']}/answer", "zhao", json=answer).status_code == 204
    again = api.post(f"/objections/{pending['id']}/answer", "zhao", json=answer)
    assert (again.status_code, again.get_json()["code"]) == (409, "objection_answered")
    assert api.get("/objections?status=open", "zhao").get_json()["items"] == []
