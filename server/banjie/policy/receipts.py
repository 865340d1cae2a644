"""How values of the case data enter a table, and how what a table decided is put down in a receipt."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from importlib import metadata
from typing import TypeAlias

from banjie.domain.decisions import Json, MatchedRule
from banjie.feel.decision_table import RuleMatch
from banjie.policy.tables import DecisionTable, Fact, FactType, basis_labels

#: A value of the case data as a table takes it.
Typed: TypeAlias = str | bool | Decimal | list[Json]

#: What a receipt names as the engine that decided.
ENGINE = f"banjie.feel {metadata.version('banjie')}"


def fact_of(source: Fact, found: object) -> Typed | None:
    """What was found at the path as its type, None where there is nothing. Raises ValueError where it does not fit."""
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
        return [json_of(item) for item in value]
    if kind is FactType.NUMBER and isinstance(value, int | str | Decimal) and not isinstance(value, bool):
        try:
            number = Decimal(value)
        except InvalidOperation:
            raise ValueError("it is not a number") from None
        if number.is_finite():
            return number
    raise ValueError(f"it is not a {kind}")


def matched_rule(rule: RuleMatch, table: DecisionTable) -> MatchedRule:
    """A rule that held, with the citations that its annotation names."""
    return MatchedRule(
        id=rule.id,
        row=rule.index,
        annotations=dict(rule.annotations),
        citations=tuple(table.citations[label] for label in basis_labels(rule.annotations)),
    )


def json_of(value: object) -> Json:
    """Whole numbers as int, others as their digits in text, so that a stored case loses nothing."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else format(value.normalize(), "f")
    if isinstance(value, Mapping):
        return {str(key): json_of(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_of(item) for item in value]
    if value is None or isinstance(value, str | bool | int):
        return value
    return str(value)
