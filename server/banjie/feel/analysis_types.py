"""Guesses the types of an expression's names from how its text uses them."""

from __future__ import annotations

from typing import Final

from banjie.feel import ast
from banjie.feel.catalogue import SIGNATURES
from banjie.feel.names import children
from banjie.feel.table_index import constant_of
from banjie.feel.types import type_of

_KINDS: Final = {
    "number": "number",
    "string": "string",
    "list": "list",
    "context": "context",
    "days": "days and time duration",
    "time": "time",
    "function": "function",
    "range": "range",
}
_NOTHING: Final[frozenset[str]] = frozenset()


def suggested_types(node: ast.Node) -> dict[str, str]:
    """Type by name, for the names of which the text tells one type only."""
    found: dict[str, set[str]] = {}
    _visit(node, found)
    return {name: next(iter(types)) for name, types in found.items() if len(types) == 1}


def _note(node: ast.Node, type_: str | None, found: dict[str, set[str]]) -> None:
    if type_ is not None and isinstance(node, ast.Name):
        found.setdefault(node.name, set()).add(type_)


def _visit(node: ast.Node, found: dict[str, set[str]]) -> None:
    match node:
        case ast.Compare(left=left, right=right):
            _alike((left, right), found)
        case ast.Between(value=value, low=low, high=high):
            _alike((value, low, high), found)
        case ast.In(value=value, tests=tests):
            _alike((value, *(end for test in tests for end in (test, *children(test)))), found)
        case ast.Chain(first=first, rest=rest):
            _arithmetic(first, rest, found)
        case ast.Negate(operand=operand):
            _note(operand, "number", found)
        case ast.And(operands=operands) | ast.Or(operands=operands):
            for operand in operands:
                _note(operand, "boolean", found)
        case ast.If(condition=condition):
            _note(condition, "boolean", found)
        case ast.For(iterators=iterators) | ast.Quantified(iterators=iterators):
            for iterator in iterators:
                _note(iterator.source, "list" if iterator.end is None else "number", found)
        case ast.Path(base=base) | ast.Filter(base=base):
            _note(base, "context" if isinstance(node, ast.Path) else "list", found)
        case ast.Call(function=ast.Name(name=name), arguments=arguments):
            _note_arguments(name, arguments, found)
        case _:
            pass
    for child in children(node):
        _visit(child, found)


def _known_type(node: ast.Node) -> str | None:
    """The type of a constant, or of what can only be of one type."""
    constant = constant_of(node, _NOTHING)
    if constant is not None:
        return type_of(constant).name
    match node:
        case ast.Chain(first=first, rest=rest):
            kinds = {_known_type(part) for part in (first, *(operand for _, operand in rest))} - {None}
            return kinds.pop() if len(kinds) == 1 else None
        case ast.Comparison(operand=operand):
            return _known_type(operand)
        case ast.Compare() | ast.And() | ast.Or() | ast.Between() | ast.In() | ast.InstanceOf():
            return "boolean"
        case _:
            return None


def _alike(nodes: tuple[ast.Node, ...], found: dict[str, set[str]]) -> None:
    """Names compared with something of a known type are of that type."""
    for type_ in {_known_type(node) for node in nodes} - {None}:
        for node in nodes:
            _note(node, type_, found)


def _arithmetic(first: ast.Node, rest: tuple[tuple[str, ast.Node], ...], found: dict[str, set[str]]) -> None:
    operands = (first, *(operand for _, operand in rest))
    types = {_known_type(operand) for operand in operands} - {None}
    if any(operator == "**" for operator, _ in rest):
        types = {"number"}
    if types in ({"number"}, {"string"}):
        for operand in operands:
            _note(operand, next(iter(types)), found)


def _note_arguments(name: str, arguments: tuple[ast.Node, ...], found: dict[str, set[str]]) -> None:
    """What a built-in function with one signature wants of its arguments."""
    signatures = SIGNATURES.get(name, ())
    if len(signatures) != 1:
        return
    kinds = [part.partition(":")[2].strip().rstrip("?") for part in signatures[0].split(",")]
    for argument, kind in zip(arguments, kinds, strict=False):
        _note(argument, _KINDS.get(kind), found)
