"""Lists that are paid without asking, and their rows, as pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from flask import url_for

from banjie.domain.identity import mask_account
from banjie.domain.loads import Load
from banjie.domain.money import format_yuan
from banjie.domain.rosters import Roster, RosterRow, RosterStatus, RowState
from banjie.services.rosters.begin import RosterView
from banjie.web.common.cell_words import file_words
from banjie.web.common.frame import region_name
from banjie.web.common.language import gettext as _


@dataclass(frozen=True, kw_only=True)
class RosterLine:
    """A list; `tone` of its state: good, bad, on. `percent` is how far the job in hand is."""

    id: int
    url: str
    title: str
    region: str
    year: int
    on_day: date
    state: str
    tone: str
    moving: bool
    percent: int
    lines: int
    eligible: int
    total: str
    bad: int
    case_no: str | None
    case_url: str | None
    file: str
    source: str
    as_of: date | None
    why: str
    made_by: str
    made_at: datetime
    next_step: str


@dataclass(frozen=True, kw_only=True)
class RowLine:
    """A row of a list."""

    line: int
    url: str
    uscc: str
    name: str
    amount: str
    state: str
    tone: str
    reason: str
    account: str
    account_name: str
    bank_name: str
    paid: str


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many rows have a reason or a state; `url` shows them."""

    label: str
    count: int
    url: str
    tone: str


def roster_line(one: Roster, load: Load | None) -> RosterLine:
    """A list in words."""
    state, tone = _status(one.status)
    return RosterLine(
        id=one.id, url=url_for("rosters.roster", roster_id=one.id), title=one.title, region=region_name(one.region),
        year=one.year, on_day=one.on_day, state=state, tone=tone, moving=one.is_moving, percent=_percent(one, load),
        lines=max(one.lines, load.lines if load else 0), eligible=one.eligible, total=format_yuan(one.total),
        bad=load.bad if load else 0, case_no=one.case_no,
        case_url=url_for("case.case", case_no=one.case_no) if one.case_no else None, file=load.name if load else "",
        source=load.source if load else "", as_of=load.as_of if load else None,
        why=_why(load.message) if load else "", made_by=one.made_by_name, made_at=one.made_at,
        next_step=_next_step(one.status),
    )  # fmt: skip


def _percent(one: Roster, load: Load | None) -> int:
    if one.status in (RosterStatus.WAITING, RosterStatus.READING):
        return load.done_bytes * 100 // max(load.size, 1) if load else 0
    last = cast("Any", one.shared or {}).get("last_line") or one.lines
    return min(100, one.done * 100 // max(int(last), 1))


def _why(message: str | None) -> str:
    if message and "no_value_in_force" in message:
        return _("No rule is in force on this day in this region; nothing was decided.")
    return file_words(message)


def _status(status: RosterStatus) -> tuple[str, str]:
    return {
        RosterStatus.WAITING: (_("Waits for its turn"), "on"),
        RosterStatus.READING: (_("Is being read and decided"), "on"),
        RosterStatus.READY: (_("Decided"), "good"),
        RosterStatus.REFUSED: (_("Refused: nothing entered"), "bad"),
        RosterStatus.GRANTING: (_("Is being granted"), "on"),
        RosterStatus.GRANTED: (_("Granted"), "good"),
        RosterStatus.ORDERING: (_("Payments are being ordered"), "on"),
        RosterStatus.ORDERED: (_("Payments ordered"), "good"),
        RosterStatus.SETTLED: (_("Settled"), "good"),
    }[status]


def _next_step(status: RosterStatus) -> str:
    return {
        RosterStatus.READY: _("Another officer checks the list, and a third approves it."),
        RosterStatus.GRANTED: _("The list is published, then paid."),
        RosterStatus.ORDERED: _("Finance pays by batch."),
    }.get(status, "")


def row_line(roster_id: int, one: RosterRow) -> RowLine:
    """A row in words; of its account only the last digits."""
    state, tone = _state(one.state)
    return RowLine(
        line=one.line, url=url_for("rosters.row", roster_id=roster_id, line=one.line), uscc=one.uscc, name=one.name,
        amount=format_yuan(one.amount) if one.amount else "", state=state, tone=tone,
        reason=reason_word(one.reason_code or ""), account=mask_account(one.account_no) if one.account_no else "",
        account_name=one.account_name or "", bank_name=one.bank_name or "", paid=_paid(one.payment),
    )  # fmt: skip


def _paid(status: str | None) -> str:
    return {
        "due": _("To be paid"),
        "batched": _("In a batch"),
        "sent": _("With the bank"),
        "paid": _("Paid"),
        "refused": _("Refused by the bank"),
    }.get(status or "", "")


def states() -> list[tuple[str, str]]:
    """The states that rows can be narrowed down to."""
    return [(state.value, _state(state)[0]) for state in RowState]


def _state(state: RowState) -> tuple[str, str]:
    return {
        RowState.ELIGIBLE: (_("To be paid"), "good"),
        RowState.EXCLUDED: (_("Not by the rules"), ""),
        RowState.LIMITED: (_("Had it before"), "warn"),
        RowState.DECLINED: (_("Declined by the enterprise"), "warn"),
        RowState.OBJECTED: (_("Set aside after an objection"), "warn"),
    }[state]


def reason_word(code: str) -> str:
    """Why a row is paid or not; the code itself for a table's reason without words."""
    return {
        "sme": _("Small, medium or micro enterprise, or treated as one"),
        "large": _("Large enterprise"),
        "unclassified": _("No size class: to be checked"),
        "layoff_rate": _("The layoff rate is not within the limit"),
        "few_layoffs": _("There were layoffs, and few were not determined"),
        "dishonest": _("Seriously dishonest"),
        "polluting": _("Against environmental policy"),
        "no_premium": _("No premium was paid"),
        "no_staff": _("No staff: no layoff rate"),
        "account": _("No account that may be paid to"),
        "nothing_to_pay": _("The amount is nothing"),
        "undecided": _("No rule in force"),
        "declined": _("Declined by the enterprise"),
        "limit_reached": _("Had it before"),
    }.get(code, code)


def counts(view: RosterView) -> list[Count]:
    """How many rows have each reason of the rules, then those left out for others."""
    shared = cast("Any", view.roster.shared or {})
    found = [
        Count(
            label=reason_word(code), count=int(number), tone="good" if code in _PAYS else "",
            url=url_for("rosters.roster", roster_id=view.roster.id, reason=code) + "#rows",
        )
        for code, number in sorted(shared.get("counts", {}).items(), key=lambda one: -int(one[1]))
    ]  # fmt: skip
    return found + [
        Count(
            label=_state(state)[0], count=number, tone="warn",
            url=url_for("rosters.roster", roster_id=view.roster.id, state=state.value) + "#rows",
        )
        for state, number in view.left_out.items()
    ]  # fmt: skip


_PAYS = frozenset({"sme", "large", "unclassified"})
