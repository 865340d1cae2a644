"""Calls by position and by name, and function definitions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from banjie.feel import ast
from banjie.feel.builtins import BUILT_INS
from banjie.feel.closures import Closure, Place, constant
from banjie.feel.external import java_function
from banjie.feel.scope import Run, Scope
from banjie.feel.type_refs import parameter_type
from banjie.feel.types import BOOLEAN, NUMBER, STRING, FeelType
from banjie.feel.values import Function, UserFunction

if TYPE_CHECKING:
    from banjie.feel.compiler import Compiler

_CONVERSIONS = frozenset({"date", "time", "date and time", "duration"})
_LITERAL_TYPES: dict[type[ast.Node], FeelType] = {
    ast.Number: NUMBER,
    ast.Negate: NUMBER,
    ast.Text: STRING,
    ast.Boolean: BOOLEAN,
    ast.And: BOOLEAN,
    ast.Or: BOOLEAN,
    ast.Compare: BOOLEAN,
    ast.Between: BOOLEAN,
    ast.In: BOOLEAN,
    ast.Quantified: BOOLEAN,
    ast.InstanceOf: BOOLEAN,
}


def compile_call(compiler: Compiler, node: ast.Call | ast.NamedCall) -> Closure:
    invoke = _invocation(compiler, node)
    place = compiler.place(node)
    if isinstance(node.function, ast.Name) and compiler.is_built_in(node.function):
        known = _known(BUILT_INS[node.function.name], invoke, place)
        return _folded(known) if _is_literal(node) else known
    function = _function_closure(compiler, node.function)

    def run(scope: Scope) -> object:
        called = function(scope)
        state = scope.run
        if not isinstance(called, Function):
            return place.report(state, "type", "what is called is not a function", "调用的不是函数")
        before = len(state.diagnostics)
        result = invoke(called, scope)
        if result is None:
            place.locate(state, before)
        return result

    return run


def _is_literal(node: ast.Call | ast.NamedCall) -> bool:
    """Whether a call converts literals, as `date("2024-02-29")` does, and is the same at every evaluation."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.function, ast.Name)
        and node.function.name in _CONVERSIONS
        and all(isinstance(argument, (ast.Text, ast.Number)) for argument in node.arguments)
    )


def _folded(closure: Closure) -> Closure:
    """The closure's value once and for all, unless it is null: then each evaluation reports why."""
    value = closure(Scope({}, Run()))
    return closure if value is None else constant(value)


def _known(function: Function, invoke: Callable[[Function, Scope], object], place: Place) -> Closure:
    def run(scope: Scope) -> object:
        before = len(scope.run.diagnostics)
        result = invoke(function, scope)
        if result is None:
            place.locate(scope.run, before)
        return result

    return run


def _invocation(compiler: Compiler, node: ast.Call | ast.NamedCall) -> Callable[[Function, Scope], object]:
    if isinstance(node, ast.NamedCall):
        named = [(name, compiler.compile(argument)) for name, argument in node.arguments]
        return lambda function, scope: function.call_named(
            {name: argument(scope) for name, argument in named}, scope.run
        )
    arguments = [compiler.compile(argument) for argument in node.arguments]
    return lambda function, scope: function.call([argument(scope) for argument in arguments], scope.run)


def _function_closure(compiler: Compiler, node: ast.Node) -> Closure:
    """What stands before the brackets. A variable that is no function does not hide the language's function."""
    value = compiler.compile(node)
    built_in = BUILT_INS.get(node.name) if isinstance(node, ast.Name) else None
    if built_in is None:
        return value

    def run(scope: Scope) -> object:
        found = value(scope)
        return found if isinstance(found, Function) else built_in

    return run


def compile_definition(compiler: Compiler, node: ast.FunctionDefinition) -> Closure:
    names = tuple(parameter.name for parameter in node.parameters)
    types = tuple(parameter_type(parameter.type, compiler.type_names) for parameter in node.parameters)
    if node.external:
        return _external(compiler.compile(node.body), names)
    body = compiler.hiding(names).compile(node.body)
    result_type = _LITERAL_TYPES.get(type(node.body))

    def define(scope: Scope) -> object:
        def call(arguments: list[object], _run: Run) -> object:
            return body(scope.child(dict(zip(names, arguments, strict=True))))

        return UserFunction(parameters=names, body=call, parameter_types=types, result_type=result_type)

    return define


def _external(body: Closure, names: tuple[str, ...]) -> Closure:
    def define(scope: Scope) -> object:
        mapping = body(scope)
        java = mapping.get("java") if isinstance(mapping, dict) else None
        named = java if isinstance(java, dict) else {}
        return java_function(named.get("class"), named.get("method signature"), names)

    return define
