"""Lists that are paid without asking, as machines bring, follow and read them."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from banjie.services.rosters import reading
from support.rosters import DAY, SERVICE, as_csv, row

from .conftest import API, Api


def test_a_list_is_brought_and_its_rows_are_read(api: Api) -> None:
    api.office.clock.set(DAY)
    api.office.deploy("job_stabilisation_refund")
    content = as_csv([row(1), row(2), row(3, dishonest="是")])
    form = {"service": SERVICE, "region": "152201", "year": "2023", "source": "社保", "as_of": "2023-06-30"}
    answer = api.post("/rosters", "dong", data={**form, "file": (BytesIO(content), "list.csv")})
    assert answer.status_code == 202
    path = answer.headers["Location"].removeprefix(API)
    reading.run(api.office.rt, answer.get_json()["id"])

    found: Any = api.get(path, "dong").get_json()
    rows: Any = api.get(f"{path}/rows", "dong", query_string={"by": "amount", "limit": 2}).get_json()
    rest: Any = api.get(f"{path}/rows", "dong", query_string={"by": "amount", "cursor": rows["cursor"]})
    receipt: Any = api.get(f"{path}/rows/4", "dong").get_json()

    assert (found["status"], found["lines"], found["eligible"]) == ("ready", 3, 2)
    assert [one["line"] for one in rows["items"]] == [3, 2]
    assert [one["line"] for one in rest.get_json()["items"]] == [4]
    assert (receipt["receipt"]["value"]["reason_code"], receipt["recomputed"]) == ("dishonest", True)
    assert api.get(f"{path}/problems", "dong").get_json() == {"items": [], "cursor": None}
    assert [one["id"] for one in api.get("/rosters", "zhao").get_json()["items"]] == [found["id"]]


def test_who_may_refuse_takes_an_enterprise_out(api: Api) -> None:
    api.office.clock.set(DAY)
    api.office.deploy("job_stabilisation_refund")
    form = {"service": SERVICE, "region": "152201", "year": "2023", "source": "社保", "as_of": "2023-06-30"}
    answer = api.post(
        "/rosters", "dong", data={**form, "file": (BytesIO(as_csv([row(1), row(2)])), "list.csv")}
    )
    path = answer.headers["Location"].removeprefix(API)
    reading.run(api.office.rt, answer.get_json()["id"])
    wish = {"service": SERVICE, "year": 2023, "uscc": row(1)["uscc"], "reason": "书面声明放弃"}

    assert api.post("/roster-refusals", "liu", json=wish).status_code == 403
    assert api.post("/roster-refusals", "zhao", json=wish).get_json() == {"lists": 1}
    assert api.get(path, "dong").get_json()["eligible"] == 1
    assert api.get(path, "liu").status_code == 404
    assert api.post("/rosters", "zhou", data=form).status_code == 400
