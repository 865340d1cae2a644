"""Money that is granted to somebody, and the orders to pay it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from banjie.domain.errors import Conflict


class WaitsForPayment(Conflict):
    """This step is completed by the bank's answer to the payment; nobody completes it by hand."""

    code = "waits_for_payment"


class LimitReached(Conflict):
    """What was applied for has been granted before, as often or as much as the rules allow."""

    code = "limit_reached"


class NotAwarded(Conflict):
    """The rules give no money to this case: its newest receipt is not green, or says that it is not eligible."""

    code = "not_awarded"


class PaymentUnderWay(Conflict):
    """The money is on its way to the bank; wait for the bank's answer."""

    code = "payment_under_way"


class AwardStatus(StrEnum):
    """Granted and not yet paid, paid, or released: its limits are free again."""

    GRANTED = "granted"
    PAID = "paid"
    RELEASED = "released"


class PaymentStatus(StrEnum):
    """An order to pay: due, in a batch, with the bank, paid, refused by the bank, or cancelled before it was sent."""

    DUE = "due"
    BATCHED = "batched"
    SENT = "sent"
    PAID = "paid"
    REFUSED = "refused"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class NewPayment:
    """An order to pay the award of a case, made when the step opens that waits for the money.

    `token` is that step's activation; `amount` in CNY.
    """

    award_id: int
    token: str
    agency: str
    amount: Decimal
    payee: str
    account_no: str
    bank_name: str
