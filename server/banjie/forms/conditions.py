"""FEEL in forms: compiling conditions, ordering what depends on what, and asking whether a component is hidden."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from decimal import Decimal

from banjie.feel import Expression, FeelSyntaxError, compile_expression
from banjie.forms.model import Condition, Field, FieldType, Literal, Placed, Rows, placed

CONTEXT_NAMES = frozenset({"case", "today", "due_on"})
"""What an expression may read besides the form's own fields.

The case's data, the day of submission, and the last day of the step's limit (empty where none runs).
"""

LONGEST_EXPRESSION = 2_000

_LITERAL = re.compile(
    r"""\s*(?P<key>[a-z][a-z0-9_]*)\s*(?P<operator>!?=)\s*
    (?:"(?P<text>[^"\\]*)"|(?P<flag>true|false)|(?P<number>-?\d{1,15}(?:\.\d{1,6})?))\s*""",
    re.VERBOSE,
)


class ExpressionRefused(ValueError):
    """The text is not an expression a form may hold; the message says why."""


class CycleFound(ValueError):
    """Fields depend on each other in a circle; `keys` are those of the circle, sorted."""

    def __init__(self, keys: Collection[str]) -> None:
        self.keys = tuple(sorted(keys))
        super().__init__(", ".join(self.keys))


def compile_formula(text: str, *, readable: Collection[str]) -> Expression:
    """Compile ``=FEEL``. `readable` are the field keys it may read; raises ExpressionRefused."""
    if not text.startswith("="):
        raise ExpressionRefused("an expression begins with '='")
    if len(text) > LONGEST_EXPRESSION:
        raise ExpressionRefused(f"longer than {LONGEST_EXPRESSION} characters")
    try:
        expression = compile_expression(text[1:].strip(), names=[*readable, *CONTEXT_NAMES])
    except FeelSyntaxError as error:
        raise ExpressionRefused(f"not FEEL: {error}") from None
    unknown = sorted(expression.reads - set(readable) - CONTEXT_NAMES)
    if unknown:
        raise ExpressionRefused(f"reads {', '.join(unknown)}, which is no field of this form")
    return expression


def compile_condition(text: str, *, readable: Collection[str]) -> Condition:
    """Compile `conditional.hide`; raises ExpressionRefused."""
    expression = compile_formula(text, readable=readable)
    literals, every = _literals(text[1:])
    return Condition(expression=expression, literals=literals, every=every)


def is_hidden(conditions: tuple[Condition, ...], names: Mapping[str, object]) -> bool:
    """Whether any of the conditions is true over the names; null leaves the component visible."""
    return any(condition.expression.evaluate(names).value is True for condition in conditions)


def in_dependency_order(fields: Mapping[str, Placed]) -> tuple[str, ...]:
    """The keys so ordered that what a field's visibility or formula reads precedes it; raises CycleFound."""
    waiting = {key: _reads(item) & fields.keys() for key, item in fields.items()}
    ordered: list[str] = []
    while waiting:
        ready = [key for key, reads in waiting.items() if not reads & waiting.keys()]
        if not ready:
            raise CycleFound(waiting.keys())
        ordered += ready
        for key in ready:
            del waiting[key]
    return tuple(ordered)


def initial_names(fields: Mapping[str, Placed], context: Mapping[str, object]) -> dict[str, object]:
    """Every name an expression may read, before any field has a value: null, or false for a checkbox."""
    names: dict[str, object] = {name: context.get(name) for name in CONTEXT_NAMES}
    for key, item in fields.items():
        names[key] = empty_value(item.component)
    return names


def empty_value(component: Field | Rows) -> object:
    """What a condition reads for a component without a value."""
    return False if isinstance(component, Field) and component.type is FieldType.CHECKBOX else None


def _reads(item: Placed) -> frozenset[str]:
    reads = frozenset[str]().union(*(condition.expression.reads for condition in item.conditions))
    component = item.component
    if isinstance(component, Field):
        for expression in (component.expression, component.options_expression):
            reads |= expression.reads if expression else frozenset()
    else:
        reads |= frozenset().union(*_deep_reads(component))
    return reads


def _deep_reads(rows: Rows) -> list[frozenset[str]]:
    inner = {item.component.key: item for item in placed(rows.components)}
    return [_reads(item) - inner.keys() for item in inner.values()]


def _literals(text: str) -> tuple[tuple[Literal, ...], bool]:
    found: list[Literal] = []
    connective = ""
    position = 0
    while (match := _LITERAL.match(text, position)) is not None:
        found.append(_literal(match))
        position = match.end()
        if position == len(text):
            return tuple(found), connective != "or"
        word = re.compile(r"and\b|or\b").match(text, position)
        if word is None or (connective and word[0] != connective):
            break
        connective = word[0]
        position = word.end()
    return (), True


def _literal(match: re.Match[str]) -> Literal:
    value: str | bool | Decimal
    if match["text"] is not None:
        value = match["text"]
    elif match["flag"]:
        value = match["flag"] == "true"
    else:
        value = Decimal(match["number"])
    return Literal(key=match["key"], equal=match["operator"] == "=", value=value)
