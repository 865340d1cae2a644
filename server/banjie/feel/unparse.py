"""From the tree back to text: the canonical form of an expression, which parses to the same tree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from banjie.feel import ast
from banjie.feel.text import key_text, quoted

_OR, _AND, _COMPARISON, _SUM, _PRODUCT, _POWER, _NEGATION, _POSTFIX, _PRIMARY = range(1, 10)
_CHAINS = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "**": _POWER}


def unparse(node: ast.Node) -> str:
    """The text of an expression or of tests. Names are written as they are, so that the same names must be in scope."""
    return _write(node, 0)


def _write(node: ast.Node, around: int) -> str:
    """The text of a node, in brackets when it binds less tightly than what stands around it."""
    text = _RULES[type(node)](node)
    return f"({text})" if _level(node) < around else text


def _level(node: ast.Node) -> int:
    match node:
        case ast.If() | ast.For() | ast.Quantified() | ast.FunctionDefinition():
            return 0
        case ast.Or():
            return _OR
        case ast.And():
            return _AND
        case ast.Compare() | ast.Between() | ast.In():
            return _COMPARISON
        case ast.Chain(rest=rest):
            return _CHAINS[rest[0][0]]
        case ast.Negate() | ast.InstanceOf():
            return _NEGATION
        case ast.Path() | ast.Filter() | ast.Call() | ast.NamedCall():
            return _POSTFIX
    return _PRIMARY


def _number(node: ast.Number) -> str:
    return str(node.value) if node.value.as_tuple().exponent else str(int(node.value))


def _chain(node: ast.Chain) -> str:
    level = _CHAINS[node.rest[0][0]]
    return _write(node.first, level + 1) + "".join(
        f" {operator} {_write(operand, level + 1)}" for operator, operand in node.rest
    )


def _call(node: ast.Call) -> str:
    return f"{_write(node.function, _POSTFIX)}({', '.join(unparse(argument) for argument in node.arguments)})"


def _named_call(node: ast.NamedCall) -> str:
    arguments = ", ".join(f"{name}: {unparse(argument)}" for name, argument in node.arguments)
    return f"{_write(node.function, _POSTFIX)}({arguments})"


def _compare(node: ast.Compare) -> str:
    return f"{_write(node.left, _COMPARISON)} {node.operator} {_write(node.right, _SUM)}"


def _between(node: ast.Between) -> str:
    low, high = _write(node.low, _SUM), _write(node.high, _SUM)
    return f"{_write(node.value, _COMPARISON)} between {low} and {high}"


def _in(node: ast.In) -> str:
    value = _write(node.value, _COMPARISON)
    if len(node.tests) == 1:
        return f"{value} in {_in_test(node.tests[0])}"
    return f"{value} in ({', '.join(_test(test) for test in node.tests)})"


def _in_test(node: ast.Node) -> str:
    return _test(node) if isinstance(node, ast.Comparison) else _write(node, _SUM)


def _test(node: ast.Node) -> str:
    """A test in a list of them; a comparison without its left side needs no brackets there."""
    if isinstance(node, ast.Comparison):
        return f"{node.operator} {_write(node.operand, _SUM)}"
    return unparse(node)


def _comparison(node: ast.Comparison) -> str:
    return f"({_test(node)})"


def _list(node: ast.ListLiteral) -> str:
    return f"[{', '.join(unparse(item) for item in node.items)}]"


def _context(node: ast.ContextLiteral) -> str:
    return "{" + ", ".join(f"{key_text(key)}: {unparse(value)}" for key, value in node.entries) + "}"


def _range(node: ast.RangeLiteral) -> str:
    opening, closing = "[" if node.start_included else "(", "]" if node.end_included else ")"
    return f"{opening}{unparse(node.start)}..{unparse(node.end)}{closing}"


def _iterators(iterators: tuple[ast.Iterator, ...]) -> str:
    return ", ".join(_iterator(iterator) for iterator in iterators)


def _iterator(node: ast.Iterator) -> str:
    end = "" if node.end is None else f"..{unparse(node.end)}"
    return f"{node.name} in {unparse(node.source)}{end}"


def _quantified(node: ast.Quantified) -> str:
    word = "every" if node.every else "some"
    return f"{word} {_iterators(node.iterators)} satisfies {unparse(node.condition)}"


def _definition(node: ast.FunctionDefinition) -> str:
    parameters = ", ".join(
        one.name if one.type is None else f"{one.name}: {type_text(one.type)}" for one in node.parameters
    )
    return f"function({parameters}) {'external ' if node.external else ''}{unparse(node.body)}"


def type_text(written: ast.TypeRef) -> str:
    """A type as it is written."""
    if written.result is not None:
        return f"function<{', '.join(type_text(part) for _, part in written.parts)}> -> {type_text(written.result)}"
    if not written.parts:
        return written.name
    parts = ", ".join(
        f"{name}: {type_text(part)}" if name else type_text(part) for name, part in written.parts
    )
    return f"{written.name}<{parts}>"


def _tests(node: ast.Tests) -> str:
    tests = ", ".join(_test(test) for test in node.tests)
    return f"not({tests})" if node.negated else tests or "-"


_RULES: dict[type[ast.Node], Callable[[Any], str]] = {
    ast.Number: _number,
    ast.Text: lambda node: quoted(node.value),
    ast.Boolean: lambda node: "true" if node.value else "false",
    ast.Null: lambda _node: "null",
    ast.AtLiteral: lambda node: f"@{quoted(node.text)}",
    ast.Name: lambda node: node.name,
    ast.Path: lambda node: f"{_write(node.base, _POSTFIX)}.{node.member}",
    ast.Filter: lambda node: f"{_write(node.base, _POSTFIX)}[{unparse(node.condition)}]",
    ast.Call: _call,
    ast.NamedCall: _named_call,
    ast.Chain: _chain,
    ast.Negate: lambda node: f"-{_write(node.operand, _NEGATION)}",
    ast.And: lambda node: " and ".join(_write(operand, _COMPARISON) for operand in node.operands),
    ast.Or: lambda node: " or ".join(_write(operand, _AND) for operand in node.operands),
    ast.Compare: _compare,
    ast.Between: _between,
    ast.In: _in,
    ast.InstanceOf: lambda node: f"{_write(node.value, _POSTFIX)} instance of {type_text(node.type)}",
    ast.If: lambda node: (
        f"if {unparse(node.condition)} then {unparse(node.then)} else {unparse(node.otherwise)}"
    ),
    ast.For: lambda node: f"for {_iterators(node.iterators)} return {unparse(node.body)}",
    ast.Quantified: _quantified,
    ast.FunctionDefinition: _definition,
    ast.ListLiteral: _list,
    ast.ContextLiteral: _context,
    ast.RangeLiteral: _range,
    ast.Comparison: _comparison,
    ast.Tests: _tests,
}
