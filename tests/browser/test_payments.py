"""A batch from its making to the reconciliation, as finance sees it; every page at two widths, held against axe."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, ViewportSize, expect

from support.money import answered, order_list
from support.pages import axe_findings, tab_to

Visit = Callable[..., Page]
Picture = Callable[[Page, str], None]
WIDTHS = (ViewportSize(width=1366, height=900), ViewportSize(width=390, height=844))


def looked_at(page: Page, picture: Picture, axe: str, name: str) -> None:
    """Pictures at both widths; nothing may run over the side or be out of reach."""
    for size in reversed(WIDTHS):
        page.set_viewport_size(size)
        picture(page, f"{name}-{size['width']}")
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        assert axe_findings(page, axe) == []


def test_finance_makes_checks_sends_and_reconciles_a_batch(
    site: Any, visit: Visit, picture: Picture, axe: str, tmp_path: Path
) -> None:
    order_list(site.office, 4)
    head = visit("qiu", "/payments/budgets")
    head.goto("/payments/budgets?fund=employment_subsidy&region=152201&year=2026")
    head.fill("#amount", "1,000.00")
    head.fill("#reason", "年初预算")
    head.get_by_role("button", name="设定预算").click()
    expect(head.locator('[data-budget="employment_subsidy:152200"]')).to_contain_text("1,000.00")
    looked_at(head, picture, axe, "payments-budgets")

    maker = visit("caiwei", "/payments")
    looked_at(maker, picture, axe, "payments-due")
    maker.locator("[data-group] a").click()
    maker.locator("[data-payment] input").first.uncheck()
    tab_to(maker, "#orders .button-main")
    maker.keyboard.press("Enter")
    expect(maker.locator("[data-capitals]")).to_have_text("叁佰元零玖分")
    looked_at(maker, picture, axe, "payments-confirm")
    maker.get_by_role("button", name="确认制作").click()
    expect(maker.get_by_role("status")).to_contain_text("批次已制作")
    path = re.sub(r"^https?://[^/]+|\?.*$", "", maker.url)

    checker = visit("hu", path)
    checker.get_by_role("button", name="复核通过").click()
    maker.goto(site.url(path))
    maker.get_by_role("button", name="生成银行文件（CSV）").click()
    with maker.expect_download() as bank_file:
        maker.get_by_role("link", name="下载银行文件").click()
    back = tmp_path / "back.csv"
    sent = Path(bank_file.value.path()).read_bytes()
    back.write_text(answered(sent).replace("100.02", "100.03"), "utf-8")
    maker.set_input_files("#file", back)
    maker.get_by_role("button", name="读入回盘").click()
    expect(maker.locator("#errors")).to_contain_text("金额与付款单不一致")
    looked_at(maker, picture, axe, "payments-refused-return")
    back.write_text(answered(sent), "utf-8")
    maker.set_input_files("#file", back)
    maker.get_by_role("button", name="读入回盘").click()
    expect(maker.locator("[data-difference]")).to_have_text("0.00")
    looked_at(maker, picture, axe, "payments-batch")
    maker.get_by_role("link", name="付款批次").first.click()
    expect(maker.locator("[data-batch]")).to_contain_text("已结清")
    looked_at(maker, picture, axe, "payments-batches")
