"""From the tree to closures (`closures.py`): every decision that does not need a value is taken once, here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal, DecimalException
from typing import TYPE_CHECKING, Any

from banjie.feel import ast
from banjie.feel.arithmetic import OPERATIONS, negate
from banjie.feel.builtins import BUILT_INS
from banjie.feel.catalogue import BUILT_IN_NAMES
from banjie.feel.closures import ORDERS, QUICK_ORDERS, Closure, Place, Test, constant, unlike
from banjie.feel.comparison import equal, order
from banjie.feel.compile_calls import compile_call, compile_definition
from banjie.feel.compile_lists import compile_filter, compile_for, compile_path, compile_quantified
from banjie.feel.compile_unary import compile_in, compile_one_test, compile_range
from banjie.feel.literals import parse_temporal
from banjie.feel.type_refs import resolve_type
from banjie.feel.values import NUMBERS

if TYPE_CHECKING:
    from banjie.feel.scope import Run, Scope
    from banjie.feel.types import FeelType


class Compiler:
    """Compiles the nodes of one text. `hidden` are names of the caller that hide built-in functions."""

    def __init__(self, text: str, type_names: Mapping[str, FeelType], hidden: Collection[str]) -> None:
        self.text = text
        self.type_names = type_names
        self.hidden = frozenset(name for name in hidden if name in BUILT_IN_NAMES)

    def place(self, node: ast.Node) -> Place:
        return Place(self.text, node.offset)

    def compile(self, node: ast.Node) -> Closure:
        return _RULES[type(node)](self, node)

    def hiding(self, names: Collection[str]) -> Compiler:
        """A compiler for the inside of a construct that binds names."""
        if not any(name in BUILT_IN_NAMES for name in names):
            return self
        return Compiler(self.text, self.type_names, self.hidden | frozenset(names))

    def is_built_in(self, node: ast.Node) -> bool:
        return isinstance(node, ast.Name) and node.name in BUILT_IN_NAMES and node.name not in self.hidden


def compile_node(
    node: ast.Node, text: str, type_names: Mapping[str, FeelType] | None = None, names: Collection[str] = ()
) -> Closure:
    """The closure of an expression's tree. `names` are the variables in scope, which hide functions of the language."""
    return Compiler(text, type_names or {}, names).compile(node)


def compile_tests(
    node: ast.Tests, text: str, type_names: Mapping[str, FeelType] | None = None, names: Collection[str] = ()
) -> Test:
    """The closure `(value, scope)` of an input cell: whether the value passes; None when that is null."""
    compiler = Compiler(text, type_names or {}, names)
    tests = [compile_one_test(compiler, test) for test in node.tests]
    if not tests:
        return lambda _value, _scope: True
    passes = tests[0] if len(tests) == 1 else _any_test(tests)
    return _negated_test(passes) if node.negated else passes


def _any_test(tests: list[Test]) -> Test:
    def run(value: object, scope: Scope) -> bool | None:
        result: bool | None = False
        for test in tests:
            found = test(value, scope)
            if found:
                return True
            if found is None:
                result = None
        return result

    return run


def _negated_test(test: Test) -> Test:
    def run(value: object, scope: Scope) -> bool | None:
        found = test(value, scope)
        return None if found is None else not found

    return run


def _number(_compiler: Compiler, node: ast.Number) -> Closure:
    return constant(node.value)


def _text(_compiler: Compiler, node: ast.Text) -> Closure:
    return constant(node.value)


def _boolean(_compiler: Compiler, node: ast.Boolean) -> Closure:
    return constant(node.value)


def _null(_compiler: Compiler, _node: ast.Null) -> Closure:
    return constant(None)


def _at_literal(compiler: Compiler, node: ast.AtLiteral) -> Closure:
    value = parse_temporal(node.text)
    if value is not None:
        return constant(value)
    place, text = compiler.place(node), node.text[:80]
    return lambda scope: place.report(
        scope.run, "conversion", f"{text!r} is no date, time or duration", f"“{text}”不是日期、时间或时长"
    )


def _name(compiler: Compiler, node: ast.Name) -> Closure:
    name, place = node.name, compiler.place(node)
    built_in = BUILT_INS.get(name)

    def missing(scope: Scope) -> object:
        functions = scope.run.functions
        if functions is not None and name in functions:
            return functions[name]
        if built_in is not None:
            return built_in
        return place.report(scope.run, "unknown_name", f"there is no '{name}'", f"没有名为“{name}”的变量")

    def run(scope: Scope) -> object:
        values = scope.values
        if name in values:
            return values[name]
        outer = scope.parent
        while outer is not None:
            values = outer.values
            if name in values:
                return values[name]
            outer = outer.parent
        return missing(scope)

    return run


def _negate(compiler: Compiler, node: ast.Negate) -> Closure:
    if isinstance(node.operand, ast.Number):
        return constant(NUMBERS.minus(node.operand.value))
    operand, place = compiler.compile(node.operand), compiler.place(node)

    def run(scope: Scope) -> object:
        value = operand(scope)
        opposite = negate(value)
        if opposite is None and value is not None:
            return place.report(scope.run, "type", "the value has no opposite", "该值不能取负")
        return opposite

    return run


def _chain(compiler: Compiler, node: ast.Chain) -> Closure:
    left = compiler.compile(node.first)
    place = compiler.place(node)
    steps = [(operator, compiler.compile(operand)) for operator, operand in node.rest]
    if len(steps) == 1:
        return _operation(steps[0][0], left, steps[0][1], place)
    functions = [(_value_operation(operator, place), operand) for operator, operand in steps]

    def run(scope: Scope) -> object:
        value = left(scope)
        for operation, operand in functions:
            value = operation(value, operand(scope), scope.run)
        return value

    return run


_DECIMAL_OPERATIONS = {
    "+": NUMBERS.add,
    "-": NUMBERS.subtract,
    "*": NUMBERS.multiply,
    "/": NUMBERS.divide,
}


def _operation(operator: str, left: Closure, right: Closure, place: Place) -> Closure:
    general = _value_operation(operator, place)
    quick = _DECIMAL_OPERATIONS.get(operator)
    if quick is None:
        return lambda scope: general(left(scope), right(scope), scope.run)

    def run(scope: Scope) -> object:
        one, other = left(scope), right(scope)
        if type(one) is Decimal and type(other) is Decimal:
            try:
                return quick(one, other)
            except DecimalException:
                pass
        return general(one, other, scope.run)

    return run


def _value_operation(operator: str, place: Place) -> Callable[[object, object, Run], object]:
    operation = OPERATIONS[operator]

    def run(left: object, right: object, state: Run) -> object:
        if type(left) is str and type(right) is str and operator == "+":
            state.spend_text(len(left) + len(right))
            return left + right
        try:
            result = operation(left, right)
        except DecimalException:
            return place.report(
                state,
                "arithmetic",
                f"'{operator}' has no result: division by zero or too great",
                f"“{operator}”无结果：除以零或过大",
            )
        if result is None and left is not None and right is not None:
            return place.report(
                state, "type", f"'{operator}' does not go with these values", f"“{operator}”不适用于这些值"
            )
        return result

    return run


def _and(compiler: Compiler, node: ast.And) -> Closure:
    operands = [compiler.compile(operand) for operand in node.operands]

    def run(scope: Scope) -> object:
        result: bool | None = True
        for operand in operands:
            value = operand(scope)
            if value is False:
                return False
            if value is not True:
                result = None
        return result

    return run


def _or(compiler: Compiler, node: ast.Or) -> Closure:
    operands = [compiler.compile(operand) for operand in node.operands]

    def run(scope: Scope) -> object:
        result: bool | None = False
        for operand in operands:
            value = operand(scope)
            if value is True:
                return True
            if value is not False:
                result = None
        return result

    return run


def _compare(compiler: Compiler, node: ast.Compare) -> Closure:
    left, right = compiler.compile(node.left), compiler.compile(node.right)
    place = compiler.place(node)
    if node.operator in ("=", "!="):
        return _equality(left, right, place, wanted=node.operator == "=")
    return _ordering(node.operator, left, right, place)


def _equality(left: Closure, right: Closure, place: Place, *, wanted: bool) -> Closure:
    def run(scope: Scope) -> object:
        one, other = left(scope), right(scope)
        same = equal(one, other, scope.run)
        if same is None:
            return unlike(place, scope.run)
        return same is wanted

    return run


def _ordering(operator: str, left: Closure, right: Closure, place: Place) -> Closure:
    wanted = ORDERS[operator]
    quick = QUICK_ORDERS[operator]

    def run(scope: Scope) -> object:
        one, other = left(scope), right(scope)
        if type(one) is Decimal and type(other) is Decimal:
            return quick(one, other)
        found = order(one, other)
        if found is None:
            return None if one is None or other is None else unlike(place, scope.run)
        return found in wanted

    return run


def _between(compiler: Compiler, node: ast.Between) -> Closure:
    value, low, high = (compiler.compile(part) for part in (node.value, node.low, node.high))
    place = compiler.place(node)

    def run(scope: Scope) -> object:
        tested = value(scope)
        least, most = low(scope), high(scope)
        above, below = order(tested, least), order(tested, most)
        if above is None or below is None:
            if (above is not None and above < 0) or (below is not None and below > 0):
                return False
            return None if tested is None or least is None or most is None else unlike(place, scope.run)
        return above >= 0 and below <= 0

    return run


def _instance_of(compiler: Compiler, node: ast.InstanceOf) -> Closure:
    value, place = compiler.compile(node.value), compiler.place(node)
    type_ = resolve_type(node.type, compiler.type_names)
    if type_ is None:
        name = node.type.name
        return lambda scope: place.report(
            scope.run, "type", f"there is no type '{name}'", f"没有类型“{name}”"
        )
    contains = type_.contains
    return lambda scope: contains(value(scope))


def _if(compiler: Compiler, node: ast.If) -> Closure:
    condition, then = compiler.compile(node.condition), compiler.compile(node.then)
    otherwise = compiler.compile(node.otherwise)
    return lambda scope: then(scope) if condition(scope) is True else otherwise(scope)


def _list(compiler: Compiler, node: ast.ListLiteral) -> Closure:
    items = [compiler.compile(item) for item in node.items]

    def run(scope: Scope) -> object:
        scope.run.spend(len(items))
        return [item(scope) for item in items]

    return run


def _context(compiler: Compiler, node: ast.ContextLiteral) -> Closure:
    inside = compiler.hiding([key for key, _ in node.entries])
    entries = [(key, inside.compile(value)) for key, value in node.entries]

    def run(scope: Scope) -> object:
        scope.run.spend(len(entries))
        values: dict[str, object] = {}
        inner = scope.child(values)
        for key, value in entries:
            values[key] = value(inner)
        return values

    return run


def _tests(compiler: Compiler, node: ast.Tests) -> Closure:
    tests = compile_tests(node, compiler.text, compiler.type_names, compiler.hidden)
    look = _name(compiler, ast.Name(name="?", offset=node.offset))
    return lambda scope: tests(look(scope), scope)


_RULES: dict[type[ast.Node], Callable[[Compiler, Any], Closure]] = {
    ast.Number: _number,
    ast.Text: _text,
    ast.Boolean: _boolean,
    ast.Null: _null,
    ast.AtLiteral: _at_literal,
    ast.Name: _name,
    ast.Path: compile_path,
    ast.Filter: compile_filter,
    ast.Call: compile_call,
    ast.NamedCall: compile_call,
    ast.Chain: _chain,
    ast.Negate: _negate,
    ast.And: _and,
    ast.Or: _or,
    ast.Compare: _compare,
    ast.Between: _between,
    ast.In: compile_in,
    ast.InstanceOf: _instance_of,
    ast.If: _if,
    ast.For: compile_for,
    ast.Quantified: compile_quantified,
    ast.FunctionDefinition: compile_definition,
    ast.ListLiteral: _list,
    ast.ContextLiteral: _context,
    ast.RangeLiteral: compile_range,
    ast.Comparison: compile_range,
    ast.Tests: _tests,
}
