"""axe-core finds nothing on any page, in either language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from support.pages import axe_findings

Visit = Callable[..., Page]

PAGES = {
    None: ("/", "/services/guarantee-loan-individual", "/sign-in", "/follow", "/nothing-here"),
    "wang": ("/services/guarantee-loan-sme/apply", "/my/cases", "/my/cases/{case}", "/notices", "/me"),
    "liu": ("/my/cases",),
    "qian": ("/inbox", "/inbox?tab=candidate", "/inbox?tab=done", "/cases/{case}", "/oversight"),
    "feng": ("/oversight", "/cases/{case}"),
    "zhou": ("/cases/{case}", "/notices"),
}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("who", PAGES)
def test_axe_finds_nothing(site: Any, visit: Visit, axe: str, who: str | None, language: str) -> None:
    case_no = site.office.apply()
    site.office.advance_to(case_no, "Investigate")
    site.office.tick("2026-09-14T10:00")
    page = visit(who)
    page.goto(f"/language/{language}")

    found = {}
    for path in PAGES[who]:
        page.goto(path.format(case=case_no))
        if findings := axe_findings(page, axe):
            found[path] = findings

    assert found == {}


def test_axe_finds_nothing_on_a_refused_form(visit: Visit, axe: str) -> None:
    page = visit("wang", "/services/guarantee-loan-individual/apply")
    page.get_by_role("button", name="提交申请").click()
    expect(page.locator(".errors")).to_be_focused()

    assert axe_findings(page, axe) == []


def test_axe_finds_nothing_on_the_form_of_a_step(site: Any, visit: Visit, axe: str) -> None:
    case_no = site.office.apply()
    page = visit("zhao", f"/cases/{case_no}")
    page.get_by_role("button", name="签收").click()

    assert axe_findings(page, axe) == []


def test_the_inbox_fits_a_narrow_screen(site: Any, visit: Visit) -> None:
    site.office.apply()
    page = visit("zhao", "/inbox?tab=candidate")
    page.set_viewport_size({"width": 360, "height": 740})

    width = page.evaluate("() => document.documentElement.scrollWidth")

    assert width <= 360
