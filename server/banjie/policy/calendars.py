"""The official calendar of China with its notices, local closures and office hours, from ``calendars/``.

The days come from the library `holidays`; `cn.yaml` says which years have a notice and what differs
locally. What the days mean for a limit is in `domain.calendar` and `domain.clock`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import metadata
from pathlib import Path

import holidays

from banjie.domain.calendar import DEFAULT_HOURS, OfficeHours, SpecialDay, WorkingCalendar
from banjie.policy.checked import CheckedFile
from banjie.policy.office_hours import read_hours
from banjie.policy.yaml_reader import load_yaml

#: Years after the given one that a calendar reaches; the longest limits of the law end well within.
YEARS_AHEAD = 3
_LAST_YEAR = 2090
_YEAR = re.compile("[0-9]{4}")
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MAKE_UP = "调休上班"
_LIBRARY = f"PyPI holidays {metadata.version('holidays')}"


@dataclass(frozen=True, kw_only=True)
class Notice:
    """The State Council's notice of one year's days.

    `number` is None where only the library is cited; `amended` holds later notices of the same year.
    `days_off` (day → name) and `days_worked` are the notice's own days where the file gives them, else None.
    """

    year: int
    number: str | None
    amended: tuple[str, ...] = ()
    url: str | None = None
    days_off: Mapping[date, str] | None = None
    days_worked: tuple[date, ...] | None = None

    @property
    def source(self) -> str:
        """How the notice is cited: by number, else by the library that transcribes it."""
        return "; ".join((self.number, *self.amended)) if self.number else _LIBRARY


@dataclass(frozen=True, kw_only=True)
class CalendarYear:
    """A year of the national calendar; `notice` None while it is provisional.

    `days_off` are the holidays, those at a weekend included, and `days_worked` the days made up for; both ascend.
    """

    year: int
    notice: Notice | None
    days_off: tuple[SpecialDay, ...]
    days_worked: tuple[SpecialDay, ...]


class CalendarBook:
    """The national calendar and what agencies and regions add to it.

    Answers are built once and kept; the book itself never changes.
    """

    def __init__(
        self,
        *,
        national: WorkingCalendar,
        notices: Mapping[int, Notice],
        local: Mapping[str, tuple[SpecialDay, ...]],
        hours: Mapping[str, OfficeHours],
        warn_days_before_year: int,
    ) -> None:
        self.national = national
        self.notices = notices
        self._local = local
        self._hours = hours
        self._warn_days = warn_days_before_year
        self._built: dict[tuple[str, ...], WorkingCalendar] = {(): national}

    def calendar_for(self, keys: Sequence[str] = ()) -> WorkingCalendar:
        """The calendar of an agency: region and agency keys from the widest to the narrowest.

        Where two keys differ on a day the later one holds; keys without local days change nothing.
        """
        relevant = tuple(key for key in keys if self._local.get(key))
        if relevant not in self._built:
            days = {entry.day: entry for key in relevant for entry in self._local[key]}
            name = "+".join((self.national.key, *relevant))
            self._built[relevant] = self.national.with_local_days(name, days.values())
        return self._built[relevant]

    def hours_for(self, keys: Sequence[str] = ()) -> OfficeHours:
        """The office hours of the last of the keys that has its own, else the default."""
        for key in reversed(keys):
            if key in self._hours:
                return self._hours[key]
        return self._hours.get("default", DEFAULT_HOURS)

    def years(self) -> tuple[CalendarYear, ...]:
        """The years of the national calendar, the latest first."""
        special = self.national.special_days
        return tuple(
            CalendarYear(
                year=year,
                notice=self.notices.get(year),
                days_off=tuple(one for one in special if one.day.year == year and not one.is_working),
                days_worked=tuple(one for one in special if one.day.year == year and one.is_working),
            )
            for year in range(self.national.last_day.year, self.national.first_day.year - 1, -1)
        )

    def missing_notices(self, today: date) -> tuple[int, ...]:
        """Years, from this one on, that have begun or soon begin without an official notice, ascending."""
        horizon = today + timedelta(days=self._warn_days)
        return tuple(year for year in range(today.year, horizon.year + 1) if year not in self.notices)


def load_calendars(folder: Path, this_year: int) -> CalendarBook:
    """Read ``cn.yaml`` of the folder and build the calendars through `this_year` + YEARS_AHEAD.

    Raises ContentError listing every broken rule with its key.
    """
    name = f"{folder.parent.name}/{folder.name}/cn.yaml"
    file = CheckedFile(name, load_yaml(folder / "cn.yaml", file=name))
    top = file.mapping(
        file.content, "document", {"country", "warn_days_before_year", "notices", "local", "hours"}
    )
    if top.get("country") != "CN":
        file.broken("country", "country", "must be CN")
    warn_days = file.integer(top.get("warn_days_before_year"), "warn_days_before_year", 0, 366)
    notices = dict(_notices(file, top.get("notices")))
    last_year = this_year + YEARS_AHEAD
    if not notices or not min(notices) <= this_year <= _LAST_YEAR:
        file.broken("notices", "years", f"must begin in or before {this_year}")
        file.refuse()
    first_day, last_day = date(min(notices), 1, 1), date(max(last_year, *notices), 12, 31)
    local = dict(_local(file, top.get("local"), first_day, last_day))
    hours = dict(read_hours(file, top.get("hours")))
    special = tuple(_special_days(file, notices, first_day, last_day))
    file.refuse()
    return CalendarBook(
        national=WorkingCalendar(
            key="cn",
            first_day=first_day,
            last_day=last_day,
            special_days=special,
            provisional_years=frozenset(range(first_day.year, last_day.year + 1)) - notices.keys(),
        ),
        notices=notices,
        local=local,
        hours=hours,
        warn_days_before_year=warn_days,
    )


def _notices(file: CheckedFile, value: object) -> Iterator[tuple[int, Notice]]:
    years = []
    for key, raw in file.mapping(value, "notices").items():
        element = f"notices.{key}"
        year = file.integer(_number(key), element, 2004, _LAST_YEAR)
        entry = file.mapping(raw, element, {"number", "amended", "url", "days_off", "days_worked"})
        if "number" not in entry:
            file.broken(element, "number", "must be given, null where unknown")
        number, url = entry.get("number"), entry.get("url")
        own_days = {"days_off", "days_worked"} & entry.keys()
        days_off, days_worked = _own_days(file, element, year, entry) if own_days else (None, None)
        years.append(year)
        yield (
            year,
            Notice(
                year=year,
                number=None if number is None else file.text(number, f"{element}.number"),
                amended=tuple(
                    file.text(item, f"{element}.amended")
                    for item in file.items(entry.get("amended", []), element)
                ),
                url=None if url is None else file.text(url, f"{element}.url"),
                days_off=days_off,
                days_worked=days_worked,
            ),
        )
    if years and sorted(years) != list(range(min(years), max(years) + 1)):
        file.broken("notices", "unbroken", "leave out a year between the first and the last")


def _number(key: object) -> int | None:
    """The year that a key says; keys of a file are text."""
    return int(key) if isinstance(key, str) and _YEAR.fullmatch(key) else None


def _date(key: object) -> date | None:
    """The day that a key says."""
    try:
        return date.fromisoformat(key) if isinstance(key, str) and _DAY.fullmatch(key) else None
    except ValueError:
        return None


def _own_days(
    file: CheckedFile, element: str, year: int, entry: Mapping[object, object]
) -> tuple[dict[date, str], tuple[date, ...]]:
    """The days of a notice that the file gives itself; make-up days may lie in the December before."""
    first, last = date(year - 1, 12, 1), date(year, 12, 31)
    off: dict[date, str] = {}
    for key, name in file.mapping(entry.get("days_off"), f"{element}.days_off").items():
        day = file.day(_date(key), f"{element}.days_off.{key}", first, last)
        if day is not None:
            off[day] = file.text(name, f"{element}.days_off.{key}")
    on: list[date] = []
    for item in file.items(entry.get("days_worked"), f"{element}.days_worked"):
        day = file.day(item, f"{element}.days_worked.{item}", first, last)
        if day is None:
            continue
        if day in on or day in off:
            file.broken(f"{element}.days_worked.{day}", "duplicate", "is given twice")
        if day.isoweekday() < 6:
            file.broken(f"{element}.days_worked.{day}", "weekend", "is no Saturday or Sunday")
        on.append(day)
    return off, tuple(on)


def _special_days(
    file: CheckedFile, notices: Mapping[int, Notice], first_day: date, last_day: date
) -> Iterator[SpecialDay]:
    """The library's days, replaced by a notice's own where the file gives them; ascending."""
    library = holidays.country_holidays(
        "CN", years=range(first_day.year, last_day.year + 1), language="zh_CN", expand=False
    )
    made_up = {day for day in library.weekend_workdays if first_day <= day <= last_day}
    days: dict[date, SpecialDay] = {}
    for day, name in [*library.items(), *((day, _MAKE_UP) for day in made_up)]:
        notice = notices.get(day.year)
        if first_day <= day <= last_day and (notice is None or notice.days_off is None):
            days[day] = SpecialDay(
                day=day, is_working=day in made_up, name=name, source=notice.source if notice else None
            )
    known = {day.year for day in made_up}
    for notice in notices.values():
        if notice.days_off is None or notice.days_worked is None:
            if notice.year not in known:
                file.broken(f"notices.{notice.year}", "days", f"give its days: {_LIBRARY} does not know them")
            continue
        for day, name in notice.days_off.items():
            days[day] = SpecialDay(day=day, is_working=False, name=name, source=notice.source)
        for day in notice.days_worked:
            days[day] = SpecialDay(day=day, is_working=True, name=_MAKE_UP, source=notice.source)
    yield from sorted(days.values(), key=lambda entry: entry.day)


def _local(
    file: CheckedFile, value: object, first: date, last: date
) -> Iterator[tuple[str, tuple[SpecialDay, ...]]]:
    for key, raw in file.mapping(value, "local").items():
        element = f"local.{key}"
        days: dict[date, SpecialDay] = {}
        for number, item in enumerate(file.items(raw, element)):
            where = f"{element}[{number}]"
            entry = file.mapping(item, where, {"date", "working", "name", "source"})
            day = file.day(entry.get("date"), f"{where}.date", first, last)
            working, source = entry.get("working"), entry.get("source")
            if not isinstance(working, bool):
                file.broken(f"{where}.working", "type", "must be true or false")
            if day is None:
                continue
            if day in days:
                file.broken(f"{where}.date", "duplicate", f"gives {day} twice")
            days[day] = SpecialDay(
                day=day,
                is_working=working is True,
                name=file.text(entry.get("name"), f"{where}.name"),
                source=None if source is None else file.text(source, f"{where}.source"),
            )
        yield file.text(key, element), tuple(sorted(days.values(), key=lambda entry: entry.day))
