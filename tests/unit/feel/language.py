"""What the language's tests share."""

from __future__ import annotations

from collections.abc import Mapping

from banjie.feel import compile_expression
from banjie.feel.values import to_json


def value_of(text: str, context: Mapping[str, object] | None = None) -> object:
    """The FEEL value of an expression whose context declares its names."""
    given = context or {}
    return compile_expression(text, names=list(given)).evaluate(given).value


def json_of(text: str, context: Mapping[str, object] | None = None) -> object:
    """The value as JSON has it."""
    return to_json(value_of(text, context))


def codes_of(text: str, context: Mapping[str, object] | None = None) -> list[str]:
    """The codes of the diagnostics of an expression."""
    given = context or {}
    return [found.code for found in compile_expression(text, names=list(given)).evaluate(given).diagnostics]
