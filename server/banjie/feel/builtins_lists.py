"""Built-in functions of lists. Positions count from 1, negative ones from the end. Source: DMN 1.5, 10.3.4.4."""

from __future__ import annotations

from decimal import Decimal
from functools import cmp_to_key
from typing import TYPE_CHECKING

from banjie.feel.comparison import equal, order, order_key
from banjie.feel.diagnostics import NoValue
from banjie.feel.functions import built_in
from banjie.feel.values import Function

if TYPE_CHECKING:
    from banjie.feel.scope import Run


def _out_of_range(run: Run, position: Decimal) -> NoValue:
    return run.report("range", f"there is no position {position}", f"位置{position}不存在")


def _index(items: list[object], position: Decimal) -> int | None:
    """The Python index of an existing position; None when there is none."""
    if position != position.to_integral_value() or abs(position) > len(items) or position == 0:
        return None
    return int(position) - 1 if position > 0 else len(items) + int(position)


@built_in("list contains")
def list_contains(run: Run, items: list[object], element: object) -> bool:
    run.spend(len(items))
    return any(equal(item, element, run) is True for item in items)


def _items(arguments: tuple[object, ...]) -> list[object]:
    if len(arguments) == 1 and isinstance(arguments[0], list):
        return arguments[0]
    return list(arguments)


@built_in("all")
def all_(run: Run, *arguments: object) -> bool | None:
    """Conjunction; null when an item is neither true nor false and none is false."""
    return _logical(run, _items(arguments), decisive=False)


@built_in("any")
def any_(run: Run, *arguments: object) -> bool | None:
    """Disjunction; null when an item is neither true nor false and none is true."""
    return _logical(run, _items(arguments), decisive=True)


def _logical(run: Run, items: list[object], *, decisive: bool) -> bool | None:
    run.spend(len(items))
    result: bool | None = not decisive
    for item in items:
        if item is decisive:
            return decisive
        if item is not (not decisive):
            result = None
    return result


@built_in("sublist")
def sublist(
    run: Run, items: list[object], start: Decimal, length: Decimal | None = None
) -> list[object] | None:
    index = _index(items, start.to_integral_value(rounding="ROUND_DOWN"))
    if index is None:
        return _out_of_range(run, start)
    if length is None:
        return items[index:]
    if length < 1 or index + int(length) > len(items):
        return run.report("range", f"there are no {length} items from there", f"从该位置起不足{length}项")
    return items[index : index + int(length)]


@built_in("append")
def append(run: Run, items: list[object], *more: object) -> list[object]:
    run.spend(len(items) + len(more))
    return [*items, *more]


@built_in("concatenate")
def concatenate(run: Run, *lists: object) -> list[object] | None:
    joined: list[object] = []
    for items in lists:
        if items is None:
            return run.report("type", "concatenate takes lists", "concatenate的参数应为列表")
        part = items if isinstance(items, list) else [items]
        run.spend(len(part))
        joined.extend(part)
    return joined


@built_in("union")
def union(run: Run, *lists: object) -> list[object] | None:
    joined = concatenate(run, *lists)
    return None if joined is None else distinct_values(run, joined)


@built_in("insert before")
def insert_before(run: Run, items: list[object], position: Decimal, new: object) -> list[object] | None:
    index = _index(items, position)
    if index is None:
        return _out_of_range(run, position)
    run.spend(len(items))
    return [*items[:index], new, *items[index:]]


@built_in("remove")
def remove(run: Run, items: list[object], position: Decimal) -> list[object] | None:
    index = _index(items, position)
    if index is None:
        return _out_of_range(run, position)
    run.spend(len(items))
    return [*items[:index], *items[index + 1 :]]


@built_in("list replace", 0)
def list_replace(run: Run, items: list[object], position: Decimal, new: object) -> list[object] | None:
    index = _index(items, position)
    if index is None:
        return _out_of_range(run, position)
    run.spend(len(items))
    return [*items[:index], new, *items[index + 1 :]]


@built_in("list replace", 1)
def list_replace_matching(run: Run, items: list[object], match: Function, new: object) -> list[object] | None:
    """`match(item, newItem)` must be true or false for every item."""
    replaced = []
    for item in items:
        found = match.call([item, new], run)
        if not isinstance(found, bool):
            return run.report("type", "match is not true or false for an item", "match对某项的结果不是真假值")
        replaced.append(new if found else item)
    return replaced


@built_in("reverse")
def reverse(run: Run, items: list[object]) -> list[object]:
    run.spend(len(items))
    return items[::-1]


@built_in("index of")
def index_of(run: Run, items: list[object], match: object) -> list[object]:
    run.spend(len(items))
    return [Decimal(place) for place, item in enumerate(items, 1) if equal(item, match, run) is True]


class _Seen:
    """Values met before. Scalars are found by hash, so that long lists of them cost no square."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._scalars: set[tuple[str, object]] = set()
        self._others: list[object] = []

    def add(self, value: object) -> bool:
        """Whether the value is new; it is not afterwards."""
        self._run.spend()
        key = ("boolean", value) if isinstance(value, bool) else order_key(value)
        if key is not None:
            known = key in self._scalars
            self._scalars.add(key)
            return not known
        self._run.spend(len(self._others))
        if any(equal(other, value, self._run) is True for other in self._others):
            return False
        self._others.append(value)
        return True


@built_in("distinct values")
def distinct_values(run: Run, items: list[object]) -> list[object]:
    seen = _Seen(run)
    return [item for item in items if seen.add(item)]


@built_in("duplicate values")
def duplicate_values(run: Run, items: list[object]) -> list[object]:
    """Each value that occurs more than once, in order of its second occurrence."""
    seen, told = _Seen(run), _Seen(run)
    return [item for item in items if not seen.add(item) and told.add(item)]


@built_in("flatten")
def flatten(run: Run, items: list[object]) -> list[object]:
    """All items at any depth, in order."""
    flat: list[object] = []
    waiting = [iter(items)]
    while waiting:
        for item in waiting[-1]:
            run.spend()
            if isinstance(item, list):
                waiting.append(iter(item))
                break
            flat.append(item)
        else:
            waiting.pop()
    return flat


@built_in("sort")
def sort(run: Run, items: list[object], precedes: Function | None = None) -> list[object] | None:
    """Sorted so that `precedes(a, b)` puts a before b; without it, in ascending order. Equals keep their order."""
    run.spend(len(items))
    if precedes is not None:
        return sorted(items, key=cmp_to_key(lambda a, b: -1 if precedes.call([a, b], run) is True else 0))
    if items and any(order(items[0], item) is None for item in items):
        return run.report("type", "the items cannot be compared", "列表各项不可比较")
    return sorted(items, key=cmp_to_key(lambda a, b: order(a, b) or 0))
