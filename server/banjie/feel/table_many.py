"""One decision table for very many rows: columns of values in, a value and the rules for each row out.

Each column becomes rule masks once for each distinct value, or by bisection where nearly all differ; rows with the
same masks share one answer. What cannot be answered by masks (cells and outputs that read other names) is evaluated
row by row, so that the results are always those of `Table.evaluate`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import repeat
from operator import add, and_
from typing import Any, Final

from banjie.feel.decision_table import InputColumn, RuleMatch, Table, TableResult, plain
from banjie.feel.diagnostics import Diagnostic
from banjie.feel.scope import Run, Scope
from banjie.feel.table_index import NUMBER, Segments

_SURE_WHOLE: Final = 10**34
_MOST_REMEMBERED: Final = 200_000
_MIXABLE: Final = frozenset({int, Decimal, str, type(None)})
"""Kinds of which no two equal values mean different things, as True and 1 do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Decisions:
    """Answers in the order of the rows: FEEL values, matched rules, and diagnostics of the rows that have any.

    Equal rows share one value object, which must not be changed.
    """

    values: Sequence[object]
    matched_rules: Sequence[tuple[RuleMatch, ...]]
    diagnostics: Mapping[int, tuple[Diagnostic, ...]]

    def __len__(self) -> int:
        return len(self.values)


def decide_many(
    table: Table,
    rows: Mapping[str, Sequence[object]] | Iterable[Mapping[str, object]],
    *,
    functions: Mapping[str, object] | None = None,
) -> Decisions:
    """The table's answer for every row of Python values.

    rows: columns by variable name, all of one length, or rows as mappings; columns are the faster form. A name that
    the table reads and the rows lack is null, as it is for `Table.evaluate`.
    Raises ValueError when the columns differ in length.
    """
    columns, count = _columns(table, rows)
    masks = None if table.problems else _row_masks(table, columns, count, functions)
    if masks is None:
        return _row_by_row(table, columns, count, functions)
    return _settle(table, columns, masks, functions)


def _columns(
    table: Table, rows: Mapping[str, Sequence[object]] | Iterable[Mapping[str, object]]
) -> tuple[dict[str, Sequence[object]], int]:
    """The columns that the table reads, and the number of rows."""
    if isinstance(rows, Mapping):
        lengths = {len(column) for column in rows.values()}
        if len(lengths) > 1:
            raise ValueError("the columns differ in length")
        return {name: rows[name] for name in table.reads if name in rows}, lengths.pop() if lengths else 0
    listed = rows if isinstance(rows, list) else list(rows)
    columns: dict[str, Sequence[object]] = {}
    for name in table.reads:
        if any(name not in row for row in listed):
            columns[name] = [row.get(name, _MISSING) for row in listed]
        else:
            columns[name] = [row[name] for row in listed]
    return columns, len(listed)


class _Missing:
    __slots__ = ()


_MISSING: Final = _Missing()


def _row_by_row(
    table: Table,
    columns: Mapping[str, Sequence[object]],
    count: int,
    functions: Mapping[str, object] | None,
) -> Decisions:
    values: list[object] = []
    matched: list[tuple[RuleMatch, ...]] = []
    diagnostics: dict[int, tuple[Diagnostic, ...]] = {}
    for row in range(count):
        result = table.evaluate(_context(columns, row), functions=functions)
        values.append(result.value)
        matched.append(result.matched_rules)
        if result.diagnostics:
            diagnostics[row] = result.diagnostics
    return Decisions(values=values, matched_rules=matched, diagnostics=diagnostics)


def _context(columns: Mapping[str, Sequence[object]], row: int) -> dict[str, object]:
    return {name: column[row] for name, column in columns.items() if column[row] is not _MISSING}


def _row_masks(
    table: Table, columns: Mapping[str, Sequence[object]], count: int, functions: Mapping[str, object] | None
) -> Sequence[int] | None:
    """The AND of the column masks for every row; None when the rows lack a name that an input reads."""
    masks: Iterable[int] | None = None
    for column in table.inputs:
        if not column.reads <= columns.keys():
            return None
        if column.name is not None:
            found = _column_masks(column, columns[column.name])
        else:
            found = _expression_masks(column, columns, count, functions)
        masks = found if masks is None else map(and_, masks, found)
    return [(2 << len(table.rules)) - 1] * count if masks is None else list(masks)


_UNSURE: Final = 0
"""Mask of a value that must be asked row by row. Every sure mask of a row with allowed inputs has the validity bit,
so a row whose masks AND to 0 is either unsure or refused; both are evaluated by themselves."""


def _column_masks(column: InputColumn, values: Sequence[object]) -> Iterable[int]:
    """The column's mask for every value; 0 where the column must be asked."""
    kinds = set(map(type, values))
    if kinds <= {int} or kinds <= {Decimal}:
        found = _bisected(column, values, whole=int in kinds)
        if found is not None:
            return found
    return _remembered(lambda value: _mask(column, value), values, alike=_are_alike(kinds))


def _are_alike(kinds: set[type]) -> bool:
    """Whether values of these kinds are equal only when FEEL finds them so, as True and 1 are not."""
    return kinds <= _MIXABLE or len(kinds) == 1


def _remembered(mask: Callable[[Any], int], values: Sequence[object], *, alike: bool) -> Iterable[int]:
    """Each distinct value asked once, where that is sound and there are not too many."""
    try:
        distinct = set(values) if alike else None
    except TypeError:
        distinct = None
    if distinct is None or len(distinct) > _MOST_REMEMBERED:
        return map(mask, values)
    memory = {value: mask(value) for value in distinct}
    return map(memory.__getitem__, values)


def _expression_masks(
    column: InputColumn,
    columns: Mapping[str, Sequence[object]],
    count: int,
    functions: Mapping[str, object] | None,
) -> Iterable[int]:
    """The masks of an input that computes: its expression runs once for each distinct set of what it reads."""
    names = sorted(column.reads)

    def mask(given: tuple[object, ...]) -> int:
        run = Run(functions=functions)
        values = {
            name: plain(value) for name, value in zip(names, given, strict=True) if value is not _MISSING
        }
        found = run.guard(column.expression, Scope(values, run))
        return _UNSURE if run.diagnostics else _mask(column, found)

    if not names:
        return repeat(mask(()), count)
    read = [columns[name] for name in names]
    alike = all(_are_alike(set(map(type, one))) for one in read)
    return _remembered(mask, list(zip(*read, strict=True)), alike=alike)


def _mask(column: InputColumn, value: object) -> int:
    if value is _MISSING:
        return _UNSURE
    run = Run()
    converted = plain(value)
    if column.type is not None:
        converted = column.typed(converted, run)
    found = column.index.find(converted)
    return _UNSURE if found is None or run.diagnostics else found


def _bisected(column: InputColumn, values: Sequence[object], *, whole: bool) -> Iterable[int] | None:
    """Masks of numbers when most differ: two bisections a value, in C. None when remembering is better or needed."""
    segments = column.index.segments.get(NUMBER)
    if segments is None or not values or not _takes_numbers(column):
        return None
    sample = values[:: max(1, len(values) // 1000)]
    if len(set(sample)) < len(sample) // 2:
        return None
    points = _points(segments, whole=whole)
    if points is None:
        return None
    try:
        if not -_SURE_WHOLE < min(values) <= max(values) < _SURE_WHOLE:  # type: ignore[type-var, operator]
            return None
    except InvalidOperation:
        return None
    if not whole and any(len(value.as_tuple().digits) > 34 for value in values):  # type: ignore[attr-defined]
        return None
    below: Callable[[Sequence[Any], Any], int] = bisect_left
    upto: Callable[[Sequence[Any], Any], int] = bisect_right
    places = map(add, map(below, repeat(points), values), map(upto, repeat(points), values))
    return map(segments.masks.__getitem__, places)


def _takes_numbers(column: InputColumn) -> bool:
    return column.type is None or column.type.coerce(Decimal(0)) == (Decimal(0), True)


def _points(segments: Segments, *, whole: bool) -> Sequence[object] | None:
    """The points as ints when all are whole, because ints compare faster."""
    points = segments.points
    if whole and all(isinstance(point, Decimal) and point == point.to_integral_value() for point in points):
        return [int(point) for point in points]
    return points


def _settle(
    table: Table,
    columns: Mapping[str, Sequence[object]],
    masks: Sequence[int],
    functions: Mapping[str, object] | None,
) -> Decisions:
    """Answers by mask where the mask decides, by evaluation of the row where it does not.

    Where only the outputs of the rules that hold must be computed, the rules are not asked again.
    """
    answers = {mask: _answer_of(table, mask) for mask in set(masks)}
    computed = {mask for mask, answer in answers.items() if answer is None and _holds(table, mask)}
    values: list[object] = [None if (answer := answers[mask]) is None else answer.value for mask in masks]
    matched = [() if (answer := answers[mask]) is None else answer.matched_rules for mask in masks]
    noted = {mask for mask, answer in answers.items() if answer is None or answer.diagnostics}
    diagnostics: dict[int, tuple[Diagnostic, ...]] = {}
    converted = _converted(columns) if computed else {}
    for row, mask in enumerate(masks) if noted else ():
        if mask not in noted:
            continue
        answer = answers[mask]
        if answer is None and mask in computed:
            answer = _computed(table, mask, _context(converted, row), functions)
        elif answer is None:
            answer = table.evaluate(_context(columns, row), functions=functions)
        values[row] = answer.value
        matched[row] = answer.matched_rules
        if answer.diagnostics:
            diagnostics[row] = answer.diagnostics
    return Decisions(values=values, matched_rules=matched, diagnostics=diagnostics)


def _holds(table: Table, mask: int) -> bool:
    """Whether the rules of a mask are those that hold, with nothing left to be asked."""
    count = len(table.rules)
    alive = mask & ((1 << count) - 1)
    open_cells = (rules for column in table.inputs for _, rules in column.open_cells)
    return bool(mask >> count & 1) and not any(rules & (alive | 1 << count) for rules in open_cells)


def _converted(columns: Mapping[str, Sequence[object]]) -> dict[str, Sequence[object]]:
    """The columns as FEEL values; one that holds the same object throughout is converted once."""
    converted: dict[str, Sequence[object]] = {}
    for name, column in columns.items():
        if len(set(map(id, column))) == 1 and column[0] is not _MISSING:
            converted[name] = [plain(column[0])] * len(column)
        else:
            converted[name] = [value if value is _MISSING else plain(value) for value in column]
    return converted


def _computed(
    table: Table, mask: int, values: Mapping[str, object], functions: Mapping[str, object] | None
) -> TableResult:
    """The answer of a row whose rules are known and whose outputs are computed. Its inputs are left out."""
    run = Run(functions=functions)
    scope = Scope(dict(values), run)
    alive = mask & ((1 << len(table.rules)) - 1)
    decided = run.guard(lambda scope: table.answer(alive, scope), scope)
    value, matched = decided if isinstance(decided, tuple) else (None, ())
    return TableResult(value=value, matched_rules=matched, inputs=(), diagnostics=tuple(run.diagnostics))


def _answer_of(table: Table, mask: int) -> TableResult | None:
    """The answer for a mask when it follows from the mask alone; else None. Its inputs are left out."""
    if not _holds(table, mask):
        return None
    alive = mask & ((1 << len(table.rules)) - 1)
    for column in table.outputs:
        if not all(cell.constant for rule, cell in enumerate(column.cells) if alive >> rule & 1):
            return None
        if not alive and column.default is not None and not column.default.constant:
            return None
    run = Run()
    value, matched = table.answer(alive, Scope({}, run))
    return TableResult(value=value, matched_rules=matched, inputs=(), diagnostics=tuple(run.diagnostics))
