"""Payments, batches and budgets in words and figures; account numbers are masked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import url_for

from banjie.domain.awards import PaymentStatus
from banjie.domain.effects import GRANT
from banjie.domain.identity import mask_account
from banjie.domain.money import format_yuan
from banjie.domain.payments import Batch, BatchStatus, Payment
from banjie.edge.context import actor, runtime
from banjie.services.instances import CaseView
from banjie.services.payments.access import seen_agencies
from banjie.services.payments.cases import payments_of
from banjie.web.common.frame import agency_name, local_name, region_name, service_title
from banjie.web.common.language import gettext

_ = gettext


@dataclass(frozen=True, kw_only=True)
class PaymentLine:
    """An order as pages show it; `batch_url` and `refusal` are empty where there is none."""

    id: int
    case_no: str
    case_url: str
    service_title: str
    payee: str
    account: str
    bank_name: str
    amount: str
    attempt: int
    status: str
    status_text: str
    tone: str
    batch_no: str
    batch_url: str
    paid_on: date | None
    reference: str
    refusal: str
    is_of_list: bool


@dataclass(frozen=True, kw_only=True)
class BatchLine:
    """A batch as pages show it."""

    no: str
    url: str
    fund: str
    region: str
    year: int
    agency: str
    status: str
    status_text: str
    tone: str
    count: int
    total: str
    made_by: str
    made_at: datetime


def case_payments(view: CaseView) -> dict[str, Any]:
    """What officers see of a case's payments: `payments` None for a case that was granted nothing."""
    if not view.instance.data.get(GRANT):
        return {"payments": None, "payments_url": ""}
    sees = bool(seen_agencies(runtime(), actor()))
    return {
        "payments": [payment_line(one) for one in payments_of(runtime(), view.instance)],
        "payments_url": url_for("payments.due", q=view.instance.case_no) if sees else "",
    }


def payment_line(one: Payment) -> PaymentLine:
    """An order in words."""
    return PaymentLine(
        id=one.id, case_no=one.case_no, case_url=url_for("case.case", case_no=one.case_no),
        service_title=service_title(one.service), payee=one.payee, account=mask_account(one.account_no),
        bank_name=one.bank_name, amount=format_yuan(one.amount), attempt=one.attempt, status=one.status.value,
        status_text=payment_word(one.status), tone=_TONES[one.status], batch_no=one.batch_no or "",
        batch_url=url_for("payments.batch", no=one.batch_no) if one.batch_no else "", paid_on=one.paid_on,
        reference=one.reference or "",
        refusal=" ".join(filter(None, (one.refusal_code, one.refusal_words))),
        is_of_list=one.roster_id is not None,
    )  # fmt: skip


def batch_line(one: Batch) -> BatchLine:
    """A batch in words."""
    return BatchLine(
        no=one.no, url=url_for("payments.batch", no=one.no), fund=fund_name(one.pot.fund),
        region=region_name(one.pot.region), year=one.pot.year, agency=agency_name(one.agency),
        status=one.status.value, status_text=batch_word(one.status), tone=_BATCH_TONES[one.status], count=one.count,
        total=format_yuan(one.total), made_by=one.made_by_name, made_at=one.made_at,
    )  # fmt: skip


def fund_name(key: str) -> str:
    """A fund's name; its key where the book no longer knows it."""
    fund = runtime().book.funds.get(key)
    return local_name(fund.title, fund.title_en) if fund else key


def payment_word(status: PaymentStatus) -> str:
    """How an order stands."""
    words = {
        PaymentStatus.DUE: _("waits to be paid"),
        PaymentStatus.BATCHED: _("in a batch"),
        PaymentStatus.SENT: _("with the bank"),
        PaymentStatus.PAID: _("paid out"),
        PaymentStatus.REFUSED: _("refused by the bank"),
        PaymentStatus.CANCELLED: _("order cancelled"),
    }
    return words[status]


def batch_word(status: BatchStatus) -> str:
    """How a batch stands."""
    words = {
        BatchStatus.MADE: _("to be checked"),
        BatchStatus.CHECKED: _("approved, not sent yet"),
        BatchStatus.SENT_BACK: _("sent back"),
        BatchStatus.SENT: _("with the bank"),
        BatchStatus.SETTLED: _("settled"),
    }
    return words[status]


_TONES = {
    PaymentStatus.DUE: "on", PaymentStatus.BATCHED: "on", PaymentStatus.SENT: "on", PaymentStatus.PAID: "good",
    PaymentStatus.REFUSED: "bad", PaymentStatus.CANCELLED: "warn",
}  # fmt: skip
_BATCH_TONES = {
    BatchStatus.MADE: "warn", BatchStatus.CHECKED: "on", BatchStatus.SENT_BACK: "bad", BatchStatus.SENT: "on",
    BatchStatus.SETTLED: "good",
}  # fmt: skip
