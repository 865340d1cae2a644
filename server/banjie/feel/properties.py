"""What may follow a dot: members of contexts and the properties of dates, times, durations and ranges, nothing else.

Source: DMN 1.5, table 65.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from banjie.feel.calendar import NANOS
from banjie.feel.values import Date, DateTime, DaysDuration, MonthsDuration, Range, Time

ABSENT = object()
"""The value has no such property."""


def _offset(shift: int | None) -> DaysDuration | None:
    return None if shift is None else DaysDuration(shift * NANOS)


def _signed(total: int, part: int) -> Decimal:
    return Decimal(-part if total < 0 else part)


_DATE: dict[str, Callable[[Date], object]] = {
    "year": lambda date: Decimal(date.year),
    "month": lambda date: Decimal(date.month),
    "day": lambda date: Decimal(date.day),
    "weekday": lambda date: Decimal(date.weekday),
}
_TIME: dict[str, Callable[[Time], object]] = {
    "hour": lambda time: Decimal(time.hour),
    "minute": lambda time: Decimal(time.minute),
    "second": lambda time: Decimal(time.second),
    "time offset": lambda time: _offset(time.shift),
    "timezone": lambda time: time.zone,
}
_DAYS: dict[str, Callable[[DaysDuration], object]] = {
    "days": lambda length: _signed(length.nanos, length.parts()[1]),
    "hours": lambda length: _signed(length.nanos, length.parts()[2]),
    "minutes": lambda length: _signed(length.nanos, length.parts()[3]),
    "seconds": lambda length: _signed(length.nanos, length.parts()[4]),
}
_MONTHS: dict[str, Callable[[MonthsDuration], object]] = {
    "years": lambda length: _signed(length.months, abs(length.months) // 12),
    "months": lambda length: _signed(length.months, abs(length.months) % 12),
}
_RANGE: dict[str, Callable[[Range], object]] = {
    "start": lambda bounds: bounds.start,
    "end": lambda bounds: bounds.end,
    "start included": lambda bounds: bounds.start_included,
    "end included": lambda bounds: bounds.end_included,
}


def property_of(value: object, name: str) -> object:
    """The property of a value that is neither a list nor a context; ABSENT when it has none of the name."""
    if isinstance(value, Date):
        return _DATE[name](value) if name in _DATE else ABSENT
    if isinstance(value, DateTime):
        if name == "time offset":
            return _offset(value.shift)
        if name in _DATE:
            return _DATE[name](value.date)
        return _TIME[name](value.time) if name in _TIME else ABSENT
    if isinstance(value, Time):
        return _TIME[name](value) if name in _TIME else ABSENT
    if isinstance(value, DaysDuration):
        return _DAYS[name](value) if name in _DAYS else ABSENT
    if isinstance(value, MonthsDuration):
        return _MONTHS[name](value) if name in _MONTHS else ABSENT
    if isinstance(value, Range):
        return _RANGE[name](value) if name in _RANGE else ABSENT
    return ABSENT
