"""Operations beside the diagram, through the pages of those who do them and those whom they concern."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from banjie.domain.assignment import Membership
from banjie.domain.supplements import ItemKind, MissingItem
from banjie.services import demo, people, procedures, supplements, tasks
from support.office import Office
from support.pages import axe_findings, fill

Visit = Callable[..., Page]
Picture = Callable[[Page, str], None]
PDF = b"%PDF-1.7\n%%EOF\n"
NARROW: ViewportSize = {"width": 390, "height": 844}


def held(office: Office, element: str = "Review", by: str = "zhao") -> tuple[str, int]:
    """A case with a step that somebody works on."""
    case_no = office.apply()
    task = office.advance_to(case_no, element)
    tasks.claim(office.rt, office.actors[by], task.id)
    return case_no, task.id


def add_officer(office: Office, username: str, name: str, role: str, agency: str) -> None:
    people.add_person(
        office.rt, username=username, password=demo.PASSWORD, display_name=name,
        memberships=[Membership(role=role, agency=agency)],
    )  # fmt: skip
    office.actors[username] = people.actor_named(office.rt, username)


def choose(page: Page, name: str) -> None:
    """Open an operation from the bar, or from the banner of what holds the case."""
    page.get_by_role("link", name=name, exact=True).first.click()
    expect(page.locator("dialog[open] #op-title")).to_be_visible()


def send(page: Page, name: str) -> None:
    """Send the open form and wait for the page that follows."""
    with page.expect_navigation():
        page.locator("dialog[open] .form-foot").get_by_role("button", name=name, exact=True).click()


# ── supplement ───────────────────────────────────────────────────────────────────────────────────────


def test_what_is_missing_is_asked_for_and_handed_in(
    site: Any, visit: Visit, picture: Picture, axe: str, tmp_path: Path
) -> None:
    case_no, _ = held(site.office, "Accept")
    officer = visit("zhao", f"/cases/{case_no}")
    choose(officer, "补正")
    picture(officer, "supplement-form")
    officer.get_by_role("checkbox", name="营业执照").check()
    officer.get_by_label("存在的问题：营业执照").fill("副本不清晰，请重新扫描")
    officer.get_by_role("checkbox", name="手机号码").check()
    officer.get_by_label("存在的问题：手机号码").fill("少一位数字")
    officer.get_by_label("需要补正的内容，第 1 行").fill("经营场所租金的支付方式")
    officer.get_by_label("告知申请人的话").fill("请一次性补齐以下内容。")
    officer.get_by_role("button", name="预览申请人所见").click()
    expect(officer.locator(".preview")).to_contain_text("副本不清晰")
    expect(officer.locator(".preview")).to_be_focused()
    assert axe_findings(officer, axe) == []
    picture(officer, "supplement-preview")
    send(officer, "发送给申请人")

    expect(officer.locator(".hold")).to_contain_text("暂停办理：等待申请人补正")
    expect(officer.locator(".hold")).to_contain_text("手机号码 — 少一位数字")
    expect(officer.get_by_role("button", name="办结本环节")).to_be_disabled()
    assert axe_findings(officer, axe) == []
    picture(officer, "supplement-held")

    applicant = visit("wang", f"/my/cases/{case_no}")
    expect(applicant.locator("#missing-title")).to_have_text("有 3 项内容需要补正")
    expect(applicant.get_by_label("手机号码")).to_have_value("13900000001")
    expect(applicant.locator("main")).to_contain_text("申请需要补正")
    assert axe_findings(applicant, axe) == []
    picture(applicant, "supplement-applicant")
    applicant.set_viewport_size(NARROW)
    picture(applicant, "supplement-applicant-narrow")
    applicant.get_by_label("手机号码").fill("1390000")
    applicant.get_by_role("button", name="一并提交").click()
    expect(applicant.locator(".errors")).to_be_focused()
    expect(applicant.get_by_label("手机号码")).to_have_value("1390000")
    picture(applicant, "supplement-refused-narrow")

    (tmp_path / "执照.pdf").write_bytes(PDF)
    applicant.get_by_label("手机号码").fill("13912345678")
    applicant.get_by_label("营业执照").set_input_files(tmp_path / "执照.pdf")
    applicant.get_by_label("经营场所租金的支付方式").fill("按季转账")
    applicant.get_by_role("button", name="一并提交").click()
    expect(applicant.get_by_text("已收到您补正的全部内容")).to_be_visible()
    expect(applicant.locator("#missing")).to_have_count(0)

    officer.reload()
    expect(officer.locator(".hold")).to_have_count(0)
    expect(officer.locator("#submitted")).to_contain_text("139****5678")
    expect(officer.locator("#history")).to_contain_text("请一次性补齐以下内容。")
    fill(officer, demo.answer("Accept", site.office.rt.today()))
    officer.get_by_role("button", name="办结本环节").click()
    expect(officer.get_by_text("本环节已办结")).to_be_visible()
    assert site.office.findings() == []


def test_the_window_answers_for_the_applicant(site: Any, visit: Visit, picture: Picture, axe: str) -> None:
    case_no, task_id = held(site.office, "Accept")
    items = [MissingItem(kind=ItemKind.FIELD, key="phone", title="")]
    supplements.ask(site.office.rt, site.office.actors["zhao"], task_id, items, "请更正手机号码")
    page = visit("zhao", f"/cases/{case_no}")

    choose(page, "窗口代为补正")
    expect(page.locator("dialog[open]")).to_contain_text("由窗口人员代申请人填写")
    assert axe_findings(page, axe) == []
    picture(page, "supplement-window")
    page.locator("dialog[open]").get_by_label("手机号码").fill("13912345678")
    send(page, "一并提交")

    expect(page.get_by_text("补正已提交，办件恢复办理。")).to_be_visible()
    event = next(one for one in site.office.view(case_no).events if one.type == "supplement.answered")
    assert event.facts["on_behalf"] is True


def test_a_second_request_says_why_it_is_not_possible_and_the_head_allows_it(site: Any, visit: Visit) -> None:
    case_no, task_id = held(site.office, "Accept")
    items = [MissingItem(kind=ItemKind.FIELD, key="phone", title="")]
    zhao, wang = site.office.actors["zhao"], site.office.actors["wang"]
    asked = supplements.ask(site.office.rt, zhao, task_id, items, "请更正手机号码")
    supplements.answer(site.office.rt, wang, asked, {"phone": "13912345678"})
    page = visit("zhao", f"/cases/{case_no}")
    page.locator(".ops-not summary").click()
    expect(page.locator(".ops-not")).to_contain_text("补正：已要求过补正")

    head = visit("zhou", f"/cases/{case_no}")
    choose(head, "同意再次补正")
    head.get_by_label("原因").fill("申请人更换了经营场所")
    send(head, "同意")
    page.reload()

    expect(page.get_by_role("link", name="补正", exact=True)).to_be_visible()


# ── return, undo ─────────────────────────────────────────────────────────────────────────────────────


def test_a_step_is_returned_and_done_again(site: Any, visit: Visit, picture: Picture, axe: str) -> None:
    case_no, _ = held(site.office, "Investigate", "qian")
    page = visit("qian", f"/cases/{case_no}")
    choose(page, "退回")
    page.get_by_role("radio", name="资格审核").check()
    page.locator("dialog[open] details.back-to-more").first.locator("summary").click()
    page.get_by_label("原因").fill("核定额度与申请不符，请复核")
    assert axe_findings(page, axe) == []
    picture(page, "return-form")
    send(page, "退回")
    expect(page.get_by_text("已退回。")).to_be_visible()
    expect(page.locator("#history")).to_contain_text("核定额度与申请不符，请复核")

    back = visit("zhao", f"/cases/{case_no}")
    expect(back.locator("#task-title")).to_have_text("资格审核")
    expect(back.locator("[name=decision][value=approve]")).to_be_checked()
    picture(back, "returned")
    back.get_by_role("button", name="办结本环节").click()
    expect(back.get_by_text("本环节已办结")).to_be_visible()

    assert site.office.open_elements(case_no) == ["Investigate"]
    assert site.office.findings() == []


def test_a_completion_is_undone_from_the_message_and_from_the_list(
    site: Any, visit: Visit, picture: Picture, axe: str
) -> None:
    case_no, _ = held(site.office)
    page = visit("zhao", f"/cases/{case_no}")
    fill(page, demo.answer("Review", site.office.rt.today()))
    page.get_by_role("button", name="办结本环节").click()
    expect(page.get_by_role("status").get_by_role("link", name="撤回")).to_be_visible()
    assert axe_findings(page, axe) == []
    picture(page, "undo-message")
    page.goto("/inbox?tab=done")
    picture(page, "undo-list")

    page.get_by_role("row", name=case_no).get_by_role("link", name="撤回").first.click()
    expect(page.get_by_label("原因")).to_have_value("误办结，收回重办。")
    page.get_by_role("button", name="撤回", exact=True).click()

    expect(page.get_by_text("已撤回办结，本环节由您重新办理。")).to_be_visible()
    expect(page.locator("[name=approved_amount]")).to_have_value("150000")
    assert site.office.open_elements(case_no) == ["Review"]


def test_what_somebody_has_gone_on_with_is_not_undone(site: Any, visit: Visit) -> None:
    case_no, task_id = held(site.office)
    site.office.complete(case_no, "Review")
    page = visit("zhao")
    page.goto(f"/inbox?said=completed&undo={task_id}")
    page.get_by_role("status").get_by_role("link", name="撤回").click()
    tasks.claim(site.office.rt, site.office.actors["qian"], site.office.open_task(case_no).id)

    page.get_by_role("button", name="撤回", exact=True).click()

    expect(page.locator(".errors")).to_contain_text("已有人继续办理")
    page.goto(f"/inbox?said=completed&undo={task_id}")
    expect(page.get_by_role("link", name="撤回")).to_have_count(0)


# ── other hands ──────────────────────────────────────────────────────────────────────────────────────


def test_a_step_is_transferred_to_a_colleague(site: Any, visit: Visit, picture: Picture, axe: str) -> None:
    add_officer(site.office, "tian", "田雨", "bureau_officer", demo.BUREAU)
    case_no, _ = held(site.office)
    page = visit("zhao", f"/cases/{case_no}")
    page.keyboard.press("t")
    expect(page.get_by_label("接收人")).to_be_focused()
    page.get_by_label("接收人").select_option("tian")
    page.get_by_label("原因").fill("外出培训")
    assert axe_findings(page, axe) == []
    picture(page, "transfer-form")
    send(page, "转办")
    expect(page.get_by_text("已转办。")).to_be_visible()
    expect(page.get_by_role("link", name="撤回转办")).to_be_visible()

    colleague = visit("tian", f"/cases/{case_no}")
    expect(colleague.get_by_role("button", name="办结本环节")).to_be_enabled()
    expect(colleague.locator("#history")).to_contain_text("外出培训")
    picture(colleague, "transferred")


def test_an_opinion_is_asked_for_and_given(site: Any, visit: Visit, picture: Picture, axe: str) -> None:
    case_no, _ = held(site.office, "Investigate", "qian")
    page = visit("qian", f"/cases/{case_no}")
    choose(page, "委派征求意见")
    page.get_by_label("征求谁的意见").select_option("zhao")
    page.get_by_label("需要答复的问题").fill("申请人是否属于重点群体？")
    send(page, "征求意见")
    expect(page.get_by_role("link", name="收回委派")).to_be_visible()
    picture(page, "delegated")

    asked = visit("zhao", f"/cases/{case_no}")
    expect(asked.locator("#task")).to_contain_text("钱进 征求您的意见：申请人是否属于重点群体？")
    expect(asked.get_by_role("button", name="办结本环节")).to_have_count(0)
    assert axe_findings(asked, axe) == []
    picture(asked, "opinion-asked")
    choose(asked, "回复意见")
    asked.locator("dialog[open]").get_by_label("意见", exact=True).fill("属于高校毕业生，已核实。")
    send(asked, "提交意见")

    page.reload()
    expect(page.get_by_role("button", name="办结本环节")).to_be_enabled()
    expect(page.locator("#history")).to_contain_text("属于高校毕业生，已核实。")


def test_a_head_reassigns_and_cancels(site: Any, visit: Visit, picture: Picture) -> None:
    add_officer(site.office, "tian", "田雨", "bureau_officer", demo.BUREAU)
    case_no, _ = held(site.office)
    head = visit("zhou", f"/cases/{case_no}")
    picture(head, "bar-of-head")
    choose(head, "改派")
    head.get_by_label("接收人").select_option("tian")
    head.get_by_label("原因").fill("赵敏请假")
    send(head, "改派")
    expect(head.locator("#task")).to_contain_text("田雨")

    choose(head, "作废办件")
    head.get_by_label("原因").fill("重复申请")
    send(head, "作废办件")

    expect(head.get_by_text("办件已作废。")).to_be_visible()
    expect(head.locator("#history")).to_contain_text("重复申请")
    expect(head.locator("#operations")).to_have_count(0)


def test_the_applicant_reminds_the_office_once_an_hour(
    site: Any, visit: Visit, picture: Picture, axe: str
) -> None:
    case_no, _ = held(site.office)
    page = visit("wang", f"/my/cases/{case_no}")
    page.get_by_label("催办留言").fill("请尽快办理")
    page.get_by_role("button", name="催办").click()

    expect(page.get_by_text("已催办。")).to_be_visible()
    expect(page.locator("main")).to_contain_text("一小时内已催办，11:00 后可再次催办。")
    assert axe_findings(page, axe) == []
    manager = visit("feng", f"/cases/{case_no}")
    manager.get_by_text("1 项暂不可用").click()
    expect(manager.locator(".ops-not")).to_contain_text("11:00 后可再次操作")
    picture(manager, "urged")


# ── time ─────────────────────────────────────────────────────────────────────────────────────────────


def test_an_extension_is_asked_for_and_granted(site: Any, visit: Visit, picture: Picture, axe: str) -> None:
    case_no, _ = held(site.office, "Investigate", "qian")
    page = visit("qian", f"/cases/{case_no}")
    choose(page, "延期")
    picture(page, "extension-form")
    page.get_by_label("延长日数").fill("99")
    page.get_by_label("原因").fill("需核查抵押物")
    page.get_by_role("button", name="报负责人批准").click()
    expect(page.locator("dialog[open] .errors")).to_contain_text("日数超出允许的范围")
    expect(page.locator("dialog[open] .errors")).to_be_focused()
    expect(page.get_by_label("原因")).to_have_value("需核查抵押物")
    assert axe_findings(page, axe) == []
    picture(page, "extension-refused")
    page.get_by_label("延长日数").fill("3")
    send(page, "报负责人批准")
    expect(page.get_by_text("已报本机构负责人审批。")).to_be_visible()

    head = visit("wu", "/requests")
    expect(head.get_by_role("navigation", name="主导航").or_(head.locator(".main-nav"))).to_contain_text(
        "待批事项"
    )
    assert axe_findings(head, axe) == []
    picture(head, "requests")
    head.set_viewport_size(NARROW)
    picture(head, "requests-narrow")
    head.set_viewport_size({"width": 1366, "height": 900})
    choose(head, "审批 " + case_no)
    head.get_by_role("radio", name="同意", exact=True).check()
    head.get_by_label("理由").fill("情况属实")
    assert axe_findings(head, axe) == []
    picture(head, "extension-decide")
    send(head, "审批")
    expect(head.get_by_text("延期已审批。")).to_be_visible()
    head.goto("/requests")
    expect(head.get_by_text("没有等待您决定的事项")).to_be_visible()
    picture(head, "requests-empty")

    applicant = visit("wang", f"/my/cases/{case_no}")
    expect(applicant.locator("main")).to_contain_text("含延长 3 日")
    expect(applicant.locator("main")).to_contain_text("需核查抵押物")


def test_a_suspended_case_cannot_be_completed_and_goes_on_when_resumed(
    site: Any, visit: Visit, picture: Picture, axe: str
) -> None:
    case_no, task_id = held(site.office)
    page = visit("zhao", f"/cases/{case_no}")
    fill(page, demo.answer("Review", site.office.rt.today()))
    procedures.suspend(site.office.rt, site.office.actors["zhou"], case_no, "等待上级答复")
    page.get_by_role("button", name="办结本环节").click()
    expect(page.locator(".errors, h1").first).to_contain_text("办件暂停办理")
    picture(page, "held-refused")

    page.goto(f"/cases/{case_no}")
    expect(page.locator(".hold")).to_contain_text("周局长")
    expect(page.locator(".hold")).to_contain_text("时限照常计算。")
    expect(page.get_by_role("button", name="办结本环节")).to_be_disabled()
    applicant = visit("wang", f"/my/cases/{case_no}")
    expect(applicant.locator("main")).to_contain_text("办件自 2026-09-07 10:00 起挂起：等待上级答复")
    expect(applicant.locator("main")).not_to_contain_text("周局长")
    head = visit("zhou", f"/cases/{case_no}")
    choose(head, "恢复办理")
    head.get_by_label("恢复理由").fill("已答复")
    send(head, "恢复办理")
    page.reload()

    expect(page.locator(".hold")).to_have_count(0)
    expect(page.get_by_role("button", name="办结本环节")).to_be_enabled()
    assert tasks.read(site.office.rt, site.office.actors["zhao"], task_id).task.status == "open"


def test_a_procedure_whose_time_is_not_counted(site: Any, visit: Visit, picture: Picture, axe: str) -> None:
    case_no, _ = held(site.office)
    page = visit("zhao", f"/cases/{case_no}")
    choose(page, "不计时程序")
    page.get_by_label("程序", exact=True).select_option("expert_review")
    page.get_by_label("文书").fill("专家评审通知书〔2026〕3号")
    page.get_by_label("预计时长").fill("10")
    page.get_by_label("原因").fill("需专家论证项目可行性")
    send(page, "开始")
    expect(page.locator(".hold")).to_contain_text("专家评审")
    site.office.clock.pass_(days=4)
    page = visit("zhao", f"/cases/{case_no}")
    assert axe_findings(page, axe) == []
    picture(page, "procedure-held")
    page.set_viewport_size(NARROW)
    picture(page, "procedure-held-narrow")

    applicant = visit("wang", f"/my/cases/{case_no}")
    expect(applicant.locator("main")).to_contain_text("因专家评审")
    expect(applicant.locator("main")).to_contain_text("预计需要 10 个工作日。")
    assert axe_findings(applicant, axe) == []
    picture(applicant, "procedure-applicant")


# ── keys, scripts, stale pages ───────────────────────────────────────────────────────────────────────


def test_letters_open_the_forms_and_escape_leads_back(
    site: Any, visit: Visit, picture: Picture, axe: str
) -> None:
    case_no, _ = held(site.office, "Investigate", "qian")
    page = visit("qian", f"/cases/{case_no}")
    page.get_by_role("button", name="快捷键").first.click()
    expect(page.locator("dialog#keys")).to_contain_text("委派征求意见")
    assert axe_findings(page, axe) == []
    picture(page, "operation-keys")
    page.keyboard.press("Escape")

    page.keyboard.press("r")
    expect(page.locator("dialog[open] #op-title")).to_contain_text("退回到前面的环节")
    page.get_by_label("原因").press("t")
    expect(page.locator("dialog[open] #op-title")).to_contain_text("退回到前面的环节")
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.get_by_role("link", name="退回", exact=True)).to_be_focused()
    page.locator("[name=findings]").press("r")
    expect(page.locator("dialog[open]")).to_have_count(0)

    page.get_by_role("button", name="快捷键").first.click()
    page.get_by_label("在此浏览器中停用单字母快捷键").check()
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("r")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_without_scripts_a_form_is_a_page_and_a_refusal_keeps_what_was_typed(site: Any, visit: Visit) -> None:
    case_no, _ = held(site.office, "Investigate", "qian")
    page = visit("qian", f"/cases/{case_no}", script=False)
    page.get_by_role("link", name="延期", exact=True).click()
    page.get_by_label("延长日数").fill("多")
    page.get_by_label("原因").fill("需核查抵押物")
    page.get_by_role("button", name="报负责人批准").click()
    expect(page.locator(".errors")).to_contain_text("请填写整数。")
    expect(page.get_by_label("原因")).to_have_value("需核查抵押物")

    page.get_by_label("延长日数").fill("2")
    page.get_by_role("button", name="报负责人批准").click()

    expect(page.get_by_text("已报本机构负责人审批。")).to_be_visible()


def test_a_stale_form_says_who_changed_the_case_and_when(site: Any, visit: Visit, picture: Picture) -> None:
    add_officer(site.office, "tian", "田雨", "bureau_officer", demo.BUREAU)
    case_no, task_id = held(site.office)
    page = visit("zhao", f"/cases/{case_no}")
    choose(page, "转办")
    page.get_by_label("接收人").select_option("tian")
    page.get_by_label("原因").fill("外出")
    tasks.release(site.office.rt, site.office.actors["zhou"], task_id)
    tasks.claim(site.office.rt, site.office.actors["zhao"], task_id)

    page.locator("dialog[open]").get_by_role("button", name="转办").click()

    expect(page.locator("dialog[open] .errors")).to_contain_text("赵敏")
    expect(page.locator("dialog[open] .errors")).to_contain_text("2026-09-07 10:00")
    expect(page.get_by_label("原因")).to_have_value("外出")
    picture(page, "stale")
    send(page, "转办")
    expect(page.get_by_text("已转办。")).to_be_visible()


# ── jump ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_jump_is_proposed_by_one_and_made_by_another(
    site: Any, visit: Visit, picture: Picture, axe: str
) -> None:
    case_no, _ = held(site.office)
    owner = visit("chen", "/jumps")
    owner.get_by_label("办件编号").fill("nothing")
    owner.get_by_role("button", name="查询").click()
    expect(owner.get_by_text("本辖区没有该编号的办件。")).to_be_visible()
    owner.get_by_label("办件编号").fill(case_no)
    owner.get_by_role("button", name="查询").click()
    expect(owner.locator("main")).not_to_contain_text("王小梅")
    owner.get_by_label("改为打开的环节").select_option(label="担保调查")
    owner.get_by_label("原因").fill("资格审核误退，需恢复")
    assert axe_findings(owner, axe) == []
    picture(owner, "jump-board")
    owner.get_by_role("button", name="提出跳转").click()
    expect(owner.get_by_text("已提出跳转，须由第二人同意。")).to_be_visible()
    expect(owner.get_by_role("button", name="同意，立即跳转")).to_have_count(0)

    head = visit("wu", "/requests")
    expect(head.locator("main")).to_contain_text("资格审核误退，需恢复")
    assert axe_findings(head, axe) == []
    picture(head, "jump-consent")
    head.get_by_role("button", name="同意，立即跳转").click()

    expect(head.get_by_text("办件已跳转。")).to_be_visible()
    assert site.office.open_elements(case_no) == ["Investigate"]
    assert site.office.findings() == []


@pytest.mark.parametrize("path", ["/requests", "/jumps"])
def test_who_decides_nothing_has_no_such_page(site: Any, visit: Visit, path: str) -> None:
    page = visit("zhao")

    answer = page.goto(path)

    assert answer is not None
    assert answer.status == 404
