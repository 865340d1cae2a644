"""Equality and order of values in FEEL's three-valued logic: True, False, or None for what cannot be compared.

Times and dates with times are compared by whole seconds, as instants when both have an offset or a zone, by the local
clock when neither has; one of each kind is never equal and has no order.
Source: DMN 1.5, 10.3.2.13 and table 51 ff.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Protocol

from banjie.feel.values import Date, DateTime, DaysDuration, Function, MonthsDuration, Range, Time

_DEEPEST = 100


class _Steps(Protocol):
    """What deep comparison is charged to: a `Run`."""

    def spend(self, steps: int = 1) -> None: ...


def equal(left: object, right: object, run: _Steps | None = None) -> bool | None:
    """Whether two values are equal; None when their types differ. null equals only null.

    Items of lists and contexts are charged to `run`.
    """
    return _equal(left, right, _Deep(run)) if isinstance(left, (list, dict)) else _equal(left, right, None)


class _Deep:
    """What one comparison of nested values remembers, so that parts that occur often are compared once."""

    __slots__ = ("depth", "run", "same")

    def __init__(self, run: _Steps | None) -> None:
        self.run = run
        self.depth = 0
        self.same: dict[tuple[int, int], bool | None] = {}


def _equal(left: object, right: object, deep: _Deep | None) -> bool | None:
    if left is None or right is None:
        return left is right
    kind = type(left)
    if kind is not type(right):
        if isinstance(left, Function) and isinstance(right, Function):
            return False
        return None
    if kind is Decimal or kind is str or kind is bool:
        return left == right
    if isinstance(left, (list, dict)):
        return _nested_equal(left, right, deep or _Deep(None))
    if isinstance(left, Range) and isinstance(right, Range):
        if left.parts()[2:] != right.parts()[2:]:
            return False
        return _items_equal([(left.start, right.start), (left.end, right.end)], deep or _Deep(None))
    if isinstance(left, Function):
        return left is right
    left_key, right_key = order_key(left), order_key(right)
    if left_key is None or right_key is None or left_key[0] != right_key[0]:
        return False
    return left_key[1] == right_key[1]


def _nested_equal(left: list[object] | dict[str, object], right: object, deep: _Deep) -> bool | None:
    """Equality of two lists or two contexts. Deeper than 100 levels nothing is equal."""
    pairs: Iterable[tuple[object, object]]
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        pairs = zip(left, right, strict=True)
    elif isinstance(left, dict) and isinstance(right, dict) and left.keys() == right.keys():
        pairs = ((left[key], right[key]) for key in left)
    else:
        return False
    if deep.depth > _DEEPEST:
        return False
    pair = (id(left), id(right))
    if pair in deep.same:
        return deep.same[pair]
    if deep.run is not None:
        deep.run.spend(1 + len(left) // 4)
    deep.depth += 1
    found = _items_equal(pairs, deep)
    deep.depth -= 1
    deep.same[pair] = found
    return found


def _items_equal(pairs: Iterable[tuple[object, object]], deep: _Deep) -> bool | None:
    result: bool | None = True
    for one, other in pairs:
        same = _equal(one, other, deep)
        if same is False:
            return False
        if same is None:
            result = None
    return result


def order_key(value: object) -> tuple[str, object] | None:
    """A pair of kind and key: values of one kind are ordered by their keys. None for what has no order."""
    kind = type(value)
    if kind is Decimal:
        return "number", value
    if kind is str:
        return "string", value
    if isinstance(value, Date):
        return "date", value.number
    if isinstance(value, DateTime):
        shift = value.shift
        return (
            ("local date and time", value.local_seconds)
            if shift is None
            else ("date and time", value.local_seconds - shift)
        )
    if isinstance(value, Time):
        shift = value.shift
        return ("local time", value.seconds) if shift is None else ("time", value.seconds - shift)
    if isinstance(value, DaysDuration):
        return "days", value.nanos
    if isinstance(value, MonthsDuration):
        return "months", value.months
    return None


def order(left: object, right: object) -> int | None:
    """-1, 0 or 1; None when the values have no order between them."""
    if type(left) is Decimal and type(right) is Decimal:
        return -1 if left < right else (1 if left > right else 0)
    left_key, right_key = order_key(left), order_key(right)
    if left_key is None or right_key is None or left_key[0] != right_key[0]:
        return None
    one, other = left_key[1], right_key[1]
    return -1 if one < other else (1 if one > other else 0)  # type: ignore[operator]


def within(value: object, bounds: Range) -> bool | None:
    """Whether a value lies in a range; None when it cannot be compared with the ends."""
    if bounds.sign:
        same = equal(value, bounds.start)
        return None if same is None else same is (bounds.sign == "=")
    result: bool | None = True
    if bounds.start is not None:
        place = order(value, bounds.start)
        if place is None:
            result = None
        elif place < 0 or (place == 0 and not bounds.start_included):
            return False
    if bounds.end is not None:
        place = order(value, bounds.end)
        if place is None:
            return None
        if place > 0 or (place == 0 and not bounds.end_included):
            return False
    return result


def passes(value: object, test: object, run: _Steps | None = None) -> bool | None:
    """Whether a value satisfies a test's value: equal to it, in the range, equal to or in the range of an item.

    Source: DMN 1.5, table 55, the `in` operator.
    """
    if isinstance(test, Range):
        return equal(value, test, run) if isinstance(value, Range) else within(value, test)
    if not isinstance(test, list):
        return equal(value, test, run)
    if isinstance(value, list) and equal(value, test, run):
        return True
    result: bool | None = False
    for item in test:
        if isinstance(item, Range):
            found = passes(value, item, run)
            result = None if found is None else result
        else:
            found = equal(value, item, run)
        if found:
            return True
    return result


def identical(left: object, right: object) -> bool:
    """`is()`: the same type and the same parts; a zone is not an offset, and 10:00Z is not 11:00+01:00."""
    return type(left) is type(right) and left == right


def make_range(start: object, end: object, *, start_included: bool, end_included: bool) -> Range | None:
    """A bounded range, or None when the ends are not of one ordered type or lie the wrong way round."""
    place = order(start, end)
    if place is None or place > 0:
        return None
    return Range(start=start, end=end, start_included=start_included, end_included=end_included)
