"""What officers do beside the form of a step: stock phrases, drafts, comments, copies, files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from banjie.services import copies, demo, notices, phrases, tasks
from support.office import Office
from support.pages import axe_findings, fill

Visit = Callable[..., Page]
Picture = Callable[[Page, str], None]
PDF = b"%PDF-1.7\n%%EOF\n"


def held(office: Office, element: str = "Investigate", by: str = "qian") -> tuple[str, int]:
    """A case with a step that somebody works on."""
    case_no = office.apply()
    task = office.advance_to(case_no, element)
    tasks.claim(office.rt, office.actors[by], task.id)
    return case_no, task.id


def draft(office: Office, task_id: int, by: str = "qian") -> dict[str, Any]:
    return dict(tasks.read(office.rt, office.actors[by], task_id).draft or {})


# ── drafts ───────────────────────────────────────────────────────────────────────────────────────────


def test_what_one_types_is_saved_and_there_again_after_a_reload(site: Any, visit: Visit) -> None:
    case_no, task_id = held(site.office)
    page = visit("qian", f"/cases/{case_no}")

    page.locator("[name=findings]").press_sequentially("经营场所真实")
    expect(page.locator("[data-draft-status]")).to_contain_text("草稿已保存于 10:00")
    page.reload()

    expect(page.locator("[name=findings]")).to_have_value("经营场所真实")
    assert draft(site.office, task_id)["findings"] == "经营场所真实"


def test_leaving_the_field_saves_at_once(site: Any, visit: Visit) -> None:
    case_no, _ = held(site.office)
    page = visit("qian", f"/cases/{case_no}")
    page.clock.install()
    page.clock.pause_at(page.evaluate("Date.now()") + 60_000)

    page.locator("[name=findings]").fill("已核实")
    page.locator("[name=findings]").blur()

    expect(page.locator("[data-draft-status]")).to_contain_text("草稿已保存")


def test_leaving_the_page_saves_what_was_typed_last(site: Any, visit: Visit) -> None:
    case_no, _ = held(site.office)
    page = visit("qian", f"/cases/{case_no}")

    page.locator("[name=findings]").fill("走之前写的")
    page.goto("/inbox")
    page.goto(f"/cases/{case_no}")

    expect(page.locator("[name=findings]")).to_have_value("走之前写的")


def test_a_step_closed_meanwhile_says_who_closed_it(site: Any, visit: Visit, picture: Picture) -> None:
    case_no, _ = held(site.office)
    page = visit("qian", f"/cases/{case_no}")
    site.office.complete(case_no, "Investigate", by="qian")

    page.locator("[name=findings]").fill("太晚了")

    expect(page.locator("[data-draft-status]")).to_contain_text(
        "未保存：钱进 已于 2026-09-07 10:00 办结本环节"
    )
    picture(page, "draft-closed")


def test_a_step_put_back_meanwhile_says_so(site: Any, visit: Visit) -> None:
    case_no, task_id = held(site.office)
    page = visit("qian", f"/cases/{case_no}")
    tasks.release(site.office.rt, site.office.actors["wu"], task_id)

    page.locator("[name=findings]").fill("太晚了")

    expect(page.locator("[data-draft-status]")).to_contain_text("未保存：您已不再办理本环节")


def test_a_session_that_ended_loses_nothing(site: Any, visit: Visit, picture: Picture) -> None:
    case_no, task_id = held(site.office)
    page = visit("qian", f"/cases/{case_no}")
    cookies = page.context.cookies()
    page.context.clear_cookies()

    page.locator("[name=findings]").fill("登录失效时写的")
    expect(page.locator("[data-draft-status]")).to_contain_text("登录已失效")
    picture(page, "draft-signed-out")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="重新登录").click()
    door = opened.value
    door.get_by_label("用户名").fill("qian")
    door.get_by_label("密码").fill(demo.PASSWORD)
    door.get_by_role("button", name="登录").click()
    door.wait_for_url(lambda url: "/sign-in" not in url)
    door.close()
    page.bring_to_front()
    page.evaluate("window.dispatchEvent(new Event('focus'))")

    expect(page.locator("[data-draft-status]")).to_contain_text("草稿已保存于")
    assert draft(site.office, task_id)["findings"] == "登录失效时写的"
    assert page.context.cookies() != cookies
    fill(page, demo.answer("Investigate", site.office.rt.today()))
    page.get_by_role("button", name="办结本环节").click()
    expect(page.get_by_text("本环节已办结")).to_be_visible()


def test_the_draft_goes_when_the_step_is_complete(site: Any, visit: Visit) -> None:
    case_no, task_id = held(site.office)
    page = visit("qian", f"/cases/{case_no}")
    page.locator("[name=findings]").fill("符合条件")
    expect(page.locator("[data-draft-status]")).to_contain_text("草稿已保存")

    fill(page, demo.answer("Investigate", site.office.rt.today()))
    page.get_by_role("button", name="办结本环节").click()
    expect(page.get_by_text("本环节已办结")).to_be_visible()

    assert draft(site.office, task_id) == {}


# ── stock phrases ────────────────────────────────────────────────────────────────────────────────────


def test_a_phrase_is_inserted_at_the_cursor_by_keys_alone(site: Any, visit: Visit, picture: Picture) -> None:
    case_no, _ = held(site.office)
    phrases.add(site.office.rt, site.office.actors["qian"], "现金流稳定，")
    page = visit("qian", f"/cases/{case_no}")
    field = page.locator("[name=findings]")
    field.fill("头尾")
    field.press("ArrowLeft")

    field.press("Alt+1")
    expect(field).to_have_value("头现金流稳定，尾")
    field.press("Alt+0")
    expect(page.locator(".phrase-list button").first).to_be_focused()
    picture(page, "phrases-open")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(field).to_have_value("头现金流稳定，经审核，情况属实，同意。尾")
    expect(page.locator("[data-draft-status]")).to_contain_text("草稿已保存")
    assert phrases.own(site.office.rt, site.office.actors["qian"])[0].uses == 1


def test_only_phrases_that_fit_the_decision_are_offered(site: Any, visit: Visit) -> None:
    case_no, _ = held(site.office)
    page = visit("qian", f"/cases/{case_no}")
    fill(page, {"decision": "refuse"})

    page.get_by_role("button", name="常用意见").first.click()

    offered = page.locator(".phrase-list").first
    expect(offered).to_contain_text("不予同意")
    expect(offered).not_to_contain_text("予以受理")
    page.keyboard.press("Escape")
    expect(page.locator(".phrase-panel").first).to_be_hidden()


def test_what_was_typed_is_kept_as_a_phrase(site: Any, visit: Visit) -> None:
    case_no, _ = held(site.office)
    page = visit("qian", f"/cases/{case_no}")
    page.locator("[name=findings]").fill("抵押物权属清晰。")

    page.get_by_role("button", name="常用意见").first.click()
    page.get_by_role("button", name="存为常用意见").first.click()

    expect(page.get_by_text("已存为常用意见")).to_be_visible()
    kept = phrases.own(site.office.rt, site.office.actors["qian"])
    assert [one.words for one in kept] == ["抵押物权属清晰。"]


def test_the_keys_of_the_phrases_are_told(site: Any, visit: Visit, picture: Picture, axe: str) -> None:
    case_no, _ = held(site.office)
    page = visit("qian", f"/cases/{case_no}")

    page.get_by_role("button", name="常用意见").first.click()
    assert axe_findings(page, axe) == []
    page.get_by_role("button", name="快捷键", exact=True).first.click()

    expect(page.get_by_role("dialog")).to_contain_text("在光标处插入第一至第九条")
    assert axe_findings(page, axe) == []
    picture(page, "phrase-keys")


def test_without_scripts_the_phrases_can_be_read(site: Any, visit: Visit) -> None:
    case_no, _ = held(site.office)
    page = visit("qian", f"/cases/{case_no}", script=False)

    page.locator("details.phrases summary").click()

    expect(page.get_by_text("经审核，情况属实，同意。")).to_be_visible()


@pytest.mark.parametrize("script", [True, False])
def test_ones_phrases_are_kept_in_order_on_their_page(
    site: Any, visit: Visit, picture: Picture, axe: str, script: bool
) -> None:
    page = visit("qian", "/me/phrases", script=script)
    for words in ("同意。", "不同意。", "同意。"):
        page.get_by_label("内容").fill(words)
        page.get_by_role("button", name="新增").click()
    page.get_by_role("button", name="上移 2").click()
    page.get_by_label("常用意见 1").fill("暂不同意。")
    page.get_by_role("button", name="保存 1").click()

    assert [one.words for one in phrases.own(site.office.rt, site.office.actors["qian"])] == [
        "暂不同意。",
        "同意。",
    ]
    if script:
        picture(page, "phrases")
        assert axe_findings(page, axe) == []
    page.get_by_role("button", name="删除 1").click()
    assert [one.words for one in phrases.own(site.office.rt, site.office.actors["qian"])] == ["同意。"]


# ── comments, copies, files ──────────────────────────────────────────────────────────────────────────


def test_a_comment_leads_who_is_mentioned_to_it(
    site: Any, visit: Visit, picture: Picture, axe: str, tmp_path: Path
) -> None:
    case_no, _ = held(site.office)
    (tmp_path / "照片.pdf").write_bytes(PDF)
    page = visit("qian", f"/cases/{case_no}")
    page.get_by_label("意见", exact=True).fill("请核对材料\n<b>谢谢</b> ")
    page.get_by_label("提到某人").select_option("zhao")
    page.get_by_label("随意见附上的文件").set_input_files(tmp_path / "照片.pdf")
    page.get_by_role("button", name="发表意见").click()

    expect(page.locator(".comments .said")).to_have_text("请核对材料\n<b>谢谢</b> @zhao")
    expect(page.locator(".comments")).to_contain_text("照片.pdf")
    picture(page, "comments")
    assert axe_findings(page, axe) == []
    notices.deliver(site.office.rt, site.office.view(case_no).instance.id)
    other = visit("zhao", "/notices")
    expect(other.get_by_text("有人在意见中提到您")).to_be_visible()
    other.get_by_role("link", name=case_no).click()
    expect(other.locator(".comments li:target .said")).to_contain_text("请核对材料")

    page.get_by_role("button", name="撤回意见").click()
    expect(page.locator(".comments")).to_contain_text("作者已撤回")
    expect(page.locator(".comments")).not_to_contain_text("请核对材料")


def test_a_refused_mention_says_who_and_keeps_the_words(site: Any, visit: Visit, picture: Picture) -> None:
    case_no, _ = held(site.office)
    page = visit("qian", f"/cases/{case_no}")

    page.get_by_label("意见", exact=True).fill("@jiang 请看")
    page.get_by_role("button", name="发表意见").click()

    expect(page.locator("#comment-refused")).to_have_text("@jiang 无权查看本办件，不能提到。")
    expect(page.get_by_label("意见", exact=True)).to_have_value("@jiang 请看")
    picture(page, "comment-refused")


def test_a_mention_is_chosen_without_scripts(site: Any, visit: Visit) -> None:
    case_no, _ = held(site.office)
    page = visit("qian", f"/cases/{case_no}", script=False)
    page.get_by_label("意见", exact=True).fill("请看")
    page.get_by_label("提到某人").select_option("zhao")

    page.get_by_role("button", name="发表意见").click()

    expect(page.locator(".comments .said")).to_have_text("@zhao 请看")


def test_the_page_of_the_applicant_says_nothing_of_comments(site: Any, visit: Visit) -> None:
    case_no, _ = held(site.office)

    page = visit("wang", f"/my/cases/{case_no}")

    expect(page.locator("main")).not_to_contain_text("内部意见")
    expect(page.locator("#comments")).to_have_count(0)


def test_a_copy_is_unread_until_it_is_opened(site: Any, visit: Visit, picture: Picture, axe: str) -> None:
    case_no, _ = held(site.office)
    page = visit("qian", f"/cases/{case_no}")
    page.get_by_text("抄送给他人阅知").click()
    page.get_by_label("蒋平").check()
    page.get_by_label("说明（可不填）").fill("请阅知")
    page.get_by_role("button", name="抄送", exact=True).click()
    expect(page.locator("#copies")).to_contain_text("蒋平")
    picture(page, "copy-sent")

    other = visit("jiang", "/inbox")
    other.get_by_role("link", name="抄送我的 1").click()
    expect(other.get_by_text("未读", exact=True)).to_be_visible()
    picture(other, "copies")
    assert axe_findings(other, axe) == []
    other.locator("[data-open]").click()
    expect(other.locator(".case-no")).to_have_text(case_no)
    picture(other, "copied-case")
    other.goto("/copies")

    expect(other.get_by_text("未读", exact=True)).to_have_count(0)
    assert copies.counts(site.office.rt, site.office.actors["jiang"]).unread == 0


def test_a_file_is_added_to_a_step_and_taken_away(
    site: Any, visit: Visit, picture: Picture, axe: str, tmp_path: Path
) -> None:
    case_no, _ = held(site.office)
    (tmp_path / "现场.pdf").write_bytes(PDF)
    page = visit("qian", f"/cases/{case_no}")
    page.get_by_text("本环节附件").click()
    page.get_by_label("文件说明").fill("现场核查记录")
    page.get_by_label("文件（PDF、PNG、JPEG）", exact=True).set_input_files(tmp_path / "现场.pdf")
    page.get_by_role("button", name="添加文件").click()

    expect(page.locator("#attachments")).to_contain_text("现场核查记录")
    expect(page.locator("#attachments")).to_contain_text("钱进")
    picture(page, "task-file")
    assert axe_findings(page, axe) == []
    page.get_by_role("button", name="移除").click()
    expect(page.locator("#attachments")).not_to_contain_text("现场核查记录")
