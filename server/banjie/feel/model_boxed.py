"""Compiles boxed expressions into closures, as the language compiles its texts.

What `for`, `some` and `every` iterate over is the language's business, so the boxed ones run its own loops with the
boxed body as a function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from banjie.feel import dmn
from banjie.feel.decision_table import Table, TableResult
from banjie.feel.diagnostics import FeelSyntaxError
from banjie.feel.dmn_problem import Label, Problem, bounded
from banjie.feel.expression import compile_expression
from banjie.feel.external import java_function
from banjie.feel.limits import Limits
from banjie.feel.model_types import ModelTypes
from banjie.feel.scope import Run, Scope
from banjie.feel.table_compile import TableNames, compile_table
from banjie.feel.types import ANY, ContextType, FeelType
from banjie.feel.values import Function, UserFunction

Closure = Callable[[Scope], object]

_LOOPS: Final = {
    dmn.IteratorKind.FOR: compile_expression("for item in source return body(item)"),
    dmn.IteratorKind.SOME: compile_expression("some item in source satisfies body(item)"),
    dmn.IteratorKind.EVERY: compile_expression("every item in source satisfies body(item)"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TableReceipt:
    """What a decision table decided during an evaluation. `element` names the decision or function it stands in."""

    element: str
    table: str
    result: TableResult


class ModelRun(Run):
    """An evaluation of a model, which keeps the receipts of its tables in the order in which they were decided."""

    __slots__ = ("receipts",)

    def __init__(
        self, *, limits: Limits | None, now: datetime | None, functions: Mapping[str, object] | None
    ) -> None:
        super().__init__(limits=limits, now=now, functions=functions)
        self.receipts: list[TableReceipt] = []


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """Variables in scope with their types."""

    types: Mapping[str, FeelType] = field(default_factory=dict)

    def plus(self, added: Mapping[str, FeelType | None]) -> Names:
        return Names(types={**self.types, **{name: type_ or ANY for name, type_ in added.items()}})


class BoxCompiler:
    """Compiler of the boxed expressions of one element, which `label` names in problems and receipts."""

    def __init__(self, label: Label, types: ModelTypes) -> None:
        self.label = label
        self.types = types
        self.type_names = types.by_name()
        self.problems: list[Problem] = []
        self.tables: dict[str, Table] = {}
        self.reads: set[str] = set()

    def compile(self, box: dmn.Boxed | None, names: Names) -> Closure:
        """The closure of a boxed expression; null where there is none."""
        match box:
            case None:
                return _null
            case dmn.Literal():
                closure = self.literal(box, names)
            case dmn.BoxedContext():
                closure = self.context(box, names)
            case dmn.DecisionTable():
                closure = self.table(box, names)
            case dmn.Invocation():
                closure = self.invocation(box, names)
            case dmn.BoxedList():
                closure = _list_of([self.compile(item, names) for item in box.items])
            case dmn.Relation():
                closure = self.relation(box, names)
            case dmn.FunctionDefinition():
                return self.function(box, names)
            case dmn.Conditional():
                closure = self.conditional(box, names)
            case dmn.Filter():
                closure = self.filter(box, names)
            case dmn.Iterator():
                closure = self.iterator(box, names)
        return self.typed(closure, box.type_ref)

    def typed(self, closure: Closure, type_ref: str) -> Closure:
        """The closure with its result coerced to the type; null plus a diagnostic when it does not fit."""
        type_ = self.types.of(type_ref, self.label)
        return closure if type_ is None else coerced(closure, type_, "the result", "结果")

    def literal(self, box: dmn.Literal, names: Names) -> Closure:
        if not box.text:
            return _null
        try:
            compiled = compile_expression(
                box.text, names=names.types, types=names.types, type_names=self.type_names
            )
        except FeelSyntaxError as error:
            problem = Problem.syntax(self.label, error)
            self.problems.append(problem)
            return _reporting(problem)
        self.reads |= compiled.reads
        return compiled.run

    def context(self, box: dmn.BoxedContext, names: Names) -> Closure:
        entries: list[tuple[str, Closure]] = []
        result: Closure | None = None
        for entry in box.entries:
            if entry.variable is None:
                result = self.compile(entry.value, names)
                continue
            type_ = self.types.of(entry.variable.type_ref, self.label) or self.shape(entry.value)
            name = entry.variable.name
            inner = names.plus({name: type_}) if isinstance(entry.value, dmn.FunctionDefinition) else names
            closure = self.compile(entry.value, inner)
            entries.append((name, self.typed_entry(closure, entry.variable)))
            names = names.plus({name: type_})
        return _context_of(entries, result)

    def typed_entry(self, closure: Closure, variable: dmn.Variable) -> Closure:
        type_ = self.types.of(variable.type_ref, self.label)
        return (
            closure if type_ is None else coerced(closure, type_, f'"{variable.name}"', f"“{variable.name}”")
        )

    def shape(self, box: dmn.Boxed | None) -> FeelType | None:
        """What is known of a value from its boxes: names of members, for texts that follow."""
        if not isinstance(box, dmn.BoxedContext):
            return None
        members: dict[str, FeelType] = {}
        for entry in box.entries:
            if entry.variable is None:
                return None
            written = self.types.of(entry.variable.type_ref, self.label)
            members[entry.variable.name] = written or self.shape(entry.value) or ANY
        return ContextType(members)

    def relation(self, box: dmn.Relation, names: Names) -> Closure:
        columns = [(column, column.name) for column in box.columns]
        rows = [
            _context_of(
                [
                    (name, self.typed_entry(self.compile(cell, names), column))
                    for (column, name), cell in zip(columns, row, strict=True)
                ],
                None,
            )
            for row in box.rows
        ]
        return _list_of(rows)

    def function(self, box: dmn.FunctionDefinition, names: Names) -> Closure:
        """A closure giving the function as a value; it sees the scope in which it was made."""
        return self.function_of(box, "", names)

    def function_of(
        self, box: dmn.FunctionDefinition, name: str, names: Names
    ) -> Callable[[Scope | None], UserFunction]:
        """Makes the function over a scope; without one it sees nothing but its parameters."""
        parameters = tuple(parameter.name for parameter in box.parameters)
        types = tuple(self.types.of(parameter.type_ref, self.label) for parameter in box.parameters)
        result = self.types.of(box.type_ref, self.label)
        if box.kind is dmn.FunctionKind.FEEL:
            inner = names.plus(dict(zip(parameters, types, strict=True)))
            body = self.compile(box.body, inner)
        else:
            body = self.external(box)

        def make(scope: Scope | None) -> UserFunction:
            def call(arguments: list[object], run: Run) -> object:
                return body(Scope(dict(zip(parameters, arguments, strict=True)), run, scope))

            return UserFunction(
                name=name, parameters=parameters, body=call, parameter_types=types, result_type=result
            )

        return make

    def external(self, box: dmn.FunctionDefinition) -> Closure:
        """No foreign code is run: Java functions are those that `external` knows, all others are null."""
        kind = box.kind
        binding = self.compile(box.body, Names()) if kind is dmn.FunctionKind.JAVA else _null
        parameters = tuple(parameter.name for parameter in box.parameters)

        def run(scope: Scope) -> object:
            named = binding(scope)
            if not isinstance(named, dict):
                return scope.run.report(
                    "external", f"functions of kind {kind} are not run", f"不支持{kind}类型的函数"
                )
            function = java_function(named.get("class"), named.get("method signature"), parameters)
            return function.body([scope.values[name] for name in parameters], scope.run)

        return run

    def invocation(self, box: dmn.Invocation, names: Names) -> Closure:
        function = self.compile(box.function, names)
        bindings = [(binding.parameter, self.compile(binding.value, names)) for binding in box.bindings]

        def run(scope: Scope) -> object:
            invoked = function(scope)
            if not isinstance(invoked, Function):
                return scope.run.report("type", "what is invoked is not a function", "被调用的不是函数")
            return invoked.call_named({name: closure(scope) for name, closure in bindings}, scope.run)

        return run

    def conditional(self, box: dmn.Conditional, names: Names) -> Closure:
        condition = self.compile(box.condition, names)
        then = self.compile(box.then, names)
        otherwise = self.compile(box.otherwise, names)
        return lambda scope: then(scope) if condition(scope) is True else otherwise(scope)

    def filter(self, box: dmn.Filter, names: Names) -> Closure:
        source = self.compile(box.source, names)
        match = self.compile(box.match, names.plus({"item": None}))

        def run(scope: Scope) -> object:
            values = source(scope)
            if values is None:
                return []
            kept: list[object] = []
            for item in values if isinstance(values, list) else [values]:
                scope.run.spend()
                inner = scope.child({**item, "item": item} if isinstance(item, dict) else {"item": item})
                answer = match(inner)
                if not isinstance(answer, bool):
                    return scope.run.report(
                        "type", "a filter's match is not a boolean", "筛选条件的结果不是布尔值"
                    )
                if answer:
                    kept.append(item)
            return kept

        return run

    def iterator(self, box: dmn.Iterator, names: Names) -> Closure:
        source = self.compile(box.source, names)
        outer, self.reads = self.reads, set()
        body = self.compile(box.body, names.plus({box.variable: None, "partial": None}))
        reads_partial = "partial" in self.reads
        self.reads |= outer
        loop = _LOOPS[box.kind].run

        def run(scope: Scope) -> object:
            partial: list[object] = []

            def turn(arguments: list[object], run: Run) -> object:
                values = {box.variable: arguments[0]}
                if reads_partial:
                    # A copy, because what the body makes of it must not grow with the loop.
                    run.spend(1 + len(partial) // 8)
                    values["partial"] = list(partial)
                value = body(scope.child(values))
                partial.append(value)
                return value

            function = UserFunction(parameters=("item",), body=turn)
            return loop(Scope({"source": source(scope), "body": function}, scope.run))

        return run

    def table(self, box: dmn.DecisionTable, names: Names) -> Closure:
        table, problems = compile_table(
            box,
            TableNames(
                names=names.types,
                types=names.types,
                type_names=self.type_names,
                type_of=lambda written: self.types.of(written, self.label),
                values_of=self.types.allowed_values,
            ),
        )
        self.problems.extend(
            replace(
                problem,
                element=f"{self.label.en}, {problem.element}",
                element_zh=f"{self.label.zh}，{problem.element_zh}",
            )
            for problem in problems
        )
        self.tables.setdefault(box.id, table)
        self.reads |= table.reads
        return lambda scope: self.decide(table, scope)

    def decide(self, table: Table, scope: Scope) -> object:
        run = scope.run
        known = len(run.diagnostics)
        inputs: list[object] = []
        value, rules = table.decide(scope, inputs)
        if isinstance(run, ModelRun):
            result = TableResult(
                value=value,
                matched_rules=rules,
                inputs=tuple(inputs),
                diagnostics=tuple(run.diagnostics[known:]),
            )
            run.receipts.append(TableReceipt(element=self.label.en, table=table.id, result=result))
        return value


def coerced(closure: Closure, type_: FeelType, what: str, what_zh: str) -> Closure:
    """The closure with its value as the type expects it, or null plus a diagnostic."""

    def run(scope: Scope) -> object:
        value, fits = type_.coerce(bounded(closure(scope), scope.run))
        return value if fits else scope.run.report("type", f"{what} is not {type_}", f"{what_zh}不是{type_}")

    return run


def _null(_: Scope) -> object:
    return None


def _reporting(problem: Problem) -> Closure:
    def run(scope: Scope) -> object:
        return scope.run.report(
            problem.code, problem.message, problem.message_zh, problem.line, problem.column
        )

    return run


def _list_of(items: list[Closure]) -> Closure:
    return lambda scope: [item(scope) for item in items]


def _context_of(entries: list[tuple[str, Closure]], result: Closure | None) -> Closure:
    """Entries see those before them; the answer is the last, nameless one when there is one."""

    def run(scope: Scope) -> object:
        values: dict[str, object] = {}
        inner = scope.child(values)
        for name, closure in entries:
            values[name] = closure(inner)
        return values if result is None else result(inner)

    return run
