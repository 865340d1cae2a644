"""Built-in functions of ranges and points: Allen's relations, and `range()`. Source: DMN 1.5, table 78 and 10.3.4.6."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from banjie.feel import ast
from banjie.feel.comparison import make_range, order
from banjie.feel.diagnostics import FeelSyntaxError
from banjie.feel.functions import BUILT_INS, built_in
from banjie.feel.literals import parse_temporal
from banjie.feel.parser import parse_expression
from banjie.feel.values import Range

if TYPE_CHECKING:
    from banjie.feel.scope import Run

Relation = Callable[[Range, Range], bool | None]


class _NoOrderError(Exception):
    """Two ends cannot be compared."""


def _as_range(value: object) -> Range:
    """A point is the closed range from itself to itself."""
    if isinstance(value, Range):
        return value
    return Range(start=value, end=value, start_included=True, end_included=True)


def _place(left: object, right: object, *, left_unbounded: int, right_unbounded: int) -> int:
    """-1, 0 or 1 for two ends; an end that is None lies at minus or plus infinity, as its `unbounded` says."""
    if left is None or right is None:
        one = left_unbounded if left is None else 0
        other = right_unbounded if right is None else 0
        return (one > other) - (one < other)
    place = order(left, right)
    if place is None:
        raise _NoOrderError
    return place


def _starts(a: Range, b: Range) -> int:
    """Which start lies first; an open start lies after a closed one at the same value."""
    place = _place(a.start, b.start, left_unbounded=-1, right_unbounded=-1)
    return place or b.start_included - a.start_included


def _ends(a: Range, b: Range) -> int:
    """Which end lies first; an open end lies before a closed one at the same value."""
    place = _place(a.end, b.end, left_unbounded=1, right_unbounded=1)
    return place or a.end_included - b.end_included


def _ends_before(a: Range, b: Range) -> bool:
    """Whether a ends before b starts, so that they share no value."""
    place = _place(a.end, b.start, left_unbounded=1, right_unbounded=-1)
    return place < 0 or (place == 0 and not (a.end_included and b.start_included))


def _before(a: Range, b: Range) -> bool:
    return _ends_before(a, b)


def _meets(a: Range, b: Range) -> bool:
    place = _place(a.end, b.start, left_unbounded=1, right_unbounded=-1)
    return place == 0 and a.end_included and b.start_included


def _overlaps(a: Range, b: Range) -> bool:
    return not _ends_before(a, b) and not _ends_before(b, a)


def _overlaps_before(a: Range, b: Range) -> bool:
    return _starts(a, b) < 0 and _overlaps(a, b) and _ends(a, b) <= 0


def _finishes(a: Range, b: Range) -> bool:
    return _ends(a, b) == 0 and _starts(a, b) >= 0


def _includes(a: Range, b: Range) -> bool:
    return _starts(a, b) <= 0 and _ends(a, b) >= 0


def _starts_with(a: Range, b: Range) -> bool:
    return _starts(a, b) == 0 and _ends(a, b) <= 0


def _coincides(a: Range, b: Range) -> bool:
    return _starts(a, b) == 0 and _ends(a, b) == 0


def _swapped(relation: Relation) -> Relation:
    return lambda a, b: relation(b, a)


_ANY_KINDS = {(False, False), (False, True), (True, False), (True, True)}
_RELATIONS: dict[str, tuple[Relation, set[tuple[bool, bool]]]] = {
    "before": (_before, _ANY_KINDS),
    "after": (_swapped(_before), _ANY_KINDS),
    "meets": (_meets, {(True, True)}),
    "met by": (_swapped(_meets), {(True, True)}),
    "overlaps": (_overlaps, {(True, True)}),
    "overlaps before": (_overlaps_before, {(True, True)}),
    "overlaps after": (_swapped(_overlaps_before), {(True, True)}),
    "finishes": (_finishes, {(False, True), (True, True)}),
    "finished by": (_swapped(_finishes), {(True, False), (True, True)}),
    "includes": (_includes, {(True, False), (True, True)}),
    "during": (_swapped(_includes), {(False, True), (True, True)}),
    "starts": (_starts_with, {(False, True), (True, True)}),
    "started by": (_swapped(_starts_with), {(True, False), (True, True)}),
    "coincides": (_coincides, {(False, False), (True, True)}),
}
"""Each relation, and whether its two arguments may be ranges (True) or points (False)."""


def _bare(value: object) -> object:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _register(name: str, relation: Relation, kinds: set[tuple[bool, bool]]) -> None:
    def relate(run: Run, left: object, right: object) -> bool | None:
        left, right = _bare(left), _bare(right)
        if (isinstance(left, Range), isinstance(right, Range)) in kinds:
            try:
                return relation(_as_range(left), _as_range(right))
            except _NoOrderError:
                pass
        return run.report("type", f"{name} cannot compare its arguments", f"{name}的参数不可比较")

    built_in(name)(relate)


for _name, (_relation, _kinds) in _RELATIONS.items():
    _register(_name, _relation, _kinds)


@built_in("range")
def range_(run: Run, source: str) -> Range | None:
    """The range that a literal writes, whose ends are literals too. Source: DMN 1.5, 10.3.4.1."""
    run.spend_text(len(source))
    try:
        node = parse_expression(source) if len(source) < 1000 else None
    except FeelSyntaxError:
        node = None
    if isinstance(node, ast.RangeLiteral):
        start, end = literal_value(node.start, run), literal_value(node.end, run)
        if start is not None and end is not None:
            made = make_range(start, end, start_included=node.start_included, end_included=node.end_included)
            if made is not None:
                return made
    return run.report("conversion", "the text is no range between two literals", "文本不是由字面量构成的区间")


def literal_value(node: object, run: Run) -> object:
    """The value of a literal: a number, a string, `@"…"`, or a conversion function of one string; None for others."""
    match node:
        case ast.Number(value=number):
            return number
        case ast.Negate(operand=ast.Number(value=number)):
            return Decimal(0) - number
        case ast.Text(value=text):
            return text
        case ast.AtLiteral(text=text):
            return parse_temporal(text)
        case ast.Call(function=ast.Name(name=name), arguments=(ast.Text(value=text),)) if (
            name in _CONVERSIONS
        ):
            return BUILT_INS[name].call([text], run)
    return None


_CONVERSIONS = frozenset({"date", "time", "date and time", "duration"})
