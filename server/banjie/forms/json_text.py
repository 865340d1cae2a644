"""Strict JSON for content files: what other readers would disagree about is refused before anything is built.

Used for form files only; submissions arrive already parsed and are judged by `validation`.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import NoReturn

LARGEST_FILE = 256 * 1024
DEEPEST_NESTING = 32

_STRING_OR_BRACKET = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[{]|[\]}]', re.DOTALL)
_BAD_CHARACTER = re.compile("[\0\ud800-\udfff]")


class JsonRefused(ValueError):
    """The bytes are not JSON as we accept it. `rule` is the broken rule's name, `element` where it was broken."""

    def __init__(self, rule: str, message: str, *, element: str = "form", line: int | None = None) -> None:
        self.rule = rule
        self.element = element
        self.message = message
        self.line = line
        super().__init__(message)


def read_json(data: bytes) -> object:
    """The tree of a UTF-8 JSON text; numbers with a fraction are Decimal.

    Refuses (JsonRefused): more than 256 KiB, nesting deeper than 32, NaN and Infinity, a key given twice in
    one object, NUL characters and lone surrogates, anything that is not JSON.
    """
    text = _decoded(data)
    _refuse_deep_nesting(text)
    try:
        tree: object = json.loads(
            text,
            parse_float=Decimal,
            parse_int=_whole_number,
            parse_constant=_refuse_constant,
            object_pairs_hook=_unique,
        )
    except json.JSONDecodeError as error:
        raise JsonRefused("json", f"not JSON: {error.msg}", line=error.lineno) from None
    _refuse_bad_characters(tree)
    return tree


def has_bad_character(text: str) -> bool:
    """Whether the text holds a NUL or a lone surrogate, which PostgreSQL and UTF-8 cannot store."""
    return _BAD_CHARACTER.search(text) is not None


def _decoded(data: bytes) -> str:
    if len(data) > LARGEST_FILE:
        raise JsonRefused("size", f"the file has {len(data)} bytes; at most {LARGEST_FILE} are allowed")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JsonRefused("encoding", f"not UTF-8 at byte {error.start}") from None


def _refuse_deep_nesting(text: str) -> None:
    # Counted before parsing: the standard parser recurses, and what it does at depth 100,000 depends on the
    # interpreter's build.
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        if match[0] in "[{":
            depth += 1
            if depth > DEEPEST_NESTING:
                line = text.count("\n", 0, match.start()) + 1
                raise JsonRefused("depth", f"nested deeper than {DEEPEST_NESTING}", line=line)
        elif match[0] in "]}":
            depth -= 1


def _whole_number(digits: str) -> int:
    if len(digits) > 20:
        raise JsonRefused("number", f"a number of {len(digits)} digits")
    return int(digits)


def _refuse_constant(name: str) -> NoReturn:
    raise JsonRefused("number", f"{name} is not a JSON number")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result: dict[str, object] = {}
    for key, value in pairs:
        if key in result:
            raise JsonRefused(
                "duplicate_key", f"the key {key!r} is given twice in one object", element=_named(pairs)
            )
        result[key] = value
    return result


def _named(pairs: list[tuple[str, object]]) -> str:
    for wanted in ("key", "id"):
        for key, value in pairs:
            if key == wanted and isinstance(value, str):
                return ascii(value)[1:-1]
    return "form"


def _refuse_bad_characters(tree: object) -> None:
    if isinstance(tree, str):
        if has_bad_character(tree):
            raise JsonRefused("characters", f"NUL or a lone surrogate in {tree[:40]!a}")
    elif isinstance(tree, dict):
        for key, value in tree.items():
            _refuse_bad_characters(key)
            _refuse_bad_characters(value)
    elif isinstance(tree, list):
        for value in tree:
            _refuse_bad_characters(value)
