"""Two hundred approvals in one go, with one that the rules speak against; claims; stopping; what fails and why."""

from __future__ import annotations

import csv
import io
import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from banjie.domain.bulk import BulkKind
from banjie.services import bulk, tasks, urging
from support.office import Office
from support.pages import axe_findings

Visit = Callable[..., Page]
Picture = Callable[[Page, str], None]
WIDE = ViewportSize(width=1366, height=900)
NARROW = ViewportSize(width=390, height=844)
CANDIDATES = "/inbox?tab=candidate"


def reviews(office: Office, count: int) -> list[str]:
    """So many cases whose eligibility is to be reviewed."""
    cases = [office.apply(amount=100_000 + 500 * number) for number in range(count)]
    for case_no in cases:
        office.advance_to(case_no, "Review")
    return cases


def not_eligible(office: Office) -> str:
    """A case whose receipt says that the enterprise is not eligible."""
    case_no = office.apply("guarantee-loan-sme", by="liu", new_hires=1)
    office.advance_to(case_no, "Review")
    return case_no


def work_off(office: Office) -> int:
    """Do the newest run as a worker does, in a thread of its own; returns its id."""
    run = bulk.recent(office.rt, office.actors["zhao"])[0].id
    thread = threading.Thread(target=bulk.run, args=(office.rt, run))
    thread.start()
    thread.join()
    return run


def choose_all(page: Page) -> None:
    """Tick all lines of the list and go on to the page of what was chosen."""
    page.get_by_label("选择所有行").check()
    page.get_by_role("button", name="一并办理").click()


def approve(page: Page) -> None:
    """Fill in what is the same for all, and confirm."""
    page.get_by_label("已核实申请人").check()
    page.locator("[data-bulk-submit]").click()
    page.get_by_role("dialog").get_by_role("button", name="确认").click()
    page.wait_for_url(re.compile(r"/bulk/\d+$"))


def result_of(page: Page) -> list[list[str]]:
    """The lines of the downloaded result, without the headings."""
    with page.expect_download() as download:
        page.get_by_role("link", name="下载结果").click()
    content = download.value.path().read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))[1:]


def open_elements(office: Office, cases: list[str]) -> set[str]:
    return {element for case_no in cases for element in office.open_elements(case_no)}


def test_two_hundred_are_approved_but_for_the_one_that_the_rules_speak_against(
    site: Any, visit: Visit, picture: Picture, axe: str
) -> None:
    office = site.office
    good = reviews(office, 199)
    bad = not_eligible(office)

    page = visit("zhao", CANDIDATES)
    page.set_viewport_size(WIDE)
    page.get_by_role("link", name="100", exact=True).click()
    expect(page.locator("[data-list] tbody tr")).to_have_count(100)
    page.get_by_label("选择所有行").check()
    expect(page.get_by_role("button", name="签收 100 件")).to_be_visible()
    page.get_by_role("button", name="一并办理 100 件").click()
    expect(page.get_by_role("heading", name="100 件")).to_be_visible()
    page.get_by_role("button", name="选择我列表中本环节的全部办件").click()
    expect(page.get_by_role("heading", name="200 件")).to_be_visible()

    expect(page.locator("[data-bulk-tick]:checked")).to_have_count(199)
    line = page.locator("tr", has_text=bad)
    expect(line).to_contain_text("规则核验未通过")
    expect(line).to_contain_text("请打开办件单独办理")
    expect(page.locator("tr", has_text=good[1])).to_contain_text("100,500 元")
    expect(page.locator("[data-bulk-submit]")).to_have_text("同意 199 件（共 200 件）")
    line.get_by_role("checkbox").check()
    expect(page.locator("[data-bulk-submit]")).to_have_text("同意 200 件（共 200 件）")
    picture(page, "bulk-choose-1366")
    assert axe_findings(page, axe) == []

    approve(page)
    expect(page.locator("[data-state=running]")).to_be_visible()
    picture(page, "bulk-running-1366")
    assert axe_findings(page, axe) == []
    work_off(office)

    expect(page.locator("[data-state=finished]")).to_be_visible()
    expect(page.locator("[data-done]")).to_have_text("199")
    expect(page.locator("[data-failed]")).to_have_text("1")
    failure = page.locator("tr[data-outcome=failed]").first
    expect(failure).to_contain_text(bad)
    expect(failure).to_contain_text("请打开办件单独办理")
    picture(page, "bulk-finished-1366")
    assert axe_findings(page, axe) == []
    lines = result_of(page)
    assert [line[2] for line in lines].count("成功") == 199
    assert [(line[1], line[3]) for line in lines if line[2] == "未成功"] == [
        (bad, "规则核验未全部通过：请打开办件单独办理。")
    ]
    assert open_elements(office, good) == {"Investigate"}
    assert office.open_elements(bad) == ["Review"]
    amounts = [
        row.values["approved_amount"] for row in office.view(good[7]).submissions if row.element == "Review"
    ]
    assert amounts == [103_500]
    page.get_by_role("button", name="重试未成功的").click()
    expect(page.get_by_role("heading", name="1 件")).to_be_visible()
    expect(page.locator("[data-bulk-tick]:checked")).to_have_count(0)


def test_an_amount_typed_for_all_stands_in_every_case(site: Any, visit: Visit) -> None:
    cases = reviews(site.office, 2)
    page = visit("zhao", CANDIDATES)
    choose_all(page)

    page.get_by_label("核定贷款额度").fill("90,000")
    approve(page)
    work_off(site.office)

    for case_no in cases:
        values = [row.values for row in site.office.view(case_no).submissions if row.element == "Review"]
        assert [one["approved_amount"] for one in values] == [90_000]


def test_what_all_cases_refuse_comes_back_with_the_form(site: Any, visit: Visit, axe: str) -> None:
    reviews(site.office, 2)
    page = visit("zhao", CANDIDATES)
    choose_all(page)
    page.locator("[data-bulk-tick]").first.uncheck()
    page.locator("[data-bulk-submit]").click()
    page.get_by_role("dialog").get_by_role("button", name="确认").click()

    expect(page.get_by_role("alert")).to_contain_text("已核实申请人符合创业担保贷款申请条件：此项必填")
    expect(page.locator("[data-bulk-tick]:checked")).to_have_count(1)
    assert axe_findings(page, axe) == []
    assert bulk.recent(site.office.rt, site.office.actors["zhao"]) == []


def test_lines_are_chosen_by_range_and_by_key(site: Any, visit: Visit) -> None:
    for _number in range(5):
        site.office.apply()
    page = visit("zhao", CANDIDATES)
    bar, ticks = page.locator("[data-bulk-bar]"), page.locator("[data-bulk-tick]")
    expect(bar).to_be_hidden()

    ticks.nth(1).click()
    ticks.nth(3).click(modifiers=["Shift"])
    expect(bar).to_contain_text("已选 3 件")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(bar).to_contain_text("已选 4 件")
    page.keyboard.press("x")
    expect(bar).to_contain_text("已选 3 件")
    page.get_by_role("button", name="取消选择").click()
    expect(bar).to_be_hidden()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="快捷键")).to_contain_text("选择或取消选择该行")


def test_many_are_claimed_at_once(site: Any, visit: Visit) -> None:
    office = site.office
    cases = [office.apply() for _number in range(3)]
    page = visit("zhao", CANDIDATES)
    page.get_by_label("选择所有行").check()
    page.get_by_role("button", name="签收 3 件").click()
    page.wait_for_url(re.compile(r"/bulk/\d+$"))
    work_off(office)

    expect(page.locator("[data-done]")).to_have_text("3")
    assert {office.open_task(case_no).assignee_name for case_no in cases} == {office.actors["zhao"].name}


def test_a_colleagues_task_fails_with_the_reason_in_words(site: Any, visit: Visit) -> None:
    office = site.office
    first, second = reviews(office, 2)
    page = visit("zhao", CANDIDATES)
    choose_all(page)
    approve(page)
    office.complete(first, approved_amount=100_000)
    work_off(office)

    failure = page.locator("tr[data-outcome=failed]").first
    expect(failure).to_contain_text(first)
    expect(failure).to_contain_text("本环节已经办结")
    expect(failure.get_by_role("link", name=first)).to_be_visible()
    assert office.open_elements(second) == ["Investigate"]


def test_a_run_is_stopped_and_skips_the_rest(site: Any, visit: Visit) -> None:
    office = site.office
    cases = reviews(office, 3)
    page = visit("zhao", CANDIDATES)
    choose_all(page)
    approve(page)

    page.get_by_role("button", name="停止").click()
    expect(page.get_by_role("heading", name="正在停止")).to_be_visible()
    work_off(office)

    expect(page.locator("[data-skipped]")).to_have_text("2")
    assert open_elements(office, cases[1:]) == {"Review"}


def test_tasks_of_several_steps_are_parted_first(site: Any, visit: Visit, picture: Picture, axe: str) -> None:
    office = site.office
    reviews(office, 2)
    office.apply()
    page = visit("zhao", CANDIDATES)

    choose_all(page)

    expect(page.get_by_role("heading", name="所选办件分属多个环节")).to_be_visible()
    picture(page, "bulk-kinds-1366")
    assert axe_findings(page, axe) == []
    page.get_by_role("button", name="办理这些 资格审核").click()
    expect(page.locator("[data-bulk-tick]:checked")).to_have_count(2)


def test_it_all_works_without_scripts(site: Any, visit: Visit) -> None:
    office = site.office
    cases = reviews(office, 2)
    page = visit("zhao", CANDIDATES, script=False)
    for tick in page.locator("[data-bulk-tick]").all():
        tick.check()
    page.get_by_role("button", name="一并办理").click()
    page.get_by_label("已核实申请人").check()
    page.get_by_role("button", name="同意 2 件（共 2 件）").click()
    expect(page.get_by_role("link", name="刷新")).to_be_visible()
    work_off(office)
    page.get_by_role("link", name="刷新").click()

    expect(page.locator("[data-done]")).to_have_text("2")
    assert open_elements(office, cases) == {"Investigate"}


def test_nothing_chosen_is_said(site: Any, visit: Visit) -> None:
    site.office.apply()
    page = visit("zhao", CANDIDATES, script=False)

    page.get_by_role("button", name="一并办理").click()

    expect(page.get_by_text("请先至少选择一行")).to_be_visible()


def test_a_run_is_nobody_elses_business(site: Any, visit: Visit) -> None:
    office = site.office
    ids = [office.advance_to(office.apply(), "Review").id]
    run = bulk.start(
        office.rt,
        bulk.StartBulk(by=office.actors["zhao"], kind=BulkKind.CLAIM, items=[(ids[0], None)], submission={}),
    )

    for path in (f"/bulk/{run}", f"/bulk/{run}/progress", f"/bulk/{run}/result.csv"):
        page = visit("zhou", path)
        expect(page.get_by_text("没有这个页面")).to_be_visible()


@pytest.mark.parametrize("name", ["list", "choose", "run"])
def test_the_pages_fit_a_telephone(site: Any, visit: Visit, picture: Picture, axe: str, name: str) -> None:
    office = site.office
    cases = reviews(office, 3)
    not_eligible(office)
    office.clock.now += timedelta(days=2)
    urging.urge_case(office.rt, office.actors["zhou"], cases[0], "请尽快")
    tasks.claim(office.rt, office.actors["zhao"], office.open_task(cases[1]).id)
    page = visit("zhao", CANDIDATES)
    page.set_viewport_size(NARROW)
    page.reload()
    page.locator("[data-bulk-tick]").first.check()
    page.locator("[data-bulk-tick]").nth(1).check()
    if name != "list":
        page.get_by_role("button", name="一并办理").click()
    if name == "run":
        approve(page)
        work_off(office)
        expect(page.locator("[data-state=finished]")).to_be_visible()

    picture(page, f"bulk-{name}-390")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    assert axe_findings(page, axe) == []


def test_it_speaks_english_too(site: Any, visit: Visit, picture: Picture) -> None:
    office = site.office
    reviews(office, 2)
    bad = not_eligible(office)
    page = visit("zhao", CANDIDATES)
    page.set_viewport_size(WIDE)
    page.get_by_role("link", name="English").click()
    page.get_by_label("Choose all lines").check()
    page.get_by_role("button", name="Complete 3 together").click()
    expect(page.locator("[data-bulk-submit]")).to_have_text("Approve 2 of 3")
    page.locator("tr", has_text=bad).get_by_role("checkbox").check()
    expect(page.locator("[data-bulk-submit]")).to_have_text("Approve 3 of 3")
    picture(page, "bulk-choose-en-1366")
    page.get_by_label("Verified that").check()
    page.locator("[data-bulk-submit]").click()
    page.get_by_role("dialog").get_by_role("button", name="Confirm").click()
    page.wait_for_url(re.compile(r"/bulk/\d+$"))
    work_off(office)

    expect(page.locator("[data-state=finished]")).to_be_visible()
    expect(page.locator("tr[data-outcome=failed]").first).to_contain_text(
        "The rules do not say yes to this case"
    )
