"""Names with spaces and operator characters, and which names an expression reads.

FEEL has no quotes for names: `Full Name` is one name because a variable of that name is in scope, so the parser is
given the names it may meet and looks for the longest that fits.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from itertools import pairwise

from banjie.feel import ast
from banjie.feel.catalogue import BUILT_IN_NAMES

_START = (
    r"?A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D\u2070-\u218F"
    r"\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
_PART = _START + r"0-9\u00B7\u0300-\u036F\u203F-\u2040"
IDENTIFIER = re.compile(rf"[{_START}][{_PART}]*")
"""A name without spaces or operator characters. Source: DMN 1.5, 10.3.1.2, rules 27 to 30."""

_PIECE = re.compile(rf"[{_START}][{_PART}]*|[0-9]+[{_PART}]*|[^\s\w]|\S")
_SPACES = re.compile(r"\s+")

RESERVED = frozenset(
    {
        "if",
        "then",
        "else",
        "for",
        "in",
        "return",
        "some",
        "every",
        "satisfies",
        "and",
        "or",
        "between",
        "instance",
        "of",
        "function",
        "external",
        "true",
        "false",
        "null",
    }
)


def canonical(name: str) -> str:
    """A name with its spaces normalised: runs of white space are one space, none at the ends."""
    return _SPACES.sub(" ", name).strip()


def is_plain(name: str) -> bool:
    """Whether a name is one identifier, which needs no declaration to be read as a name."""
    return IDENTIFIER.fullmatch(name) is not None and name not in RESERVED


class NameTable:
    """Names that are more than one identifier, found by their first piece. Immutable after it is built."""

    __slots__ = ("_by_first", "plain")

    def __init__(self, names: Iterable[str]) -> None:
        self.plain: set[str] = set()
        self._by_first: dict[str, list[tuple[re.Pattern[str], str]]] = {}
        for name in {canonical(name) for name in names}:
            self.add(name)

    def add(self, name: str) -> None:
        if not name or name in RESERVED:
            return
        if is_plain(name):
            self.plain.add(name)
            return
        pieces = _PIECE.findall(name)
        entry = (_pattern(pieces), name)
        entries = self._by_first.setdefault(pieces[0], [])
        if all(other != name for _, other in entries):
            entries.append(entry)

    def longest(self, text: str, offset: int, first: str) -> tuple[str, int] | None:
        """The longest name that stands at `offset`, whose first piece is `first`, and where it ends."""
        best: tuple[str, int] | None = None
        for pattern, name in self._by_first.get(first, ()):
            match = pattern.match(text, offset)
            if match is not None and (best is None or match.end() > best[1]):
                best = (name, match.end())
        return best


def _pattern(pieces: list[str]) -> re.Pattern[str]:
    """Pieces with spaces between words required and around operator characters allowed."""
    text = re.escape(pieces[0])
    for before, after in pairwise(pieces):
        both_words = _is_word(before[-1]) and _is_word(after[0])
        text += (r"\s+" if both_words else r"\s*") + re.escape(after)
    end = rf"(?![{_PART}])" if _is_word(pieces[-1][-1]) else ""
    return re.compile(text + end)


def _is_word(character: str) -> bool:
    return re.match(rf"[{_PART}]", character) is not None


def names_read(node: ast.Node, *, declared: Collection[str]) -> frozenset[str]:
    """Names that an expression reads from outside itself; built-in functions only when they are declared.

    Inside a filter a name may be a member of the item instead; it is counted, because that is known only on a run.
    """
    known = {canonical(name) for name in declared}
    found: set[str] = set()
    _collect(node, frozenset(), found)
    return frozenset(name for name in found if name in known or name not in BUILT_IN_NAMES)


def _collect(node: ast.Node, bound: frozenset[str], found: set[str]) -> None:
    match node:
        case ast.Name(name=name):
            if name not in bound:
                found.add(name)
        case ast.Filter(base=base, condition=condition):
            _collect(base, bound, found)
            _collect(condition, bound | {"item"}, found)
        case ast.For(iterators=iterators, body=body):
            _collect(body, _collect_iterators(iterators, bound, found) | {"partial"}, found)
        case ast.Quantified(iterators=iterators, condition=condition):
            _collect(condition, _collect_iterators(iterators, bound, found), found)
        case ast.FunctionDefinition(parameters=parameters, body=body):
            if not node.external:
                _collect(body, bound | {parameter.name for parameter in parameters}, found)
        case ast.ContextLiteral(entries=entries):
            for key, value in entries:
                _collect(value, bound, found)
                bound |= {key}
        case _:
            for child in children(node):
                _collect(child, bound, found)


def _collect_iterators(
    iterators: tuple[ast.Iterator, ...], bound: frozenset[str], found: set[str]
) -> frozenset[str]:
    for iterator in iterators:
        _collect(iterator.source, bound, found)
        if iterator.end is not None:
            _collect(iterator.end, bound, found)
        bound |= {iterator.name}
    return bound


def children(node: ast.Node) -> tuple[ast.Node, ...]:  # noqa: C901 - one line per kind of node
    """The nodes directly inside a node, in the order of the text."""
    match node:
        case ast.Path(base=base):
            return (base,)
        case ast.Filter(base=base, condition=condition):
            return (base, condition)
        case ast.Call(function=function, arguments=arguments):
            return (function, *arguments)
        case ast.NamedCall(function=function, arguments=named):
            return (function, *(value for _, value in named))
        case ast.Chain(first=first, rest=rest):
            return (first, *(operand for _, operand in rest))
        case ast.Negate(operand=operand) | ast.Comparison(operand=operand):
            return (operand,)
        case ast.And(operands=operands) | ast.Or(operands=operands):
            return operands
        case ast.Compare(left=left, right=right):
            return (left, right)
        case ast.Between(value=value, low=low, high=high):
            return (value, low, high)
        case ast.In(value=value, tests=tests):
            return (value, *tests)
        case ast.InstanceOf(value=value):
            return (value,)
        case ast.If(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
        case ast.Iterator(source=source, end=end):
            return (source,) if end is None else (source, end)
        case ast.For(iterators=iterators, body=body):
            return (*iterators, body)
        case ast.Quantified(iterators=iterators, condition=condition):
            return (*iterators, condition)
        case ast.FunctionDefinition(body=body):
            return (body,)
        case ast.ListLiteral(items=items):
            return items
        case ast.ContextLiteral(entries=entries):
            return tuple(value for _, value in entries)
        case ast.RangeLiteral(start=start, end=end):
            return (start, end)
        case ast.Tests(tests=tests):
            return tests
        case _:
            return ()


def reads(node: ast.Node, name: str) -> bool:
    """Whether an expression reads the name from outside itself."""
    found: set[str] = set()
    _collect(node, frozenset(), found)
    return name in found
