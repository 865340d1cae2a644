"""Proleptic Gregorian day counts for every year that FEEL knows (±999,999,999), and zone offsets.

`datetime` ends at the year 9999 and has no year 0; FEEL dates do not.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

GREATEST_YEAR = 999_999_999
DAY = 86_400
NANOS = 1_000_000_000
WIDEST_OFFSET = 18 * 3600

_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_CYCLE_YEARS = 400
_CYCLE_DAYS = 146_097
_ZONE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+\-]*(?:/[A-Za-z0-9_+\-]+){0,3}\Z")


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in_month(year: int, month: int) -> int:
    return 29 if month == 2 and is_leap(year) else _DAYS[month - 1]


def day_number(year: int, month: int, day: int) -> int:
    """Days since 0001-01-01, which is 1 as in `date.toordinal`.

    >>> day_number(1, 1, 1), day_number(0, 12, 31)
    (1, 0)
    """
    cycles, within = divmod(year - 1, _CYCLE_YEARS)
    before = within * 365 + within // 4 - within // 100
    return cycles * _CYCLE_DAYS + before + day_of_year(year, month, day)


def day_of_year(year: int, month: int, day: int) -> int:
    """1 for the first of January."""
    return sum(_DAYS[: month - 1]) + (1 if month > 2 and is_leap(year) else 0) + day


def civil(number: int) -> tuple[int, int, int]:
    """Year, month and day of a day number; the inverse of `day_number`."""
    cycles, rest = divmod(number - 1, _CYCLE_DAYS)
    centuries = min(rest // 36_524, 3)
    rest -= centuries * 36_524
    fours = rest // 1_461
    rest -= fours * 1_461
    singles = min(rest // 365, 3)
    rest -= singles * 365
    year = cycles * _CYCLE_YEARS + centuries * 100 + fours * 4 + singles + 1
    month = 1
    while rest >= days_in_month(year, month):
        rest -= days_in_month(year, month)
        month += 1
    return year, month, rest + 1


def week_of_year(number: int) -> int:
    """The ISO 8601 week of a day number: weeks begin on Monday, week 1 holds the year's first Thursday."""
    thursday = number - (number - 1) % 7 + 3
    return (thursday - day_number(civil(thursday)[0], 1, 1)) // 7 + 1


@lru_cache(maxsize=1)
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones())


@lru_cache(maxsize=700)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def is_zone(name: str) -> bool:
    """Whether the IANA database knows the zone. The name is checked before anything is looked up by it."""
    return len(name) < 64 and _ZONE_NAME.match(name) is not None and name in _zone_names()


def zone_offset(name: str, days: int, seconds: int) -> int:
    """Seconds east of UTC in a zone at a local day number and second of the day; the earlier offset when ambiguous."""
    return _offset(_moment(days, seconds).replace(tzinfo=_zone(name)))


def zone_offset_at(name: str, days: int, seconds: int) -> int:
    """Seconds east of UTC in a zone at an instant, told as day number and second of the day in UTC."""
    return _offset(_moment(days, seconds).replace(tzinfo=UTC).astimezone(_zone(name)))


def _moment(days: int, seconds: int) -> datetime:
    """A date and time that `datetime` has; years beyond its own are told by one of the same form about 2000."""
    year, month, day = civil(days)
    if not 2 <= year <= 9998:
        year = 2000 + year % _CYCLE_YEARS
    return datetime(year, month, day, seconds // 3600, seconds // 60 % 60, seconds % 60)  # noqa: DTZ001 - told above


def _offset(at: datetime) -> int:
    return round((at.utcoffset() or timedelta()).total_seconds())
