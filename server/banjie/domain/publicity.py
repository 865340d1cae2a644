"""A publicity (公示): what an office means to grant, shown to everybody for some days, and objections to it.

The texts do not ask for one; how long it lasts and when it begins is set locally, per region.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

from banjie.domain.calendar import LEGAL_ZONE, WorkingCalendar, legal_date
from banjie.domain.errors import Conflict
from banjie.domain.ledger import LimitUnit

#: The variable of the case data that holds the publicity.
PUBLICITY = "publicity"

_ONE_DAY = timedelta(days=1)


class PublicityRuns(Conflict):
    """The publicity has not ended yet."""

    code = "publicity_running"


class ObjectionsOpen(Conflict):
    """Objections wait for an answer."""

    code = "objections_open"


class ObjectionHolds(Conflict):
    """An objection was upheld; what was published cannot be confirmed."""

    code = "objection_upheld"


class PublicityOver(Conflict):
    """The publicity is over; turn to the office that published it, or to its superior."""

    code = "publicity_over"


class ObjectionAnswered(Conflict):
    """The objection has been answered."""

    code = "objection_answered"


class Start(StrEnum):
    """The first day of a publicity: that after it was published, or the same."""

    NEXT_DAY = "next_day"
    SAME_DAY = "same_day"


class PublicityStatus(StrEnum):
    """Running until it is closed (confirmed) or revoked, which is also how it ends with its case or a return."""

    RUNNING = "running"
    CLOSED = "closed"
    REVOKED = "revoked"


class ObjectionStatus(StrEnum):
    """Open until it is upheld or dismissed."""

    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


@dataclass(frozen=True, kw_only=True)
class Period:
    """The days of a publicity, both included; `closes_at` is the end of the last, in the legal zone."""

    starts_on: date
    ends_on: date
    closes_at: datetime


def period(
    published: datetime, days: int, unit: LimitUnit, start: Start, calendar: WorkingCalendar
) -> Period:
    """The period of so many days, at least 1, that was published at an instant.

    Working days are those of the calendar. The last of natural days that is a rest day is moved to the next working
    day. Raises CalendarRange where the calendar's years do not suffice.

    Source: 民法典 Art. 201, Art. 203.
    """
    day = legal_date(published)
    first = day if start is Start.SAME_DAY else day + _ONE_DAY
    if unit is LimitUnit.WORKING_DAYS:
        last = calendar.add_working_days(first - _ONE_DAY, days)
    else:
        last = calendar.working_day_from(first + (days - 1) * _ONE_DAY)
    closes_at = datetime.combine(last + _ONE_DAY, time.min, LEGAL_ZONE)
    return Period(starts_on=first, ends_on=last, closes_at=closes_at)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of what is published, as the public reads it; `amount` in CNY."""

    line: int
    name: str
    detail: str
    amount: Decimal | None


@dataclass(frozen=True, kw_only=True)
class NewPublicity:
    """A publicity to be stored.

    `parameter` names the parameter of its days; `roster_id` where a roster's rows are its entries. `total` in CNY.
    """

    instance_id: int
    roster_id: int | None
    service: str
    region: str
    agency: str
    title: str
    remark: str
    period: Period
    parameter: str
    entries: int
    total: Decimal
    published_by: int
    published_at: datetime


@dataclass(frozen=True, kw_only=True)
class Publicity:
    """A publicity as stored."""

    id: int
    no: str
    instance_id: int
    roster_id: int | None
    service: str
    region: str
    agency: str
    title: str
    remark: str
    starts_on: date
    ends_on: date
    closes_at: datetime
    entries: int
    total: Decimal
    status: PublicityStatus
    published_at: datetime
    closed_at: datetime | None

    def is_open(self, now: datetime) -> bool:
        """Whether it can be objected to at the instant; at the end of its last day it no longer can."""
        return self.status is PublicityStatus.RUNNING and now < self.closes_at

    def require_open(self, now: datetime) -> None:
        """Raise PublicityOver unless it can be objected to."""
        if not self.is_open(now):
            raise PublicityOver(no=self.no, ended=self.ends_on, agency=self.agency)

    def require_closable(self, now: datetime, *, open_objections: int) -> None:
        """Raise PublicityRuns before its last day has ended, ObjectionsOpen while objections wait."""
        if now < self.closes_at:
            raise PublicityRuns(no=self.no, closes_at=self.closes_at)
        if open_objections:
            raise ObjectionsOpen(no=self.no, objections=open_objections)


@dataclass(frozen=True, kw_only=True)
class Objection:
    """An objection as stored, with what it is about. `line` None: the publicity as a whole."""

    id: int
    publicity_id: int
    no: str
    agency: str
    instance_id: int
    case_no: str
    roster_id: int | None
    line: int | None
    name: str
    contact: str
    reason: str
    at: datetime
    status: ObjectionStatus
    answer: str | None
    handled_by: str | None
    handled_at: datetime | None

    def require_open(self) -> None:
        """Raise ObjectionAnswered where it has been handled."""
        if self.status is not ObjectionStatus.OPEN:
            raise ObjectionAnswered(objection=self.id, status=self.status.value)


def receipt_no(publicity_no: str, objection_id: int) -> str:
    """The number under which an objector asks after an objection.

    >>> receipt_no("GS-152201-20260907-1", 12)
    'GS-152201-20260907-1-Y12'
    """
    return f"{publicity_no}-Y{objection_id}"
