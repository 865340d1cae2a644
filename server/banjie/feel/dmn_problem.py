"""What is wrong inside a model that can still be loaded: an expression that is not FEEL, a type that is not known.

What depends on such an element is null when evaluated; the rest of the model works.
"""

from __future__ import annotations

from dataclasses import dataclass

from banjie.feel.diagnostics import Diagnostic, FeelSyntaxError


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """`element` names the element for people; `line` and `column` count within its text, 0 when they say nothing."""

    element: str
    code: str
    message: str
    message_zh: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.element}: {self.message}"

    @classmethod
    def syntax(cls, element: str, error: FeelSyntaxError) -> Problem:
        return cls(
            element=element,
            code="syntax",
            message=error.message,
            message_zh=error.message_zh,
            line=error.line,
            column=error.column,
        )

    def diagnostic(self) -> Diagnostic:
        """The problem as the reason why an evaluation is null."""
        return Diagnostic(
            code=self.code,
            message=f"{self.element}: {self.message}",
            message_zh=f"{self.element}：{self.message_zh}",
            line=self.line,
            column=self.column,
        )
