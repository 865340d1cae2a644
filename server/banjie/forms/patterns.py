r"""Regular expressions that a form may use: a subset that means the same in JavaScript and cannot run away.

Allowed are literals, `.`, classes, `\d \w \s` and their opposites, `^ $`, groups, alternatives, quantifiers.
Not allowed are back-references, look-around, flags and possessive or lazy forms. Time is bounded by counting
the ways in which a text of the field's greatest length could be split among the quantifiers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_PATTERN = 300
MOST_WAYS = 2_000_000
_DEEPEST_GROUP = 8
_LITERAL_ESCAPES = frozenset("\\^$.*+?()[]{}|/-")
_CLASS_ESCAPES = frozenset("dDwWsS")


class PatternRefused(ValueError):
    """The regular expression is outside the allowed subset or could take too long."""


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """A safe regular expression; `source` as written in the form."""

    source: str
    compiled: re.Pattern[str]

    def occurs_in(self, text: str) -> bool:
        """Whether it matches anywhere in the text: form-js patterns are not anchored."""
        return self.compiled.search(text) is not None


def compile_pattern(source: str, *, longest_text: int) -> Pattern:
    """Compile for texts of at most `longest_text` characters; raises PatternRefused with the reason."""
    if len(source) > LONGEST_PATTERN:
        raise PatternRefused(f"longer than {LONGEST_PATTERN} characters")
    reader = _Reader(source, longest_text)
    translated, ways = reader.alternatives(0)
    if reader.position < len(source):
        raise PatternRefused("')' without '('")
    starts = 1 if source.startswith("^") and not reader.top_level_alternatives else longest_text
    if ways * starts > MOST_WAYS:
        raise PatternRefused("could take too long on a long text; anchor it with ^ and bound its quantifiers")
    try:
        return Pattern(source=source, compiled=re.compile(translated, re.ASCII))
    except re.error as error:
        raise PatternRefused(f"not a regular expression: {error.msg}") from None


class _Reader:
    """Reads a pattern left to right; methods answer with the Python text and the number of ways to match."""

    def __init__(self, source: str, longest_text: int) -> None:
        self.source = source
        self.longest_text = longest_text
        self.position = 0
        self.top_level_alternatives = False

    def alternatives(self, depth: int) -> tuple[str, int]:
        if depth > _DEEPEST_GROUP:
            raise PatternRefused(f"groups nested deeper than {_DEEPEST_GROUP}")
        text, ways = self._sequence(depth)
        while self._peek() == "|":
            self.position += 1
            self.top_level_alternatives = self.top_level_alternatives or depth == 0
            more, more_ways = self._sequence(depth)
            text, ways = f"{text}|{more}", ways + more_ways
        return text, ways

    def _sequence(self, depth: int) -> tuple[str, int]:
        parts: list[str] = []
        ways = 1
        while (character := self._peek()) not in ("", "|", ")"):
            atom, atom_ways, may_repeat = self._atom(character, depth)
            quantifier, repeats, most = self._quantifier()
            if quantifier and not may_repeat:
                raise PatternRefused("a quantifier after an anchor")
            if most > 1 and atom_ways > 1:
                raise PatternRefused("a repeated group holds alternatives or quantifiers of its own")
            parts.append(atom + quantifier)
            ways = min(ways * atom_ways * repeats, MOST_WAYS + 1)
        return "".join(parts), ways

    def _atom(self, character: str, depth: int) -> tuple[str, int, bool]:
        self.position += 1
        if character == "(":
            return (*self._group(depth), True)
        if character == "[":
            return self._class(), 1, True
        if character == "\\":
            return self._escape(), 1, True
        if character == "^":
            return "^", 1, False
        if character == "$":
            # Python's $ also matches before a last line break; JavaScript's does not.
            return r"\Z", 1, False
        if character in "*+?{}]":
            raise PatternRefused(f"{character!r} without something to repeat or close; write \\{character}")
        return ("." if character == "." else re.escape(character)), 1, True

    def _group(self, depth: int) -> tuple[str, int]:
        if self._peek() == "?":
            if not self.source.startswith("?:", self.position):
                raise PatternRefused("look-around, named groups and flags are not allowed")
            self.position += 2
        inner, ways = self.alternatives(depth + 1)
        if self._peek() != ")":
            raise PatternRefused("'(' without ')'")
        self.position += 1
        return f"(?:{inner})", ways

    def _class(self) -> str:
        start = self.position
        if self._peek() == "^":
            self.position += 1
        while (character := self._peek()) != "]":
            if character in ("", "["):
                raise PatternRefused("a class is not closed or holds '['; write \\[")
            self.position += 1
            if character == "\\":
                self._escape()
        self.position += 1
        body = self.source[start : self.position - 1]
        if body in ("", "^"):
            raise PatternRefused("an empty class")
        # Python reads && || ~~ -- inside a class as reserved for set operations; JavaScript as characters.
        if re.search(r"&&|\|\||~~|--", body):
            raise PatternRefused("a doubled & | ~ or - in a class")
        return f"[{body}]"

    def _escape(self) -> str:
        character = self._peek()
        if character in _CLASS_ESCAPES or character in _LITERAL_ESCAPES:
            self.position += 1
            return "\\" + character
        raise PatternRefused(f"the escape \\{character} is not allowed")

    def _quantifier(self) -> tuple[str, int, int]:
        """The quantifier's text, in how many ways it may repeat, and its greatest count."""
        bounds = re.compile(r"[*+?]|\{(\d{1,4})(,(\d{1,4})?)?\}").match(self.source, self.position)
        if bounds is None:
            return "", 1, 1
        self.position = bounds.end()
        if self._peek() in ("?", "+", "*", "{") and self._peek():
            raise PatternRefused("a quantifier after a quantifier")
        least, most = self._counts(bounds)
        if most < least:
            raise PatternRefused("a quantifier whose least count is above its greatest")
        return bounds[0], most - least + 1, most

    def _counts(self, bounds: re.Match[str]) -> tuple[int, int]:
        simple = {"*": (0, self.longest_text), "+": (1, self.longest_text), "?": (0, 1)}
        if bounds[0] in simple:
            return simple[bounds[0]]
        least = int(bounds[1])
        if bounds[2] is None:
            return least, least
        return least, int(bounds[3]) if bounds[3] else max(least, self.longest_text)

    def _peek(self) -> str:
        return self.source[self.position : self.position + 1]
