"""Working days and office hours: which days count, and when an office closes.

A calendar is an immutable value whose version is the hash of what it says, so that a due time can name
the calendar it was computed on. Building calendars from notices is left to `policy.calendars`.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone

from banjie.domain.errors import BanjieError, InvalidRequest

#: The zone of every legal date. A fixed offset: China has kept UTC+8 without summer time since 1992, and
#: a fixed offset needs no time zone database on the machine.
LEGAL_ZONE = timezone(timedelta(hours=8), "Asia/Shanghai")

_ONE_DAY = timedelta(days=1)
_SATURDAY = 6


class CalendarRange(InvalidRequest):
    """The working day lies outside the years that the calendar covers."""

    code = "calendar_range"


class CalendarFault(BanjieError):
    """The days or hours given do not make a calendar."""

    code = "calendar_fault"


def legal_date(instant: datetime) -> date:
    """The date in the legal zone on which an aware instant falls.

    >>> legal_date(datetime(2025, 9, 30, 16, 0, tzinfo=UTC))
    datetime.date(2025, 10, 1)
    """
    return instant.astimezone(LEGAL_ZONE).date()


@dataclass(frozen=True, kw_only=True)
class SpecialDay:
    """A day that differs from the rule Monday to Friday, or a weekday's holiday by name.

    `name` is the holiday's name or the reason of a local closure; `source` names the notice, None where
    none is on record.
    """

    day: date
    is_working: bool
    name: str
    source: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class WorkingCalendar:
    """The working days of an unbroken run of years, Monday to Friday but for the special days.

    `special_days` holds at most one entry a day, all between `first_day` and `last_day`, both included.
    `provisional_years` are those without an official notice: their make-up days are not known yet.
    `version` is the key with the hash of everything that can move a due time; two calendars of the same
    version are equal. Every question costs one look-up in a table of ranks.

    Raises CalendarFault for a special day given twice or outside the run.
    """

    key: str
    first_day: date
    last_day: date
    special_days: tuple[SpecialDay, ...] = ()
    provisional_years: frozenset[int] = frozenset()
    version: str = field(init=False)
    _first: int = field(init=False, repr=False)
    _working: tuple[date, ...] = field(init=False, repr=False)
    _through: tuple[int, ...] = field(init=False, repr=False)
    _special: dict[date, SpecialDay] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        special = self._by_day()
        working: list[date] = []
        through: list[int] = []
        first = self.first_day.toordinal()
        for ordinal in range(first, self.last_day.toordinal() + 1):
            day = date.fromordinal(ordinal)
            entry = special.get(day)
            if entry.is_working if entry else _is_weekday(day):
                working.append(day)
            through.append(len(working))
        for name, value in (
            ("_first", first),
            ("_working", tuple(working)),
            ("_through", tuple(through)),
            ("_special", special),
            ("version", self._content_hash()),
        ):
            object.__setattr__(self, name, value)

    def _by_day(self) -> dict[date, SpecialDay]:
        special: dict[date, SpecialDay] = {}
        for entry in self.special_days:
            if not self.first_day <= entry.day <= self.last_day:
                raise CalendarFault(calendar=self.key, day=entry.day, rule="outside the calendar's years")
            if entry.day in special:
                raise CalendarFault(calendar=self.key, day=entry.day, rule="given twice")
            special[entry.day] = entry
        return special

    def _content_hash(self) -> str:
        lines = [self.first_day.isoformat(), self.last_day.isoformat()]
        lines += [str(year) for year in sorted(self.provisional_years)]
        lines += sorted(
            f"{entry.day}{'+' if entry.is_working else '-'}"
            for entry in self.special_days
            if entry.is_working != _is_weekday(entry.day)
        )
        digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        return f"{self.key}-{digest[:16]}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WorkingCalendar) and self.version == other.version

    def __hash__(self) -> int:
        return hash(self.version)

    def _index(self, day: date) -> int:
        index = day.toordinal() - self._first
        if 0 <= index < len(self._through):
            return index
        raise CalendarRange(calendar=self.key, day=day, first=self.first_day, last=self.last_day)

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on the day; raises CalendarRange outside the calendar's years.

        >>> WorkingCalendar(key="x", first_day=date(2026, 1, 1), last_day=date(2026, 12, 31),
        ...     special_days=(SpecialDay(day=date(2026, 2, 14), is_working=True, name="make-up"),)
        ... ).is_working_day(date(2026, 2, 14))
        True
        """
        index = self._index(day)
        return self._through[index] > (self._through[index - 1] if index else 0)

    def nth(self, day: date, n: int) -> date:
        """The n-th working day after the day for n > 0, before it for n < 0, the day itself for 0.

        The day itself never counts, whether it is a working day or not.
        Raises CalendarRange where the answer lies outside the calendar's years.
        """
        if n == 0:
            return day
        index = self._index(day)
        before = self._through[index - 1] if index else 0
        wanted = self._through[index] + n - 1 if n > 0 else before + n
        if 0 <= wanted < len(self._working):
            return self._working[wanted]
        raise CalendarRange(
            calendar=self.key, day=day, working_days=n, first=self.first_day, last=self.last_day
        )

    def add_working_days(self, day: date, working_days: int) -> date:
        """The last day of a limit of so many working days; the day of the act does not count.

        With 0 the day itself, be it a working day or not. A negative number raises InvalidRequest.

        >>> festival = tuple(SpecialDay(day=date(2026, 2, day), is_working=day in (14, 28), name="春节")
        ...                  for day in (*range(14, 24), 28))
        >>> WorkingCalendar(key="x", first_day=date(2026, 1, 1), last_day=date(2026, 12, 31),
        ...     special_days=festival).add_working_days(date(2026, 2, 13), 2)
        datetime.date(2026, 2, 24)

        Source: 民法典 Art. 201.
        """
        if working_days < 0:
            raise InvalidRequest("A limit cannot be negative.", working_days=working_days)
        return self.nth(day, working_days)

    def count_working_days(self, after: date, until: date) -> int:
        """Working days after `after` up to and including `until`; negative when `until` is earlier."""
        return self._through[self._index(until)] - self._through[self._index(after)]

    def next_working_day(self, day: date) -> date:
        """The first working day after the day."""
        return self.nth(day, 1)

    def previous_working_day(self, day: date) -> date:
        """The last working day before the day."""
        return self.nth(day, -1)

    def working_day_from(self, day: date) -> date:
        """The day itself where it is a working day, else the next one."""
        return day if self.is_working_day(day) else self.nth(day, 1)

    def is_provisional(self, day: date) -> bool:
        """Whether the day's year has no official notice yet, so that its make-up days are not known."""
        return day.year in self.provisional_years

    def special(self, day: date) -> SpecialDay | None:
        """What the notices say of the day, None where the rule Monday to Friday holds."""
        return self._special.get(day)

    def with_local_days(self, key: str, days: Iterable[SpecialDay]) -> WorkingCalendar:
        """The calendar of an agency or region: this one, with its own closures and extra working days.

        A local entry replaces the national one of the same day.
        """
        local = tuple(days)
        replaced = {entry.day for entry in local}
        kept = (entry for entry in self.special_days if entry.day not in replaced)
        return WorkingCalendar(
            key=key,
            first_day=self.first_day,
            last_day=self.last_day,
            special_days=tuple(sorted((*kept, *local), key=lambda entry: entry.day)),
            provisional_years=self.provisional_years,
        )


@dataclass(frozen=True, kw_only=True)
class Session:
    """A stretch of office time in local time; `closes` None is midnight at the end of the day.

    Raises CalendarFault where it closes before it opens or a time is not a whole minute.
    """

    opens: time
    closes: time | None

    def __post_init__(self) -> None:
        for moment in (self.opens, self.closes):
            if moment and (moment.second or moment.microsecond or moment.tzinfo):
                raise CalendarFault(time=moment, rule="office hours are local times in whole minutes")
        if self.closes is not None and self.closes <= self.opens:
            raise CalendarFault(opens=self.opens, closes=self.closes, rule="closes before it opens")


#: An agency without office hours of its own: its days end at 24:00.
WHOLE_DAY = (Session(opens=time(0), closes=None),)


@dataclass(frozen=True, kw_only=True)
class HoursVariant:
    """Other sessions for some weekdays or a season.

    `weekdays` are ISO numbers (Monday 1 … Sunday 7), empty for all. The season runs from (month, day)
    `since` through `until`, both included, and may pass the turn of the year; None for the whole year.
    """

    sessions: tuple[Session, ...]
    weekdays: frozenset[int] = frozenset()
    since: tuple[int, int] | None = None
    until: tuple[int, int] | None = None

    def holds_on(self, day: date) -> bool:
        if self.weekdays and day.isoweekday() not in self.weekdays:
            return False
        if self.since is None or self.until is None:
            return True
        today = (day.month, day.day)
        if self.since <= self.until:
            return self.since <= today <= self.until
        return today >= self.since or today <= self.until


@dataclass(frozen=True, kw_only=True)
class OfficeHours:
    """When an agency works on its working days; the first variant that holds on a day replaces `sessions`.

    The default, 09:00 to 17:30 without a break, is locally set: no text of the project names hours.
    Raises CalendarFault where sessions are missing, overlap or are out of order.
    """

    key: str = "default"
    sessions: tuple[Session, ...] = (Session(opens=time(9), closes=time(17, 30)),)
    variants: tuple[HoursVariant, ...] = ()

    def __post_init__(self) -> None:
        for sessions in (self.sessions, *(variant.sessions for variant in self.variants)):
            if not sessions:
                raise CalendarFault(hours=self.key, rule="a day needs at least one session")
            for earlier, later in itertools.pairwise(sessions):
                if earlier.closes is None or later.opens < earlier.closes:
                    raise CalendarFault(hours=self.key, opens=later.opens, rule="sessions overlap")

    def sessions_on(self, day: date) -> tuple[Session, ...]:
        for variant in self.variants:
            if variant.holds_on(day):
                return variant.sessions
        return self.sessions

    def opening(self, day: date) -> datetime:
        """The instant (UTC) at which the agency opens, were the day a working day."""
        return _instant(day, self.sessions_on(day)[0].opens)

    def closing(self, day: date) -> datetime:
        """The instant (UTC) at which a limit ends whose last day this is: the close of hours, else 24:00.

        Source: 民法典 Art. 203.
        """
        return _instant(day, self.sessions_on(day)[-1].closes)

    def minutes_on(self, day: date, *, after: datetime | None = None, until: datetime | None = None) -> int:
        """Whole minutes of office time on the day, were it a working day, within [after, until)."""
        total = timedelta()
        for session in self.sessions_on(day):
            opens = _instant(day, session.opens)
            closes = _instant(day, session.closes)
            begin = opens if after is None else max(opens, after)
            end = closes if until is None else min(closes, until)
            total += max(end - begin, timedelta())
        return int(total.total_seconds() // 60)


DEFAULT_HOURS = OfficeHours()


def _is_weekday(day: date) -> bool:
    return day.isoweekday() < _SATURDAY


def _instant(day: date, moment: time | None) -> datetime:
    if moment is None:
        return datetime.combine(day + _ONE_DAY, time(0), LEGAL_ZONE).astimezone(UTC)
    return datetime.combine(day, moment, LEGAL_ZONE).astimezone(UTC)
