"""One table for the rows of a list: parameters are looked up once, facts come as columns, rules hold by masks.

The answers are those of `Decider.decide`, row by row; a row about which the table has something to say beside its
answer is decided by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from banjie.domain.decisions import Decision, Json, MatchedRule, MissingValue, ParameterValue
from banjie.feel.model import Model
from banjie.feel.table_many import decide_many as table_many
from banjie.policy.receipts import ENGINE, fact_of, json_of, matched_rule
from banjie.policy.tables import Constant, DecisionTable, Fact, LawDay, TableInput

Find = Callable[[str], ParameterValue | MissingValue]
One = Callable[[Mapping[str, Json]], Decision]


@dataclass(frozen=True, kw_only=True)
class ManyDecisions:
    """Decisions in the order of the rows, and what they share.

    `key`, `version`, `on`, `region` and `engine` are as in `Decision`. `parameters` are those that some row used;
    `rules` holds the rules that held, by their 1-based row in the table. `values` are the outputs by name, empty where
    nothing could be decided; equal ones may be one object. `matched` are rows of the table. `missing` and
    `diagnostics` name the lines (from 0) that have any.
    """

    key: str
    version: str
    on: date
    region: str
    engine: str
    parameters: tuple[ParameterValue, ...]
    rules: Mapping[int, MatchedRule]
    values: Sequence[Mapping[str, Json]]
    matched: Sequence[tuple[int, ...]]
    missing: Mapping[int, tuple[MissingValue, ...]]
    diagnostics: Mapping[int, tuple[str, ...]]

    def __len__(self) -> int:
        return len(self.values)


@dataclass
class _Columns:
    """What the table is asked with, column by column, and what was found wrong by row."""

    count: int
    values: dict[str, Sequence[object]] = field(default_factory=dict)
    parameters: list[ParameterValue] = field(default_factory=list)
    missing: dict[int, list[MissingValue]] = field(default_factory=dict)
    diagnostics: dict[int, list[str]] = field(default_factory=dict)


def decide_many(
    table: DecisionTable,
    columns: Mapping[str, Sequence[Json]],
    *,
    find: Find,
    one: One,
    on: date,
    region: str,
) -> ManyDecisions:
    """See `Decider.decide_many`. `find` looks a parameter up, `one` decides a single row of facts."""
    lengths = {len(column) for column in columns.values()}
    if len(lengths) > 1:
        raise ValueError("the columns differ in length")
    asked = _Columns(count=lengths.pop() if lengths else 0)
    for wanted in table.inputs:
        _gather(wanted, columns, find, on, asked)
    singles: Iterator[int] = iter(range(asked.count))
    values: list[Mapping[str, Json]] = [{}] * asked.count
    matched: list[tuple[int, ...]] = [()] * asked.count
    rules: dict[int, MatchedRule] = {}
    if _is_plain(table, asked):
        singles = _by_masks(table, asked, values, matched, rules)
    diagnostics = {row: tuple(said) for row, said in asked.diagnostics.items()}
    for row in singles:
        decision = one(_facts(columns, row))
        values[row], matched[row] = decision.value, tuple(rule.row for rule in decision.rules)
        rules.update({rule.row: rule for rule in decision.rules})
        if decision.diagnostics:
            diagnostics[row] = decision.diagnostics
    return ManyDecisions(
        key=table.key, version=table.version, on=on, region=region, engine=ENGINE,
        parameters=tuple(asked.parameters), rules=rules, values=values, matched=matched,
        missing={row: tuple(found) for row, found in asked.missing.items()}, diagnostics=diagnostics,
    )  # fmt: skip


def _by_masks(
    table: DecisionTable,
    asked: _Columns,
    values: list[Mapping[str, Json]],
    matched: list[tuple[int, ...]],
    rules: dict[int, MatchedRule],
) -> Iterator[int]:
    """Fill in the answers that follow from masks; the rows that must be decided one by one."""
    answers = table_many(table.model.table(table.decision), asked.values)
    for row, (value, held) in enumerate(zip(answers.values, answers.matched_rules, strict=True)):
        if row in asked.missing:
            continue
        if row in answers.diagnostics or not held or not isinstance(value, dict):
            yield row
            continue
        values[row] = {name: json_of(answer) for name, answer in value.items()}
        matched[row] = tuple(rule.index for rule in held)
        for rule in held:
            if rule.index not in rules:
                rules[rule.index] = matched_rule(rule, table)


def _is_plain(table: DecisionTable, asked: _Columns) -> bool:
    """Whether the decision is nothing but its table over inputs that come as their types, as masks need it."""
    model: Model = table.model
    needed = {one.name: one.type for one in model.inputs_of(table.decision)}
    if len(model.decision_names) > 1 or model.decision(table.decision).type is not None:
        return False
    kinds = {str: "string", bool: "boolean", Decimal: "number"}
    return all(
        needed[name] is None or kinds.get(kind) == str(needed[name])
        for name, column in asked.values.items()
        for kind in set(map(type, column)) - {type(None)}
    )


def _gather(
    wanted: TableInput, columns: Mapping[str, Sequence[Json]], find: Find, on: date, asked: _Columns
) -> None:
    """Add the column of one input; None in the rows that do not ask for it."""
    rows = _asking(wanted, asked)
    source, count = wanted.source, asked.count
    if isinstance(source, Fact):
        asked.values[wanted.name] = _typed(
            wanted.name, source, columns.get(".".join(source.path)), rows, asked
        )
        return
    value: object = None
    if isinstance(source, Constant):
        value = source.value
    elif isinstance(source, LawDay):
        value = on.isoformat()
    elif rows is None or True in rows:
        value = _parameter(find(source.key), rows, asked)
    asked.values[wanted.name] = (
        [value] * count if rows is None else [value if asks else None for asks in rows]
    )


def _parameter(
    found: ParameterValue | MissingValue, rows: Sequence[bool] | None, asked: _Columns
) -> Decimal | bool | str | None:
    if not isinstance(found, MissingValue):
        asked.parameters.append(found)
        return found.value
    for row in range(asked.count):
        if rows is None or rows[row]:
            asked.missing.setdefault(row, []).append(found)
    return None


def _asking(wanted: TableInput, asked: _Columns) -> Sequence[bool] | None:
    """Which rows ask for the input; None: all of them."""
    asks: list[bool] | None = None
    for name, value in wanted.when.items():
        found = [one == value for one in asked.values[name]]
        asks = found if asks is None else [one and other for one, other in zip(asks, found, strict=True)]
    return None if asks is None or all(asks) else asks


def _typed(
    name: str,
    source: Fact,
    column: Sequence[Json] | None,
    rows: Sequence[bool] | None,
    asked: _Columns,
) -> list[object]:
    """The facts as their type; what does not fit, or is wanting, is noted at its row."""
    typed: list[object] = []
    memory: dict[tuple[type, object], object] = {}
    for row in range(asked.count):
        if rows is not None and not rows[row]:
            typed.append(None)
            continue
        found = column[row] if column is not None else None
        key = (type(found), found) if isinstance(found, str | bool | int | None) else None
        if key in memory:
            typed.append(memory[key])
            continue
        try:
            value = fact_of(source, found)
        except ValueError as error:
            asked.diagnostics.setdefault(row, []).append(f"{name}: {error}")
            typed.append(None)
            continue
        if value is not None and key is not None:
            memory[key] = value
        elif value is None and not source.optional:
            said = f"{name}: {'.'.join(source.path)} is not in the case data"
            asked.diagnostics.setdefault(row, []).append(said)
        typed.append(value)
    return typed


def _facts(columns: Mapping[str, Sequence[Json]], row: int) -> dict[str, Json]:
    """The case data of one row."""
    facts: dict[str, Json] = {}
    for path, column in columns.items():
        *outer, last = path.split(".")
        place: dict[str, Json] = facts
        for step in outer:
            inner = place.setdefault(step, {})
            if isinstance(inner, dict):
                place = inner
        place[last] = column[row]
    return facts
