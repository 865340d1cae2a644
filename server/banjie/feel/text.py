"""Values as FEEL text: what `string()` gives, and how literals are written."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from banjie.feel.limits import LimitReached
from banjie.feel.names import is_plain
from banjie.feel.values import Function, Range, number_text

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_DEEPEST = 60
_PIECE = 8


def quoted(text: str) -> str:
    """A string literal."""
    return '"' + "".join(_ESCAPES.get(character, character) for character in text) + '"'


def text_of(value: object, most: int = 1_000_000) -> str:
    """What `string()` gives: a string as it is, everything else as its literal, dates and times bare.

    Raises LimitReached when the text of a list or context would be longer than about `most` characters.
    """
    if isinstance(value, str):
        return value
    pieces: list[str] = []
    _write(value, pieces, most, 0)
    return "".join(pieces)


def _write(value: object, pieces: list[str], left: int, depth: int) -> int:
    """Append the text of a value; returns how many characters may still come."""
    if isinstance(value, list):
        parts: Iterator[tuple[str, object]] = (("", item) for item in value)
        opening, closing = "[", "]"
    elif isinstance(value, dict):
        parts = ((f"{key_text(key)}: ", item) for key, item in value.items())
        opening, closing = "{", "}"
    else:
        pieces.append(_text(value, depth))
        return _spent(left, pieces[-1])
    if depth > _DEEPEST:
        raise LimitReached("depth")
    pieces.append(opening)
    separator = ""
    for label, item in parts:
        pieces.append(separator + label)
        left = _write(item, pieces, _spent(left, pieces[-1]), depth + 1)
        separator = ", "
    pieces.append(closing)
    return _spent(left, closing)


def _spent(left: int, piece: str) -> int:
    """What is left after a piece; a short one costs more than its characters, as it does in time."""
    cost = len(piece) + _PIECE
    if cost > left:
        raise LimitReached("text")
    return left - cost


def _text(value: object, depth: int) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Range):
        return _range_text(value)
    if isinstance(value, Function):
        return f"function({', '.join(value.parameters)})"
    return str(value) if depth == 0 else f'@"{value}"'


def _range_text(value: Range) -> str:
    start, end = _text(value.start, 1), _text(value.end, 1)
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
