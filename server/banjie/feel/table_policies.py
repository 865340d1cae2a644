"""Hit policies: what a table answers when none, one or several of its rules match.

Each policy takes the matching rules in the order of the table and gives the answer and the rules that decided it.
Source: DMN 1.5, 8.2.10 and 8.2.11.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from banjie.feel.comparison import equal, order
from banjie.feel.dmn import Aggregation, HitPolicy
from banjie.feel.scope import Scope
from banjie.feel.values import NUMBERS

if TYPE_CHECKING:
    from banjie.feel.decision_table import Table

Answer = tuple[object, Sequence[int]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Matches:
    """The matching rules of a table, counted from 0."""

    table: Table
    rules: list[int]
    scope: Scope

    def output(self, rule: int) -> object:
        return self.table.output_of(rule, self.scope)

    def names(self, rules: Sequence[int]) -> str:
        """Rules as people call them: by number, with the id when there is one."""
        matches = [self.table.rules[rule] for rule in rules]
        return ", ".join(f"{match.index} ({match.id})" if match.id else str(match.index) for match in matches)

    def refuse(self, message: str, message_zh: str) -> object:
        return self.scope.run.report("hit_policy", message, message_zh)


def _unique(matches: Matches) -> Answer:
    rules = matches.rules
    if len(rules) == 1:
        return matches.output(rules[0]), rules
    if not rules:
        return matches.table.default(matches.scope), ()
    names = matches.names(rules)
    return matches.refuse(
        f"hit policy UNIQUE, but rules {names} match", f"命中策略为“唯一”，但规则 {names} 同时命中"
    ), rules


def _any(matches: Matches) -> Answer:
    rules = matches.rules
    if not rules:
        return matches.table.default(matches.scope), ()
    first = matches.output(rules[0])
    for rule in rules[1:]:
        if equal(first, matches.output(rule)) is not True:
            names = matches.names([rules[0], rule])
            return matches.refuse(
                f"hit policy ANY, but rules {names} match with different outputs",
                f"命中策略为“任意”，但规则 {names} 命中且输出不同",
            ), rules
    return first, rules


def _first(matches: Matches) -> Answer:
    if not matches.rules:
        return matches.table.default(matches.scope), ()
    return matches.output(matches.rules[0]), matches.rules[:1]


def _by_priority(matches: Matches) -> list[tuple[int, object]]:
    """Matching rules with their outputs, the highest priority first; equal ones in the order of the table."""
    columns = matches.table.outputs

    def rank(found: tuple[int, object]) -> tuple[int, ...]:
        value = found[1]
        cells = [value] if len(columns) == 1 or not isinstance(value, dict) else list(value.values())
        return tuple(
            column.priority(cell, matches.scope) for column, cell in zip(columns, cells, strict=True)
        )

    return sorted(((rule, matches.output(rule)) for rule in matches.rules), key=rank)


def _priority(matches: Matches) -> Answer:
    if not matches.rules:
        return matches.table.default(matches.scope), ()
    if all(not column.priorities for column in matches.table.outputs):
        return matches.refuse(
            "hit policy PRIORITY, but no output lists its values", "命中策略为“优先级”，但没有输出列出其取值"
        ), matches.rules
    rule, value = _by_priority(matches)[0]
    return value, [rule]


def _output_order(matches: Matches) -> Answer:
    if not matches.rules:
        return matches.table.default(matches.scope), ()
    if all(not column.priorities for column in matches.table.outputs):
        return matches.refuse(
            "hit policy OUTPUT ORDER, but no output lists its values",
            "命中策略为“输出顺序”，但没有输出列出其取值",
        ), matches.rules
    ranked = _by_priority(matches)
    return [value for _, value in ranked], [rule for rule, _ in ranked]


def _rule_order(matches: Matches) -> Answer:
    if not matches.rules:
        return matches.table.default(matches.scope), ()
    return [matches.output(rule) for rule in matches.rules], matches.rules


def _collect(matches: Matches) -> Answer:
    aggregation = matches.table.aggregation
    if aggregation is None:
        return _rule_order(matches)
    if not matches.rules:
        nothing = matches.table.default(matches.scope)
        return Decimal(0) if nothing is None and aggregation is Aggregation.COUNT else nothing, ()
    outputs = [matches.output(rule) for rule in matches.rules]
    if len(matches.table.outputs) == 1:
        return _aggregate(aggregation, outputs, matches), matches.rules
    return {
        column.name: _aggregate(aggregation, [_member(output, column.name) for output in outputs], matches)
        for column in matches.table.outputs
    }, matches.rules


def _member(output: object, name: str) -> object:
    return output.get(name) if isinstance(output, dict) else None


def _aggregate(aggregation: Aggregation, values: list[object], matches: Matches) -> object:
    match aggregation:
        case Aggregation.COUNT:
            return Decimal(len(values))
        case Aggregation.SUM:
            numbers = [value for value in values if isinstance(value, Decimal)]
            total = Decimal(0)
            for number in numbers:
                total = NUMBERS.add(total, number)
            result: object = total if len(numbers) == len(values) else None
        case Aggregation.MIN:
            result = _extreme(values, -1)
        case Aggregation.MAX:
            result = _extreme(values, 1)
    if result is not None:
        return result
    return matches.refuse(
        f"{aggregation} of outputs that are not all numbers or not all comparable",
        f"{aggregation} 汇总的输出不全是数字或不可比较",
    )


def _extreme(values: list[object], sign: int) -> object:
    """The least (-1) or greatest (1) value; None when two have no order."""
    best = values[0]
    for value in values:
        place = order(value, best)
        if place is None:
            return None
        if place == sign:
            best = value
    return best


POLICIES: Final[Mapping[HitPolicy, Callable[[Matches], Answer]]] = {
    HitPolicy.UNIQUE: _unique,
    HitPolicy.ANY: _any,
    HitPolicy.PRIORITY: _priority,
    HitPolicy.FIRST: _first,
    HitPolicy.RULE_ORDER: _rule_order,
    HitPolicy.OUTPUT_ORDER: _output_order,
    HitPolicy.COLLECT: _collect,
}
