"""The helper's log as machines and pages read and write it."""

from __future__ import annotations

from .conftest import Api

SAID = {"kind": "post_offered", "on_day": "2026-09-07", "words": "推荐示例餐饮有限公司服务员岗位"}


def test_offices_read_and_write_the_log_and_the_applicant_does_not(api: Api) -> None:
    case_no = api.office.apply("zero-employment-family-placement")
    place = f"/cases/{case_no}/help"

    assert api.get(place, "zhao").get_json() == {"items": [], "may_add": True}
    made = api.post(place, "zhao", json=SAID)
    assert made.status_code == 201
    (entry,) = api.get(place, "feng").get_json()["items"]
    assert {key: entry[key] for key in SAID} == SAID
    assert (entry["id"], entry["author"]) == (made.get_json()["id"], "赵敏")

    for wrong in ({**SAID, "kind": "gift"}, {**SAID, "words": ""}, {**SAID, "on_day": "today"}):
        assert api.post(place, "zhao", json=wrong).status_code == 422
    assert api.post(place, "zhao", json={**SAID, "on_day": "2026-09-08"}).status_code == 400
    assert api.get(place).status_code == 401
    assert api.get(place, "wang").status_code == 403
    assert api.get(place, "qian").status_code == 404
    assert api.get(f"/cases/{api.office.apply()}/help", "zhao").status_code == 404
