"""Compiles a decision table: every distinct cell once, a mask index for each column, constant outputs in advance."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from banjie.feel import ast, dmn
from banjie.feel.compiler import compile_tests
from banjie.feel.decision_table import InputColumn, Output, OutputColumn, RuleMatch, Table, rule_label
from banjie.feel.diagnostics import FeelSyntaxError
from banjie.feel.dmn_problem import Label, Problem
from banjie.feel.expression import Expression, compile_expression, compile_unary_tests
from banjie.feel.scope import Run, Scope
from banjie.feel.table_index import ColumnIndex, IndexedCell, Test, constant_of, constants_of
from banjie.feel.types import BUILT_IN_TYPES, FeelType, SimpleType

_ANYTHING: Final = ("", "-")
_USUAL: Final[Mapping[str, type]] = {"number": Decimal, "string": str, "boolean": bool}


def _none(_: str) -> None:
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class TableNames:
    """What a table's texts may refer to.

    names: variables in scope. types: their types. type_names: item definitions by name.
    type_of: the type a `typeRef` means (by default the built-in ones), None for Any.
    values_of: the allowed values of such a type as text, None when it has none.
    """

    names: Collection[str] = ()
    types: Mapping[str, FeelType] = field(default_factory=dict)
    type_names: Mapping[str, FeelType] = field(default_factory=dict)
    type_of: Callable[[str], FeelType | None] = BUILT_IN_TYPES.get
    values_of: Callable[[str], str | None] = _none


def compile_table(
    table: dmn.DecisionTable, names: TableNames | None = None
) -> tuple[Table, tuple[Problem, ...]]:
    """The table, and what is wrong in its cells; a table with problems answers null."""
    compiler = _TableCompiler(table, names or TableNames())
    return compiler.table(), tuple(compiler.problems)


class _TableCompiler:
    def __init__(self, table: dmn.DecisionTable, names: TableNames) -> None:
        self.source = table
        self.names = names
        self.hidden = frozenset(names.names)
        self.problems: list[Problem] = []
        self.reads: set[str] = set()
        self.valid = 1 << len(table.rules)

    def table(self) -> Table:
        inputs = tuple(self.input(position, clause) for position, clause in enumerate(self.source.inputs))
        outputs = tuple(self.output(position, clause) for position, clause in enumerate(self.source.outputs))
        return Table(
            id=self.source.id,
            hit_policy=self.source.hit_policy,
            aggregation=self.source.aggregation,
            inputs=inputs,
            outputs=outputs,
            rules=tuple(
                RuleMatch(index=position, id=rule.id, annotations=rule.annotations)
                for position, rule in enumerate(self.source.rules, 1)
            ),
            open_columns=tuple(place for place, column in enumerate(inputs) if column.open_cells),
            reads=frozenset(self.reads),
            problems=tuple(problem.diagnostic() for problem in self.problems),
        )

    def expression(self, text: str, label: Label) -> Expression | None:
        try:
            compiled = compile_expression(
                text, names=self.names.names, types=self.names.types, type_names=self.names.type_names
            )
        except FeelSyntaxError as error:
            self.problems.append(Problem.syntax(label, error))
            return None
        self.reads |= compiled.reads
        return compiled

    def tests(self, text: str, label: Label) -> tuple[ast.Tests, Test] | None:
        try:
            compiled = compile_unary_tests(
                text, names=self.names.names, types=self.names.types, type_names=self.names.type_names
            )
        except FeelSyntaxError as error:
            self.problems.append(Problem.syntax(label, error))
            return None
        self.reads |= compiled.reads
        return compiled.node, compiled.run

    def input(self, position: int, clause: dmn.InputClause) -> InputColumn:
        label = _label("input", "输入", position, clause.label or clause.text)
        expression = self.expression(clause.text or "null", label)
        type_ = self.names.type_of(clause.type_ref)
        indexed, opened, everywhere = self.cells(position, clause, label)
        return InputColumn(
            label=clause.label or clause.text,
            name=expression.node.name if expression and isinstance(expression.node, ast.Name) else None,
            reads=expression.reads if expression else frozenset(),
            expression=expression.run if expression else _null,
            type=type_,
            usual=_USUAL.get(type_.name) if isinstance(type_, SimpleType) else None,
            index=ColumnIndex(indexed, everywhere),
            cells=tuple((cell.test, cell.rules) for cell in indexed),
            open_cells=tuple(opened),
            everywhere=everywhere,
        )

    def cells(
        self, position: int, clause: dmn.InputClause, label: Label
    ) -> tuple[list[IndexedCell], list[tuple[Test, int]], int]:
        """Indexed cells, cells that must be run, and the rules (with the validity bit) always left standing."""
        rules_of: dict[str, int] = {}
        for number, rule in enumerate(self.source.rules):
            rules_of[rule.inputs[position]] = rules_of.get(rule.inputs[position], 0) | 1 << number
        everywhere = 0 if clause.values else self.valid
        indexed: list[IndexedCell] = []
        opened: list[tuple[Test, int]] = []
        for text, rules in rules_of.items():
            if text in _ANYTHING:
                everywhere |= rules
                continue
            first = (rules & -rules).bit_length()
            found = self.tests(text, rule_label(first).part(label.en, label.zh))
            if found is None:
                continue
            constants = constants_of(found[0], self.hidden)
            if constants is None:
                opened.append((found[1], rules))
                everywhere |= rules
            else:
                indexed.append(IndexedCell(rules=rules, constants=tuple(constants), test=found[1]))
        if clause.values:
            everywhere |= self.allowed(clause.values, label, indexed, opened)
        return indexed, opened, everywhere

    def allowed(
        self, text: str, label: Label, indexed: list[IndexedCell], opened: list[tuple[Test, int]]
    ) -> int:
        """The allowed values as one more cell, whose rule is the validity bit."""
        found = self.tests(text, label.part("allowed values", "允许值"))
        if found is None:
            return self.valid
        constants = constants_of(found[0], self.hidden)
        test = _each_member(found[1])
        if constants is None:
            opened.append((test, self.valid))
            return self.valid
        indexed.append(IndexedCell(rules=self.valid, constants=tuple(constants), test=test))
        return 0

    def output(self, position: int, clause: dmn.OutputClause) -> OutputColumn:
        label = _label("output", "输出", position, clause.name or clause.label)
        type_ = self.names.type_of(clause.type_ref)
        written = clause.values or self.names.values_of(clause.type_ref)
        found = self.tests(written, label.part("values", "取值")) if written and written != "-" else None
        allowed = found[1] if found and clause.values else None
        cells = tuple(
            self.answer(rule.outputs[position], rule_label(number).part(label.en, label.zh), type_, allowed)
            for number, rule in enumerate(self.source.rules, 1)
        )
        default = (
            None
            if clause.default is None
            else self.answer(clause.default, label.part("default", "默认值"), type_, None)
        )
        return OutputColumn(
            name=clause.name,
            label=clause.name or clause.label or f"output {position + 1}",
            type=type_,
            allowed=None if allowed is None else _each_member(allowed),
            priorities=() if found is None else self.priorities(found[0], written or ""),
            cells=cells,
            default=default,
        )

    def priorities(self, tests: ast.Tests, text: str) -> tuple[Test, ...]:
        """One test for each listed value, the first the highest."""
        return tuple(
            compile_tests(
                ast.Tests(tests=(test,), offset=test.offset), text, self.names.type_names, self.names.names
            )
            for test in tests.tests
        )

    def answer(self, text: str, label: Label, type_: FeelType | None, allowed: Test | None) -> Output:
        """An output cell; a literal that fits its column is computed now."""
        if text in _ANYTHING:
            return Output(constant=True, value=None, expression=_null)
        expression = self.expression(text, label)
        if expression is None:
            return Output(constant=True, value=None, expression=_null)
        value = constant_of(expression.node, self.hidden)
        if value is None or not _fits(value, type_, allowed):
            return Output(constant=False, value=None, expression=expression.run)
        return Output(
            constant=True, value=value if type_ is None else type_.coerce(value)[0], expression=expression.run
        )


def _label(en: str, zh: str, position: int, name: str) -> Label:
    return Label(en=f'{en} {position + 1} "{name}"', zh=f"第{position + 1}个{zh}“{name}”")


def _fits(value: object, type_: FeelType | None, allowed: Test | None) -> bool:
    if type_ is not None and not type_.coerce(value)[1]:
        return False
    if allowed is None:
        return True
    run = Run()
    return run.guard(lambda scope: allowed(value, scope), Scope({}, run)) is True


def _each_member(test: Test) -> Test:
    """Allowed values hold for a list when they hold for the list itself or for each of its members."""

    def run(value: object, scope: Scope) -> bool | None:
        if not isinstance(value, list):
            return test(value, scope)
        return test(value, scope) is True or all(test(item, scope) is True for item in value)

    return run


def _null(_: Scope) -> object:
    return None


__all__: Sequence[str] = ["TableNames", "compile_table"]
