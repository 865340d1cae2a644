"""Values as FEEL text: what `string()` gives, and how literals are written."""

from __future__ import annotations

from decimal import Decimal

from banjie.feel.names import is_plain
from banjie.feel.values import Function, Range, number_text

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_DEEPEST = 60


def quoted(text: str) -> str:
    """A string literal."""
    return '"' + "".join(_ESCAPES.get(character, character) for character in text) + '"'


def text_of(value: object) -> str:
    """What `string()` gives: a string as it is, everything else as its literal, dates and times bare."""
    return value if isinstance(value, str) else _text(value, 0)


def _text(value: object, depth: int) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, str):
        return quoted(value)
    if depth > _DEEPEST:
        return "…"
    if isinstance(value, list):
        return f"[{', '.join(_text(item, depth + 1) for item in value)}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key_text(key)}: {_text(item, depth + 1)}" for key, item in value.items()) + "}"
    if isinstance(value, Range):
        return _range_text(value, depth)
    if isinstance(value, Function):
        return f"function({', '.join(value.parameters)})"
    return str(value) if depth == 0 else f'@"{value}"'


def _range_text(value: Range, depth: int) -> str:
    start, end = _text(value.start, depth + 1), _text(value.end, depth + 1)
    if value.sign:
        return f"({value.sign} {start})"
    if value.start is None:
        return f"({'<=' if value.end_included else '<'} {end})"
    if value.end is None:
        return f"({'>=' if value.start_included else '>'} {start})"
    return f"{'[' if value.start_included else '('}{start}..{end}{']' if value.end_included else ')'}"


def key_text(key: str) -> str:
    """A context's key, in quotes when it is not one identifier or words with single spaces."""
    return key if key and all(is_plain(word) for word in key.split(" ")) else quoted(key)
