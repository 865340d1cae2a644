"""A countersign of three through the pages of its members, and the head who changes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from banjie.content.bundle import load_bundle
from banjie.services import deployments, instances, tasks
from support.office import Office
from support.pages import axe_findings
from support.panels import write_content

Visit = Callable[..., Page]
Picture = Callable[[Page, str], None]
APPLICATION = {"region": "152201", "word": "一事", "bank_name": "bank-hinggan"}


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """The house's content with a panel of which at least two must approve."""
    return write_content(tmp_path / "content", "at_least", "2")


def seated(office: Office, *members: str) -> str:
    """A case on whose panel these sit."""
    command = instances.StartCase(service="panel", by=office.actors["wang"], submission=APPLICATION)
    case_no = instances.start(office.rt, command).case_no
    wish = tasks.CompleteTask(
        task_id=office.open_task(case_no, "Choose").id,
        by=office.actors["zhao"],
        submission={"members": [{"member": member} for member in members]},
    )
    tasks.complete(office.rt, wish)
    return case_no


def vote(page: Page, decision: str, opinion: str) -> None:
    page.locator(f"[name=decision][value={decision}]").check()
    page.locator("[name=opinion]").fill(opinion)
    page.get_by_role("button", name="办结本环节").click()
    expect(page.get_by_text("本环节已办结")).to_be_visible()


def test_three_vote_and_two_decide(
    site: Any, visit: Visit, picture: Picture, axe: str, content: Path
) -> None:
    deployments.deploy(site.office.rt, load_bundle(content, "panel"))
    case_no = seated(site.office, "zhao", "qian", "sun")
    first = visit("zhao", f"/cases/{case_no}")
    expect(first.locator("main")).to_contain_text("至少 2 名成员同意。")
    expect(first.locator("main")).to_contain_text("已表决 0 / 3 人")
    expect(first.get_by_role("link", name="转办", exact=True)).to_have_count(0)
    vote(first, "reject", "材料不足")

    second = visit("qian", f"/cases/{case_no}")
    expect(second.get_by_role("row", name="赵敏")).to_contain_text("不同意")
    assert axe_findings(second, axe) == []
    picture(second, "panel")
    vote(second, "approve", "同意")

    head = visit("zhou", f"/cases/{case_no}")
    head.get_by_role("link", name="调整会签成员").click()
    head.get_by_role("radio", name="更换成员").check()
    head.get_by_label("被更换或减签的成员").select_option("sun")
    expect(head.get_by_label("新成员", exact=True)).not_to_contain_text("赵敏")
    head.get_by_label("新成员", exact=True).select_option("li")
    head.get_by_label("原因").fill("孙丽出差")
    assert axe_findings(head, axe) == []
    picture(head, "panel-change")
    with head.expect_navigation():
        head.locator("dialog[open]").get_by_role("button", name="调整会签成员").click()
    expect(head.get_by_text("会签成员已调整。")).to_be_visible()
    expect(head.locator("#history")).to_contain_text("孙丽出差")

    third = visit("li", f"/cases/{case_no}")
    vote(third, "approve", "符合条件")
    third.goto(f"/cases/{case_no}")

    expect(third.locator("main")).to_contain_text("会签同意")
    picture(third, "panel-decided")
    assert site.office.view(case_no).instance.outcome == "approved"
    assert site.office.findings() == []
