"""Pages of finance: what is due, batches, the bank's answers, budgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from banjie.domain.money import capital_yuan, format_yuan
from banjie.domain.payments import FINANCE_OFFICER, DueGroup, Pot
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.services.payments import batches as service
from banjie.web.common.frame import agency_name, done, region_name
from banjie.web.common.language import gettext
from banjie.web.common.payment_lines import batch_line, fund_name, payment_line
from banjie.web.common.task_form import new_key
from banjie.web.payments import batch, budgets
from banjie.web.payments.asked import PageLinks, as_pot, chosen_ids, pot_names, whole

_ = gettext
blueprint = Blueprint("payments", __name__)


@dataclass(frozen=True, kw_only=True)
class GroupLine:
    """The due orders of one pot; `url` shows them, `make` are the fields of the form that makes a batch of all."""

    fund: str
    region: str
    year: int
    agency: str
    count: int
    total: str
    url: str
    make: dict[str, str]
    may_make: bool


@blueprint.get("/payments")
@signed_in
def due() -> str:
    """What is due, by fund, region and year, and the orders of one of them to choose from."""
    pot, agency, words = as_pot(request.args), request.args.get("agency"), request.args.get("q", "")
    after = whole(request.args.get("after")) or 0
    found = service.due(
        runtime(), actor(), fund=pot.fund if pot else None, region=pot.region if pot else None,
        year=pot.year if pot else None, words=words, after=after,
    )  # fmt: skip
    kept: dict[str, Any] = {**(pot_names(pot) if pot else {}), "agency": agency, "q": words or None}
    return render_template(
        "payments/due.html",
        groups=[_group(one) for one in found.groups],
        chosen=next((_group(one) for one in found.groups if one.pot == pot), None),
        payments=[payment_line(one) for one in found.payments],
        words=words,
        page=PageLinks(
            shown=len(found.payments),
            first_url=url_for("payments.due", **kept) if after else None,
            next_url=url_for("payments.due", **kept, after=found.next) if found.next else None,
        ),
    )


@blueprint.get("/payments/batches")
@signed_in
def batches() -> str:
    """The batches, the newest first."""
    before = whole(request.args.get("before"))
    found = service.batches(runtime(), actor(), before=before)
    return render_template(
        "payments/batches.html",
        batches=[batch_line(one) for one in found],
        page=PageLinks(
            shown=len(found),
            first_url=url_for("payments.batches") if before else None,
            next_url=url_for("payments.batches", before=found[-1].id) if len(found) == service.PAGE else None,
        ),
    )


@blueprint.post("/payments/batches")
@signed_in
def make() -> Response | str:
    """Show what a batch would hold; make it where that is confirmed."""
    pot = as_pot(request.form)
    ids = chosen_ids(request.form.getlist("payment")) if request.form.get("which") == "chosen" else None
    if pot is None or ids == []:
        return done("payments.due", "none_chosen")
    command = service.MakeBatch(
        by=actor(), pot=pot, ids=ids, agency=request.form.get("agency") or None,
        idempotency_key=request.form.get("idempotency_key") or None,
    )  # fmt: skip
    if request.form.get("confirmed") != "1":
        return _confirm(command, ids)
    made = service.make_batch(runtime(), command)
    return batch.back(made.no, "batch_made")


def _confirm(command: service.MakeBatch, ids: Sequence[int] | None) -> str:
    seen = service.preview(runtime(), command)
    return render_template(
        "payments/confirm.html",
        pot=command.pot,
        fund=fund_name(command.pot.fund),
        region=region_name(command.pot.region),
        agency=seen.agency,
        agency_name=agency_name(seen.agency),
        ids=ids,
        count=seen.wanted.count,
        total=format_yuan(seen.wanted.total),
        capitals=capital_yuan(seen.wanted.total),
        left=format_yuan(seen.left),
        is_enough=seen.wanted.total <= seen.left and seen.wanted.count > 0,
        idempotency_key=new_key(),
    )


def _group(one: DueGroup) -> GroupLine:
    named: dict[str, str] = {**pot_names(one.pot), "agency": one.agency}
    return GroupLine(
        fund=fund_name(one.pot.fund), region=region_name(one.pot.region), year=one.pot.year,
        agency=agency_name(one.agency), count=one.count, total=format_yuan(one.total),
        url=f"{url_for('payments.due')}?{urlencode(named)}#orders", make=named,
        may_make=actor().holds(FINANCE_OFFICER, one.agency),
    )  # fmt: skip


batch.register(blueprint)
budgets.register(blueprint)

__all__ = ["Pot", "blueprint"]
