"""Batches of payments: made by one person of the finance agency, checked by another, answered by the bank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from banjie.domain.awards import PaymentStatus
from banjie.domain.errors import Conflict, InvalidRequest

#: The role that makes, checks and exports batches and reads the bank's answers.
FINANCE_OFFICER = "finance_officer"
#: A batch holds so many orders at the most: with its two lines of heading it still fits one sheet of a workbook.
MOST_ORDERS = 1_000_000
#: What the answer to a refused return tells at the most; the first lines are the ones to look at.
MOST_FAULTS = 100


class BudgetExceeded(Conflict):
    """The fund's budget for the region and year does not reach so far."""

    code = "budget_exceeded"


class NotDue(Conflict):
    """An order is no longer due: it is in a batch already, or was cancelled."""

    code = "payment_not_due"


class WrongBatchStatus(Conflict):
    """The batch has gone on, or has not come so far."""

    code = "batch_status"


class ReturnRefused(InvalidRequest):
    """The return file does not fit its batch; nothing of it was read."""

    code = "return_refused"

    def __init__(self, faults: Sequence[ReturnFault], **facts: object) -> None:
        told = "; ".join(f"{fault.line}: {fault.code}" for fault in faults)
        super().__init__(faults=told, **facts)
        self.faults = tuple(faults)


class BatchStatus(StrEnum):
    """Made and to be checked, checked, sent back to be made anew, with the bank, or answered for every order."""

    MADE = "made"
    CHECKED = "checked"
    SENT_BACK = "sent_back"
    SENT = "sent"
    SETTLED = "settled"


class FileFormat(StrEnum):
    """What the bank file is; a batch is exported in one of them, once."""

    CSV = "csv"
    XLSX = "xlsx"


class BankResult(StrEnum):
    """What the bank says of an order."""

    PAID = "paid"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class Pot:
    """What a budget is for: a fund in a region in a year. A batch is paid from one of them."""

    fund: str
    region: str
    year: int


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What a fund may spend in a region and year, in CNY.

    `committed` is in batches and with the bank, `paid` was paid; both together never exceed `amount`.
    """

    pot: Pot
    amount: Decimal
    committed: Decimal
    paid: Decimal

    @property
    def left(self) -> Decimal:
        return self.amount - self.committed - self.paid


@dataclass(frozen=True, kw_only=True)
class BudgetChange:
    """The amount of a budget set by somebody, and why."""

    before: Decimal
    amount: Decimal
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class DueGroup:
    """The due orders of an agency from one pot: how many and how much."""

    agency: str
    pot: Pot
    count: int
    total: Decimal


@dataclass(frozen=True, kw_only=True)
class Payment:
    """An order to pay, with the case it belongs to; `service` is that of its award. `amount` in CNY."""

    id: int
    award_id: int
    instance_id: int
    roster_id: int | None
    token: str
    case_no: str
    service: str
    agency: str
    pot: Pot
    attempt: int
    amount: Decimal
    payee: str
    account_no: str
    bank_name: str
    status: PaymentStatus
    batch_no: str | None
    made_at: datetime
    paid_on: date | None
    reference: str | None
    refusal_code: str | None
    refusal_words: str | None
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Batch:
    """A batch as stored. `count` and `total` are those at its making; `reason` is why it was sent back.

    People are given by id and name, None where nobody has done it yet.
    """

    id: int
    no: str
    pot: Pot
    agency: str
    status: BatchStatus
    count: int
    total: Decimal
    made_by: int
    made_by_name: str
    made_at: datetime
    checked_by: int | None
    checked_by_name: str | None
    checked_at: datetime | None
    exported_by_name: str | None
    exported_at: datetime | None
    file_format: FileFormat | None
    file_sha256: str | None
    reason: str | None
    ended_at: datetime | None

    def require(self, *allowed: BatchStatus) -> None:
        """Raise WrongBatchStatus unless the batch has come to one of these."""
        if self.status not in allowed:
            raise WrongBatchStatus(batch=self.no, status=self.status.value)

    @property
    def file_name(self) -> str:
        return f"{self.no}.{self.file_format or FileFormat.CSV}"


@dataclass(frozen=True, kw_only=True)
class Sum:
    """So many orders, so much money in CNY."""

    count: int = 0
    total: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """What was ordered with a batch, and what became of it; `difference` is what nothing accounts for."""

    ordered: Sum
    paid: Sum
    refused: Sum
    open: Sum

    @property
    def difference(self) -> Decimal:
        return self.ordered.total - self.paid.total - self.refused.total - self.open.total


@dataclass(frozen=True, kw_only=True)
class ReturnFault:
    """What is wrong with a line of a return file: the line (the first of the file is 1), the column and a code."""

    line: int
    field: str
    code: str


@dataclass(frozen=True, kw_only=True)
class ReturnRow:
    """One answer of the bank as read. `line` stands for it in faults."""

    line: int
    payment_id: int
    account_no: str
    amount: Decimal
    result: BankResult
    code: str
    words: str
    reference: str
    paid_on: date | None


@dataclass(frozen=True, kw_only=True)
class BankReturn:
    """A return file that was read: how many it says paid and refused; `repeated` where it had been read before."""

    id: int
    name: str
    sha256: str
    paid: int
    paid_total: Decimal
    refused: int
    at: datetime
    by: str
    repeated: bool = False


def bar_of(budget: Budget) -> int:
    """How much of a budget is committed or paid, in percent rounded down; 100 only where nothing is left.

    >>> pot = Pot(fund="f", region="r", year=2026)
    >>> bar_of(Budget(pot=pot, amount=Decimal(1000), committed=Decimal(300), paid=Decimal("699.99")))
    99
    """
    if not budget.amount:
        return 0
    return int((budget.committed + budget.paid) * 100 / budget.amount)


def sound_account(number: str) -> bool:
    """Whether a text can be an account number: 5 to 34 letters and digits, parted by blanks or hyphens.

    >>> sound_account("6228 4800 0000 0001"), sound_account("=1+1")
    (True, False)
    """
    plain = number.replace(" ", "").replace("-", "")
    return plain.isascii() and plain.isalnum() and 5 <= len(plain) <= 34
