"""Values in TCK case files: reading them as FEEL values, and comparing as the kit does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from banjie.feel.dmn_errors import DmnError
from banjie.feel.dmn_xml import Node
from banjie.feel.literals import parse_date, parse_date_time, parse_duration, parse_time
from banjie.feel.values import DateTime, Time

_TOLERANCE: Final = Decimal("0.00000001")
_NUMBERS: Final = frozenset(
    {
        "decimal",
        "double",
        "float",
        "integer",
        "int",
        "long",
        "short",
        "byte",
        "nonNegativeInteger",
        "positiveInteger",
    }
)
_ZONE: Final = re.compile(r"(Z|[+-]\d\d:\d\d)$")
_CONVERSIONS: Final[Mapping[str, Callable[[str], object]]] = {
    # XML dates may have a zone, which FEEL dates never have.
    "date": lambda text: parse_date(_ZONE.sub("", text)),
    "time": parse_time,
    "dateTime": parse_date_time,
    "duration": parse_duration,
    "dayTimeDuration": parse_duration,
    "yearMonthDuration": parse_duration,
}


def read_value(node: Node | None) -> object:
    """The FEEL value inside an `inputNode`, `expected`, `component` or `item`; null when there is none.

    Raises DmnError when the text does not fit its type.
    """
    if node is None:
        return None
    for child in node.children:
        if child.namespace != node.namespace:
            continue
        if child.name == "value":
            return _simple(child)
        if child.name == "list":
            return None if _is_nil(child) else [read_value(item) for item in child.all("item")]
        if child.name == "component":
            components = node.all("component")
            if len(components) == 1 and _is_nil(child) and not child.get("name"):
                return None
            return {item.get("name"): None if _is_nil(item) else read_value(item) for item in components}
    return None


def _is_nil(node: Node) -> bool:
    return node.typed.get("nil") in ("true", "1")


def _simple(node: Node) -> object:
    if _is_nil(node):
        return None
    kind = node.typed.get("type", "string").rpartition(":")[2]
    text = node.text
    if kind in _NUMBERS:
        return _number(text.strip(), node)
    if kind == "boolean":
        return text.strip() in ("true", "1")
    conversion = _CONVERSIONS.get(kind)
    if conversion is None:
        return text
    value = conversion(text.strip())
    if value is None:
        raise DmnError(f'"{text}" is not a {kind}', element=node.label, line=node.line)
    return value


def _number(text: str, node: Node) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise DmnError(f'"{text}" is not a number', element=node.label, line=node.line)
    return number


def matches(expected: object, actual: object) -> bool:
    """Whether the kit would accept `actual`."""
    if isinstance(expected, Decimal) and isinstance(actual, Decimal):
        return abs(expected - actual) < _TOLERANCE
    if isinstance(expected, list):
        return (
            isinstance(actual, list)
            and len(expected) == len(actual)
            and all(matches(one, other) for one, other in zip(expected, actual, strict=True))
        )
    if isinstance(expected, dict):
        return (
            isinstance(actual, dict)
            and expected.keys() == actual.keys()
            and all(matches(value, actual[name]) for name, value in expected.items())
        )
    if isinstance(expected, (Time, DateTime)):
        return type(expected) is type(actual) and _same_moment(expected, actual)
    return type(expected) is type(actual) and expected == actual


def _same_moment(expected: object, actual: object) -> bool:
    """XML knows offsets only, so a zone is compared by the offset that it means."""
    if isinstance(expected, Time) and isinstance(actual, Time):
        return _time(expected) == _time(actual)
    if isinstance(expected, DateTime) and isinstance(actual, DateTime):
        same_clock = expected.local_nanos == actual.local_nanos
        return same_clock and expected.shift == actual.shift
    return False


def _time(value: Time) -> tuple[int, int, int | None]:
    return value.seconds, value.nanos, value.shift
