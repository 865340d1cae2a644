"""Makes decisions by the tables, on the law of a day in a region, with a receipt of how they came about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from importlib import metadata
from typing import TypeAlias

from banjie.domain.decisions import Decision, Json, MatchedRule, MissingValue, ParameterValue
from banjie.domain.errors import NotFound
from banjie.feel.decision_table import RuleMatch
from banjie.feel.model_boxed import TableReceipt
from banjie.policy.book import Book
from banjie.policy.tables import (
    Constant,
    DecisionTable,
    Fact,
    FactType,
    FromParameter,
    LawDay,
    TableInput,
    basis_labels,
    read_tables,
)

#: A value of the case data as a table takes it.
Typed: TypeAlias = str | bool | Decimal | list[Json]

#: What a receipt names as the engine that decided.
ENGINE = f"banjie.feel {metadata.version('banjie')}"


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
        gathered.facts[wanted.name] = _json(value)
        return value


def _asked(wanted: TableInput, gathered: _Gathered) -> bool:
    return all(gathered.values.get(name) == value for name, value in wanted.when.items())


def _fact(source: Fact, facts: Mapping[str, Json]) -> Typed | None:
    """The value at the path as its type, None where there is none. Raises ValueError where it does not fit."""
    found: object = facts
    for step in source.path:
        found = found.get(step) if isinstance(found, Mapping) else None
    if found is None or found == "":
        found = source.default
    if found is None:
        return None
    typed = _typed(source.type, found)
    if source.words is None:
        return typed
    if typed not in source.words:
        raise ValueError("the form's code has no word in the table's map")
    return source.words[str(typed)]


def _typed(kind: FactType, value: object) -> Typed:
    """Numbers may come as text, because case data hold decimals so. Raises ValueError; it names no value."""
    if kind is FactType.FLAG and isinstance(value, bool):
        return value
    if kind is FactType.TEXT and isinstance(value, str):
        return value
    if kind is FactType.LIST and isinstance(value, list | tuple):
        return [_json(item) for item in value]
    if kind is FactType.NUMBER and isinstance(value, int | str | Decimal) and not isinstance(value, bool):
        try:
            number = Decimal(value)
        except InvalidOperation:
            raise ValueError("it is not a number") from None
        if number.is_finite():
            return number
    raise ValueError(f"it is not a {kind}")


def _evaluate(table: DecisionTable, gathered: _Gathered) -> tuple[dict[str, Json], tuple[MatchedRule, ...]]:
    """Outputs by name and the rules that held; what went wrong is added to the diagnostics."""
    result = table.model.evaluate_decision(table.decision, gathered.values)
    gathered.diagnostics += [str(diagnostic) for diagnostic in result.diagnostics]
    receipt = result.receipts[-1] if result.receipts else None
    rules = tuple(_matched(rule, table) for rule in receipt.result.matched_rules) if receipt else ()
    if receipt:
        gathered.facts.update(_columns(table, receipt))
    if not rules:
        gathered.diagnostics.append("no rule of the table holds for these inputs")
        return {}, ()
    value = result.python
    if not isinstance(value, dict):
        gathered.diagnostics.append("the table has no outputs by name")
        return {}, rules
    return {str(name): _json(answer) for name, answer in value.items()}, rules


def _matched(rule: RuleMatch, table: DecisionTable) -> MatchedRule:
    return MatchedRule(
        id=rule.id,
        row=rule.index,
        annotations=dict(rule.annotations),
        citations=tuple(table.citations[label] for label in basis_labels(rule.annotations)),
    )


def _columns(table: DecisionTable, receipt: TableReceipt) -> dict[str, Json]:
    """The computed columns by their labels; those that only repeat an input datum are left out."""
    columns = table.model.table(table.decision).inputs
    return {
        column.label: _json(value)
        for column, value in zip(columns, receipt.result.inputs, strict=True)
        if column.name is None and value is not None
    }


def _json(value: object) -> Json:
    """Whole numbers as int, others as their digits in text, so that a stored case loses nothing."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else format(value.normalize(), "f")
    if isinstance(value, Mapping):
        return {str(key): _json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    if value is None or isinstance(value, str | bool | int):
        return value
    return str(value)
