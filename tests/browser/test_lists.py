"""The inbox, the board of overdue steps, and following a case from outside."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

Visit = Callable[..., Page]
Picture = Callable[[Page, str], None]


def test_the_inbox_shows_the_least_time_first(site: Any, visit: Visit, picture: Picture) -> None:
    office = site.office
    late = office.apply()
    office.advance_to(late, "Review")
    office.clock.set("2026-09-09T10:00")
    office.apply()
    office.tick("2026-09-10T10:00")

    page = visit("zhao", "/inbox?tab=candidate")

    first = page.locator("[data-list] tbody tr").first
    expect(first).to_contain_text(late)
    expect(first).to_contain_text("超期")
    expect(first).to_contain_text("已超期")
    picture(page, "inbox")


def test_the_search_finds_by_the_applicants_name(site: Any, visit: Visit) -> None:
    site.office.apply(name="包青山")
    site.office.apply(name="孟和")
    page = visit("zhao", "/inbox?tab=candidate")

    page.keyboard.press("/")
    page.keyboard.type("青山")
    page.keyboard.press("Enter")

    expect(page.locator("[data-list] tbody tr")).to_have_count(1)


def test_new_tasks_are_announced_and_the_list_does_not_jump(site: Any, visit: Visit) -> None:
    page = visit("zhao")
    page.clock.install()
    page.goto("/inbox?tab=candidate")
    site.office.apply()
    page.clock.run_for(31_000)
    expect(page.get_by_text("有 1 件新到待办，点击刷新列表")).to_be_visible()
    expect(page.locator("[data-list] tbody tr")).to_have_count(0)

    page.get_by_text("有 1 件新到待办，点击刷新列表").click()

    expect(page.locator("[data-list] tbody tr")).to_have_count(1)


def test_a_list_stays_as_it_is_when_the_session_has_ended(site: Any, visit: Visit) -> None:
    site.office.apply()
    page = visit("zhao")
    page.clock.install()
    page.goto("/inbox?tab=candidate")
    page.context.clear_cookies()

    with page.expect_response("**/inbox/news*") as answer:
        page.clock.run_for(31_000)

    assert answer.value.status == 401
    expect(page.get_by_role("heading", name="登录")).to_have_count(0)
    expect(page.locator("[data-list] tbody tr")).to_have_count(1)


def test_the_question_mark_explains_the_keys(site: Any, visit: Visit) -> None:
    page = visit("zhao", "/inbox")

    page.keyboard.press("?")

    expect(page.get_by_role("dialog", name="快捷键")).to_be_visible()


def test_single_letter_keys_can_be_switched_off(site: Any, visit: Visit) -> None:
    site.office.apply()
    page = visit("zhao", "/inbox?tab=candidate")
    page.keyboard.press("?")
    page.get_by_label("停用单字母快捷键").check()
    page.get_by_role("button", name="关闭").click()

    page.keyboard.press("c")

    expect(page.locator("[data-list] tbody tr")).to_have_count(1)


def test_the_board_leads_from_an_overdue_step_to_its_case(site: Any, visit: Visit, picture: Picture) -> None:
    case_no = site.office.apply()
    site.office.advance_to(case_no, "Investigate")
    site.office.tick("2026-09-14T10:00")
    page = visit("feng", "/oversight")
    row = page.locator("#steps tbody tr", has_text=case_no)
    expect(row).to_contain_text("超期")
    expect(row).to_contain_text("兴安盟创业担保中心")
    picture(page, "oversight")

    row.get_by_role("link").click()

    expect(page.get_by_text("报负责人督办").first).to_be_visible()


def test_the_board_sorts_by_a_column(site: Any, visit: Visit) -> None:
    site.office.advance_to(site.office.apply(), "Investigate")
    site.office.apply()
    page = visit("feng", "/oversight")

    page.get_by_role("link", name="单位").click()

    expect(page.get_by_role("columnheader", name="单位").first).to_have_attribute("aria-sort", "ascending")


def test_an_officer_has_no_board(visit: Visit) -> None:
    page = visit("zhao", "/oversight")

    expect(page.get_by_role("heading", name="没有这个页面")).to_be_visible()


def test_anybody_with_number_and_digits_follows_a_case(site: Any, visit: Visit, picture: Picture) -> None:
    case_no = site.office.apply()
    digits = str(site.office.view(case_no).instance.follow_digits)
    page = visit(None, "/follow")
    page.get_by_label("办件编号").fill(case_no)
    page.get_by_label("后四位").fill(digits)

    page.get_by_role("button", name="查询").click()

    expect(page.get_by_text("现在由乌兰浩特市人力资源和社会保障局办理“受理审查”")).to_be_visible()
    expect(page.get_by_text("王小梅")).to_have_count(0)
    picture(page, "follow")


@pytest.mark.parametrize("wrong", ["number", "digits"])
def test_a_wrong_pair_shows_nothing(site: Any, visit: Visit, wrong: str) -> None:
    case_no = site.office.apply()
    page = visit(None, "/follow")
    page.get_by_label("办件编号").fill(case_no + "9" if wrong == "number" else case_no)
    page.get_by_label("后四位").fill("0000")

    page.get_by_role("button", name="查询").click()

    expect(page.get_by_text("没有与此编号和后四位相符的办件。")).to_be_visible()


def test_applicant_and_officer_read_the_same_ledger(site: Any, visit: Visit) -> None:
    case_no = site.office.apply()
    site.office.advance_to(case_no, "Review")
    site.office.tick("2026-09-09T10:00")

    officer = visit("zhao", f"/cases/{case_no}").locator(".clock", has_text="全程承诺时限")
    applicant = visit("wang", f"/my/cases/{case_no}").locator(".clock", has_text="全程承诺时限")

    words = re.compile(r"还剩 [\d.]+ 个工作日 [\d.]+ 小时")
    told = words.search(officer.inner_text())
    assert told is not None
    assert told[0] in applicant.inner_text()


def test_the_pages_speak_english_on_demand(site: Any, visit: Visit) -> None:
    site.office.apply()
    page = visit("zhao", "/inbox?tab=candidate")

    page.get_by_role("link", name="English").click()

    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_signing_out_ends_the_session(visit: Visit) -> None:
    page = visit("zhao", "/inbox")

    page.get_by_role("button", name="退出").click()
    page.goto("/inbox")

    expect(page.get_by_role("heading", name="登录")).to_be_visible()


def test_the_next_page_goes_on_where_the_first_ended(site: Any, visit: Visit) -> None:
    cases = {site.office.apply() for _ in range(23)}
    page = visit("zhao", "/inbox?tab=candidate")
    first = set(page.locator("td.col-case").all_inner_texts())

    page.get_by_role("link", name="下一页").click()
    page.wait_for_url("**cursor=**")

    second = set(page.locator("td.col-case").all_inner_texts())
    assert (len(first), len(second)) == (20, 3)
    assert first | second == cases
