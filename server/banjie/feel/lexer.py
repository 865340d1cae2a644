"""Tokens of FEEL, one at a time at a place in the text; which names are names is the parser's affair."""

from __future__ import annotations

import re
from typing import NamedTuple

from banjie.feel.diagnostics import FeelSyntaxError
from banjie.feel.names import IDENTIFIER

# Unrolled loops: in Python 3.11.2, which is Debian 12's, a possessive one stops after a comment, before the blank.
_SKIPPED = re.compile(r"(?:[\s\ufeff\u180e]+|//[^\n\r]*|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/)*")
_NUMBER = re.compile(r"(?:[0-9]+(?:\.(?!\.)[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_STRING = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"', re.DOTALL)
_OPERATOR = re.compile(r"\*\*|\.\.|->|<=|>=|!=|[-+*/=<>()\[\]{},:.@]")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))", re.DOTALL)
_SURROGATES = re.compile("([\ud800-\udbff])([\udc00-\udfff])")
_LONE = re.compile("[\ud800-\udfff]")
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}


class Token(NamedTuple):
    """kind: "number", "string", "name", "operator" or "end". text: as written, for a string its value."""

    kind: str
    text: str
    start: int
    end: int


def next_token(text: str, offset: int) -> Token:
    """The token at or after `offset`. Raises FeelSyntaxError for what begins no token."""
    skipped = _SKIPPED.match(text, offset)
    start = skipped.end() if skipped else offset
    if start >= len(text):
        return Token("end", "", start, start)
    character = text[start]
    if character == '"':
        return _string(text, start)
    for kind, pattern in (("name", IDENTIFIER), ("number", _NUMBER), ("operator", _OPERATOR)):
        match = pattern.match(text, start)
        if match is not None:
            return Token(kind, match.group(), start, match.end())
    raise FeelSyntaxError(
        text=text, offset=start, expected="an expression", expected_zh="表达式", found=character
    )


def _string(text: str, start: int) -> Token:
    match = _STRING.match(text, start)
    if match is None:
        raise FeelSyntaxError(
            text=text,
            offset=start,
            expected="a closing quotation mark",
            expected_zh="右引号",
            found=text[start : start + 20],
        )
    return Token("string", unescaped(match.group(1)), start, match.end())


def unescaped(raw: str) -> str:
    r"""The value of a string literal's inside: `\n`, `\"`, `\uXXXX`, `\UXXXXXX`; other backslashes are themselves.

    Two surrogates that make a pair become the one character they write, a lone one the replacement character, since
    no encoding could carry it.
    """
    if "\\" not in raw:
        return raw
    return _LONE.sub("\ufffd", _SURROGATES.sub(_joined, _ESCAPE.sub(_character, raw)))


def _character(match: re.Match[str]) -> str:
    short, long, simple = match.groups()
    code = short or long
    if code is None:
        return _SIMPLE.get(simple, "\\" + simple)
    number = int(code, 16)
    return chr(number) if number <= 0x10FFFF else match.group()


def _joined(match: re.Match[str]) -> str:
    high, low = match.groups()
    return chr(0x10000 + ((ord(high) - 0xD800) << 10) + (ord(low) - 0xDC00))
