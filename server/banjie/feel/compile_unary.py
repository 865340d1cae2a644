"""Tests of a value, in cells and after `in`, and ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from banjie.feel import ast
from banjie.feel.closures import Closure, Place, Test, compared, constant, unlike
from banjie.feel.comparison import make_range, order, passes
from banjie.feel.literals import parse_temporal
from banjie.feel.names import reads
from banjie.feel.scope import Scope
from banjie.feel.values import Range

if TYPE_CHECKING:
    from banjie.feel.compiler import Compiler
    from banjie.feel.scope import Run

_CONSTANTS = (ast.Number, ast.Text, ast.Boolean, ast.AtLiteral, ast.Null)


def compile_in(compiler: Compiler, node: ast.In) -> Closure:
    value = compiler.compile(node.value)
    tests = [compile_one_test(compiler, test) for test in node.tests]

    def run(scope: Scope) -> object:
        tested = value(scope)
        result: bool | None = False
        for test in tests:
            found = test(tested, scope)
            if found is True:
                return True
            if found is None:
                result = None
        return result

    return run


def compile_one_test(compiler: Compiler, node: ast.Node) -> Test:
    """One test of a cell. An expression with `?` says itself whether the value passes, others are compared with it."""
    place = compiler.place(node)
    if reads(node, "?") and not isinstance(node, ast.Comparison):
        return _condition(compiler.compile(node))
    if isinstance(node, ast.Comparison):
        return _comparison(node.operator, compiler.compile(node.operand), place, bound=reads(node, "?"))
    known = constant_value(node)
    if isinstance(known, str) and isinstance(node, ast.Text):
        return lambda value, scope: (
            value == known if type(value) is str else _passes(value, known, place, scope.run)
        )
    expected = compiler.compile(node)

    def run(value: object, scope: Scope) -> bool | None:
        wanted = expected(scope)
        if wanted is None and not isinstance(node, ast.Null):
            return None if value is not None else True
        if isinstance(wanted, bool) and not isinstance(value, bool) and not isinstance(node, ast.Boolean):
            return wanted
        return _passes(value, wanted, place, scope.run)

    return run


def _passes(value: object, wanted: object, place: Place, run: Run) -> bool | None:
    found = passes(value, wanted, run)
    if found is None and value is not None:
        return unlike(place, run)
    return found


def _condition(condition: Closure) -> Test:
    def run(value: object, scope: Scope) -> bool | None:
        found = condition(Scope({"?": value}, scope.run, scope))
        if found is None or isinstance(found, bool):
            return found
        return passes(value, found, scope.run)

    return run


def _comparison(operator: str, operand: Closure, place: Place, *, bound: bool) -> Test:
    def run(value: object, scope: Scope) -> bool | None:
        other = operand(Scope({"?": value}, scope.run, scope) if bound else scope)
        return compared(operator, value, other, place, scope.run)

    return run


def constant_value(node: ast.Node) -> object:
    """The value of a literal; None for null and for what is no literal."""
    match node:
        case ast.Number(value=value) | ast.Text(value=value) | ast.Boolean(value=value):
            return value
        case ast.AtLiteral(text=text):
            return parse_temporal(text)
        case ast.Negate(operand=ast.Number(value=number)):
            return -number
    return None


def compile_range(compiler: Compiler, node: ast.RangeLiteral | ast.Comparison) -> Closure:
    place = compiler.place(node)
    if isinstance(node, ast.Comparison):
        return _open_range(node.operator, compiler.compile(node.operand), place)
    start, end = compiler.compile(node.start), compiler.compile(node.end)
    start_included, end_included = node.start_included, node.end_included
    if constant_value(node.start) is not None and constant_value(node.end) is not None:
        made = make_range(
            constant_value(node.start),
            constant_value(node.end),
            start_included=start_included,
            end_included=end_included,
        )
        if made is not None:
            return constant(made)

    def run(scope: Scope) -> object:
        made = make_range(start(scope), end(scope), start_included=start_included, end_included=end_included)
        if made is None:
            return place.report(
                scope.run,
                "range",
                "the ends are not values of one ordered type in ascending order",
                "区间两端须为同类且递增的值",
            )
        return made

    return run


def _open_range(operator: str, operand: Closure, place: Place) -> Closure:
    """`(< 5)` as a value: a range without one end; `(= 5)` is the range of one value."""
    included = operator in ("<=", ">=", "=")
    below, above = operator in ("<", "<="), operator in (">", ">=")

    def run(scope: Scope) -> object:
        value = operand(scope)
        if order(value, value) is None:
            return place.report(scope.run, "type", "this is no end of a range", "该值不能作为区间端点")
        return Range(
            start=None if below else value,
            end=None if above else value,
            start_included=included and not below,
            end_included=included and not above,
            sign=operator if operator in ("=", "!=") else "",
        )

    return run
