"""The pages of entitlements: an officer searches and invites, an enterprise consents or asks for all at once."""

from __future__ import annotations

import re
from typing import Any

import pytest

from banjie.services import entitlements, instances
from support.entitled import FIRM, GRADUATE, PEOPLE, fill_registers
from support.office import Office

from .test_pages import INLINE, Reader

PROOF = {"name": "晨光食品有限公司", "number": FIRM}


@pytest.fixture
def firm(office: Office) -> Office:
    fill_registers(office)
    office.deploy("hiring_subsidy")
    office.deploy("social_insurance_subsidy")
    return office


def answers(page: str, **more: Any) -> dict[str, Any]:
    """What the form on a page would post: texts, chosen options and ticks as drawn, changed by `more`."""
    form = page[page.index("data-task-form") :]
    given: dict[str, Any] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        at = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        is_tick = at.get("type") in ("radio", "checkbox")
        if "name" in at and at.get("type") != "file" and (not is_tick or " checked" in tag):
            given.setdefault(at["name"], []).append(at.get("value", ""))
    for name, options in re.findall(r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.findall(r'<option value="([^"]*)" selected', options)
        given[name] = chosen
    return {**given, **more}


def asked(page: str, **more: Any) -> dict[str, Any]:
    """What only the enterprise knows, added to what the registers filled in."""
    own: dict[str, Any] = {
        "phone": "13900000001", "registered_in_region": "true", "account_name": "晨光食品有限公司",
        "bank_account": "0512000012345", "bank_name": "示例银行", "declaration": "true",
    }  # fmt: skip
    given = answers(page)
    return {**given, **own, **of_people(given, "contract_since", "2023-06-01"), **more}


def of_people(given: dict[str, Any], field: str, value: str) -> dict[str, str]:
    """A field of each person on the list; the row that is drawn empty stays so."""
    people = [
        name.removesuffix("id_number") for name in given if name.endswith("-id_number") and given[name][0]
    ]
    return {f"{person}{field}": value for person in people}


def test_from_the_search_over_the_invitation_to_the_case(firm: Office) -> None:
    zhao, liu, wang = (Reader(firm, name) for name in ("zhao", "liu", "wang"))
    assert wang.get("/entitlements").status_code == 404
    wanted = {"service": GRADUATE, "region": "152201"}
    assert zhao.post("/entitlements/runs", wanted).status_code == 303
    assert 'data-run="running"' in zhao.get("/entitlements/runs").text
    assert zhao.post("/entitlements/runs", wanted).status_code == 409
    (run,) = entitlements.runs(firm.rt, firm.actors["zhao"])
    entitlements.run(firm.rt, run.id)
    assert zhao.get("/entitlements/runs").headers["HX-Refresh"] == "true"
    listed = zhao.get(f"/entitlements?service={GRADUATE}&status=found").text
    (row_id,) = re.findall(r'data-entitlement="(\d+)"', listed)
    receipt = zhao.get(f"/entitlements/{row_id}").text
    assert all(words in receipt for words in ("二（七）13", "1,500.00"))
    assert PEOPLE[0] not in receipt
    assert (
        zhao.post("/entitlements/invite", {"id": row_id})
        .headers["Location"]
        .endswith("said=invited_by_letter")
    )
    letters = zhao.get("/entitlements/letters").text
    assert letters.count("data-letter") == 1

    assert liu.get(f"/entitlements/{row_id}").status_code == 404
    assert liu.get(f"/mine/entitlements/{row_id}/accept").status_code == 404
    assert liu.post("/mine/entitlements/verify", {**PROOF, "name": "某公司"}).status_code == 422
    assert liu.post("/mine/entitlements/verify", PROOF).status_code == 303
    mine = liu.get("/mine/entitlements").text
    assert f'data-entitlement="{row_id}"' in mine
    assert liu.get(f"/entitlements/{row_id}").status_code == 200
    assert wang.post(f"/mine/entitlements/{row_id}/decline", {}).status_code == 404
    form = liu.get(f"/mine/entitlements/{row_id}/accept").text
    faulty = liu.post(f"/mine/entitlements/{row_id}/accept", answers(form))
    assert (faulty.status_code, 'aria-invalid="true"' in faulty.text) == (422, True)
    done = liu.post(f"/mine/entitlements/{row_id}/accept", asked(form))
    assert done.status_code == 303, re.findall(r"field-error[^<]*<?[^<]*", done.text)
    assert "已同意" in liu.get("/mine/entitlements").text
    assert not INLINE.search(listed + receipt + letters + mine + form)


def test_all_that_an_enterprise_qualifies_for_begins_with_one_submission(firm: Office) -> None:
    liu = Reader(firm, "liu")
    assert "请先核验您代表的单位" in liu.get("/mine/package").text
    liu.post("/mine/entitlements/verify", PROOF)
    page = liu.get("/mine/package").text
    assert page.count('data-offer="found"') == 3
    assert all(words in page for words in ("还需填写", "2,880.00", PEOPLE[0]))

    refused = liu.post("/mine/package", answers(page))
    begun = liu.post("/mine/package", asked(page, services=GRADUATE))

    assert (refused.status_code, 'aria-invalid="true"' in refused.text) == (422, True)
    assert (begun.status_code, begun.text.count("data-begun")) == (422, 0), (
        "one hire has no day of graduation"
    )
    full = asked(page, services=GRADUATE, **of_people(answers(page), "graduated_on", "2023-06-30"))
    begun = liu.post("/mine/package", full)
    assert (begun.status_code, begun.text.count("data-begun")) == (200, 1)
    assert liu.post("/mine/package", full).text.count("data-begun") == 1
    assert len(instances.my_cases(firm.rt, firm.actors["liu"])[0]) == 1
    assert liu.post("/mine/package", {**full, "idempotency_key": "other"}).status_code == 409
