"""Who may have what: an officer searches and invites, an enterprise proves who it is and asks for all at once."""

from __future__ import annotations

import threading
from collections.abc import Callable

from playwright.sync_api import Page, expect

from banjie.services import entitlements
from support.entitled import FIRM, GRADUATE, fill_registers
from support.pages import axe_findings

from .conftest import Site

Visit = Callable[..., Page]


def test_found_invited_and_applied_for_at_once(
    visit: Visit, site: Site, axe: str, picture: Callable[[Page, str], None]
) -> None:
    fill_registers(site.office)
    for process in ("hiring_subsidy", "social_insurance_subsidy"):
        site.office.deploy(process)
    officer = visit("zhao", "/entitlements")
    officer.locator("#run-service").select_option(GRADUATE)
    officer.locator("#run-region").select_option("152201")
    officer.locator("form[action='/entitlements/runs'] button").click()
    expect(officer.locator("[data-run=running]")).to_be_visible()
    (run,) = entitlements.runs(site.office.rt, site.office.actors["zhao"])
    thread = threading.Thread(target=entitlements.run, args=(site.office.rt, run.id))
    thread.start()
    thread.join()
    expect(officer.locator("[data-run=ended]")).to_be_visible()
    assert axe_findings(officer, axe) == []
    picture(officer, "entitlements")
    officer.locator("tr[data-entitlement] input[type=checkbox]").check()
    officer.get_by_role("button", name="邀请所选对象").click()
    expect(officer.get_by_text("无账号，需寄信").first).to_be_visible()
    officer.goto("/entitlements/letters")
    assert axe_findings(officer, axe) == []

    firm = visit("liu", "/mine/entitlements")
    firm.locator("#name").fill("晨光食品有限公司")
    firm.locator("#number").fill(FIRM)
    firm.get_by_role("button", name="核验", exact=True).click()
    expect(firm.locator("[data-entitlement]")).to_be_visible()
    assert axe_findings(firm, axe) == []
    picture(firm, "entitlements-mine")
    firm.get_by_role("link", name="同意并办理").click()
    expect(firm.locator("[name=uscc]")).to_have_value(FIRM)
    assert axe_findings(firm, axe) == []
    firm.goto("/mine/entitlements")
    firm.get_by_role("link", name="直补快办：一次申请多项补贴").click()
    expect(firm.locator("[data-offer=found]")).to_have_count(3)
    assert axe_findings(firm, axe) == []
    picture(firm, "package")
