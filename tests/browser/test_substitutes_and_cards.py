"""Taking an absent officer's place, and answering for missed limits, as people see them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from playwright.sync_api import Page, ViewportSize, expect

from banjie.domain.calendar import LEGAL_ZONE
from banjie.domain.proceedings import ProceedingKind, ProceedingStatus
from banjie.services import cards, procedures, substitutes, tasks, urging
from support.office import Office
from support.pages import axe_findings

Visit = Callable[..., Page]
Picture = Callable[[Page, str], None]
WIDE = ViewportSize(width=1366, height=900)
NARROW = ViewportSize(width=390, height=844)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LEGAL_ZONE)


def held_by_sun(office: Office) -> str:
    """A case whose step at the bank Sun has claimed."""
    case_no = office.apply()
    task = office.advance_to(case_no, "BankAccept")
    tasks.claim(office.rt, office.actors["sun"], task.id)
    return case_no


def arranged(office: Office) -> None:
    """Li takes the place of Sun until Wednesday morning."""
    substitutes.arrange(
        office.rt,
        substitutes.Arrange(
            by=office.actors["sun"], absent="sun", substitute="li", from_at=at("2026-09-07 09:00"),
            until_at=at("2026-09-09 10:00"), reason="出差",
        ),
    )  # fmt: skip


def missed(office: Office) -> str:
    """A case whose review, due on Wednesday, was missed."""
    case_no = office.apply()
    office.advance_to(case_no, "Review")
    office.tick("2026-09-09 17:30")
    return case_no


def both_widths(page: Page, picture: Picture, axe: str, name: str) -> None:
    """Pictures at both widths; nothing may run over the side or be out of reach."""
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        picture(page, f"{name}-{size['width']}")
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        assert axe_findings(page, axe) == []
    page.set_viewport_size(WIDE)


# ── substitutes ──────────────────────────────────────────────────────────────────────────────────────


def test_an_officer_arranges_a_substitute_and_ends_it(
    site: Any, visit: Visit, picture: Picture, axe: str
) -> None:
    page = visit("sun", "/me/substitutes")
    expect(page.get_by_text("没有代理安排")).to_have_count(2)

    page.get_by_label("代理人").select_option("li")
    page.get_by_label("开始时间").fill("2026-09-07T09:30")
    page.get_by_label("结束时间").fill("2026-09-09T10:00")
    page.get_by_label("个人创业担保贷款").check()
    page.get_by_label("原因").fill("出差")
    page.get_by_role("button", name="设置代理").click()

    expect(page.get_by_text("代理已设置")).to_be_visible()
    line = page.locator("[data-place=now]")
    expect(line).to_contain_text("还有 2 天")
    expect(line).to_contain_text("个人创业担保贷款")
    both_widths(page, picture, axe, "substitutes")
    line.get_by_role("button", name="立即结束").click()
    expect(page.get_by_text("代理已结束")).to_be_visible()
    expect(page.locator("[data-place]")).to_have_count(0)


def test_what_cannot_be_arranged_is_said_in_words_and_kept(site: Any, visit: Visit, axe: str) -> None:
    arranged(site.office)
    page = visit("zheng", "/me/substitutes")
    page.get_by_label("被代理人").select_option("sun")
    page.locator("#substitute").select_option("zheng")
    page.get_by_label("结束时间").fill("2026-09-08T10:00")
    page.get_by_label("原因").fill("出差")
    page.get_by_role("button", name="设置代理").click()

    expect(page.get_by_role("alert")).to_contain_text("该时段已有人代理")
    expect(page.get_by_label("原因")).to_have_value("出差")
    assert axe_findings(page, axe) == []
    page.get_by_label("开始时间").fill("2026-09-10T10:00")
    page.get_by_role("button", name="设置代理").click()
    expect(page.get_by_role("alert")).to_contain_text("结束时间应晚于开始时间")


def test_a_head_sees_the_places_in_the_agency(site: Any, visit: Visit, picture: Picture) -> None:
    arranged(site.office)
    page = visit("zheng", "/me/substitutes")

    expect(page.locator("section", has_text="本单位的代理").locator("[data-place=now]")).to_contain_text(
        "孙丽"
    )
    picture(page, "substitutes-head-1366")


def test_tasks_for_the_absent_have_a_list_of_their_own(
    site: Any, visit: Visit, picture: Picture, axe: str
) -> None:
    case_no = held_by_sun(site.office)
    arranged(site.office)
    page = visit("li", "/inbox?tab=substitute")

    line = page.locator("[data-list] tbody tr", has_text=case_no)
    expect(page.get_by_role("link", name="代办")).to_be_visible()
    expect(line).to_contain_text("孙丽")
    both_widths(page, picture, axe, "inbox-substitute")
    line.get_by_role("button", name="签收").click()
    page.goto("/inbox")
    expect(page.locator("[data-list] tbody tr", has_text=case_no)).to_contain_text("代 孙丽")


def test_an_applicant_has_no_substitutes(site: Any, visit: Visit) -> None:
    page = visit("wang", "/me/substitutes")

    expect(page.get_by_text("没有这个页面")).to_be_visible()


def test_lines_tell_what_was_urged_and_what_is_on_hold(
    site: Any, visit: Visit, picture: Picture, axe: str
) -> None:
    office = site.office
    urged, stopped, running = office.apply(), office.apply(), office.apply()
    for case_no in (stopped, running):
        tasks.claim(office.rt, office.actors["zhao"], office.advance_to(case_no, "Review").id)
    urging.urge_case(office.rt, office.actors["zhou"], urged, "请尽快")
    procedures.suspend(office.rt, office.actors["zhao"], stopped, "等待鉴定", "appraisal", "委托鉴定书")
    procedures.suspend(office.rt, office.actors["zhou"], running, "等待上级意见")
    page = visit("zhao", "/inbox?tab=candidate")

    expect(page.locator("[data-list] tbody tr", has_text=urged)).to_contain_text("催办 09-07 10:00")
    page.goto("/inbox")
    line = page.locator("[data-list] tbody tr", has_text=stopped)
    expect(line).to_contain_text("已挂起")
    expect(line).not_to_contain_text("正常")
    line = page.locator("[data-list] tbody tr", has_text=running)
    expect(line).to_contain_text("已挂起")
    expect(line).to_contain_text("正常")
    both_widths(page, picture, axe, "inbox-hold")


# ── cards ────────────────────────────────────────────────────────────────────────────────────────────


def test_an_officer_answers_a_card_in_place(site: Any, visit: Visit, picture: Picture, axe: str) -> None:
    office = site.office
    case_no = missed(office)
    page = visit("zhao", "/inbox")
    page.get_by_role("link", name="红黄牌 1").click()

    line = page.locator("[data-card=yellow]")
    expect(line).to_contain_text("黄牌")
    expect(line).to_contain_text("环节时限：资格审核")
    expect(line).to_contain_text("2026-09-09 17:30")
    both_widths(page, picture, axe, "cards")
    line.get_by_text("说明原因").click()
    line.get_by_label("超期原因").fill("系统升级，当日无法核验")
    line.get_by_role("button", name="提交说明").click()

    expect(page.get_by_text("已提交超期原因说明")).to_be_visible()
    expect(page.get_by_text("没有待说明的红黄牌")).to_be_visible()
    expect(page.get_by_role("link", name="红黄牌")).to_have_text("红黄牌")
    page.goto(f"/cases/{case_no}")
    expect(page.locator("#cards")).to_contain_text("系统升级，当日无法核验")
    expect(page.locator("#history")).to_contain_text("已就超期牌说明原因")


def test_an_empty_answer_is_refused_and_the_form_stays_open(site: Any, visit: Visit, axe: str) -> None:
    missed(site.office)
    page = visit("zhao", "/oversight/cards")
    page.get_by_text("说明原因").click()
    page.get_by_label("超期原因").fill("   ")
    page.get_by_role("button", name="提交说明").click()

    expect(page.get_by_role("alert")).to_contain_text("请填写原因")
    expect(page.get_by_label("超期原因")).to_be_visible()
    assert axe_findings(page, axe) == []


def test_a_card_is_answered_beside_its_case(site: Any, visit: Visit, picture: Picture, axe: str) -> None:
    case_no = missed(site.office)
    page = visit("zhou", f"/cases/{case_no}")
    panel = page.locator("#cards")
    panel.get_by_text("说明原因").click()
    picture(page, "case-card-1366")
    assert axe_findings(page, axe) == []
    panel.get_by_label("超期原因").fill("人手不足，已补充")
    panel.get_by_role("button", name="提交说明").click()

    expect(page.locator("#cards")).to_contain_text("人手不足，已补充")
    expect(page.locator("#cards")).to_contain_text("已说明")


def test_a_manager_takes_a_card_back_and_sorts_the_counts(site: Any, visit: Visit) -> None:
    office = site.office
    case_no = missed(office)
    page = visit("feng", "/oversight/cards")
    expect(page.get_by_text("说明原因")).to_have_count(0)
    expect(page.locator("[data-count]")).to_contain_text("乌兰浩特市人力资源和社会保障局")
    page.get_by_role("link", name="单位").click()
    expect(page.get_by_role("columnheader", name="单位").last).to_have_attribute("aria-sort", "ascending")

    page.get_by_text("撤销此牌").click()
    page.get_by_label("撤销理由").fill("停电一日，非经办人过失")
    page.get_by_role("button", name="撤销", exact=True).click()

    expect(page.get_by_text("此牌已撤销")).to_be_visible()
    found = [one for one in office.view(case_no).proceedings if one.kind is ProceedingKind.CARD]
    assert [one.status for one in found] == [ProceedingStatus.TAKEN_BACK]


def test_silence_shows_a_red_card_in_the_place_of_the_yellow(
    site: Any, visit: Visit, picture: Picture
) -> None:
    office = site.office
    case_no = missed(office)
    office.clock.set("2026-09-14 17:30")
    cards.escalate(office.rt)

    page = visit("zhou", f"/cases/{case_no}")

    expect(page.locator("#cards [data-card=red]")).to_contain_text("红牌")
    expect(page.locator("#cards [data-card=yellow]")).to_contain_text("已改发红牌")
    page.goto("/oversight/cards")
    expect(page.locator("[data-card=red]")).to_have_count(1)
    picture(page, "cards-red-1366")


def test_cards_are_nothing_for_applicants(site: Any, visit: Visit) -> None:
    case_no = missed(site.office)
    page = visit("wang", "/oversight/cards")
    expect(page.get_by_text("没有这个页面")).to_be_visible()
    expect(page.get_by_role("link", name="红黄牌")).to_have_count(0)
    page.goto(f"/my/cases/{case_no}")
    expect(page.locator("#cards")).to_have_count(0)
