"""Built-in functions of dates, times and durations. Source: DMN 1.5, 10.3.4.1, 10.3.4.7 and 10.3.4.8."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from banjie.feel import calendar
from banjie.feel.diagnostics import NoValue
from banjie.feel.functions import built_in
from banjie.feel.literals import parse_date, parse_date_time, parse_duration, parse_time
from banjie.feel.values import Date, DateTime, DaysDuration, MonthsDuration, Time, from_python

if TYPE_CHECKING:
    from banjie.feel.scope import Run

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_MIDNIGHT_UTC = Time(0, 0, 0, offset=0)
_GREATEST_PART = Decimal(10**12)


def _bare(value: object) -> object:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _refuse(run: Run, kind: str, kind_zh: str, value: object) -> NoValue:
    shown = value if isinstance(value, (str, Decimal)) else type(value).__name__
    return run.report("conversion", f"{str(shown)[:80]!r} is not {kind}", f"“{str(shown)[:80]}”不是{kind_zh}")


def _whole(*parts: Decimal) -> list[int] | None:
    """The parts as whole numbers, None when one is not."""
    if any(abs(part) > _GREATEST_PART or part != part.to_integral_value() for part in parts):
        return None
    return [int(part) for part in parts]


@built_in("date", 0)
def date(run: Run, source: object) -> Date | None:
    value = _bare(source)
    if isinstance(value, DateTime):
        return value.date
    found = value if isinstance(value, Date) else (parse_date(value) if isinstance(value, str) else None)
    return found if found is not None else _refuse(run, "a date", "日期", value)


@built_in("date", 1)
def date_of_parts(run: Run, year: Decimal, month: Decimal, day: Decimal) -> Date | None:
    parts = _whole(year, month, day)
    try:
        return Date(parts[0], parts[1], parts[2]) if parts else _refuse(run, "a whole number", "整数", year)
    except ValueError:
        return _refuse(run, "a date", "日期", f"{year}-{month}-{day}")


@built_in("time", 0)
def time(run: Run, source: object) -> Time | None:
    value = _bare(source)
    if isinstance(value, DateTime):
        return value.time
    if isinstance(value, Date):
        return _MIDNIGHT_UTC
    found = value if isinstance(value, Time) else (parse_time(value) if isinstance(value, str) else None)
    return found if found is not None else _refuse(run, "a time", "时间", value)


@built_in("time", 1)
def time_of_parts(
    run: Run, hour: Decimal, minute: Decimal, second: Decimal, offset: DaysDuration | None = None
) -> Time | None:
    parts = _whole(hour, minute)
    if parts is None or not 0 <= second < 60:
        return _refuse(run, "a time", "时间", f"{hour}:{minute}:{second}")
    nanos = int(second * calendar.NANOS)
    shift = None if offset is None else _whole_seconds(offset)
    try:
        return Time(parts[0], parts[1], nanos // calendar.NANOS, nanos % calendar.NANOS, offset=shift)
    except ValueError:
        return _refuse(run, "a time", "时间", f"{hour}:{minute}:{second}")


def _whole_seconds(offset: DaysDuration) -> int:
    seconds = abs(offset.nanos) // calendar.NANOS
    return -seconds if offset.nanos < 0 else seconds


@built_in("date and time", 0)
def date_and_time(run: Run, source: object) -> DateTime | None:
    value = _bare(source)
    if isinstance(value, DateTime):
        return value
    if isinstance(value, Date):
        return DateTime(value, _MIDNIGHT_UTC)
    if isinstance(value, str):
        day = parse_date(value)
        found = parse_date_time(value) if day is None else DateTime(day, Time(0, 0, 0))
        if found is not None:
            return found
    return _refuse(run, "a date and time", "日期时间", value)


@built_in("date and time", 1)
def date_and_time_of_both(_run: Run, day: Date | DateTime, at: Time) -> DateTime:
    return DateTime(day.date if isinstance(day, DateTime) else day, at)


@built_in("date and time", 2)
def date_and_time_in_zone(run: Run, day: Date | DateTime, zone: str) -> DateTime | None:
    """The same instant told in another zone; a local date and time is placed in the zone."""
    if not calendar.is_zone(zone):
        return _refuse(run, "a time zone", "时区", zone)
    instant = day if isinstance(day, DateTime) else DateTime(day, _MIDNIGHT_UTC)
    shift = instant.shift
    at = instant.time
    placed = DateTime(instant.date, Time(at.hour, at.minute, at.second, at.nanos, zone=zone))
    if shift is None:
        return placed
    return placed.moved(((placed.shift or 0) - shift) * calendar.NANOS)


@built_in("date and time", 3)
def date_and_time_of_parts(
    run: Run,
    year: Decimal,
    month: Decimal,
    day: Decimal,
    hour: Decimal,
    minute: Decimal,
    second: Decimal,
    offset: DaysDuration | None = None,
) -> DateTime | None:
    on, at = date_of_parts(run, year, month, day), time_of_parts(run, hour, minute, second, offset)
    return None if on is None or at is None else DateTime(on, at)


@built_in("date and time", 4)
def date_and_time_of_parts_in_zone(
    run: Run,
    year: Decimal,
    month: Decimal,
    day: Decimal,
    hour: Decimal,
    minute: Decimal,
    second: Decimal,
    zone: str,
) -> DateTime | None:
    local = date_and_time_of_parts(run, year, month, day, hour, minute, second)
    return None if local is None else date_and_time_in_zone(run, local, zone)


@built_in("duration")
def duration(run: Run, source: object) -> DaysDuration | MonthsDuration | None:
    value = _bare(source)
    if isinstance(value, (DaysDuration, MonthsDuration)):
        return value
    found = parse_duration(value) if isinstance(value, str) else None
    return found if found is not None else _refuse(run, "a duration", "时长", value)


@built_in("years and months duration")
def years_and_months_duration(_run: Run, start: Date | DateTime, end: Date | DateTime) -> MonthsDuration:
    """Whole months from one day to another, towards zero."""
    first = start.date if isinstance(start, DateTime) else start
    last = end.date if isinstance(end, DateTime) else end
    months = (last.year - first.year) * 12 + last.month - first.month
    if months > 0 and last.day < first.day:
        months -= 1
    elif months < 0 and last.day > first.day:
        months += 1
    return MonthsDuration(months)


def _day(value: Date | DateTime) -> Date:
    return value.date if isinstance(value, DateTime) else value


@built_in("day of year")
def day_of_year(_run: Run, day: Date | DateTime) -> Decimal:
    on = _day(day)
    return Decimal(calendar.day_of_year(on.year, on.month, on.day))


@built_in("day of week")
def day_of_week(_run: Run, day: Date | DateTime) -> str:
    return _DAYS[_day(day).weekday - 1]


@built_in("month of year")
def month_of_year(_run: Run, day: Date | DateTime) -> str:
    return _MONTHS[_day(day).month - 1]


@built_in("week of year")
def week_of_year(_run: Run, day: Date | DateTime) -> Decimal:
    """By ISO 8601."""
    return Decimal(calendar.week_of_year(_day(day).number))


def _clock(run: Run) -> datetime | None:
    if run.now is None:
        return run.report("clock", "no present time was given to the evaluation", "求值未提供当前时间")
    return run.now


@built_in("now")
def now(run: Run) -> object:
    return from_python(_clock(run))


@built_in("today")
def today(run: Run) -> object:
    instant = _clock(run)
    return None if instant is None else from_python(instant.date())
