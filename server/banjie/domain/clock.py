"""What a clock's ledger means: when its limit ends, which light it shows, what is used and left.

A due time is a pure function of start, limit, calendar, office hours and intervals; nothing is ever
incremented. The ledger's own values and changes are in `ledger` and are passed on from here.

How days count, all by legal date:

* the day of the act does not count, whenever on that day it was done; counting starts with the next
  working day, so that what is filed at night or on a rest day starts its clock the next working day;
* the last day ends at the close of office hours; from that instant on the limit is missed;
* a day touched by a pause does not count: from the day of the pause (the next one when paused after the
  close of hours) through the day of the resumption, both included.

Source: 民法典 Art. 201, Art. 203; 行政许可法 Art. 45, Art. 82.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from banjie.domain.calendar import LEGAL_ZONE, OfficeHours, WorkingCalendar, legal_date
from banjie.domain.errors import InvalidRequest
from banjie.domain.ledger import (
    LONGEST_LIMIT,
    Clock,
    ClockKind,
    ClockStopped,
    ClockSubject,
    Interval,
    IntervalKind,
    LedgerFault,
    Limit,
    LimitUnit,
    Party,
    check_partition,
    start_clock,
    stop_clock,
    switch,
    time_by_party,
)

__all__ = [
    "Clock",
    "ClockKind",
    "ClockState",
    "ClockStopped",
    "ClockSubject",
    "DeadlineInput",
    "Due",
    "Elapsed",
    "Interval",
    "IntervalKind",
    "LedgerFault",
    "Limit",
    "LimitUnit",
    "Party",
    "Span",
    "check_partition",
    "counted_days",
    "deadline_line",
    "deadline_of",
    "due",
    "elapsed",
    "is_late",
    "read_deadline",
    "start_clock",
    "state",
    "stop_clock",
    "switch",
    "time_by_party",
]

_ONE_DAY = timedelta(days=1)


class DeadlineInput(InvalidRequest):
    """The start or the limit cannot be read."""

    code = "deadline_input"


class ClockState(StrEnum):
    """Green, yellow from the warning, red from the due time; a stopped or paused clock shows no light."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    PAUSED = "paused"
    STOPPED = "stopped"


@dataclass(frozen=True, kw_only=True)
class Due:
    """When a clock's limit ends: on `day`, at the instant `at` (UTC), with a warning at `warn_at`.

    `provisional` is true where a day that was counted lies in a year without official notice. While
    `held` the clock is paused: `at` is then the earliest possible, as if resumed at once, and not armed.
    """

    at: datetime
    warn_at: datetime
    day: date
    provisional: bool
    held: bool = False


@dataclass(frozen=True, kw_only=True)
class Span:
    """Office time in whole working days and minutes of a further one."""

    working_days: int
    minutes: int


@dataclass(frozen=True, kw_only=True)
class Elapsed:
    """What a clock has used and has left.

    `used_days` are the limit's days begun, today included (the 7 in day 7 of 20); `limit_days` is
    the limit with its extensions; `not_counted_days` were paused. Exactly one of `remaining` and
    `overdue` is set, both in office time.
    """

    used_days: int
    limit_days: int
    not_counted_days: int
    remaining: Span | None
    overdue: Span | None


def due(clock: Clock, calendar: WorkingCalendar, hours: OfficeHours) -> Due:
    """When the limit of the clock ends, by the rules of this module.

    A limit of 0 days ends at the close of the day of the start, or of the next working day where the
    start lies on a rest day or at or after the close. The last of natural days that is a rest day is
    moved to the next working day. The warning is due at the close of the working day before the last,
    never before the start. Raises CalendarRange where the years of the calendar do not suffice.

    Source: 民法典 Art. 201, Art. 203.
    """
    last_day = _last_day(clock, calendar, hours)
    at = hours.closing(last_day)
    years = range(legal_date(clock.start).year, last_day.year + 1)
    return Due(
        at=at,
        warn_at=_warn_at(clock, last_day, calendar, hours),
        day=last_day,
        provisional=not calendar.provisional_years.isdisjoint(years),
        held=clock.is_paused,
    )


def state(clock: Clock, due: Due, now: datetime) -> ClockState:
    """The light that the clock shows; a pause that began after the limit was missed leaves it red."""
    if clock.stopped_at is not None:
        return ClockState.STOPPED
    if clock.is_paused and clock.intervals[-1].start < due.at:
        return ClockState.PAUSED
    if now >= due.at:
        return ClockState.RED
    return ClockState.YELLOW if now >= due.warn_at else ClockState.GREEN


def is_late(clock: Clock, due: Due, now: datetime) -> bool:
    """Whether the limit was missed: for a stopped clock when it stopped, else by now."""
    if clock.stopped_at is not None:
        return clock.stopped_at >= due.at
    return state(clock, due, now) is ClockState.RED


def elapsed(clock: Clock, calendar: WorkingCalendar, hours: OfficeHours, now: datetime) -> Elapsed:
    """What has been used and what is left at the instant, or when the clock stopped if that was earlier.

    Days that do not count are passed over: nothing of the limit runs out on the day of the act or on a
    paused day.
    """
    now = now if clock.stopped_at is None else min(now, clock.stopped_at)
    first = legal_date(clock.start)
    today = max(legal_date(now), first)
    not_counted = sum(
        _count(clock, calendar, max(low - _ONE_DAY, first), min(high, today))
        for low, high in _paused_days(clock, hours, open_until=now)
        if low <= today
    )
    ends = due(clock, calendar, hours)
    remaining = overdue = None
    if state(clock, ends, now) is ClockState.PAUSED:
        _, day = _paused_days(clock, hours)[-1]
        remaining = office_span(hours.closing(day), ends.at, calendar, hours)
    elif now < ends.at:
        remaining = office_span(_counting_from(clock, now, hours), ends.at, calendar, hours)
    else:
        overdue = office_span(ends.at, now, calendar, hours)
    return Elapsed(
        used_days=_count(clock, calendar, first, today) - not_counted,
        limit_days=_allowed_days(clock),
        not_counted_days=not_counted,
        remaining=remaining,
        overdue=overdue,
    )


def counted_days(
    clock: Clock, calendar: WorkingCalendar, hours: OfficeHours, now: datetime
) -> tuple[int, ...]:
    """The days of the limit that are begun, by interval and in their order; the sum is the `used_days` of `elapsed`.

    A day is that of the interval in which its office hours close; the present day, and the day on which the clock
    stopped, are that of the last one. Days that pauses touch are nobody's.
    """
    now = now if clock.stopped_at is None else min(now, clock.stopped_at)
    first = legal_date(clock.start)
    today = max(legal_date(now), first)
    bounds = [first]
    for interval in clock.intervals[1:]:
        bounds.append(min(max(_last_day_before(interval.start, hours), bounds[-1]), today))
    bounds.append(today)
    paused = _paused_days(clock, hours, open_until=now)
    return tuple(
        _count(clock, calendar, after, until)
        - sum(
            _count(clock, calendar, max(low - _ONE_DAY, after), min(high, until))
            for low, high in paused
            if low <= until and high > after
        )
        for after, until in itertools.pairwise(bounds[: len(clock.intervals) + 1])
    )


def read_deadline(start: str, limit: str) -> tuple[datetime, int]:
    """The start and the limit (working days) of a deadline as people type them.

    A start is ISO 8601; without an offset it is read in the legal zone, a date alone as its first minute.
    Raises DeadlineInput, naming which of the two is wrong.
    """
    try:
        instant = datetime.fromisoformat(start.strip())
    except ValueError as error:
        raise DeadlineInput("The start is not an ISO 8601 date or time.", start=start[:80]) from error
    digits = limit.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= len(str(LONGEST_LIMIT))):
        raise DeadlineInput("The limit is not a whole number of working days.", limit=limit[:80])
    try:
        received = (instant if instant.tzinfo else instant.replace(tzinfo=LEGAL_ZONE)).astimezone(UTC)
        legal_date(received)
    except OverflowError as error:
        raise DeadlineInput("The start is out of range.", start=start[:80]) from error
    return received, int(digits)


def deadline_of(start: datetime, working_days: int, calendar: WorkingCalendar, hours: OfficeHours) -> Due:
    """When a limit of so many working days ends that began at the instant, with no pause."""
    return due(
        start_clock(
            kind=ClockKind.STEP,
            subject=ClockSubject(instance=""),
            at=start,
            limit=Limit(value=working_days),
            calendar=calendar,
            hours=hours,
            party=Party.BUREAU,
        ),
        calendar,
        hours,
    )


def deadline_line(start: str, limit: str, calendar: WorkingCalendar, hours: OfficeHours) -> str:
    """The due time in the legal zone as one line, followed by the word provisional where it is.

    Raises DeadlineInput and CalendarRange.

    >>> from banjie.domain.calendar import DEFAULT_HOURS, SpecialDay
    >>> days = [*range(1, 9), 11]  # National Day 2025 with its make-up Saturday, the 11th.
    >>> year = WorkingCalendar(key="2025", first_day=date(2025, 1, 1), last_day=date(2025, 12, 31),
    ...     special_days=tuple(SpecialDay(day=date(2025, 10, day), is_working=day == 11, name="国庆节")
    ...                        for day in days))
    >>> deadline_line("2025-09-30T10:00+08:00", "5", year, DEFAULT_HOURS)
    '2025-10-14T17:30+08:00'
    """
    ends = deadline_of(*read_deadline(start, limit), calendar, hours)
    line = ends.at.astimezone(LEGAL_ZONE).isoformat(timespec="minutes")
    return f"{line} provisional" if ends.provisional else line


def _allowed_days(clock: Clock) -> int:
    return clock.limit.value + sum(interval.extra_days for interval in clock.intervals)


def _paused_days(
    clock: Clock, hours: OfficeHours, open_until: datetime | None = None
) -> list[tuple[date, date]]:
    """The days that pauses touch as runs (first, last), both included, ascending and apart.

    A pause that still runs reaches to `open_until`; without one only its first day is touched, as if
    work were resumed at once.
    """
    runs: list[tuple[date, date]] = []
    for interval in clock.intervals:
        if interval.kind is not IntervalKind.NOT_COUNTED:
            continue
        low = legal_date(interval.start)
        if interval.start >= hours.closing(low):
            low += _ONE_DAY
        if interval.end is not None:
            high = legal_date(interval.end)
        else:
            high = max(low, legal_date(open_until)) if open_until else low
        if high < low:
            continue
        if runs and low <= runs[-1][1]:
            runs[-1] = (runs[-1][0], max(high, runs[-1][1]))
        else:
            runs.append((low, high))
    return runs


def _last_day_before(instant: datetime, hours: OfficeHours) -> date:
    """The last day whose office hours close before the instant."""
    day = legal_date(instant)
    return day if hours.closing(day) < instant else day - _ONE_DAY


def _count(clock: Clock, calendar: WorkingCalendar, after: date, until: date) -> int:
    """Days of the limit's unit after `after` through `until`."""
    if clock.limit.unit is LimitUnit.WORKING_DAYS:
        return calendar.count_working_days(after, until)
    return (until - after).days


def _last_day(clock: Clock, calendar: WorkingCalendar, hours: OfficeHours) -> date:
    cursor, days = legal_date(clock.start), _allowed_days(clock)
    if days == 0:
        days = 1
        if clock.start < hours.closing(cursor):
            cursor -= _ONE_DAY
    paused = _paused_days(clock, hours)
    for low, high in paused:
        free = _count(clock, calendar, cursor, max(low - _ONE_DAY, cursor))
        if free >= days:
            break
        days -= free
        cursor = max(cursor, high)
    if clock.limit.unit is LimitUnit.WORKING_DAYS:
        return calendar.nth(cursor, days)
    return _moved_off_rest(cursor + timedelta(days=days), calendar, paused)


def _moved_off_rest(day: date, calendar: WorkingCalendar, paused: list[tuple[date, date]]) -> date:
    """The day, or the next that is a working day and not paused."""
    day = calendar.working_day_from(day)
    for low, high in paused:
        if low <= day <= high:
            day = calendar.next_working_day(high)
    return day


def _warn_at(clock: Clock, last_day: date, calendar: WorkingCalendar, hours: OfficeHours) -> datetime:
    """The close of the working day before the last, but not before the start."""
    first, start = legal_date(clock.start), clock.start.astimezone(UTC)
    if calendar.count_working_days(first, last_day) > 1:
        return hours.closing(calendar.previous_working_day(last_day))
    if first < last_day and calendar.is_working_day(first):
        return max(start, hours.closing(first))
    return start


def _counting_from(clock: Clock, now: datetime, hours: OfficeHours) -> datetime:
    """The instant, moved to the close of its day where that day does not count."""
    today, first = legal_date(now), legal_date(clock.start)
    if today <= first:
        return max(now, hours.closing(first)) if _allowed_days(clock) else max(now, clock.start)
    for low, high in _paused_days(clock, hours):
        if low <= today <= high:
            return max(now, hours.closing(high))
    return now


def office_span(begin: datetime, end: datetime, calendar: WorkingCalendar, hours: OfficeHours) -> Span:
    """Office time in [begin, end): whole days, and the parts of the first and the last day in minutes."""
    first, last = legal_date(begin), legal_date(end)
    if first == last:
        parts = [(first, hours.minutes_on(first, after=begin, until=end))]
        days = 0
    else:
        parts = [(first, hours.minutes_on(first, after=begin)), (last, hours.minutes_on(last, until=end))]
        days = calendar.count_working_days(first, last - _ONE_DAY)
    minutes = 0
    for day, part in parts:
        if not calendar.is_working_day(day):
            continue
        if part == hours.minutes_on(day):
            days += 1
        else:
            minutes += part
    a_day = hours.minutes_on(last)
    return Span(working_days=days + minutes // a_day, minutes=minutes % a_day)
