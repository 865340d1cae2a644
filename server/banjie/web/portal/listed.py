"""Lists paid without asking (免申即享) as their enterprises see them: one's own rows, the receipt, a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from banjie.domain.assignment import Role
from banjie.domain.errors import InvalidRequest
from banjie.domain.money import format_yuan
from banjie.domain.proceedings import LONGEST_REASON
from banjie.domain.rosters import OwnRow, RosterStatus, RowState
from banjie.edge.auth import roles
from banjie.edge.context import actor, runtime
from banjie.services.rosters import own
from banjie.web.common.frame import region_name, service_title
from banjie.web.common.language import gettext as _
from banjie.web.common.receipts import receipt_view
from banjie.web.common.roster_lines import reason_word, roster_line, row_line

blueprint = Blueprint("listed", __name__)

#: The states that name their reason themselves.
_SAID = frozenset({RowState.DECLINED, RowState.LIMITED, RowState.OBJECTED})


@dataclass(frozen=True, kw_only=True)
class OwnLine:
    """A row in words for its enterprise; `reason` is empty where the state says it all."""

    roster_id: int
    line: int
    url: str
    title: str
    region: str
    year: int
    amount: str
    state: str
    tone: str
    reason: str
    may_refuse: bool


def own_lines() -> Sequence[OwnLine]:
    """The rows of the enterprises that one was proved to be."""
    return [_own_line(one) for one in own.own(runtime(), actor())]


@blueprint.get("/mine/rosters/<int:roster_id>/<int:line>")
@roles(Role.APPLICANT)
def row(roster_id: int, line: int) -> str:
    """One's own row with its receipt."""
    return _row(roster_id, line)


@blueprint.post("/mine/rosters/<int:roster_id>/<int:line>/refusal")
@roles(Role.APPLICANT)
def refuse(roster_id: int, line: int) -> Response | tuple[str, int]:
    """Refuse it for one's enterprise, once one has said to know what that means."""
    if not request.form.get("known"):
        return _row(roster_id, line, fault="known"), 422
    try:
        own.refuse_own(runtime(), actor(), roster_id, line, request.form.get("reason", ""))
    except InvalidRequest as error:
        return _row(roster_id, line, fault=str(error.facts.get("field", ""))), 422
    return redirect(url_for("entitled.mine", said="roster_refused"), 303)


def _row(roster_id: int, line: int, fault: str = "") -> str:
    found = own.own_receipt(runtime(), actor(), roster_id, line)
    receipt, mine = found.receipt, _own_line(found.own)
    shown = replace(row_line(roster_id, receipt.row), url=mine.url, state=mine.state, tone=mine.tone)
    faults = {"known": _("Tick that you know what it means."), "reason": _("Give a reason.")}
    return render_template(
        "portal/listed.html",
        roster=replace(roster_line(receipt.roster, None), url="", case_no=None, case_url=None, made_by=""),
        row=shown,
        mine=mine,
        decision=receipt_view(receipt.decision, service_title(found.own.service)),
        recomputed=receipt.recomputed,
        errors={fault: faults[fault]} if fault in faults else {},
        typed=request.form.get("reason", ""),
        longest=LONGEST_REASON,
    )


def _own_line(one: OwnRow) -> OwnLine:
    state, tone = _state(one)
    return OwnLine(
        roster_id=one.roster_id, line=one.line,
        url=url_for("listed.row", roster_id=one.roster_id, line=one.line), title=one.title,
        region=region_name(one.region), year=one.year, amount=format_yuan(one.amount) if one.amount else "",
        state=state, tone=tone, reason="" if one.state in _SAID else reason_word(one.reason_code or ""),
        may_refuse=one.may_refuse,
    )  # fmt: skip


def _state(one: OwnRow) -> tuple[str, str]:
    """What became of a row, in words for its enterprise, and the tone."""
    if one.state is not RowState.ELIGIBLE:
        return {
            RowState.EXCLUDED: (_("Not paid: the rules do not allow it"), ""),
            RowState.LIMITED: (_("Not paid: you had it before"), "warn"),
            RowState.DECLINED: (_("You have refused it"), "warn"),
            RowState.OBJECTED: (_("Not paid: an objection was upheld"), "warn"),
        }[one.state]
    ordered = {
        "due": (_("Granted; it will be paid"), "good"),
        "batched": (_("Granted; being paid"), "good"),
        "sent": (_("Granted; with the bank"), "good"),
        "paid": (_("It has been paid"), "good"),
        "refused": (_("The bank sent it back: ask the bureau to correct the account"), "bad"),
    }.get(one.payment or "")
    if ordered is not None:
        return ordered
    if not one.is_running:
        return _("Not paid: the list was not approved"), ""
    if one.status is RosterStatus.READY:
        return _("Eligible; the list is being reviewed"), "good"
    return _("Granted; publicity and payment follow"), "good"
