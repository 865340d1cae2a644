"""How much one evaluation may cost before it ends as null with a diagnostic.

Steps are the measure that matters: they are the same on every machine. Loops, calls, items of ranges and lists,
characters of built strings and moves of the regular-expression matcher are all charged as steps, so that the step
budget bounds memory as well. Processor time is the second net, for single operations that cost more than they should.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Bounds of one evaluation.

    steps: loop turns, calls, list items made, 32 characters of a string made, moves of a pattern match.
    depth: nested calls of user-defined functions and decisions.
    seconds: processor time of the evaluating thread.
    text: characters of one string value.
    size: values in the result, each place where a part occurs counted.
    """

    steps: int = 100_000
    depth: int = 80
    seconds: float = 0.15
    text: int = 1_000_000
    size: int = 1_000_000


DEFAULT_LIMITS = Limits()

SOURCE_CHARACTERS = 100_000
"""Longest source text that the parser accepts."""

SOURCE_DEPTH = 64
"""Deepest nesting of brackets and keywords that the parser accepts."""


class LimitReached(Exception):
    """An evaluation used up one of its limits; `limit` is the field of `Limits`."""

    def __init__(self, limit: str) -> None:
        self.limit = limit
        super().__init__(limit)
