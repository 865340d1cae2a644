"""Addition, subtraction, multiplication, division, powers and negation of every kind of value that has them.

Numbers are decimal128. A date counts as its midnight in UTC against dates with times. A local date and time and an
instant have no difference. What has no result is None; the caller says why. Source: DMN 1.5, table 54 and 10.3.2.11.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, DecimalException

from banjie.feel.calendar import DAY, NANOS
from banjie.feel.values import NUMBERS, Date, DateTime, DaysDuration, MonthsDuration, Time


def add(left: object, right: object) -> object:
    """None when there is no sum. Strings are joined elsewhere, where their size is charged."""
    if type(left) is Decimal and type(right) is Decimal:
        return NUMBERS.add(left, right)
    if isinstance(left, DaysDuration):
        if isinstance(right, DaysDuration):
            return DaysDuration(left.nanos + right.nanos)
        return _later(right, left.nanos)
    if isinstance(left, MonthsDuration):
        if isinstance(right, MonthsDuration):
            return MonthsDuration(left.months + right.months)
        return _months_later(right, left.months)
    if isinstance(right, DaysDuration):
        return _later(left, right.nanos)
    if isinstance(right, MonthsDuration):
        return _months_later(left, right.months)
    return None


def subtract(left: object, right: object) -> object:
    """None when there is no difference."""
    if type(left) is Decimal and type(right) is Decimal:
        return NUMBERS.subtract(left, right)
    if isinstance(right, DaysDuration):
        if isinstance(left, DaysDuration):
            return DaysDuration(left.nanos - right.nanos)
        return _later(left, -right.nanos)
    if isinstance(right, MonthsDuration):
        if isinstance(left, MonthsDuration):
            return MonthsDuration(left.months - right.months)
        return _months_later(left, -right.months)
    if isinstance(left, Time) and isinstance(right, Time):
        if (left.shift is None) != (right.shift is None):
            return None
        seconds = left.seconds - (left.shift or 0) - right.seconds + (right.shift or 0)
        return DaysDuration(seconds * NANOS + left.nanos - right.nanos)
    return _between(left, right)


def _between(left: object, right: object) -> DaysDuration | None:
    if isinstance(left, Date) and isinstance(right, Date):
        return DaysDuration((left.number - right.number) * DAY * NANOS)
    if not isinstance(left, (Date, DateTime)) or not isinstance(right, (Date, DateTime)):
        return None
    one, other = _instant(left), _instant(right)
    if (one.shift is None) != (other.shift is None):
        return None
    return DaysDuration(one.local_nanos - other.local_nanos - ((one.shift or 0) - (other.shift or 0)) * NANOS)


def _instant(value: Date | DateTime) -> DateTime:
    """A date as its midnight in UTC."""
    return value if isinstance(value, DateTime) else DateTime(value, Time(0, 0, 0, offset=0))


def _later(value: object, nanos: int) -> Date | DateTime | Time | None:
    try:
        if isinstance(value, DateTime):
            return value.moved(nanos)
        if isinstance(value, Time):
            return value.moved(nanos)
        if isinstance(value, Date):
            return Date.of_number(value.number + nanos // (DAY * NANOS))
    except ValueError:
        return None
    return None


def _months_later(value: object, months: int) -> Date | DateTime | None:
    try:
        if isinstance(value, DateTime):
            return DateTime(value.date.plus_months(months), value.time)
        if isinstance(value, Date):
            return value.plus_months(months)
    except ValueError:
        return None
    return None


def multiply(left: object, right: object) -> object:
    """None when there is no product."""
    if type(left) is Decimal and type(right) is Decimal:
        return NUMBERS.multiply(left, right)
    if type(left) is Decimal:
        left, right = right, left
    if type(right) is not Decimal:
        return None
    if isinstance(left, DaysDuration):
        return DaysDuration(_whole(NUMBERS.multiply(Decimal(left.nanos), right)))
    if isinstance(left, MonthsDuration):
        return MonthsDuration(_whole(NUMBERS.multiply(Decimal(left.months), right)))
    return None


def divide(left: object, right: object) -> object:
    """None when there is no quotient; raises DecimalException when the divisor is zero."""
    if type(right) is Decimal:
        if type(left) is Decimal:
            return NUMBERS.divide(left, right)
        if isinstance(left, DaysDuration):
            return DaysDuration(_whole(NUMBERS.divide(Decimal(left.nanos), right)))
        if isinstance(left, MonthsDuration):
            return MonthsDuration(_whole(NUMBERS.divide(Decimal(left.months), right)))
    if isinstance(left, DaysDuration) and isinstance(right, DaysDuration):
        return NUMBERS.divide(Decimal(left.nanos), Decimal(right.nanos))
    if isinstance(left, MonthsDuration) and isinstance(right, MonthsDuration):
        return NUMBERS.divide(Decimal(left.months), Decimal(right.months))
    return None


def _whole(number: Decimal) -> int:
    """Towards zero. A duration so long that it means nothing is no duration."""
    if number.adjusted() > 40:
        raise DecimalException
    return int(number)


def power(left: object, right: object) -> object:
    """None when there is no power, which is only for what are no numbers."""
    if type(left) is not Decimal or type(right) is not Decimal:
        return None
    if not left and not right:
        return Decimal(1)
    return NUMBERS.power(left, right)


def negate(value: object) -> object:
    """None when there is no opposite."""
    if type(value) is Decimal:
        return NUMBERS.minus(value)
    if isinstance(value, DaysDuration):
        return DaysDuration(-value.nanos)
    if isinstance(value, MonthsDuration):
        return MonthsDuration(-value.months)
    return None


OPERATIONS: dict[str, Callable[[object, object], object]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "**": power,
}
