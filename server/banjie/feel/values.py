"""FEEL values as Python objects, immutable, and their conversion at the border.

null, booleans, strings, lists and contexts are None, bool, str, list and dict; every number is a `Decimal`.
Dates, times, durations and ranges are classes of this module, because FEEL's are wider than Python's.
Evaluation never changes a list or dict that it was given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import TYPE_CHECKING, Final, cast

from banjie.feel import calendar

if TYPE_CHECKING:
    from banjie.feel.scope import Run
    from banjie.feel.types import FeelType

NUMBERS = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[DivisionByZero, InvalidOperation, Overflow],
)
"""The arithmetic of IEEE 754 decimal128. Shared: callers use its methods only, never its flags."""

_REFERENCE_DAY = calendar.day_number(2000, 1, 1)
_DEEPEST = 100


class Date:
    """A day of the proleptic Gregorian calendar. `number` counts days, 1 being 0001-01-01."""

    __slots__ = ("day", "month", "number", "year")

    def __init__(self, year: int, month: int, day: int) -> None:
        """Raises ValueError for a day that does not exist or a year beyond ±999,999,999."""
        if abs(year) > calendar.GREATEST_YEAR or not 1 <= month <= 12:
            raise ValueError("no such date")
        if not 1 <= day <= calendar.days_in_month(year, month):
            raise ValueError("no such date")
        self.year = year
        self.month = month
        self.day = day
        self.number = calendar.day_number(year, month, day)

    @classmethod
    def of_number(cls, number: int) -> Date:
        return cls(*calendar.civil(number))

    def plus_months(self, months: int) -> Date:
        """The same day of another month, or its last day when it is shorter."""
        years, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Date(years, month + 1, min(self.day, calendar.days_in_month(years, month + 1)))

    @property
    def weekday(self) -> int:
        """1 for Monday … 7 for Sunday."""
        return (self.number - 1) % 7 + 1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Date) and self.number == other.number

    def __hash__(self) -> int:
        return hash(self.number)

    def __str__(self) -> str:
        sign = "-" if self.year < 0 else ""
        return f"{sign}{abs(self.year):04d}-{self.month:02d}-{self.day:02d}"

    def __repr__(self) -> str:
        return f"Date({self.year}, {self.month}, {self.day})"


class Time:
    """A time of day: seconds since midnight, nanoseconds within the second, and an offset or a zone or neither."""

    __slots__ = ("_shift", "nanos", "offset", "seconds", "zone")

    def __init__(
        self,
        hour: int,
        minute: int,
        second: int,
        nanos: int = 0,
        *,
        offset: int | None = None,
        zone: str | None = None,
    ) -> None:
        """`offset` in seconds east of UTC, at most 18 hours; `zone` an IANA name. Raises ValueError otherwise."""
        if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60 and 0 <= nanos < calendar.NANOS):
            raise ValueError("no such time")
        if offset is not None and abs(offset) > calendar.WIDEST_OFFSET:
            raise ValueError("no such offset")
        if zone is not None and not calendar.is_zone(zone):
            raise ValueError("no such zone")
        self.seconds = hour * 3600 + minute * 60 + second
        self.nanos = nanos
        self.offset = offset
        self.zone = zone
        self._shift: int | None = offset

    @property
    def hour(self) -> int:
        return self.seconds // 3600

    @property
    def minute(self) -> int:
        return self.seconds // 60 % 60

    @property
    def second(self) -> int:
        return self.seconds % 60

    @property
    def shift(self) -> int | None:
        """Seconds east of UTC; a zone's is that of the first of January 2000. None for a local time."""
        if self._shift is None and self.zone is not None:
            self._shift = calendar.zone_offset(self.zone, _REFERENCE_DAY, self.seconds)
        return self._shift

    def moved(self, nanos: int) -> Time:
        """The time so many nanoseconds later, round the clock."""
        total = (self.seconds * calendar.NANOS + self.nanos + nanos) % (calendar.DAY * calendar.NANOS)
        seconds, rest = divmod(total, calendar.NANOS)
        return Time(
            seconds // 3600, seconds // 60 % 60, seconds % 60, rest, offset=self.offset, zone=self.zone
        )

    def parts(self) -> tuple[object, ...]:
        return self.seconds, self.nanos, self.offset, self.zone

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Time) and self.parts() == other.parts()

    def __hash__(self) -> int:
        return hash(self.parts())

    def __str__(self) -> str:
        fraction = f".{self.nanos:09d}".rstrip("0") if self.nanos else ""
        return f"{self.hour:02d}:{self.minute:02d}:{self.second:02d}{fraction}{zone_text(self.offset, self.zone)}"

    def __repr__(self) -> str:
        return f"Time({str(self)!r})"


class DateTime:
    """A date with a time; an instant when the time has an offset or a zone, a local date and time when not."""

    __slots__ = ("_shift", "date", "time")

    def __init__(self, day: Date, at: Time) -> None:
        self.date = day
        self.time = at
        self._shift: int | None = at.offset

    @property
    def shift(self) -> int | None:
        """Seconds east of UTC at this date; None when local."""
        if self._shift is None and self.time.zone is not None:
            self._shift = calendar.zone_offset(self.time.zone, self.date.number, self.time.seconds)
        return self._shift

    @property
    def local_seconds(self) -> int:
        """Seconds since the midnight before 0001-01-01 on the local clock."""
        return self.date.number * calendar.DAY + self.time.seconds

    @property
    def local_nanos(self) -> int:
        return self.local_seconds * calendar.NANOS + self.time.nanos

    def moved(self, nanos: int) -> DateTime:
        """The date and time so much later: on the local clock, in a zone by the time that elapses."""
        zone, local = self.time.zone, self.local_nanos + nanos
        if zone is not None:
            before = self.shift or 0
            after = calendar.zone_offset_at(zone, *divmod(local // calendar.NANOS - before, calendar.DAY))
            local += (after - before) * calendar.NANOS
        day, rest = divmod(local, calendar.DAY * calendar.NANOS)
        seconds, left = divmod(rest, calendar.NANOS)
        at = Time(seconds // 3600, seconds // 60 % 60, seconds % 60, left, offset=self.time.offset, zone=zone)
        return DateTime(Date.of_number(day), at)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DateTime) and self.date == other.date and self.time == other.time

    def __hash__(self) -> int:
        return hash((self.date, self.time))

    def __str__(self) -> str:
        return f"{self.date}T{self.time}"

    def __repr__(self) -> str:
        return f"DateTime({str(self)!r})"


class DaysDuration:
    """A days and time duration, in nanoseconds of either sign."""

    __slots__ = ("nanos",)

    def __init__(self, nanos: int) -> None:
        self.nanos = nanos

    @classmethod
    def of(
        cls, *, days: int = 0, hours: int = 0, minutes: int = 0, seconds: int = 0, nanos: int = 0
    ) -> DaysDuration:
        return cls((days * calendar.DAY + hours * 3600 + minutes * 60 + seconds) * calendar.NANOS + nanos)

    def parts(self) -> tuple[int, int, int, int, int, int]:
        """Sign (1 or -1), days, hours, minutes, seconds, nanoseconds."""
        seconds, nanos = divmod(abs(self.nanos), calendar.NANOS)
        days, rest = divmod(seconds, calendar.DAY)
        return (-1 if self.nanos < 0 else 1), days, rest // 3600, rest // 60 % 60, rest % 60, nanos

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DaysDuration) and self.nanos == other.nanos

    def __hash__(self) -> int:
        return hash(("D", self.nanos))

    def __str__(self) -> str:
        sign, days, hours, minutes, seconds, nanos = self.parts()
        if self.nanos == 0:
            return "PT0S"
        fraction = f".{nanos:09d}".rstrip("0") if nanos else ""
        clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
        clock += f"{seconds}{fraction}S" if seconds or nanos else ""
        return ("-" if sign < 0 else "") + "P" + (f"{days}D" if days else "") + (f"T{clock}" if clock else "")

    def __repr__(self) -> str:
        return f"DaysDuration({str(self)!r})"


class MonthsDuration:
    """A years and months duration, in months of either sign."""

    __slots__ = ("months",)

    def __init__(self, months: int) -> None:
        self.months = months

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MonthsDuration) and self.months == other.months

    def __hash__(self) -> int:
        return hash(("M", self.months))

    def __str__(self) -> str:
        years, months = divmod(abs(self.months), 12)
        sign = "-" if self.months < 0 else ""
        return sign + "P" + (f"{years}Y" if years else "") + (f"{months}M" if months or not years else "")

    def __repr__(self) -> str:
        return f"MonthsDuration({str(self)!r})"


class Range:
    """Values between two ends of one ordered type. An end that is None is unbounded, and then open.

    `sign` is "=" or "!=" for what `(= 5)` and `(!= 5)` write: one value, or every other; both ends are the value then.
    """

    __slots__ = ("end", "end_included", "sign", "start", "start_included")

    def __init__(
        self, *, start: object, end: object, start_included: bool, end_included: bool, sign: str = ""
    ) -> None:
        self.start = start
        self.end = end
        self.start_included = start_included
        self.end_included = end_included
        self.sign = sign

    def parts(self) -> tuple[object, ...]:
        return self.start, self.end, self.start_included, self.end_included, self.sign

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Range) and self.parts() == other.parts()

    def __hash__(self) -> int:
        return hash(self.parts())

    def __repr__(self) -> str:
        return f"Range({range_text(self)})"


class Function:
    """A function as a value. Subclasses say how it is called."""

    __slots__ = ("name", "parameters")

    def __init__(self, name: str, parameters: tuple[str, ...]) -> None:
        self.name = name
        self.parameters = parameters

    def call(self, arguments: list[object], run: Run) -> object:
        """The result for positional arguments; null plus a diagnostic when they do not fit."""
        raise NotImplementedError

    def call_named(self, arguments: dict[str, object], run: Run) -> object:
        """The result for named arguments; every parameter must be given."""
        if set(arguments) != set(self.parameters):
            return run.report(
                "arguments",
                f"{self.name or 'function'} takes {', '.join(self.parameters) or 'no arguments'}",
                f"函数{self.name}的参数应为：{'、'.join(self.parameters) or '无'}",
            )
        return self.call([arguments[name] for name in self.parameters], run)

    def __repr__(self) -> str:
        return f"function {self.name}({', '.join(self.parameters)})"


class UserFunction(Function):
    """A function defined in FEEL or in a model: business knowledge, a decision service, a boxed function.

    `body(arguments, run)` receives the arguments in order of the parameters, coerced to their types.
    An argument that does not fit its type makes the call null, and so does a result that does not fit.
    """

    __slots__ = ("body", "parameter_types", "result_type")

    def __init__(
        self,
        *,
        name: str = "",
        parameters: Sequence[str],
        body: Callable[[list[object], Run], object],
        parameter_types: Sequence[FeelType | None] | None = None,
        result_type: FeelType | None = None,
    ) -> None:
        super().__init__(name, tuple(parameters))
        self.body = body
        self.parameter_types = (
            tuple(parameter_types) if parameter_types is not None else (None,) * len(self.parameters)
        )
        self.result_type = result_type

    def call(self, arguments: list[object], run: Run) -> object:
        if len(arguments) != len(self.parameters):
            return run.report(
                "arguments",
                f"{self.name or 'function'} takes {len(self.parameters)} arguments, not {len(arguments)}",
                f"函数{self.name}需要{len(self.parameters)}个参数，实为{len(arguments)}个",
            )
        coerced = []
        for value, type_ in zip(arguments, self.parameter_types, strict=True):
            adapted, fits = (value, True) if type_ is None else type_.coerce(value)
            if not fits:
                return run.report(
                    "type",
                    f"an argument of {self.name or 'the function'} is not {type_}",
                    f"函数{self.name}的参数不是{type_}",
                )
            coerced.append(adapted)
        run.enter()
        result = self.body(coerced, run)
        run.leave()
        if self.result_type is not None:
            result, fits = self.result_type.coerce(result)
            if not fits:
                return run.report(
                    "type",
                    f"the result of {self.name or 'the function'} is not {self.result_type}",
                    f"函数{self.name}的结果不是{self.result_type}",
                )
        return result


def zone_text(offset: int | None, zone: str | None) -> str:
    """`@Asia/Shanghai`, `Z`, `+08:00`, `-02:45:55` or nothing."""
    if zone is not None:
        return f"@{zone}"
    if offset is None:
        return ""
    if offset == 0:
        return "Z"
    seconds = abs(offset)
    text = f"{'-' if offset < 0 else '+'}{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
    return text + (f":{seconds % 60:02d}" if seconds % 60 else "")


def number_text(number: Decimal) -> str:
    """A number without an exponent: `1E+2` is `100`."""
    return format(number, "f")


_SCALARS: Final = (
    bool, Date, Time, DateTime, DaysDuration, MonthsDuration, Range, Function, str, Decimal, int, float, date, time,
    timedelta,
)  # fmt: skip
#: Whole numbers below this need no rounding.
_EXACT: Final = 10**34


def from_python(value: object) -> object:
    """The FEEL value of a Python value; null for what FEEL has no value for, and beyond 100 levels of nesting.

    Takes FEEL values as they are, int, float (by its shortest digits), Decimal (rounded to 34 digits; null when not
    finite), date, datetime, time, timedelta, sequences and mappings with string keys.
    """
    return _from_python(value, {}, 0)


def _from_python(value: object, known: dict[int, object], depth: int) -> object:
    """`known` holds what containers have become, by id: shared ones stay shared; one inside itself is null there."""
    kind = type(value)
    if kind is str or value is None:
        return value
    if kind is int and -_EXACT < value < _EXACT:  # type: ignore[operator]  # an int by its type
        return Decimal(value)  # type: ignore[arg-type]  # the same
    if kind is not list and isinstance(value, _SCALARS):
        return _scalar_from_python(value)
    if depth > _DEEPEST or not isinstance(value, (list, Mapping, tuple, set, frozenset)):
        return None
    if id(value) not in known:
        known[id(value)] = None
        known[id(value)] = (
            {str(key): _from_python(item, known, depth + 1) for key, item in value.items()}
            if isinstance(value, Mapping)
            else [_from_python(item, known, depth + 1) for item in value]
        )
    return known[id(value)]


def _scalar_from_python(value: object) -> object:
    if isinstance(value, (bool, Date, Time, DateTime, DaysDuration, MonthsDuration, Range, Function)):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (Decimal, int, float)):
        return _number_from_python(value)
    return _temporal_from_python(cast("date | time | timedelta", value))


def _number_from_python(value: Decimal | float) -> Decimal | None:
    if isinstance(value, int) and value.bit_length() > 20_000:
        return None
    try:
        number = NUMBERS.plus(Decimal(repr(value)) if isinstance(value, float) else Decimal(value))
    except (InvalidOperation, Overflow):
        return None
    return number if number.is_finite() else None


def _temporal_from_python(value: date | time | timedelta) -> object:
    if isinstance(value, timedelta):
        return DaysDuration(
            (value.days * calendar.DAY + value.seconds) * calendar.NANOS + value.microseconds * 1000
        )
    if isinstance(value, datetime):
        return DateTime(Date(value.year, value.month, value.day), _time_from_python(value, value.utcoffset()))
    if isinstance(value, time):
        return _time_from_python(value, value.utcoffset())
    return Date(value.year, value.month, value.day)


def _time_from_python(value: datetime | time, offset: timedelta | None) -> Time:
    key = getattr(value.tzinfo, "key", None)
    zone = key if isinstance(key, str) and calendar.is_zone(key) else None
    shift = None if zone or offset is None else offset.days * calendar.DAY + offset.seconds
    return Time(value.hour, value.minute, value.second, value.microsecond * 1000, offset=shift, zone=zone)


def to_python(value: object) -> object:
    """The plain Python value.

    Dates and times as those of `datetime` where they fit and else as text, durations of days as timedelta, of months
    as ISO text, ranges as a dict of their properties, functions as text. Nanoseconds are cut.
    """
    if isinstance(value, list):
        return [to_python(item) for item in value]
    if isinstance(value, dict):
        return {key: to_python(item) for key, item in value.items()}
    if isinstance(value, Range):
        return {
            "start": to_python(value.start),
            "end": to_python(value.end),
            "start included": value.start_included,
            "end included": value.end_included,
        }
    if isinstance(value, DaysDuration):
        try:
            return timedelta(microseconds=value.nanos // 1000)
        except OverflowError:
            return str(value)
    if isinstance(value, (Date, Time, DateTime)):
        return _temporal_to_python(value)
    if isinstance(value, (MonthsDuration, Function)):
        return str(value)
    return value


def _temporal_to_python(value: Date | Time | DateTime) -> object:
    if isinstance(value, Time):
        return _time_to_python(value, value.shift)
    day = value if isinstance(value, Date) else value.date
    if not 1 <= day.year <= 9999:
        return str(value)
    plain = date(day.year, day.month, day.day)
    if isinstance(value, Date):
        return plain
    return datetime.combine(plain, _time_to_python(value.time, value.shift))


def _time_to_python(value: Time, shift: int | None) -> time:
    zone = None if shift is None else timezone(timedelta(seconds=shift))
    return time(value.hour, value.minute, value.second, value.nanos // 1000, tzinfo=zone)


def to_json(value: object) -> object:
    """What JSON can hold.

    Whole numbers as int, others as float when that loses nothing and else as text; dates, times, durations, ranges
    and functions as their FEEL text.
    """
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, Decimal):
        return _number_to_json(value)
    if isinstance(value, list):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, Range):
        return range_text(value)
    return str(value)


def _number_to_json(number: Decimal) -> int | float | str:
    if number == number.to_integral_value() and number.adjusted() < 40:
        return int(number)
    close = float(number)
    return close if Decimal(repr(close)) == number else number_text(number)


def range_text(value: Range) -> str:
    """`[1..10)`, `(..5]` written as `<=5`, …: the literal that gives the range, for people and for JSON."""
    if value.sign:
        return f"({value.sign} {_end_text(value.start)})"
    start = "" if value.start is None else _end_text(value.start)
    end = "" if value.end is None else _end_text(value.end)
    if value.start is None or value.end is None:
        sign = "<" if value.start is None else ">"
        included = value.end_included if value.start is None else value.start_included
        return f"{sign}{'=' if included else ''}{end or start}"
    opening, closing = "[" if value.start_included else "(", "]" if value.end_included else ")"
    return f"{opening}{start}..{end}{closing}"


def _end_text(end: object) -> str:
    if isinstance(end, str):
        return '"' + end.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(end, Decimal):
        return number_text(end)
    return f'@"{end}"'
