"""What an award takes of the limits across cases: the rows that can be had once, and who had them before.

The names of the rows are SHA-256 hashes of texts that hold keyed hashes of numbers, never the numbers themselves.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import TypeAlias

#: The period of a limit that counts for good.
EVER = "ever"
#: int8range(slot, slot, '[]') ends one above its slot; two bits less leave room for that.
_SPAN_SHIFT = 2


@dataclass(frozen=True, kw_only=True)
class SlotClaim:
    """One of the numbered rows `slots` of the limit with the key `limit`; `entry` of its list (from 1), if any."""

    limit: str
    entry: int | None
    slots: tuple[bytes, ...]


@dataclass(frozen=True, kw_only=True)
class SpanClaim:
    """One of the numbered rows `slots` for the days from `since` until before `until`."""

    limit: str
    entry: int | None
    slots: tuple[int, ...]
    since: date
    until: date


@dataclass(frozen=True, kw_only=True)
class SumClaim:
    """`amount` yuan of the `most` that the sum `key` may hold."""

    limit: str
    entry: int | None
    key: bytes
    amount: Decimal
    most: Decimal


Claim: TypeAlias = SlotClaim | SpanClaim | SumClaim


@dataclass(frozen=True, kw_only=True)
class EarlierAward:
    """An award that holds what is claimed; `case_no` None where the reader may not be told it."""

    award_id: int
    instance_id: int
    case_no: str | None
    service: str
    region: str
    granted_at: datetime


@dataclass(frozen=True, kw_only=True)
class Refused:
    """The first claim that could not be taken, and the earliest award in its way, if one is known."""

    claim: Claim
    earlier: EarlierAward | None


def slot_of(group: str, period: str, parts: Sequence[str], number: int) -> bytes:
    """The name of the row with a number (from 1) of a limit's group, in a period, for the parts that tell its subject.

    >>> slot_of("loan/once", "ever", ["ab"], 1) == sha256(slot_text("loan/once", "ever", ["ab"], 1).encode()).digest()
    True
    """
    return sha256(slot_text(group, period, parts, number).encode()).digest()


def slot_text(group: str, period: str, parts: Sequence[str], number: int) -> str:
    """What a slot is the hash of; a statement in the database makes the same text for the rows of a list."""
    return "\n".join(("slot", group, period, *parts, str(number)))


def span_slot_of(group: str, parts: Sequence[str], number: int) -> int:
    """The number under which spans of days of a subject are kept apart; from 0, below 2^62."""
    digest = sha256("\n".join(("span", group, *parts, str(number))).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> _SPAN_SHIFT


def sum_key_of(group: str, period: str, parts: Sequence[str]) -> bytes:
    """The name of a sum."""
    return sha256("\n".join(("sum", group, period, *parts)).encode()).digest()


def free_again(day: date, months: int) -> date:
    """The first day after a period of months from a day.

    The day itself does not count, the period's last day is the same day so many months later, or the month's last
    where it has no such day. Source: 民法典 第二百零一条、第二百零二条.

    >>> free_again(date(2026, 3, 15), 12), free_again(date(2026, 1, 31), 1)
    (datetime.date(2027, 3, 16), datetime.date(2026, 3, 1))
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last)) + timedelta(days=1)
