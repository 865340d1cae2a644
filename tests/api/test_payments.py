"""Payments as machines and browsers ask for them."""

from __future__ import annotations

import re
from io import BytesIO

from flask.testing import FlaskClient

from banjie.services import demo, people
from support.money import FUND, answered, order_list, set_budget

from .conftest import Api

POT = {"fund": FUND, "region": "152201", "year": 2026}


def signed_in(api: Api, username: str) -> FlaskClient:
    """A browser in which somebody has signed in."""
    opened = people.sign_in(api.office.rt, username, demo.PASSWORD, address="127.0.0.1")
    browser = api.client.application.test_client()
    browser.set_cookie("banjie", opened.token)
    return browser


def token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


def test_a_batch_is_made_checked_sent_and_answered_by_machines(api: Api) -> None:
    order_list(api.office, 3)
    assert api.get("/payments", "zhao").status_code == 404
    assert api.post("/payment-batches", "caiwei", json=POT).get_json()["code"] == "budget_exceeded"
    set_budget(api.office, 1_000)
    due = api.get("/payments?limit=2", "caiwei").get_json()
    assert ([group["count"] for group in due["groups"]], len(due["items"])) == ([3], 2)
    assert due["items"][0]["account"] == "***************0001"

    made = api.post("/payment-batches", "caiwei", json=POT, headers={"Idempotency-Key": "k"})
    again = api.post("/payment-batches", "caiwei", json=POT, headers={"Idempotency-Key": "k"})
    path = f"/payment-batches/{made.get_json()['no']}"

    assert made.status_code == 201
    assert made.get_json() == again.get_json()
    assert api.post(f"{path}/check", "caiwei").get_json()["code"] == "four_eyes"
    assert api.post(f"{path}/check", "hu").status_code == 204
    assert api.get(f"{path}/file", "caiwei").status_code == 404
    assert api.post(f"{path}/export", "caiwei", json={"format": "csv"}).status_code == 204
    sent = api.get(f"{path}/file", "caiwei", buffered=True).data
    assert api.get(f"{path}/file", "qiu", buffered=True).data == sent
    assert api.get(f"{path}/file", "feng").status_code == 403
    back = answered(sent).encode()
    wrong = api.post(
        f"{path}/returns", "caiwei", data={"file": (BytesIO(back.replace(b"100.01", b"100.02")), "r.csv")}
    )
    assert (wrong.status_code, wrong.get_json()["code"]) == (400, "return_refused")
    read = [
        api.post(f"{path}/returns", "caiwei", data={"file": (BytesIO(back), "r.csv")}).get_json()
        for _ in range(2)
    ]
    assert [(one["paid"], one["paid_total"], one["repeated"]) for one in read] == [
        (3, "300.06", False), (3, "300.06", True),
    ]  # fmt: skip
    stand = api.get(path, "feng").get_json()
    assert (stand["status"], stand["paid"], stand["difference"]) == (
        "settled",
        {"count": 3, "total": "300.06"},
        "0.00",
    )
    assert api.get("/payment-batches", "hu").get_json()["items"][0]["no"] == stand["no"]


def test_finance_walks_a_batch_on_its_pages(api: Api) -> None:
    order_list(api.office, 3, payee="<b>=1+1</b>")
    maker, checker, head, stranger = (signed_in(api, name) for name in ("caiwei", "hu", "qiu", "zhao"))
    assert stranger.get("/payments").status_code == 404
    assert "/payments" not in stranger.get("/inbox").text
    page = maker.get("/payments/batches").text
    assert "/payments/budgets" in page
    budgets = head.get("/payments/budgets?fund=employment_subsidy&region=152201&year=2026").text
    wished = {**POT, "amount": "1,000.00", "reason": "年初预算", "csrf_token": token(budgets)}
    assert head.post("/payments/budgets", data={**wished, "amount": "x"}).status_code == 422
    assert head.post("/payments/budgets", data=wished).status_code == 303
    assert (
        maker.post("/payments/budgets", data={**wished, "csrf_token": token(page_of(maker))}).status_code
        == 403
    )
    assert "1,000.00" in head.get("/payments/budgets?year=2026").text
    assert "1000.00" in head.get("/payments/budgets.csv?year=2026").text

    page = maker.get("/payments", query_string=POT).text
    assert "&lt;b&gt;=1+1&lt;/b&gt;" in page
    chosen = re.findall(r'name="payment" value="(\d+)"', page)
    wish = {**POT, "which": "chosen", "payment": chosen[:2], "csrf_token": token(page)}
    confirm = maker.post("/payments/batches", data=wish).text
    assert "贰佰元零叁分" in confirm
    key = re.search(r'name="idempotency_key" value="([^"]+)"', confirm)
    assert key
    sure = {**wish, "confirmed": "1", "idempotency_key": key[1]}
    places = {maker.post("/payments/batches", data=sure).location for _ in range(2)}
    assert len(places) == 1
    path = places.pop().partition("?")[0]

    assert "/check" not in maker.get(path).text
    page = checker.get(path).text
    assert checker.post(f"{path}/send-back", data={"csrf_token": token(page)}).status_code == 422
    assert checker.post(f"{path}/check", data={"csrf_token": token(page)}).status_code == 303
    page = maker.get(path).text
    assert maker.post(f"{path}/export", data={"csrf_token": token(page), "format": "csv"}).status_code == 303
    sent = maker.get(f"{path}/file", buffered=True).data
    page = maker.get(path).text
    refused = maker.post(
        f"{path}/return",
        data={
            "csrf_token": token(page),
            "file": (BytesIO(answered(sent).replace("100.0", "100.1").encode()), "r.csv"),
        },
    )
    assert refused.status_code == 422
    assert "第 3 行, 金额: 金额与付款单不一致" in refused.text
    read = maker.post(
        f"{path}/return",
        data={"csrf_token": token(page), "file": (BytesIO(answered(sent).encode()), "r.csv")},
    )
    assert read.status_code == 303
    page = maker.get(read.location).text
    assert "data-difference>0.00" in page
    assert maker.get(f"{path}?status=refused").status_code == 200
    assert maker.post(f"{path}/settle", data={"csrf_token": token(page)}).status_code == 303


def page_of(browser: FlaskClient) -> str:
    return browser.get("/payments").text


def test_the_page_of_a_case_tells_where_its_payment_stands_and_offers_no_completion(api: Api) -> None:
    office = api.office
    case_no = office.apply("startup-subsidy")
    office.advance_to(case_no, "Publish")
    office.complete(case_no)
    office.tick(str(office.view(case_no).instance.data["publicity"]["closes_at"]))  # type: ignore[index,call-overload]
    office.advance_to(case_no, "Disburse")

    finance = signed_in(api, "caiwei").get(f"/cases/{case_no}").text
    bureau = signed_in(api, "zhao").get(f"/cases/{case_no}").text

    for page in (finance, bureau):
        assert "待付" in page
        assert "data-task-form" not in page
        assert "5,000.00" in page
    assert f"/payments?q={case_no}" in finance
    assert "/payments?" not in bureau
