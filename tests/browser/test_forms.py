"""Forms as people meet them: faults by the field, drafts, without a script, by the keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from banjie.services import demo
from support.pages import fill, tab_to

Visit = Callable[..., Page]
Picture = Callable[[Page, str], None]

APPLY = "/services/guarantee-loan-individual/apply"


def test_the_summary_of_faults_has_the_focus_and_leads_to_the_field(visit: Visit, picture: Picture) -> None:
    page = visit("wang", APPLY)
    fill(page, demo.individual_application(1, id_number="152201199001010010"))
    page.get_by_role("button", name="提交申请").click()

    expect(page.locator(".errors")).to_be_focused()
    picture(page, "bad-form")
    page.locator(".errors").get_by_role("link", name="身份证号码").click()

    expect(page.get_by_label("身份证号码")).to_be_focused()
    expect(page.get_by_label("身份证号码")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("身份证号码")).to_have_accessible_description(re.compile("身份证号码有误"))


def test_what_was_typed_is_still_there_after_a_refusal(visit: Visit) -> None:
    page = visit("wang", APPLY)
    fill(page, demo.individual_application(1, id_number="1"))

    page.get_by_role("button", name="提交申请").click()

    expect(page.get_by_label("姓名")).to_have_value("王小梅")


def test_a_step_is_done_with_the_keyboard_alone(site: Any, visit: Visit) -> None:
    case_no = site.office.apply()
    page = visit("zhao", "/inbox?tab=candidate")
    press = page.keyboard.press

    press("j")
    press("Enter")
    page.wait_for_url(f"**/cases/{case_no}")
    tab_to(page, "#task button.button-main")
    press("Enter")
    expect(page.locator("[name=decision]").first).to_be_visible()
    tab_to(page, "[name=decision]")
    press("Space")
    tab_to(page, "[name=materials_checked]")
    press("Space")
    tab_to(page, "form[data-task-form] button.button-main")
    press("Enter")

    expect(page.get_by_text("本环节已办结")).to_be_visible()
    assert site.office.open_elements(case_no) == ["Review"]


def test_a_step_is_done_without_a_script(site: Any, visit: Visit) -> None:
    case_no = site.office.apply()
    page = visit("zhao", f"/cases/{case_no}", script=False)

    page.get_by_role("button", name="签收").click()
    fill(page, demo.answer("Accept", site.office.rt.today()))
    page.get_by_role("button", name="办结本环节").click()

    assert site.office.open_elements(case_no) == ["Review"]


def test_a_draft_is_kept_while_one_types(site: Any, visit: Visit) -> None:
    case_no = site.office.apply()
    site.office.advance_to(case_no, "Investigate")
    page = visit("qian", f"/cases/{case_no}")
    page.clock.install()
    page.get_by_role("button", name="签收").click()
    page.locator("[name=findings]").fill("现场走访，经营正常")

    page.clock.run_for(5_000)

    expect(page.locator("[data-draft-status]")).to_contain_text("草稿已保存于")
    page.reload()
    expect(page.locator("[name=findings]")).to_have_value("现场走访，经营正常")


def test_a_field_appears_when_its_condition_holds(site: Any, visit: Visit) -> None:
    case_no = site.office.apply()
    site.office.advance_to(case_no, "Review")
    page = visit("zhao", f"/cases/{case_no}")
    page.get_by_role("button", name="签收").click()
    expect(page.locator("[name=reasons]")).to_be_hidden()

    page.locator("[name=decision][value=refuse]").check()

    expect(page.locator("[name=reasons]")).to_be_visible()


def test_a_file_comes_with_the_application(site: Any, visit: Visit) -> None:
    page = visit("wang", APPLY)
    fill(page, demo.individual_application(1))
    image = b"\x89PNG\r\n\x1a\n" + bytes(64)
    page.locator("input[type=file]").first.set_input_files(
        {"name": "身份证.png", "mimeType": "image/png", "buffer": image}
    )
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_text("申请已提交")).to_be_visible()

    officer = visit("zhao", "/cases/" + page.locator(".case-no").inner_text())

    with officer.expect_download() as download:
        officer.get_by_role("link", name="身份证.png").click()
    assert download.value.path().read_bytes() == image
