"""Decision tables: which rules match, and what the hit policy makes of them.

A compiled `Table` is immutable and shared between threads. Rules are bits: rule n is bit n - 1, and one more bit
says that every input has an allowed value.
Source: DMN 1.5, 8.2 and 8.3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from banjie.feel.diagnostics import Diagnostic
from banjie.feel.dmn import Aggregation, HitPolicy
from banjie.feel.dmn_problem import Label, bounded, locate
from banjie.feel.limits import Limits
from banjie.feel.scope import Run, Scope
from banjie.feel.table_index import ColumnIndex, Test
from banjie.feel.table_policies import POLICIES, Matches
from banjie.feel.types import FeelType
from banjie.feel.values import from_python

_WHOLE: Final = 10**34


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleMatch:
    """A rule that matched. `index` counts from 1; `annotations` are its notes by name."""

    index: int
    id: str
    annotations: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class TableResult:
    """The receipt of one evaluation: the answer, the rules behind it, the input values in order of the columns.

    `value` and `inputs` are FEEL values. With FIRST only the rule that decided is in `matched_rules`.
    """

    value: object
    matched_rules: tuple[RuleMatch, ...]
    inputs: tuple[object, ...]
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class InputColumn:
    """One question. `name` is the variable when the expression is nothing but one; `reads` are all it reads.

    usual: the Python class of which every value fits the type as it is; None when that must be looked at.

    cells: tests of the index with the rules they belong to; open_cells: tests that must be run.
    everywhere: rules that the index never rules out.
    """

    label: str
    name: str | None
    reads: frozenset[str]
    expression: Callable[[Scope], object]
    type: FeelType | None
    usual: object
    index: ColumnIndex
    cells: tuple[tuple[Test, int], ...]
    open_cells: tuple[tuple[Test, int], ...]
    everywhere: int

    def typed(self, value: object, run: Run) -> object:
        """The value as the column's type; null plus a diagnostic when it does not fit."""
        if self.type is None or value is None:
            return value
        coerced, fits = self.type.coerce(value)
        if fits:
            return coerced
        return run.report(
            "type", f'input "{self.label}" is not {self.type}', f"输入“{self.label}”不是{self.type}"
        )

    def asked(self, value: object, scope: Scope) -> int:
        """The mask that the index would give, from the tests themselves."""
        mask = self.everywhere
        for test, rules in self.cells:
            if self.passes(test, rules, value, scope):
                mask |= rules
        return mask

    def passes(self, test: Test, rules: int, value: object, scope: Scope) -> bool:
        """Whether the test of these rules passes; its diagnostics name the first of them."""
        known = len(scope.run.diagnostics)
        passed = test(value, scope) is True
        if len(scope.run.diagnostics) > known:
            first = rule_label((rules & -rules).bit_length())
            locate(scope.run, known, first.part(f'input "{self.label}"', f"输入“{self.label}”"))
        return passed


@dataclass(frozen=True, kw_only=True, slots=True)
class Output:
    """One output cell: its value when that is constant, its expression when not."""

    constant: bool
    value: object
    expression: Callable[[Scope], object]


@dataclass(frozen=True, kw_only=True, slots=True)
class OutputColumn:
    """One answer. `priorities` has a test for each listed value, the highest first."""

    name: str
    label: str
    type: FeelType | None
    allowed: Test | None
    priorities: tuple[Test, ...]
    cells: tuple[Output, ...]
    default: Output | None

    def cell(self, rule: int, scope: Scope) -> object:
        """The value of a rule's cell (counted from 0); its diagnostics name the rule."""
        output = self.cells[rule]
        if output.constant:
            return output.value
        known = len(scope.run.diagnostics)
        value = self.value(output, scope)
        locate(scope.run, known, rule_label(rule + 1))
        return value

    def value(self, output: Output, scope: Scope) -> object:
        """An output's value, of the column's type and among its allowed values; else null plus a diagnostic."""
        if output.constant:
            return output.value
        value = output.expression(scope)
        if value is None:
            return None
        if self.type is not None:
            value, fits = self.type.coerce(value)
            if not fits:
                return scope.run.report(
                    "type", f'output "{self.label}" is not {self.type}', f"输出“{self.label}”不是{self.type}"
                )
        if self.allowed is not None and self.allowed(value, scope) is not True:
            return scope.run.report(
                "not_allowed",
                f'output "{self.label}" is none of its allowed values',
                f"输出“{self.label}”不在允许值之内",
            )
        return value

    def priority(self, value: object, scope: Scope) -> int:
        """0 for the highest; a value that is not listed comes after all that are."""
        for position, test in enumerate(self.priorities):
            if test(value, scope) is True:
                return position
        return len(self.priorities)


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A compiled decision table.

    open_columns: places of the inputs with cells that must be run. reads: the variables it needs.
    problems: why it cannot be evaluated; then it answers null.
    """

    id: str
    hit_policy: HitPolicy
    aggregation: Aggregation | None
    inputs: tuple[InputColumn, ...]
    outputs: tuple[OutputColumn, ...]
    rules: tuple[RuleMatch, ...]
    open_columns: tuple[int, ...]
    reads: frozenset[str]
    problems: tuple[Diagnostic, ...]

    def evaluate(
        self,
        context: Mapping[str, object],
        *,
        functions: Mapping[str, object] | None = None,
        limits: Limits | None = None,
        now: datetime | None = None,
    ) -> TableResult:
        """The answer for Python values by variable name. Never raises: what fails is null plus diagnostics."""
        run = Run(limits=limits, now=now, functions=functions)
        values = {name: plain(context[name]) for name in self.reads if name in context}
        scope = Scope(values, run)
        inputs: list[object] = []
        decided = run.guard(lambda scope: self.decide(scope, inputs), scope)
        value, matched = decided if isinstance(decided, tuple) else (None, ())
        return TableResult(
            value=value, matched_rules=matched, inputs=tuple(inputs), diagnostics=tuple(run.diagnostics)
        )

    def decide(self, scope: Scope, inputs: list[object]) -> tuple[object, tuple[RuleMatch, ...]]:
        """The answer and its rules inside an evaluation; `inputs` receives the input values."""
        run = scope.run
        if self.problems:
            run.diagnostics.extend(self.problems)
            return None, ()
        alive = -1
        for column in self.inputs:
            name = column.name
            known = name is not None and name in scope.values
            value = scope.values[name] if known else column.expression(scope)  # type: ignore[index]
            if type(value) is list or type(value) is dict:
                bounded(value, run)
            if column.type is not None and type(value) is not column.usual:
                value = column.typed(value, run)
            inputs.append(value)
            mask = column.index.find(value)
            alive &= column.asked(value, scope) if mask is None else mask
        return self.settle(alive, inputs, scope)

    def settle(self, alive: int, inputs: list[object], scope: Scope) -> tuple[object, tuple[RuleMatch, ...]]:
        """The answer when the indexed cells have left the rules `alive`."""
        count = len(self.rules)
        if not self.inputs:
            alive = (1 << count + 1) - 1
        for place in self.open_columns:
            value = inputs[place]
            for test, rules in self.inputs[place].open_cells:
                if alive & rules and not self.inputs[place].passes(test, rules, value, scope):
                    alive &= ~rules
        if not alive >> count & 1:
            return self.refuse_inputs(inputs, scope), ()
        return self.answer(alive & ((1 << count) - 1), scope)

    def answer(self, alive: int, scope: Scope) -> tuple[object, tuple[RuleMatch, ...]]:
        """What the hit policy answers for the matching rules."""
        matched: list[int] = []
        while alive:
            lowest = alive & -alive
            matched.append(lowest.bit_length() - 1)
            alive ^= lowest
        value, decisive = POLICIES[self.hit_policy](Matches(table=self, rules=matched, scope=scope))
        bounded(value, scope.run)
        return value, tuple([self.rules[rule] for rule in decisive])

    def refuse_inputs(self, inputs: list[object], scope: Scope) -> object:
        """Null, with a diagnostic for each input that is none of its allowed values."""
        valid = 1 << len(self.rules)
        for column, value in zip(self.inputs, inputs, strict=True):
            tests = [test for test, rules in (*column.cells, *column.open_cells) if rules == valid]
            if any(test(value, scope) is not True for test in tests):
                scope.run.report(
                    "not_allowed",
                    f'input "{column.label}" is none of its allowed values',
                    f"输入“{column.label}”不在允许值之内",
                )
        return None

    def run(self, scope: Scope) -> object:
        """The answer alone, as a closure of the language has it."""
        return self.decide(scope, [])[0]

    def output_of(self, rule: int, scope: Scope) -> object:
        """The outputs of a rule (counted from 0): the value when there is one column, else a context by name."""
        if len(self.outputs) == 1:
            return self.outputs[0].cell(rule, scope)
        return {column.name: column.cell(rule, scope) for column in self.outputs}

    def default(self, scope: Scope) -> object:
        """The answer when no rule matches; null when no output has a default."""
        if all(column.default is None for column in self.outputs):
            return None
        values = [None if one.default is None else one.value(one.default, scope) for one in self.outputs]
        if len(values) == 1:
            return values[0]
        return {column.name: value for column, value in zip(self.outputs, values, strict=True)}


def rule_label(number: int) -> Label:
    """How people call a rule; `number` counts from 1."""
    return Label(en=f"rule {number}", zh=f"规则{number}")


def plain(value: object) -> object:
    """`from_python`, with the usual kinds first."""
    kind = type(value)
    if kind is int and -_WHOLE < value < _WHOLE:  # type: ignore[operator]
        return Decimal(value)  # type: ignore[arg-type]
    if kind is str or kind is bool or value is None:
        return value
    return from_python(value)
