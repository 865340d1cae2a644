"""The clock ledger: whose limit runs, and the intervals of counted and not counted time since its start.

Intervals are only ever added: a switch closes the running one and opens the next. What the ledger means
for the due time is in `clock`; who may pause or extend, and when, is left to the services.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from banjie.domain.calendar import OfficeHours, WorkingCalendar
from banjie.domain.errors import BanjieError, Conflict, InvalidRequest

#: The longest limit in days; whatever is longer is a typing error.
LONGEST_LIMIT = 10_000


class LedgerFault(BanjieError):
    """The intervals of a clock do not cover its time exactly once."""

    code = "ledger_fault"


class ClockStopped(Conflict):
    """The clock has stopped."""

    code = "clock_stopped"


class LimitUnit(StrEnum):
    """What a limit counts; laws differ, so each limit says it."""

    WORKING_DAYS = "working_days"
    NATURAL_DAYS = "natural_days"


class ClockKind(StrEnum):
    """Whose limit it is: of a step, of the law for the case, or what the office promised for the case.

    The limit of acceptance ends the step itself where the office is silent: the case counts as accepted.
    """

    STEP = "step"
    ACCEPTANCE = "acceptance"
    STATUTORY = "statutory"
    PROMISED = "promised"


class IntervalKind(StrEnum):
    """How an interval's time counts; time of an extension counts too, against the longer limit."""

    COUNTED = "counted"
    NOT_COUNTED = "not_counted"
    EXTENDED = "extended"


class Party(StrEnum):
    """Who has the case in hand; every second of a ledger belongs to exactly one."""

    APPLICANT = "applicant"
    BUREAU = "bureau"
    GUARANTOR = "guarantor"
    BANK = "bank"
    FINANCE = "finance"
    GOVERNMENT = "government"
    DEPARTMENT = "department"
    LAW = "law"


@dataclass(frozen=True, kw_only=True)
class Limit:
    """How long something may take: `value` days of `unit`, 0 for the same day.

    `parameter` is the policy key of the value, `citation` the provision in words; None where locally set.
    """

    value: int
    unit: LimitUnit = LimitUnit.WORKING_DAYS
    parameter: str | None = None
    citation: str | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.value <= LONGEST_LIMIT:
            raise InvalidRequest(
                f"A limit is a number of days from 0 to {LONGEST_LIMIT}.",
                limit=self.value,
                parameter=self.parameter,
            )


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A stretch [start, end) of a ledger; `end` None while it runs.

    `ground` is the code of the legal ground, `citation` its provision, `document` the paper that opened
    it; `opened_by` and `closed_by` are ids of people, None for the system. `extra_days`, in the limit's
    unit, is what an extension granted at `start` adds.
    """

    start: datetime
    end: datetime | None = None
    kind: IntervalKind = IntervalKind.COUNTED
    party: Party
    ground: str | None = None
    citation: str | None = None
    document: str | None = None
    opened_by: str | None = None
    closed_by: str | None = None
    extra_days: int = 0


@dataclass(frozen=True, kw_only=True)
class ClockSubject:
    """What a clock measures: an instance, or one activation (`token`) of an element of it."""

    instance: str
    element: str | None = None
    token: str | None = None


@dataclass(frozen=True, kw_only=True)
class Clock:
    """One clock with its ledger, as it stands.

    `start` and `stopped_at` are aware instants; `intervals` ascend and cover [start, stopped_at).
    `calendar` is the version, `hours` the key that the stored due time was computed with.
    """

    kind: ClockKind
    subject: ClockSubject
    start: datetime
    limit: Limit
    calendar: str
    hours: str
    intervals: tuple[Interval, ...]
    stopped_at: datetime | None = None

    @property
    def is_paused(self) -> bool:
        return bool(self.intervals) and _is_open_pause(self.intervals[-1])


def start_clock(
    *,
    kind: ClockKind,
    subject: ClockSubject,
    at: datetime,
    limit: Limit,
    calendar: WorkingCalendar,
    hours: OfficeHours,
    party: Party,
    by: str | None = None,
) -> Clock:
    """A running clock whose ledger begins with one counted interval in the hands of the party."""
    return Clock(
        kind=kind,
        subject=subject,
        start=_aware(at),
        limit=limit,
        calendar=calendar.version,
        hours=hours.key,
        intervals=(Interval(start=at, party=party, opened_by=by),),
    )


def switch(clock: Clock, interval: Interval) -> Clock:
    """The clock with its running interval closed where the given one starts, and that one running.

    Whatever changes the ledger but its end is a switch: another party, a pause, a resumption, an
    extension. An interval that starts where the running one started replaces it, so that no empty one
    is kept. Raises ClockStopped, or LedgerFault where it starts earlier or would replace an extension.
    """
    if clock.stopped_at is not None:
        raise ClockStopped(instance=clock.subject.instance, stopped_at=clock.stopped_at)
    *earlier, running = clock.intervals
    if interval.start < running.start:
        raise LedgerFault(rule="an interval starts before the running one", start=interval.start)
    earlier += _closed(running, interval.start, interval.opened_by)
    return replace(clock, intervals=(*earlier, interval))


def stop_clock(clock: Clock, at: datetime, by: str | None = None) -> Clock:
    """The clock stopped at the instant, its ledger closed there; raises as `switch`."""
    if clock.stopped_at is not None:
        raise ClockStopped(instance=clock.subject.instance, stopped_at=clock.stopped_at)
    *earlier, running = clock.intervals
    if at < running.start:
        raise LedgerFault(rule="the clock stops before its running interval", stopped_at=at)
    earlier += _closed(running, at, by)
    return replace(clock, intervals=tuple(earlier), stopped_at=_aware(at))


def check_partition(clock: Clock) -> None:
    """Raise LedgerFault, naming the interval and the rule, unless the ledger covers its time once.

    Each interval starts where the one before ended, the first at the clock's start; the last one runs
    (end None) until the clock stops, then ends there.
    """
    expected: datetime | None = clock.start
    for number, interval in enumerate(clock.intervals, start=1):
        if expected is None:
            raise LedgerFault(rule="an interval follows the running one", interval=number)
        if interval.start != expected:
            rule = "gap" if interval.start > expected else "overlap"
            raise LedgerFault(rule=rule, interval=number, start=interval.start, expected=expected)
        if interval.end is not None and interval.end <= interval.start:
            raise LedgerFault(rule="an interval ends before it starts", interval=number, end=interval.end)
        if interval.extra_days and (interval.kind is not IntervalKind.EXTENDED or interval.extra_days < 0):
            raise LedgerFault(rule="only an extension adds days", interval=number)
        expected = interval.end
    if expected != clock.stopped_at:
        raise LedgerFault(
            rule="the ledger ends elsewhere than the clock", end=expected, stopped_at=clock.stopped_at
        )


def time_by_party(clock: Clock, now: datetime) -> Mapping[Party, timedelta]:
    """How long each party has had the case in hand; the sum is the whole time of the ledger."""
    totals: dict[Party, timedelta] = {}
    for interval in clock.intervals:
        held = (interval.end or max(now, interval.start)) - interval.start
        totals[interval.party] = totals.get(interval.party, timedelta()) + held
    return totals


def _closed(running: Interval, at: datetime, by: str | None) -> tuple[Interval, ...]:
    """The interval closed at the instant; nothing where it would be empty."""
    if at > running.start:
        return (replace(running, end=at, closed_by=by),)
    if running.extra_days:
        raise LedgerFault(rule="an extension needs time to run", start=at)
    return ()


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise LedgerFault(rule="an instant needs an offset", instant=instant)
    return instant


def _is_open_pause(interval: Interval) -> bool:
    return interval.kind is IntervalKind.NOT_COUNTED and interval.end is None
