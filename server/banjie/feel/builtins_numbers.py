"""Built-in functions of numbers, alone and in lists. Source: DMN 1.5, 10.3.4.4 and 10.3.4.5."""

from __future__ import annotations

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
    DecimalException,
)
from typing import TYPE_CHECKING

from banjie.feel.comparison import order
from banjie.feel.functions import built_in
from banjie.feel.values import NUMBERS, DaysDuration, MonthsDuration

if TYPE_CHECKING:
    from banjie.feel.scope import Run

_LEAST_SCALE, _GREATEST_SCALE = -6111, 6176
_ZERO = Decimal(0)
_TWO = Decimal(2)


def rounded(run: Run, number: Decimal, scale: Decimal, mode: str) -> Decimal | None:
    """A number at so many decimals (cut to a whole number of them), rounded in decimal's `mode`."""
    if not _LEAST_SCALE <= scale <= _GREATEST_SCALE:
        return run.report("range", f"the scale {scale} is out of range", f"小数位数{scale}超出范围")
    places = int(scale)
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= places:
        return number
    try:
        return number.quantize(Decimal((0, (1,), -places)), rounding=mode, context=NUMBERS)
    except DecimalException:
        return None


@built_in("decimal")
def decimal(run: Run, n: Decimal, scale: Decimal) -> Decimal | None:
    return rounded(run, n, scale, ROUND_HALF_EVEN)


@built_in("floor")
def floor(run: Run, n: Decimal, scale: Decimal = _ZERO) -> Decimal | None:
    return rounded(run, n, scale, ROUND_FLOOR)


@built_in("ceiling")
def ceiling(run: Run, n: Decimal, scale: Decimal = _ZERO) -> Decimal | None:
    return rounded(run, n, scale, ROUND_CEILING)


@built_in("round up")
def round_up(run: Run, n: Decimal, scale: Decimal) -> Decimal | None:
    return rounded(run, n, scale, ROUND_UP)


@built_in("round down")
def round_down(run: Run, n: Decimal, scale: Decimal) -> Decimal | None:
    return rounded(run, n, scale, ROUND_DOWN)


@built_in("round half up")
def round_half_up(run: Run, n: Decimal, scale: Decimal) -> Decimal | None:
    return rounded(run, n, scale, ROUND_HALF_UP)


@built_in("round half down")
def round_half_down(run: Run, n: Decimal, scale: Decimal) -> Decimal | None:
    return rounded(run, n, scale, ROUND_HALF_DOWN)


@built_in("abs")
def absolute(run: Run, n: object) -> object:
    if isinstance(n, list) and len(n) == 1:
        n = n[0]
    if isinstance(n, Decimal):
        return abs(n)
    if isinstance(n, DaysDuration):
        return DaysDuration(abs(n.nanos))
    if isinstance(n, MonthsDuration):
        return MonthsDuration(abs(n.months))
    return run.report("type", "abs takes a number or a duration", "abs的参数应为数字或时长")


@built_in("modulo")
def modulo(run: Run, dividend: Decimal, divisor: Decimal) -> Decimal | None:
    """`dividend - divisor * floor(dividend / divisor)`: the sign of the divisor."""
    if not divisor:
        return run.report("arithmetic", "division by zero", "除数为零")
    try:
        rest = NUMBERS.remainder(dividend, divisor)
        return rest if not rest or (rest < 0) == (divisor < 0) else NUMBERS.add(rest, divisor)
    except DecimalException:
        return run.report("arithmetic", "the quotient is too great", "商过大")


@built_in("sqrt")
def sqrt(run: Run, number: Decimal) -> Decimal | None:
    if number < 0:
        return run.report("arithmetic", "square root of a negative number", "负数不能开平方")
    return NUMBERS.sqrt(number)


@built_in("log")
def log(run: Run, number: Decimal) -> Decimal | None:
    if number <= 0:
        return run.report("arithmetic", "logarithm of a number not above zero", "对数的真数应大于零")
    return NUMBERS.ln(number)


@built_in("exp")
def exp(run: Run, number: Decimal) -> Decimal | None:
    try:
        return NUMBERS.exp(number)
    except DecimalException:
        return run.report("arithmetic", "the result is too great", "结果过大")


@built_in("odd")
def odd(_run: Run, number: Decimal) -> bool:
    return _remainder_of_two(number) == 1


@built_in("even")
def even(_run: Run, number: Decimal) -> bool:
    return _remainder_of_two(number) == 0


def _remainder_of_two(number: Decimal) -> Decimal:
    """0, 1, or a fraction; every number whose last digit lies above the units is even."""
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent > 0:
        return _ZERO
    return abs(NUMBERS.remainder(NUMBERS.abs(number), _TWO))


def numbers(run: Run, items: list[object]) -> list[Decimal] | None:
    """The items when all are numbers, else None and a diagnostic."""
    run.spend(len(items))
    found = [item for item in items if type(item) is Decimal]
    if len(found) != len(items):
        return run.report("type", "the list has an item that is not a number", "列表中有非数字项")
    return found


def _items(arguments: tuple[object, ...]) -> list[object]:
    """The list that was given, or the arguments themselves."""
    if len(arguments) == 1 and isinstance(arguments[0], list):
        return arguments[0]
    return list(arguments)


@built_in("count")
def count(_run: Run, *arguments: object) -> Decimal:
    return Decimal(len(_items(arguments)))


@built_in("min")
def least(run: Run, *arguments: object) -> object:
    return _extreme(run, _items(arguments), -1)


@built_in("max")
def greatest(run: Run, *arguments: object) -> object:
    return _extreme(run, _items(arguments), 1)


def _extreme(run: Run, items: list[object], wanted: int) -> object:
    run.spend(len(items))
    if not items:
        return None
    best = items[0]
    if order(best, best) is None:
        return run.report("type", "the list has an item without order", "列表中有不可比较的项")
    for item in items[1:]:
        place = order(item, best)
        if place is None:
            return run.report("type", "the items cannot be compared", "列表各项不可比较")
        if place == wanted:
            best = item
    return best


def _total(run: Run, items: list[Decimal]) -> Decimal | None:
    total = _ZERO
    try:
        for item in items:
            total = NUMBERS.add(total, item)
    except DecimalException:
        return run.report("arithmetic", "the sum is too great", "和过大")
    return total


@built_in("sum")
def sum_(run: Run, *arguments: object) -> Decimal | None:
    items = numbers(run, _items(arguments))
    return _total(run, items) if items else None


@built_in("mean")
def mean(run: Run, *arguments: object) -> Decimal | None:
    items = numbers(run, _items(arguments))
    total = _total(run, items) if items else None
    return None if total is None or not items else NUMBERS.divide(total, Decimal(len(items)))


@built_in("product")
def product(run: Run, *arguments: object) -> Decimal | None:
    items = numbers(run, _items(arguments))
    if not items:
        return None
    result = Decimal(1)
    try:
        for item in items:
            result = NUMBERS.multiply(result, item)
    except DecimalException:
        return run.report("arithmetic", "the product is too great", "积过大")
    return result


@built_in("median")
def median(run: Run, *arguments: object) -> Decimal | None:
    items = numbers(run, _items(arguments))
    if not items:
        return None
    items.sort()
    middle = len(items) // 2
    if len(items) % 2:
        return items[middle]
    return NUMBERS.divide(NUMBERS.add(items[middle - 1], items[middle]), _TWO)


@built_in("stddev")
def stddev(run: Run, *arguments: object) -> Decimal | None:
    """The sample standard deviation; null for fewer than two numbers."""
    items = numbers(run, _items(arguments))
    if items is None or len(items) < 2:
        return None
    try:
        average = NUMBERS.divide(_total(run, items) or _ZERO, Decimal(len(items)))
        squares = _ZERO
        for item in items:
            off = NUMBERS.subtract(item, average)
            squares = NUMBERS.add(squares, NUMBERS.multiply(off, off))
        return NUMBERS.sqrt(NUMBERS.divide(squares, Decimal(len(items) - 1)))
    except DecimalException:
        return run.report("arithmetic", "the result is too great", "结果过大")


@built_in("mode")
def mode(run: Run, *arguments: object) -> list[Decimal] | None:
    """The most frequent numbers, in ascending order; the empty list of an empty one."""
    items = numbers(run, _items(arguments))
    if items is None:
        return None
    counts: dict[Decimal, int] = {}
    for item in items:
        counts[item] = counts.get(item, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(item for item, times in counts.items() if times == most)
