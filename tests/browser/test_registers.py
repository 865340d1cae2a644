"""A file read into a register: handed in, followed while it is read, refused with its lines; and a look-up."""

from __future__ import annotations

import threading
from collections.abc import Callable

from playwright.sync_api import Page, expect

from banjie.services import demo, loads
from support.lists import csv_of, load
from support.pages import axe_findings

from .conftest import Site

Visit = Callable[..., Page]
ROW = "统一社会信用代码,单位名称,上年度月均参保人数,划型"


def work_off(site: Site) -> None:
    """Read the newest file as a worker does, in a thread of its own."""
    newest = loads.newest(site.office.rt, site.office.actors["zhao"])[0].id
    thread = threading.Thread(target=loads.run, args=(site.office.rt, newest))
    thread.start()
    thread.join()


def test_a_file_is_followed_until_its_bad_lines_are_told(
    visit: Visit, site: Site, axe: str, picture: Callable[[Page, str], None]
) -> None:
    bad = csv_of(ROW, f"{demo.credit_code(1)},甲公司,12,小型", "91,乙公司,many,巨型", ",丙公司,,")
    page = visit("zhao", "/registers/loads")

    page.get_by_label("登记库").select_option("enterprise")
    page.get_by_label("数据来源").fill("社保")
    page.get_by_label("数据日期").fill("2026-08-31")
    page.get_by_label("文件", exact=True).set_input_files(
        {"name": "名单.csv", "mimeType": "text/csv", "buffer": bad}
    )
    assert axe_findings(page, axe) == []
    picture(page, "registers-loads")
    page.get_by_role("button", name="导入", exact=True).click()
    expect(page.locator("#load")).to_have_attribute("data-state", "running")
    expect(page.locator("progress")).to_be_visible()
    work_off(site)
    expect(page.locator("#load")).to_have_attribute("data-state", "ended")

    expect(page.get_by_role("heading", name="已拒绝：未导入任何数据")).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(5)
    assert axe_findings(page, axe) == []
    picture(page, "registers-load-refused")


def test_somebody_is_looked_up_and_a_case_is_compared(
    visit: Visit, site: Site, axe: str, picture: Callable[[Page, str], None]
) -> None:
    person = demo.id_number(1)
    load(
        site.office, csv_of("身份证号码,姓名,户口性质,毕业日期", f"{person},王小梅,农村,2020-07-01"), "person"
    )
    load(site.office, csv_of("身份证号码,姓名,户口性质", f"{person},王小梅,城镇"), "person", source="公安")
    case_no = site.office.apply("startup-subsidy")
    page = visit("zhao", "/registers")

    page.get_by_label("身份证号码或统一社会信用代码").fill(person)
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_role("heading", name="王*梅")).to_be_focused()
    assert axe_findings(page, axe) == []
    picture(page, "registers-entry")
    page.goto(f"/cases/{case_no}#comparison")
    panel = page.locator("#comparison")
    expect(panel.get_by_text("✕ 不一致").first).to_be_visible()
    expect(panel.get_by_text("有 2 项信息不一致")).to_be_visible()
    assert axe_findings(page, axe) == []
    picture(page, "case-comparison")
