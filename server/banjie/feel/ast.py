"""The syntax tree. Nodes are immutable and compare by structure; `offset` is where a node begins in the text."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """Part of an expression."""

    offset: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Number(Node):
    """A number literal."""

    value: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Text(Node):
    """A string literal, its escapes resolved."""

    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Boolean(Node):
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Null(Node):
    """`null`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AtLiteral(Node):
    """`@"2024-02-29"`; the text between the quotes."""

    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Name(Node):
    """A variable or function; `?` is the value under test."""

    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Path(Node):
    """`base.member`."""

    base: Node
    member: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Filter(Node):
    """`base[condition]`; a condition that is a number is a position."""

    base: Node
    condition: Node


@dataclass(frozen=True, kw_only=True, slots=True)
class Call(Node):
    """A call with arguments by position."""

    function: Node
    arguments: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedCall(Node):
    """A call with arguments by name."""

    function: Node
    arguments: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Chain(Node):
    """Operators of one level from left to right: `+ -`, `* /`, or `**`. Flat, so that length is not depth."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Negate(Node):
    """`-operand`."""

    operand: Node


@dataclass(frozen=True, kw_only=True, slots=True)
class And(Node):
    """Conjunction of two or more operands."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Or(Node):
    """Disjunction of two or more operands."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Compare(Node):
    """`operator` is one of = != < <= > >=."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, kw_only=True, slots=True)
class Between(Node):
    """`value between low and high`, both included."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, kw_only=True, slots=True)
class In(Node):
    """`value in test`; more tests than one are those of a bracketed list."""

    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TypeRef:
    """A type as written. `name` is a built-in or item definition's name, or list, range, context, function.

    For list and range `parts` holds the element under ""; for context its members; for function its parameters
    under "" in order, and `result`.
    """

    name: str
    parts: tuple[tuple[str, TypeRef], ...] = ()
    result: TypeRef | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class InstanceOf(Node):
    """`value instance of type`."""

    value: Node
    type: TypeRef


@dataclass(frozen=True, kw_only=True, slots=True)
class If(Node):
    """`if condition then … else …`."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, kw_only=True, slots=True)
class Iterator(Node):
    """`name in source` or, with an end, `name in source..end`, which counts down when the end is less."""

    name: str
    source: Node
    end: Node | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class For(Node):
    """`for … return body`."""

    iterators: tuple[Iterator, ...]
    body: Node


@dataclass(frozen=True, kw_only=True, slots=True)
class Quantified(Node):
    """`every` or, when `every` is false, `some`."""

    every: bool
    iterators: tuple[Iterator, ...]
    condition: Node


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameter:
    """A formal parameter."""

    name: str
    type: TypeRef | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FunctionDefinition(Node):
    """A function literal; an external one has no body that this engine may run, so that calling it is an error."""

    parameters: tuple[Parameter, ...]
    body: Node
    external: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ListLiteral(Node):
    """`[…, …]`."""

    items: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ContextLiteral(Node):
    """`{key: value, …}`, in order; a value sees the keys before it."""

    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RangeLiteral(Node):
    """`[start..end]`."""

    start: Node
    end: Node
    start_included: bool
    end_included: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison(Node):
    """A comparison without its left side: `< 5`. In brackets it is a range as a value, in a test it is the test."""

    operator: str
    operand: Node


@dataclass(frozen=True, kw_only=True, slots=True)
class Tests(Node):
    """An input cell. No test at all is `-`, which everything passes."""

    tests: tuple[Node, ...]
    negated: bool = False
