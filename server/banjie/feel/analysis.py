"""What can be said of expressions and tables without evaluating them.

`names_of`: the names that an expression reads, with the types that its text suggests. `analyse`: the gaps and the
overlaps of a decision table, each with an example. Both look at the compiled thing itself; neither runs a model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from banjie.feel.analysis_regions import Region, region_columns
from banjie.feel.analysis_types import suggested_types
from banjie.feel.comparison import equal
from banjie.feel.decision_table import Table
from banjie.feel.expression import Expression, UnaryTests

_MOST_STATES: Final = 200_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """Inputs for which no rule matches.

    example: FEEL value by input label; inputs that do not matter are left out. where: the region as unary tests.
    """

    example: Mapping[str, object]
    where: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Overlap:
    """Two rules, counted from 1, that match the same inputs.

    same_outputs: whether they then answer the same; None when that is known only on evaluation.
    """

    rules: tuple[int, int]
    example: Mapping[str, object]
    where: Mapping[str, str]
    same_outputs: bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class TableAnalysis:
    """Gaps and overlaps, all of them real.

    not_analysed: labels of inputs with cells that read other names or call functions, and of inputs that ask what one
    before them asks. Their rules are taken to match
    when gaps are looked for and left out when overlaps are, so that some of either may be missing.
    complete: whether nothing was left out for that reason or because there were too many.
    """

    gaps: tuple[Gap, ...]
    overlaps: tuple[Overlap, ...]
    not_analysed: tuple[str, ...]
    complete: bool


def names_of(expression: Expression | UnaryTests) -> dict[str, str]:
    """The names that the text reads, with the type that it uses each as; "Any" when it does not tell."""
    suggested = suggested_types(expression.node)
    return {name: suggested.get(name, "Any") for name in sorted(expression.reads)}


def analyse(table: Table, *, most: int = 100) -> TableAnalysis:
    """Gaps and overlaps of a table over numbers, dates, durations, booleans and listed values; `most` of each.

    null is not counted as an input. Strings that no cell names count as one value, unless the input's allowed values
    exclude them.
    """
    repeated = _repeated(table)
    columns = region_columns(table)
    for place in repeated:
        columns[place] = [Region(mask=(1 << len(table.rules)) - 1, example=None, text="-", bounded=False)]
    opened = [place for place, column in enumerate(table.inputs) if column.open_cells]
    gaps, all_gaps = _gaps(table, columns, most)
    overlaps, all_overlaps = _overlaps(table, columns, _undecided(table, repeated), most)
    not_analysed = tuple(table.inputs[place].label for place in sorted({*opened, *repeated}))
    return TableAnalysis(
        gaps=gaps,
        overlaps=overlaps,
        not_analysed=not_analysed,
        complete=all_gaps and all_overlaps and not not_analysed and not table.problems,
    )


def _repeated(table: Table) -> list[int]:
    """Places of inputs that ask the same as one before them: their values are not independent."""
    names = [column.name for column in table.inputs]
    return [
        place
        for place, column in enumerate(table.inputs)
        if column.name is not None and column.name in names[:place]
    ]


def _undecided(table: Table, repeated: Sequence[int]) -> int:
    """The rules with a cell that is not analysed."""
    rules = 0
    for place, column in enumerate(table.inputs):
        for _, own in (*column.open_cells, *(column.cells if place in repeated else ())):
            rules |= own
    return rules


def _gaps(table: Table, columns: Sequence[Sequence[Region]], most: int) -> tuple[tuple[Gap, ...], bool]:
    search = _GapSearch(columns)
    labels = [column.label for column in table.inputs]
    found: list[Gap] = []
    for path in search.run((1 << len(table.rules)) - 1):
        if len(found) == most:
            return tuple(found), False
        chosen = dict(zip(labels, path, strict=False))
        found.append(Gap(example=_examples(chosen), where=_where(chosen)))
    return tuple(found), search.states <= _MOST_STATES


class _GapSearch:
    """Depth first over the columns; rules still alive below a column are the whole state, so each is visited once."""

    def __init__(self, columns: Sequence[Sequence[Region]]) -> None:
        self.columns = columns
        self.covered: set[tuple[int, int]] = set()
        self.states = 0

    def run(self, alive: int, path: tuple[Region, ...] = ()) -> Iterator[tuple[Region, ...]]:
        """Every way through the columns after which no rule is alive; ends where the last one died."""
        depth = len(path)
        if not alive:
            yield path
            return
        self.states += 1
        if depth == len(self.columns) or (depth, alive) in self.covered or self.states > _MOST_STATES:
            return
        before = True
        for region in self.columns[depth]:
            for gap in self.run(alive & region.mask, (*path, region)):
                before = False
                yield gap
        if before:
            self.covered.add((depth, alive))


def _overlaps(
    table: Table, columns: Sequence[Sequence[Region]], unknown: int, most: int
) -> tuple[tuple[Overlap, ...], bool]:
    """Rules overlap exactly when they share a region in every column, because columns are independent."""
    count = len(table.rules)
    together = [((1 << count) - 1) & ~unknown] * count
    for regions in columns:
        for rule in range(count):
            met = 0
            for region in regions:
                if region.mask >> rule & 1:
                    met |= region.mask
            together[rule] &= met
    found: list[Overlap] = []
    for first in range(count):
        if unknown >> first & 1:
            continue
        others = together[first] >> first + 1
        while others:
            lowest = others & -others
            others ^= lowest
            if len(found) == most:
                return tuple(found), False
            found.append(_overlap(table, columns, first, first + lowest.bit_length()))
    return tuple(found), True


def _overlap(table: Table, columns: Sequence[Sequence[Region]], first: int, second: int) -> Overlap:
    both = 1 << first | 1 << second
    chosen: dict[str, Region] = {}
    for column, regions in zip(table.inputs, columns, strict=True):
        region = next(one for one in regions if one.mask & both == both)
        if len(regions) > 1:
            chosen[column.label] = region
    return Overlap(
        rules=(first + 1, second + 1),
        example=_examples(chosen),
        where=_where(chosen),
        same_outputs=_same_outputs(table, first, second),
    )


def _same_outputs(table: Table, first: int, second: int) -> bool | None:
    for column in table.outputs:
        one, other = column.cells[first], column.cells[second]
        if not (one.constant and other.constant):
            return None
        if equal(one.value, other.value) is not True:
            return False
    return True


def _examples(chosen: Mapping[str, Region]) -> dict[str, object]:
    return {label: region.example for label, region in chosen.items() if region.bounded}


def _where(chosen: Mapping[str, Region]) -> dict[str, str]:
    return {label: region.text for label, region in chosen.items() if region.bounded}
