"""Registers, loads and comparisons, as machines ask for them."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from banjie.services import demo, loads
from support.lists import csv_of, load

from .conftest import API, Api

ENTERPRISES = csv_of("credit code,name,dishonest", f"{demo.credit_code(1)},甲公司,否")
PERSONS = csv_of("身份证号码,姓名,毕业日期", f"{demo.id_number(1)},王小梅,2020-07-01")


def send(api: Api, by: str = "zhao", content: bytes = ENTERPRISES, **more: str) -> Any:
    form = {"kind": "enterprise", "source": "信用中心", "as_of": "2026-08-31", "region": demo.COUNTY, **more}
    return api.post("/loads", by, data={**form, "file": (BytesIO(content), "名单.csv")})


def test_a_list_is_handed_in_followed_and_held(api: Api) -> None:
    started = send(api)
    path = started.headers["Location"].removeprefix(API)
    waiting = api.get(path, "zhou").get_json()
    loads.run(api.office.rt, started.get_json()["id"])
    ended = api.get(path, "zhao").get_json()

    assert (started.status_code, waiting["status"], ended["status"], ended["good"]) == (
        202,
        "waiting",
        "done",
        1,
    )
    assert [one["id"] for one in api.get("/loads", "zhao").get_json()["items"]] == [ended["id"]]
    (held,) = api.get("/registers", "zhao").get_json()["items"]
    assert (held["kind"], held["source"], held["rows"]) == ("enterprise", "信用中心", 1)
    assert api.get(path, "qian").status_code == 403
    assert api.get("/loads/99", "zhao").status_code == 404
    assert api.get("/loads").status_code == 401


def test_a_refused_list_says_what_is_wrong_line_by_line(api: Api) -> None:
    bad = csv_of("credit code,name,dishonest", "1,甲,no", f"{demo.credit_code(1)},乙,perhaps", ",丙,")
    path = send(api, content=bad).headers["Location"].removeprefix(API)
    loads.run(api.office.rt, int(path.rpartition("/")[2]))

    page = api.get(f"{path}/problems?limit=2", "zhao").get_json()
    rest = api.get(f"{path}/problems?cursor={page['cursor']}", "zhao").get_json()

    assert [(one["line"], one["field"], one["code"]) for one in page["items"] + rest["items"]] == [
        (2, "uscc", "credit_code"), (3, "dishonest", "yes_no"), (4, "uscc", "required"),
    ]  # fmt: skip
    assert rest["cursor"] is None
    assert api.get(f"{path}/problems?cursor=x", "zhao").status_code == 400


def test_what_is_not_a_list_is_refused_and_nothing_stored(api: Api) -> None:
    assert send(api, content=b"").status_code == 400
    assert send(api, content=b"%PDF-1.7").get_json()["code"] == "unreadable_file"
    assert send(api, as_of="yesterday").status_code == 400
    assert send(api, kind="planet").status_code == 400
    assert send(api, by="sun").status_code == 403
    assert send(api, region=demo.LEAGUE).status_code == 403
    assert api.post("/loads", "zhao", data={"kind": "person"}).status_code == 400
    assert api.get("/loads", "zhao").get_json()["items"] == []


def test_only_whoever_is_signed_in_may_send_more_than_a_form_holds(api: Api) -> None:
    app = api.client.application
    app.config.update(MAX_CONTENT_LENGTH=1_000, BANJIE_LIST_LIMIT=100_000)

    assert send(api, content=ENTERPRISES + b"\n" * 5_000).status_code == 202
    assert api.post("/loads", data={"file": (BytesIO(b"x" * 5_000), "x.csv")}).status_code in (401, 413)
    assert api.post("/files", "zhao", data={"file": (BytesIO(b"x" * 5_000), "x.csv")}).status_code == 413


def test_a_look_up_and_a_comparison_mask_accounts(api: Api) -> None:
    load(api.office, PERSONS, "person")
    account = csv_of(
        "证件号码,账户类型,户名,账号,开户行", f"{demo.id_number(1)},个人账户,王小梅,6228481234,农商行"
    )
    load(api.office, account, "account")
    case_no = api.office.apply("startup-subsidy")

    entry = api.post("/registers/look-up", "zhao", json={"number": demo.id_number(1)}).get_json()
    compared = api.get(f"/cases/{case_no}/comparisons", "zhao").get_json()
    api.office.complete(case_no)
    kept = api.get(f"/cases/{case_no}/comparisons", "zhao").get_json()["items"]

    assert (entry["name"], entry["accounts"][0]["account_no"]) == ("王小梅", "******1234")
    assert [(fact["key"], fact["value"], fact["state"]) for fact in entry["facts"]] == [
        ("graduated_on", "2020-07-01", "match")
    ]
    by_key = {fact["key"]: fact for fact in compared["now"]["facts"]}
    assert (by_key["account_no"]["value"], by_key["account_no"]["state"]) == ("******1234", "conflict")
    assert (compared["items"], [one["by"] for one in kept]) == ([], ["赵敏"])
    assert api.post("/registers/look-up", "zhao", json={"number": demo.id_number(7)}).status_code == 404
    assert api.post("/registers/look-up", "sun", json={"number": demo.id_number(1)}).status_code == 403
    assert api.get(f"/cases/{case_no}/comparisons", "wang").status_code == 404
