"""The page of budgets: what funds may spend by region and year, and how far they have got."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask import Response as FileResponse
from werkzeug.wrappers import Response

from banjie.domain.errors import InvalidRequest
from banjie.domain.money import format_yuan, parse_yuan
from banjie.domain.payments import bar_of
from banjie.domain.proceedings import LONGEST_REASON
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.services.payments import budgets as service
from banjie.web.common.frame import region_name
from banjie.web.common.language import gettext
from banjie.web.common.payment_lines import fund_name
from banjie.web.payments.asked import as_pot, whole

_ = gettext

Answer = Response | tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class BudgetRow:
    """A line of the table; `own` is the region's own budget, empty where none is set."""

    fund: str
    fund_name: str
    region: str
    region_name: str
    depth: int
    own: str
    amount: str
    committed: str
    paid: str
    left: str
    bar: int
    may_set: bool


def register(blueprint: Blueprint) -> None:
    """Add the pages of budgets."""
    blueprint.get("/payments/budgets", endpoint="budgets")(signed_in(show))
    blueprint.post("/payments/budgets", endpoint="set_budget")(signed_in(set_budget))
    blueprint.get("/payments/budgets.csv", endpoint="budgets_file")(signed_in(file))


def show() -> str:
    """The budgets of a year."""
    return _page()


def file() -> FileResponse:
    """The same as a file for spreadsheets."""
    found = service.budgets(runtime(), actor(), whole(request.args.get("year")))
    answer = FileResponse(service.as_csv(runtime(), found), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="budgets-{found.year}.csv"'
    return answer


def set_budget() -> Answer:
    """Set a budget, with the reason."""
    pot = as_pot(request.form)
    if pot is None:
        return _page(refused=True), 422
    try:
        amount = parse_yuan(request.form.get("amount", ""))
        service.set_budget(runtime(), actor(), pot, amount, request.form.get("reason", ""))
    except InvalidRequest:
        return _page(refused=True), 422
    return redirect(url_for("payments.budgets", year=pot.year, said="budget_set"), 303)


def _page(*, refused: bool = False) -> str:
    year = whole(request.values.get("year"))
    found = service.budgets(runtime(), actor(), year)
    pot = as_pot(request.values)
    return render_template(
        "payments/budgets.html",
        year=found.year,
        years=found.years,
        rows=[_row(line) for line in found.lines],
        changes=service.changes(runtime(), actor(), pot) if pot else [],
        chosen=pot,
        chosen_name=f"{fund_name(pot.fund)} · {region_name(pot.region)} · {pot.year}" if pot else "",
        may_set=pot is not None and service.may_set(runtime(), actor(), pot.region),
        yuan=format_yuan,
        refused=refused,
        entered={name: request.form.get(name, "") for name in ("amount", "reason")},
        longest=LONGEST_REASON,
    )


def _row(line: service.BudgetLine) -> BudgetRow:
    held = line.sum
    return BudgetRow(
        fund=line.fund, fund_name=fund_name(line.fund), region=line.region, region_name=region_name(line.region),
        depth=line.depth, own=format_yuan(line.own.amount) if line.own else "", amount=format_yuan(held.amount),
        committed=format_yuan(held.committed), paid=format_yuan(held.paid), left=format_yuan(held.left),
        bar=bar_of(held), may_set=line.may_set,
    )  # fmt: skip
