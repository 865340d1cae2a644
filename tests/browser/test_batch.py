"""A list that is paid without asking: brought, followed while it is read, checked, approved, published and paid."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from banjie.domain.decisions import Json
from banjie.domain.payments import Pot
from banjie.services.payments import settling
from banjie.services.rosters import begin, granting, reading
from support.money import answered, set_budget
from support.office import Office
from support.pages import axe_findings, fill
from support.rosters import DAY, as_csv, row

from .conftest import Site

Visit = Callable[..., Page]
POT = Pot(fund="unemployment_insurance", region="152201", year=2023)


def worked(work: Callable[[], object]) -> None:
    """Do what a worker does, in a thread of its own."""
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def step(visit: Visit, username: str, answer: Mapping[str, Json]) -> None:
    """Take the one step that waits for somebody, and finish it."""
    page = visit(username, "/inbox?tab=candidate")
    page.get_by_role("button", name="签收").click()
    page.goto("/inbox")
    page.locator("[data-open]").click()
    expect(page.locator("[data-drawn]")).to_be_visible()
    fill(page, answer)
    page.get_by_role("button", name="办结本环节").click()
    expect(page.get_by_text("本环节已办结")).to_be_visible()


def pay(visit: Visit, today: str, folder: Path) -> str:
    """Put all orders into a batch, have it checked and sent, and read the bank's answer: all is paid; its number."""
    maker = visit("caiwei", "/payments")
    maker.get_by_role("button", name="全部制作批次").click()
    maker.get_by_role("button", name="确认制作").click()
    expect(maker.get_by_role("status")).to_contain_text("批次已制作")
    checker = visit("hu", urlsplit(maker.url).path)
    checker.get_by_role("button", name="复核通过").click()
    expect(checker.get_by_role("button", name="复核通过")).to_have_count(0)
    maker.reload()
    maker.get_by_role("button", name="生成银行文件（CSV）").click()
    with maker.expect_download() as bank_file:
        maker.get_by_role("link", name="下载银行文件").click()
    back = folder / "back.csv"
    back.write_text(answered(Path(bank_file.value.path()).read_bytes()).replace("2026-09-07", today), "utf-8")
    maker.set_input_files("#file", back)
    maker.get_by_role("button", name="读入回盘").click()
    expect(maker.locator("[data-difference]")).to_have_text("0.00")
    return urlsplit(maker.url).path.rpartition("/")[2]


def settle(office: Office, no: str) -> None:
    """Do what the worker does with what the bank has answered."""
    with office.rt.store.read() as uow:
        batch = uow.payments.batch(no)
    assert batch is not None
    settling.settle_batch(office.rt, batch.id)


def test_a_list_is_brought_approved_published_and_paid(
    visit: Visit, site: Site, axe: str, picture: Callable[[Page, str], None], tmp_path: Path
) -> None:
    office = site.office
    office.clock.set(DAY)
    office.deploy("job_stabilisation_refund")
    rows = [*(row(serial) for serial in range(1, 61)), row(61, dishonest="是")]
    page = visit("dong", "/batches")
    page.get_by_label("数据来源").fill("社保经办机构")
    page.get_by_label("数据日期").fill("2023-06-30")
    page.get_by_label("文件", exact=True).set_input_files(
        {"name": "名单.csv", "mimeType": "text/csv", "buffer": as_csv(rows)}
    )
    assert axe_findings(page, axe) == []
    picture(page, "batches")
    page.get_by_role("button", name="导入名单").click()
    expect(page.locator("#roster")).to_have_attribute("data-state", "running")
    roster = begin.newest(office.rt, office.actors["dong"])[0]
    worked(lambda: reading.run(office.rt, roster.id))
    expect(page.locator("#roster")).to_have_attribute("data-state", "ended")
    expect(page.locator("[data-eligible]")).to_have_text("60")
    assert axe_findings(page, axe) == []
    picture(page, "batch-decided")
    page.get_by_role("link", name="下一页").click()
    expect(page.locator("[data-line]")).to_have_count(11)
    page.get_by_label("企业名称或统一社会信用代码").fill("第61食品")
    page.locator("form.filters button").click()
    page.get_by_role("link", name="兴安盟第61食品有限公司").click()
    expect(page.get_by_text("对严重违法失信企业和不符合当地环保政策的企业不予返还").first).to_be_attached()
    expect(page.get_by_text("结果一致")).to_be_visible()
    assert axe_findings(page, axe) == []
    picture(page, "batch-row")

    step(
        visit,
        "zhao",
        office.usual.answer("job_stabilisation_refund", "CheckRoster", 1, office.rt.today()) | {},
    )
    step(visit, "bai", office.usual.answer("job_stabilisation_refund", "ApproveRoster", 1, office.rt.today()))
    page.goto(f"/batches/{roster.id}")
    expect(page.locator("#roster")).to_have_attribute("data-state", "running")
    worked(lambda: granting.run_grant(office.rt, roster.id, office.actors["bai"].account_id))
    expect(page.locator("#roster")).to_have_attribute("data-state", "ended")
    view = begin.view(office.rt, office.actors["dong"], roster.id).roster
    assert view.case_no is not None
    step(visit, "zhao", office.usual.answer("job_stabilisation_refund", "Publish", 1, office.rt.today()))
    public = visit(None, "/publicity")
    public.get_by_role("link", name="拟返还企业名单公示").click()
    expect(public.get_by_text("兴安盟第1食品有限公司")).to_be_visible()
    office.tick(days=30)
    step(
        visit, "zhao", office.usual.answer("job_stabilisation_refund", "ClosePublicity", 1, office.rt.today())
    )
    worked(lambda: granting.run_order(office.rt, office.view(str(view.case_no)).instance.id))
    set_budget(office, 1_000_000, POT)
    no = pay(visit, office.rt.today().isoformat(), tmp_path)
    worked(lambda: settle(office, no))

    page = visit("dong", f"/batches/{roster.id}")
    expect(page.get_by_role("heading", name="已办结")).to_be_visible()
    expect(page.locator("[data-line]").first).to_contain_text("已支付")
    picture(page, "batch-settled")
    assert office.findings() == []
