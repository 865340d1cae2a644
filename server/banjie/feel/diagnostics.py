"""What the language says when something is wrong: a syntax error before a run, diagnostics beside a value after one.

Every message exists in English and Chinese, because process owners read the second and operators the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Never, TypeAlias

NoValue: TypeAlias = Never | None  # noqa: RUF020 - plain None may not be returned as a value under mypy
"""What reporting a diagnostic gives back: null, to be returned as the value of what failed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Diagnostic:
    """One reason why a value is null, with the place in the source text.

    `code` is stable and for programs ("unknown_name", "type", "limit" …); the messages are for people.
    `line` and `column` count from 1; both are 0 when the reason has no place in the text.
    """

    code: str
    message: str
    message_zh: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        where = f"{self.line}:{self.column}: " if self.line else ""
        return f"{where}{self.message}"


class FeelSyntaxError(ValueError):
    """The text is not FEEL. `line` and `column` count from 1; `expected` names what could have stood there."""

    def __init__(self, *, text: str, offset: int, expected: str, expected_zh: str, found: str) -> None:
        self.text = text
        self.offset = offset
        self.line, self.column = line_and_column(text, offset)
        self.expected = expected
        self.expected_zh = expected_zh
        self.found = found
        super().__init__(self.message)

    @property
    def message(self) -> str:
        found = f"'{self.found}'" if self.found else "the end of the text"
        return f"line {self.line}, column {self.column}: expected {self.expected}, found {found}"

    @property
    def message_zh(self) -> str:
        found = f"“{self.found}”" if self.found else "文本结尾"
        return f"第{self.line}行第{self.column}列：应为{self.expected_zh}，实为{found}"


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Line and column, counted from 1, of the character at `offset`."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
