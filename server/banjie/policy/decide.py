"""Makes decisions by the tables, on the law of a day in a region, with a receipt of how they came about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from banjie.domain.decisions import Decision, Json, MatchedRule, MissingValue, ParameterValue
from banjie.domain.errors import NotFound
from banjie.feel.model_boxed import TableReceipt
from banjie.policy.book import Book
from banjie.policy.decide_many import ManyDecisions, decide_many
from banjie.policy.receipts import ENGINE, Typed, fact_of, json_of, matched_rule
from banjie.policy.tables import (
    Constant,
    DecisionTable,
    Fact,
    FromParameter,
    LawDay,
    TableInput,
    read_tables,
)


@dataclass
class _Gathered:
    """The values of one table's inputs, as they are collected."""

    values: dict[str, object] = field(default_factory=dict)
    facts: dict[str, Json] = field(default_factory=dict)
    parameters: list[ParameterValue] = field(default_factory=list)
    missing: list[MissingValue] = field(default_factory=list)
    diagnostics: list[str] = field(default_factory=list)


class Decider:
    """The tables of a book, compiled once; safe for all threads. Raises ContentError for a broken table."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._tables = read_tables(book.root, book.documents, book.parameters)

    @property
    def keys(self) -> frozenset[str]:
        """The keys ``process/name`` of all tables."""
        return frozenset(self._tables)

    def table(self, key: str) -> DecisionTable:
        """A table by its key. Raises NotFound."""
        if key not in self._tables:
            raise NotFound(decision=key)
        return self._tables[key]

    def decide(self, key: str, facts: Mapping[str, Json], *, on: date, region: str) -> Decision:
        """The decision of a table over the case data, by the law of the day in the region.

        Where a parameter has no value on the day nothing is decided: `value` is empty and `missing` says
        what there is no value for. Raises NotFound for an unknown table or region, never for the facts.
        """
        table = self.table(key)
        gathered = self._gather(table, facts, on, region)
        value: dict[str, Json] = {}
        rules: tuple[MatchedRule, ...] = ()
        if not gathered.missing:
            value, rules = _evaluate(table, gathered)
        return Decision(
            key=key,
            version=table.version,
            on=on,
            region=region,
            inputs=gathered.facts,
            value=value,
            rules=rules,
            parameters=tuple(gathered.parameters),
            missing=tuple(gathered.missing),
            diagnostics=tuple(gathered.diagnostics),
            engine=ENGINE,
        )

    def decide_many(
        self, key: str, columns: Mapping[str, Sequence[Json]], *, on: date, region: str
    ) -> ManyDecisions:
        """The decisions of a table for the rows of a list, each the same as `decide` would make.

        `columns` maps dotted paths into the case data to their values, all of one length; a path that no column has
        holds nothing. Raises NotFound for an unknown table or region, ValueError where the columns differ in length.
        """
        return decide_many(
            self.table(key), columns, find=lambda name: self._book.find_parameter(name, on=on, region=region),
            one=lambda facts: self.decide(key, facts, on=on, region=region), on=on, region=region,
        )  # fmt: skip

    def _gather(self, table: DecisionTable, facts: Mapping[str, Json], on: date, region: str) -> _Gathered:
        gathered = _Gathered()
        for wanted in table.inputs:
            value = self._value(wanted, facts, on, region, gathered) if _asked(wanted, gathered) else None
            gathered.values[wanted.name] = value
        return gathered

    def _value(
        self, wanted: TableInput, facts: Mapping[str, Json], on: date, region: str, gathered: _Gathered
    ) -> object:
        source = wanted.source
        if isinstance(source, Constant):
            return source.value
        if isinstance(source, FromParameter):
            found = self._book.find_parameter(source.key, on=on, region=region)
            if isinstance(found, MissingValue):
                gathered.missing.append(found)
                return None
            gathered.parameters.append(found)
            return found.value
        if isinstance(source, LawDay):
            return on.isoformat()
        try:
            value = _fact(source, facts)
        except ValueError as error:
            gathered.diagnostics.append(f"{wanted.name}: {error}")
            return None
        if value is None and not source.optional:
            gathered.diagnostics.append(f"{wanted.name}: {'.'.join(source.path)} is not in the case data")
        gathered.facts[wanted.name] = json_of(value)
        return value


def _asked(wanted: TableInput, gathered: _Gathered) -> bool:
    return all(gathered.values.get(name) == value for name, value in wanted.when.items())


def _fact(source: Fact, facts: Mapping[str, Json]) -> Typed | None:
    """The value at the path as its type, None where there is none. Raises ValueError where it does not fit."""
    found: object = facts
    for step in source.path:
        found = found.get(step) if isinstance(found, Mapping) else None
    return fact_of(source, found)


def _evaluate(table: DecisionTable, gathered: _Gathered) -> tuple[dict[str, Json], tuple[MatchedRule, ...]]:
    """Outputs by name and the rules that held; what went wrong is added to the diagnostics."""
    result = table.model.evaluate_decision(table.decision, gathered.values)
    gathered.diagnostics += [str(diagnostic) for diagnostic in result.diagnostics]
    receipt = result.receipts[-1] if result.receipts else None
    rules = tuple(matched_rule(rule, table) for rule in receipt.result.matched_rules) if receipt else ()
    if receipt:
        gathered.facts.update(_columns(table, receipt))
    if not rules:
        gathered.diagnostics.append("no rule of the table holds for these inputs")
        return {}, ()
    value = result.python
    if not isinstance(value, dict):
        gathered.diagnostics.append("the table has no outputs by name")
        return {}, rules
    return {str(name): json_of(answer) for name, answer in value.items()}, rules


def _columns(table: DecisionTable, receipt: TableReceipt) -> dict[str, Json]:
    """The computed columns by their labels; those that only repeat an input datum are left out."""
    columns = table.model.table(table.decision).inputs
    return {
        column.label: json_of(value)
        for column, value in zip(columns, receipt.result.inputs, strict=True)
        if column.name is None and value is not None
    }
