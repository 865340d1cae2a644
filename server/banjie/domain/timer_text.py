"""When a BPMN timer is due: an ISO 8601 text, or FEEL that yields one, becomes an instant.

SpiffWorkflow would fix the due time by the wall clock and read a time without zone by the zone frozen at process
start; here the instant of the run comes in, and a time without zone is the legal time of China.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

from banjie.domain.calendar import LEGAL_ZONE

#: No timer waits longer; a larger value is a slip of the pen or an attack on date arithmetic.
LONGEST = timedelta(days=3660)

_DURATION = re.compile(
    r"P(?=[\dT])(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?"
    r"(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,8})S)?)?",
    re.ASCII,
)
_LITERAL = re.compile(r"(?:P[\dT]|\d{4}-\d{2}-\d{2}(?:T|$))")


class TimerRefused(ValueError):
    """The text is no date, date and time, or positive duration of at most ten years."""


def is_literal(text: str) -> bool:
    """Whether a timer's text is meant as ISO 8601 itself and not as an expression."""
    return _LITERAL.match(text.strip()) is not None


def due_at(value: object, now: datetime) -> datetime:
    """The instant, in UTC, that an evaluated timer means; counted from `now` (aware) when it is a duration.

    `value` is an ISO text, a timedelta, a date (its midnight) or a datetime. Raises TimerRefused.
    """
    due = _instant(value, now)
    if due > now + LONGEST:
        raise TimerRefused(f"{value} is more than ten years away")
    return due


def _instant(value: object, now: datetime) -> datetime:
    if isinstance(value, str):
        return _from_text(value.strip(), now)
    if isinstance(value, timedelta):
        return _after(now, value)
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=LEGAL_ZONE)).astimezone(UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=LEGAL_ZONE).astimezone(UTC)
    raise TimerRefused(f"{value!r} is neither a duration nor a date")


def _from_text(text: str, now: datetime) -> datetime:
    if not text.startswith("P"):
        try:
            return _instant(datetime.fromisoformat(text), now)
        except (ValueError, OverflowError):
            raise TimerRefused(f"{text[:60]!r} is no ISO 8601 date and time") from None
    match = _DURATION.fullmatch(text)
    if match is None:
        raise TimerRefused(f"{text[:60]!r} is no ISO 8601 duration of whole units")
    years, months, weeks, days, hours, minutes, seconds = (int(group or 0) for group in match.groups())
    if years > 10 or years * 12 + months > 120:
        raise TimerRefused(f"{text} is more than ten years away")
    span = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return _after(_add_months(now, years * 12 + months), span, started=now)


def _after(instant: datetime, span: timedelta, started: datetime | None = None) -> datetime:
    if span > 2 * LONGEST:
        raise TimerRefused("more than ten years away")
    due = instant + span
    if due <= (started or instant):
        # An empty duration would mean "now" and let a drawn loop spin.
        raise TimerRefused("a duration must be longer than nothing")
    return due.astimezone(UTC)


def _add_months(instant: datetime, months: int) -> datetime:
    """The same day of a later month, or that month's last day; in legal time, as people count it."""
    if not months:
        return instant
    local = instant.astimezone(LEGAL_ZONE)
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    return local.replace(year=year, month=month + 1, day=min(local.day, monthrange(year, month + 1)[1]))
