"""The lexical forms of dates, times, durations and numbers, as XML Schema has them with FEEL's zone names added."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation, Overflow

from banjie.feel.calendar import NANOS
from banjie.feel.values import NUMBERS, Date, DateTime, DaysDuration, MonthsDuration, Time

_DATE = re.compile(r"(-?)([1-9][0-9]{4,8}|[0-9]{4})-([0-9]{2})-([0-9]{2})\Z")
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,30}))?"
    r"(?:(Z)|([+-])([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?|@([A-Za-z0-9_+\-/]{1,63}))?\Z"
)
_MONTHS = re.compile(r"(-?)P(?:([0-9]{1,18})Y)?(?:([0-9]{1,18})M)?\Z")
_DAYS = re.compile(
    r"(-?)P(?:([0-9]{1,18})D)?"
    r"(?:T(?=[0-9])(?:([0-9]{1,18})H)?(?:([0-9]{1,18})M)?(?:([0-9]{1,18})(?:\.([0-9]{0,30}))?S)?)?\Z"
)
_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")


def parse_date(text: str) -> Date | None:
    """The date that `text` writes, or None."""
    match = _DATE.match(text)
    if match is None:
        return None
    sign, year, month, day = match.groups()
    try:
        return Date(-int(year) if sign else int(year), int(month), int(day))
    except ValueError:
        return None


def parse_time(text: str) -> Time | None:
    """The time of day that `text` writes, or None. Digits beyond nanoseconds are cut."""
    match = _TIME.match(text)
    if match is None:
        return None
    hour, minute, second, fraction, utc, sign, hours, minutes, seconds, zone = match.groups()
    offset = 0 if utc else None
    if sign:
        if int(minutes) > 59 or int(seconds or 0) > 59:
            return None
        offset = int(hours) * 3600 + int(minutes) * 60 + int(seconds or 0)
        offset = -offset if sign == "-" else offset
    try:
        return Time(int(hour), int(minute), int(second), _nanos(fraction), offset=offset, zone=zone)
    except ValueError:
        return None


def parse_date_time(text: str) -> DateTime | None:
    """The date and time that `text` writes, or None."""
    day, separator, at = text.partition("T")
    date, time = parse_date(day), parse_time(at)
    return DateTime(date, time) if separator and date is not None and time is not None else None


def parse_duration(text: str) -> DaysDuration | MonthsDuration | None:
    """The duration of either kind that `text` writes, or None; years or months never go with days or hours."""
    if len(text) < 3 or not text[-1].isalpha():
        return None
    match = _MONTHS.match(text)
    if match is not None:
        sign, years, months = match.groups()
        total = int(years or 0) * 12 + int(months or 0)
        return MonthsDuration(-total if sign else total)
    match = _DAYS.match(text)
    if match is None:
        return None
    sign, days, hours, minutes, seconds, fraction = match.groups()
    length = DaysDuration.of(
        days=int(days or 0),
        hours=int(hours or 0),
        minutes=int(minutes or 0),
        seconds=int(seconds or 0),
        nanos=_nanos(fraction),
    )
    return DaysDuration(-length.nanos) if sign else length


def parse_temporal(text: str) -> Date | Time | DateTime | DaysDuration | MonthsDuration | None:
    """What an at-literal `@"…"` writes, or None."""
    return parse_date(text) or parse_date_time(text) or parse_time(text) or parse_duration(text)


def parse_number(text: str) -> Decimal | None:
    """The number that `text` writes, rounded to 34 digits; None when it is none or too great."""
    if len(text) > 10_000 or _NUMBER.match(text) is None:
        return None
    try:
        return NUMBERS.create_decimal(text)
    except (InvalidOperation, Overflow):
        return None


def _nanos(fraction: str | None) -> int:
    return int((fraction or "0")[:9].ljust(9, "0")) % NANOS
