"""Entitlements and packages, as machines ask for them."""

from __future__ import annotations

from banjie.services import entitlements
from support.entitled import FIRM, GRADUATE, fill_registers

from .conftest import API, Api

NAME = "晨光食品有限公司"


def test_a_search_an_invitation_and_an_answer(api: Api) -> None:
    fill_registers(api.office)
    api.office.deploy("hiring_subsidy")
    wanted = {"service": GRADUATE, "region": "152201"}
    assert api.post("/entitlements/runs", "wang", json=wanted).status_code == 403
    started = api.post("/entitlements/runs", "zhao", json=wanted)
    assert (started.status_code, started.get_json()["status"]) == (202, "running")
    assert api.post("/entitlements/runs", "zhao", json=wanted).get_json()["code"] == "match_under_way"
    entitlements.run(api.office.rt, started.get_json()["id"])
    path = started.headers["Location"].removeprefix(API)
    assert api.get(path, "zhao").get_json()["found"] == 1
    (row,) = api.get(f"/entitlements?service={GRADUATE}&limit=1", "zhao").get_json()["items"]
    assert (row["name"], row["amount"], row["status"]) == (NAME, "1500.00", "found")
    assert "inputs" not in row["receipt"]
    invited = api.post("/entitlements/invite", "zhao", json={"ids": [row["id"]]}).get_json()
    assert invited == {"told": 0, "no_account": 1}

    assert api.get("/entitlements/mine", "liu").get_json()["items"] == []
    wrong = api.post("/entitlements/verify", "liu", json={"number": FIRM, "name": "别家"})
    assert (wrong.status_code, wrong.get_json()["code"]) == (400, "not_verified")
    proved = api.post("/entitlements/verify", "liu", json={"number": FIRM, "name": NAME})
    assert proved.get_json() == {"kind": "enterprise", "name": NAME}
    assert api.post(f"/entitlements/{row['id']}/accept", "wang", json={"submission": {}}).status_code == 404
    assert (
        api.post(f"/entitlements/{row['id']}/accept", "liu", json={"submission": {"uscc": FIRM}}).status_code
        == 422
    )
    assert api.post("/packages/hiring-benefit-package", "liu", json={"submission": {}}).status_code == 422
    assert api.post("/packages/none", "liu", json={"submission": {}}).status_code == 404
    assert api.post(f"/entitlements/{row['id']}/decline", "liu", json={}).status_code == 204
    (mine,) = api.get("/entitlements/mine", "liu").get_json()["items"]
    assert mine["status"] == "declined"
