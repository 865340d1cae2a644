"""A review team meets, three of it vote; a visitor objects to what is published, and the office answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from banjie.content.bundle import load_bundle
from banjie.services import deployments, instances, tasks
from support.pages import axe_findings, fill
from support.teams import write_team

Visit = Callable[..., Page]
Picture = Callable[[Page, str], None]


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """The house's content with a process that goes to a team of four."""
    return write_team(tmp_path / "content")


def done(page: Page) -> None:
    page.get_by_role("button", name="办结本环节").click()
    expect(page.get_by_text("本环节已办结")).to_be_visible()


def test_three_of_a_team_meet_and_vote(
    site: Any, visit: Visit, picture: Picture, axe: str, content: Path
) -> None:
    office = site.office
    deployments.deploy(office.rt, load_bundle(content, "team"))
    command = instances.StartCase(
        service="team", by=office.actors["wang"], submission={"region": "152201", "word": "一事"}
    )
    case_no = instances.start(office.rt, command).case_no
    tasks.claim(office.rt, office.actors["zhao"], office.open_task(case_no).id)

    page = visit("zhao", f"/cases/{case_no}")
    fill(
        page,
        {"meeting_no": "2026-01", "held_on": "2026-09-07", "place": "三楼会议室", "agenda": "审核一件申请"},
    )
    for member in ("gao", "lin"):
        page.locator(f'[name="attendees"][value="{member}"]').check()
    page.get_by_role("button", name="办结本环节").click()
    expect(page.get_by_text("审核小组共4人，至少应到会3人，现到会2人").first).to_be_visible()
    assert axe_findings(page, axe) == []
    page.locator('[name="attendees"][value="tao"]').check()
    picture(page, "team-convene")
    done(page)

    for member, decision in (("gao", "approve"), ("lin", "reject"), ("tao", "approve")):
        page = visit(member, f"/cases/{case_no}")
        page.locator(f"[name=decision][value={decision}]").check()
        words = page.locator("[name=reasons]" if decision == "reject" else "[name=opinion]")
        words.fill("已审阅全部材料")
        done(page)
    page = visit("zhao", f"/cases/{case_no}")
    expect(page.locator("main")).to_contain_text("会签同意")
    assert axe_findings(page, axe) == []
    picture(page, "team-voted")


def test_a_visitor_objects_and_the_office_answers(
    site: Any, visit: Visit, picture: Picture, axe: str
) -> None:
    office = site.office
    case_no = office.apply("startup-subsidy")
    office.advance_to(case_no, "Publish")
    office.complete(case_no)

    page = visit(None, "/")
    page.get_by_role("link", name="查看公示").click()
    assert axe_findings(page, axe) == []
    picture(page, "publicity-list")
    page.get_by_role("link", name="拟补贴名单公示").click()
    expect(page.locator("main")).to_contain_text("王*梅")
    assert axe_findings(page, axe) == []
    picture(page, "publicity")
    page.locator("[data-entry]").get_by_role("link").click()
    page.get_by_role("button", name="提交异议").click()
    expect(page.locator("#errors")).to_be_focused()
    assert axe_findings(page, axe) == []
    fill(page, {"name": "张大山", "contact": "13912345678", "reason": "该申请人去年已经领取过这项补贴。"})
    picture(page, "objection")
    page.get_by_role("button", name="提交异议").click()
    expect(page.locator("[data-receipt]")).to_contain_text("-Y1")

    page = visit("zhao", "/objections")
    expect(page.locator("main")).to_contain_text("13912345678")
    page.locator("summary").click()
    page.locator("[name=decision][value=dismiss]").check()
    page.locator("[name=words]").fill("经查上年度未领取。")
    assert axe_findings(page, axe) == []
    picture(page, "objections")
    page.get_by_role("button", name="提交答复").click()
    expect(page.get_by_text("异议已答复。")).to_be_visible()
    page = visit("zhao", f"/cases/{case_no}")
    expect(page.locator("#publicity")).to_contain_text("经查上年度未领取。")
    assert axe_findings(page, axe) == []
    picture(page, "publicity-case")
