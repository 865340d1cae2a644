"""Entitlements and runs in words, for officers and for those who were found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for

from banjie.domain.entitlements import Entitlement, EntitlementStatus, MatchRun, RunStatus
from banjie.domain.identity import id_number_fault, mask_id_number, mask_name
from banjie.domain.worklist import DecisionRow
from banjie.edge.context import runtime
from banjie.web.common.frame import local_name, region_name, service_title
from banjie.web.common.language import gettext as _
from banjie.web.common.receipts import ReceiptView, receipt_view


@dataclass(frozen=True, kw_only=True)
class EntitlementLine:
    """A row; a person's name and number are masked. `tone` of its state: good, warn, on or empty."""

    id: int
    url: str
    service_title: str
    name: str
    number: str
    region: str
    amount: str
    found_on: date
    state: str
    tone: str
    can_invite: bool
    is_open: bool
    case_no: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class RunLine:
    """A search of the registers."""

    id: int
    service_title: str
    region: str
    on: date
    state: str
    tone: str
    running: bool
    percent: int
    total: int
    found: int
    stale: int
    started_at: datetime


def status_words() -> dict[str, tuple[str, str]]:
    """State → its word and tone."""
    return {
        EntitlementStatus.FOUND.value: (_("Found"), "on"),
        EntitlementStatus.INVITED.value: (_("Invited by a notice"), "on"),
        EntitlementStatus.NO_ACCOUNT.value: (_("No account: write a letter"), "warn"),
        EntitlementStatus.ACCEPTED.value: (_("Accepted"), "good"),
        EntitlementStatus.DECLINED.value: (_("Declined"), ""),
        EntitlementStatus.STALE.value: (_("Not entitled any more"), ""),
    }


def entitlement_line(row: Entitlement, *, own: bool = False) -> EntitlementLine:
    """A row in words; `own`: for whom it is about."""
    state, tone = status_words()[row.status.value]
    is_person = id_number_fault(row.number, runtime().today()) is None
    masked = is_person and not own
    value = row.receipt.get("value")
    told = value if isinstance(value, dict) else {}
    return EntitlementLine(
        id=row.id, url=url_for("entitlements.one", entitlement_id=row.id), service_title=service_title(row.service),
        name=mask_name(row.name) if masked else row.name,
        number=mask_id_number(row.number) if is_person else row.number,
        region=region_name(row.region), amount="" if row.amount is None else f"{row.amount:,.2f}",
        found_on=row.found_on, state=state, tone=tone, can_invite=row.status is EntitlementStatus.FOUND,
        is_open=row.is_open, case_no=row.case_no or "",
        reason=local_name(str(told.get("reason") or ""), str(told.get("reason_en") or "")),
    )  # fmt: skip


def entitlement_receipt(row: Entitlement) -> ReceiptView:
    """The receipt of how somebody was found."""
    kept = DecisionRow(
        id=row.id,
        element="",
        key=str(row.receipt["key"]),
        at=runtime().now(),
        green=True,
        receipt=row.receipt,
    )
    return receipt_view(kept, service_title(row.service))


def run_line(run: MatchRun) -> RunLine:
    """A run in words."""
    state, tone = {
        RunStatus.RUNNING: (_("Goes on"), "on"),
        RunStatus.DONE: (_("Done"), "good"),
        RunStatus.FAILED: (_("Failed"), "bad"),
    }[run.status]
    return RunLine(
        id=run.id, service_title=service_title(run.service), region=region_name(run.region), on=run.on, state=state,
        tone=tone, running=run.status is RunStatus.RUNNING, percent=run.done * 100 // max(run.total, 1),
        total=run.total, found=run.found, stale=run.stale, started_at=run.started_at,
    )  # fmt: skip
