"""What people do on pages: fill in a form by its field names, move with the Tab key, look for faults."""

from __future__ import annotations

from collections.abc import Mapping

from playwright.sync_api import Page


def fill(page: Page, values: Mapping[str, object]) -> None:
    """Fill in the fields of a form by their names; what is not on the page is left alone."""
    for name, value in values.items():
        inputs = page.locator(f'[name="{name}"]:not([type=hidden])')
        if inputs.count() == 0 or not inputs.first.is_visible():
            continue
        tag = inputs.first.evaluate(
            "input => input.tagName === 'INPUT' ? input.type : input.tagName.toLowerCase()"
        )
        if tag == "radio":
            page.locator(f'[name="{name}"][value="{value}"]').check()
        elif tag == "checkbox":
            inputs.first.set_checked(bool(value))
        elif tag == "select":
            inputs.first.select_option(str(value))
        else:
            inputs.first.fill(str(value))


def tab_to(page: Page, selector: str, *, most: int = 80) -> None:
    """Press Tab until an element that fits the selector has the focus."""
    for _ in range(most):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached with {most} presses of Tab on {page.url}")


def axe_findings(page: Page, source: str) -> list[str]:
    """What axe-core finds on the page: rule, and the element at fault."""
    page.evaluate(source)
    found: list[str] = page.evaluate(
        "() => axe.run().then(result => result.violations.flatMap("
        "rule => rule.nodes.map(node => rule.id + ': ' + node.html.slice(0, 200))))"
    )
    return found
