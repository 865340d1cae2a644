"""The outer shape of a submission: bounded in depth and size, free of characters that cannot be stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from banjie.forms.codes import Fault, FieldCode
from banjie.forms.json_text import has_bad_character

DEEPEST_VALUE = 5
MOST_KEYS = 500
MOST_VALUES = 5_000
LONGEST_VALUE = 20_000
_LONGEST_NAME = 64

Path: TypeAlias = tuple[str | int, ...]


def shape_faults(raw: Mapping[object, object]) -> dict[str, Fault]:
    """The keys whose values no form could take, made printable, with what is wrong."""
    faults: dict[str, Fault] = {}
    for key, value in raw.items():
        if not isinstance(key, str) or has_bad_character(key):
            faults[printable(key)] = Fault(code=FieldCode.UNKNOWN_FIELD)
        elif (code := _value_fault(value)) is not None:
            faults[key] = Fault(code=code)
    return faults


def printable(key: object) -> str:
    """A key that may be of any length and hold anything, fit to be shown."""
    text = key[:_LONGEST_NAME] if isinstance(key, str) else type(key).__name__
    return "".join(character if character.isprintable() else "?" for character in text)


def _value_fault(value: object) -> FieldCode | None:
    # A stack of our own: a submission nested deeper than the interpreter's must be an answer, not a crash.
    waiting: list[tuple[object, int]] = [(value, 1)]
    seen = 0
    while waiting:
        current, depth = waiting.pop()
        seen += 1
        if depth > DEEPEST_VALUE:
            return FieldCode.TOO_DEEP
        if seen > MOST_VALUES:
            return FieldCode.TOO_LARGE
        if isinstance(current, str):
            if len(current) > LONGEST_VALUE:
                return FieldCode.TOO_LARGE
            if has_bad_character(current):
                return FieldCode.BAD_CHARACTER
        elif isinstance(current, Mapping):
            waiting += [(part, depth + 1) for pair in current.items() for part in pair]
        elif isinstance(current, list):
            waiting += [(part, depth + 1) for part in current]
    return None
