"""How much office time a step has left, for lists; the clock itself is shown by `instances.clock_view`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from banjie.domain.calendar import legal_date
from banjie.domain.clock import ClockState, office_span
from banjie.services.runtime import Runtime
from banjie.services.walk import agency_calendar


@dataclass(frozen=True, kw_only=True)
class TimeLeft:
    """Whole working days and minutes of a further one, left or (`overdue`) past.

    `share` of the limit's office time is used: 0 at the start, 1 at the due time, 2 at most.
    """

    light: ClockState
    days: int
    minutes: int
    overdue: bool
    share: float


def time_left(
    rt: Runtime, *, agency: str, opened_at: datetime, warn_at: datetime | None, due_at: datetime | None
) -> TimeLeft | None:
    """What an agency's open step has left now; None where no limit holds.

    The day on which the step was opened does not count, so nothing runs out before its close.
    """
    if due_at is None:
        return None
    now = rt.now()
    calendar, hours = agency_calendar(rt, agency)
    begin = min(hours.closing(legal_date(opened_at)), due_at)
    whole = office_span(begin, due_at, calendar, hours)
    overdue = now >= due_at
    first, last = (due_at, now) if overdue else (max(now, begin), due_at)
    span = office_span(first, last, calendar, hours)
    a_day = hours.minutes_on(legal_date(due_at)) or 1
    total = whole.working_days * a_day + whole.minutes or 1
    part = (span.working_days * a_day + span.minutes) / total
    is_near = warn_at is not None and now >= warn_at
    return TimeLeft(
        light=ClockState.RED if overdue else ClockState.YELLOW if is_near else ClockState.GREEN,
        days=span.working_days,
        minutes=span.minutes,
        overdue=overdue,
        share=min(1 + part, 2.0) if overdue else max(1 - part, 0.0),
    )
