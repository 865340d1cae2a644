"""Finds the rules whose cell in one column passes a value, by one look-up instead of one test per rule.

A cell that compares `?` only with constants gives the same answer for all values between two neighbouring constants.
So every such cell is run, by the compiled closure that would test it anyway, on each of its constants and on one
value of each gap beside them; the answers of all rules become bit masks over the column's constants. A look-up then
is a bisection. Because the answers come from the closures themselves, the index cannot disagree with them.

Values of a kind that the index does not cover (lists, contexts, times, or strings where numbers are compared) are
answered by the closures, and so are cells that read names or call functions.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from banjie.feel import ast
from banjie.feel.comparison import order_key
from banjie.feel.literals import parse_date, parse_date_time, parse_temporal
from banjie.feel.scope import Run, Scope
from banjie.feel.values import NUMBERS, Date, DateTime, DaysDuration, MonthsDuration

Test = Callable[[object, Scope], bool | None]

NUMBER: Final = "number"
STRING: Final = "string"

_ORDERED_KINDS: Final = frozenset(
    {NUMBER, STRING, "date", "date and time", "local date and time", "days", "months"}
)
_MOST_BITS: Final = 2**29
"""Size of the masks of one kind of values in one column; a table that would need more tests its cells."""

_TWO: Final = Decimal(2)
_SECOND: Final = 1_000_000_000
_CONSTANT_CALLS: Final = {"date": parse_date, "date and time": parse_date_time}


def constant_of(node: ast.Node, hidden: frozenset[str]) -> object:
    """The value of a literal, of a negated number, or of `date("…")`; None for everything else and for null.

    hidden: names that the model gives another meaning, so that a call of them is no constant.
    """
    match node:
        case ast.Number(value=value):
            return value
        case ast.Text(value=text):
            return text
        case ast.Boolean(value=value):
            return value
        case ast.Negate(operand=ast.Number(value=value)):
            return NUMBERS.minus(value)
        case ast.AtLiteral(text=text):
            return parse_temporal(text)
        case ast.Call(function=ast.Name(name=name), arguments=(ast.Text(value=text),)):
            parse = None if name in hidden else _CONSTANT_CALLS.get(name)
            return None if parse is None else parse(text)
        case _:
            return None


def constants_of(node: ast.Node, hidden: frozenset[str]) -> list[object] | None:
    """Every constant that a test compares `?` with; None when it does anything else with it."""
    constant = constant_of(node, hidden)
    if constant is not None:
        return [constant]
    match node:
        case ast.Null() | ast.Name(name="?"):
            return []
        case (
            ast.Tests(tests=parts)
            | ast.And(operands=parts)
            | ast.Or(operands=parts)
            | ast.ListLiteral(items=parts)
        ):
            return _all_constants(parts, hidden)
        case ast.Compare(left=left, right=right):
            return _all_constants((left, right), hidden)
        case ast.Between(value=value, low=low, high=high):
            return _all_constants((value, low, high), hidden)
        case ast.In(value=value, tests=tests):
            return _all_constants((value, *tests), hidden)
        case ast.RangeLiteral(start=start, end=end):
            return _all_constants((start, end), hidden)
        case ast.Comparison(operand=operand):
            return constants_of(operand, hidden)
        case ast.Call(function=ast.Name(name="not"), arguments=(argument,)) if "not" not in hidden:
            return constants_of(argument, hidden)
        case _:
            return None


def _all_constants(nodes: Sequence[ast.Node], hidden: frozenset[str]) -> list[object] | None:
    found: list[object] = []
    for node in nodes:
        inner = constants_of(node, hidden)
        if inner is None:
            return None
        found.extend(inner)
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Segments:
    """Masks over an ordered kind of values.

    points: keys, ascending. masks: of the gap before the first point, of the point, of the next gap, and so on.
    examples: a value of each segment (None for a gap in which there is no value), for analysis.
    """

    points: Sequence[Any]
    masks: Sequence[int]
    examples: Sequence[object]

    def find(self, key: object) -> int:
        """The mask for a key; raises TypeError when the key is of another kind."""
        return self.masks[bisect_left(self.points, key) + bisect_right(self.points, key)]


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexedCell:
    """A cell that compares only: which rules (as a mask) it belongs to, its constants and its closure."""

    rules: int
    constants: tuple[object, ...]
    test: Test


class ColumnIndex:
    """The masks of one column. `everywhere`: rules that this column cannot rule out, always in every mask."""

    __slots__ = ("booleans", "everywhere", "null", "numbers", "segments")

    def __init__(self, cells: Sequence[IndexedCell], everywhere: int) -> None:
        self.everywhere = everywhere
        self.segments: Mapping[str, Segments] = _segments(cells, everywhere)
        self.numbers = self.segments.get(NUMBER)
        self.null = everywhere | _mask_for(cells, value=None)
        self.booleans: tuple[int, int] | None = None
        if all(_tried(cell.test, value)[1] for cell in cells for value in (False, True)):
            self.booleans = (
                everywhere | _mask_for(cells, value=False),
                everywhere | _mask_for(cells, value=True),
            )

    def find(self, value: object) -> int | None:
        """The rules that may match a FEEL value, or None when the cells must be asked one by one."""
        kind = type(value)
        if kind is Decimal:
            segments = self.numbers
            if segments is None:
                return None
            points = segments.points
            return segments.masks[bisect_left(points, value) + bisect_right(points, value)]
        if kind is str:
            segments = self.segments.get(STRING)
            return None if segments is None else segments.find(value)
        if value is None:
            return self.null
        if kind is bool:
            return None if self.booleans is None else self.booleans[bool(value)]
        key = order_key(value)
        segments = None if key is None else self.segments.get(key[0])
        return None if segments is None or key is None else segments.find(key[1])


def _mask_for(cells: Sequence[IndexedCell], *, value: object) -> int:
    mask = 0
    for cell in cells:
        if _tried(cell.test, value)[0]:
            mask |= cell.rules
    return mask


def _tried(test: Test, value: object) -> tuple[bool, bool]:
    """Whether the value passes, and whether the test answers without a diagnostic.

    A test that complains must go on doing so at every evaluation.
    """
    run = Run()
    passed = run.guard(lambda scope: test(value, scope), Scope({}, run)) is True
    return passed, not run.diagnostics


def _segments(cells: Sequence[IndexedCell], everywhere: int) -> dict[str, Segments]:
    values: dict[str, dict[object, object]] = {}
    for cell in cells:
        for constant in cell.constants:
            key = order_key(constant)
            if key is not None and key[0] in _ORDERED_KINDS:
                values.setdefault(key[0], {})[key[1]] = constant
    found: dict[str, Segments] = {}
    for kind in {NUMBER, STRING, *values}:
        segments = _kind_segments(kind, values.get(kind, {}), cells, everywhere)
        if segments is not None:
            found[kind] = segments
    return found


def _kind_segments(
    kind: str, values: Mapping[object, object], cells: Sequence[IndexedCell], everywhere: int
) -> Segments | None:
    points = sorted(values)  # type: ignore[type-var]
    if (2 * len(points) + 1) * max(everywhere.bit_length(), len(cells)) > _MOST_BITS:
        return None
    examples = _examples(kind, [values[point] for point in points])
    place = {point: position for position, point in enumerate(points)}
    toggles = [0] * (2 * len(points) + 1)
    for cell in cells:
        own = sorted(
            {place[key[1]] for key in map(order_key, cell.constants) if key is not None and key[0] == kind}
        )
        # A cell without constants of the kind answers the same for all of it: any value is an example.
        tried = (
            _examples(kind, [values[points[position]] for position in own])
            if own
            else examples[1:2] or examples
        )
        if not _toggle(cell, own, tried, toggles):
            return None
    masks: list[int] = []
    current = everywhere
    for toggle in toggles:
        current ^= toggle
        masks.append(current)
    return Segments(points=points, masks=masks, examples=examples)


def _toggle(cell: IndexedCell, own: list[int], examples: Sequence[object], toggles: list[int]) -> bool:
    """Marks where the cell's answer changes; False when the cell complains about values of this kind.

    own: places of the cell's constants among the points. examples: a value of each segment that these make.
    """
    before = False
    for position, example in enumerate(examples):
        if example is None:
            continue
        answer, silent = _tried(cell.test, example)
        if not silent:
            return False
        if answer is not before:
            # Own segment 2i is the gap after own point i - 1, segment 2i + 1 the own point i.
            start = 2 * own[(position - 1) // 2] + (1 if position % 2 else 2) if position else 0
            toggles[start] ^= cell.rules
            before = answer
    return True


def _examples(kind: str, values: Sequence[object]) -> list[object]:
    """A value of each segment: before the first, the first, between it and the second, …, after the last."""
    if not values:
        return [_ANY.get(kind)]
    found: list[object] = [_before(values[0])]
    for position, value in enumerate(values):
        following = values[position + 1] if position + 1 < len(values) else None
        found += [value, _between(value, following)]
    return found


_ANY: Final[Mapping[str, object]] = {NUMBER: Decimal(0), STRING: ""}


def _before(value: object) -> object:
    """A value below `value`; None when there is none."""
    match value:
        case Decimal():
            return NUMBERS.subtract(value, max(abs(value), Decimal(1)))
        case str():
            return "" if value else None
        case Date():
            return _shifted_date(value, -1)
        case DateTime():
            return _shifted_date_time(value, -1)
        case DaysDuration(nanos=nanos):
            return DaysDuration(nanos - 1)
        case MonthsDuration(months=months):
            return MonthsDuration(months - 1)
    return None


def _between(value: object, following: object) -> object:
    """A value just above `value` and below `following`; None when there is none."""
    after: object = None
    match value:
        case Decimal():
            if isinstance(following, Decimal):
                after = NUMBERS.divide(NUMBERS.add(value, following), _TWO)
            else:
                after = NUMBERS.add(value, max(abs(value), Decimal(1)))
        case str():
            after = value + "\0"
        case Date():
            after = _shifted_date(value, 1)
        case DateTime():
            after = _shifted_date_time(value, 1)
        case DaysDuration(nanos=nanos):
            after = DaysDuration(nanos + 1)
        case MonthsDuration(months=months):
            after = MonthsDuration(months + 1)
    return after if _lies_between(value, after, following) else None


def _lies_between(value: object, after: object, following: object) -> bool:
    low, key = order_key(value), order_key(after)
    if low is None or key is None or not low[1] < key[1]:  # type: ignore[operator]
        return False
    high = order_key(following)
    return high is None or key[1] < high[1]  # type: ignore[operator]


def _shifted_date(value: Date, days: int) -> Date | None:
    try:
        return Date.of_number(value.number + days)
    except ValueError:
        return None


def _shifted_date_time(value: DateTime, seconds: int) -> DateTime | None:
    try:
        return value.moved(seconds * _SECOND)
    except ValueError:
        return None
