"""A loan from application to money, each step by its own officer in a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from banjie.services import demo
from support.pages import fill

Visit = Callable[..., Page]
Picture = Callable[[Page, str], None]


def test_a_loan_goes_from_application_to_money(site: Any, visit: Visit, picture: Picture) -> None:
    applicant = visit("wang", "/services/guarantee-loan-individual/apply")
    fill(applicant, demo.individual_application(1))
    applicant.get_by_role("button", name="提交申请").click()
    expect(applicant.get_by_text("申请已提交")).to_be_visible()
    picture(applicant, "applied")
    case_no = applicant.locator(".case-no").inner_text()

    while open_elements := site.office.open_elements(case_no):
        step = open_elements[0]
        officer = visit(demo.OFFICERS[step], "/inbox?tab=candidate")
        officer.get_by_role("button", name="签收").click()
        expect(officer.get_by_text("您已签收任务")).to_be_visible()
        officer.goto("/inbox")
        officer.locator("[data-open]").click()
        expect(officer.locator("[data-drawn]")).to_be_visible()
        fill(officer, demo.answer(step, site.office.rt.today()))
        picture(officer, f"step-{step.lower()}")
        officer.get_by_role("button", name="办结本环节").click()
        expect(officer.get_by_text("本环节已办结")).to_be_visible()

    applicant.reload()
    expect(applicant.locator(".case-head").get_by_text("已批准")).to_be_visible()
    picture(applicant, "approved")
    assert site.office.findings() == []


def test_the_officer_reads_the_rules_with_their_articles(site: Any, visit: Visit, picture: Picture) -> None:
    case_no = site.office.apply()
    site.office.advance_to(case_no, "Investigate")

    page = visit("qian", f"/cases/{case_no}")
    receipt = page.locator(".receipt", has_text="核定贷款额度").first
    receipt.locator("summary", has_text="内政办发〔2020〕10号").first.click()

    expect(receipt.get_by_text("由15万元提高至20万元").first).to_be_visible()
    picture(page, "receipt")


@pytest.mark.parametrize("mark", ["passed", "current"])
def test_the_diagram_shows_where_the_case_is(site: Any, visit: Visit, mark: str) -> None:
    case_no = site.office.apply()
    site.office.advance_to(case_no, "Review")
    element = {"passed": "Accept", "current": "Review"}[mark]

    page = visit("wang", f"/my/cases/{case_no}")

    expect(page.locator(f'[data-element-id="{element}"]').first).to_have_class(
        f"djs-element djs-shape {mark}"
    )


def test_an_old_page_is_told_who_closed_the_step_and_when(site: Any, visit: Visit, picture: Picture) -> None:
    case_no = site.office.apply()
    site.office.advance_to(case_no, "Investigate")
    page = visit("qian", f"/cases/{case_no}")
    page.get_by_role("button", name="签收").click()
    fill(page, demo.answer("Investigate", site.office.rt.today()))
    site.office.complete(case_no, "Investigate", by="qian")

    page.get_by_role("button", name="办结本环节").click()

    expect(page.get_by_role("heading", name="本环节已经办结")).to_be_visible()
    expect(page.locator("dl.facts")).to_contain_text("钱进")
    expect(page.locator("dl.facts")).to_contain_text("2026-09-07 10:00")
    picture(page, "conflict")
