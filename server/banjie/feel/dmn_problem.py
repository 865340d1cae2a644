"""What is wrong inside a model that can still be loaded: an expression that is not FEEL, a type that is not known.

What depends on such an element is null when evaluated; the rest of the model works.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from banjie.feel import dmn
from banjie.feel.diagnostics import Diagnostic, FeelSyntaxError
from banjie.feel.limits import LimitReached
from banjie.feel.scope import Run, size_of

_KINDS_ZH: Final[dict[type, str]] = {
    dmn.InputData: "输入数据",
    dmn.Decision: "决策",
    dmn.BusinessKnowledge: "业务知识模型",
    dmn.DecisionService: "决策服务",
    dmn.ItemDefinition: "数据类型",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """How people call an element, or a part of one, in English and in Chinese."""

    en: str
    zh: str

    def part(self, en: str, zh: str) -> Label:
        """A part of this element."""
        return Label(en=f"{self.en}, {en}", zh=f"{self.zh}，{zh}")


def label_of(element: dmn.Element | dmn.ItemDefinition) -> Label:
    """The element by kind, name and id."""
    identity = f"（{element.id}）" if element.id else ""
    return Label(en=dmn.describe(element), zh=f"{_KINDS_ZH[type(element)]}“{element.name}”{identity}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """`element` names the element for people; `line` and `column` count within its text, 0 when they say nothing."""

    element: str
    element_zh: str
    code: str
    message: str
    message_zh: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.element}: {self.message}"

    @classmethod
    def syntax(cls, label: Label, error: FeelSyntaxError) -> Problem:
        return cls(
            element=label.en,
            element_zh=label.zh,
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
            message_zh=f"{self.element_zh}：{self.message_zh}",
            line=self.line,
            column=self.column,
        )


def bounded(value: object, run: Run) -> object:
    """The value, when it is no larger than a result may be; raises LimitReached.

    Lists that share their parts are small in memory and huge to walk, so a value is looked at before it is coerced
    to a type or kept in a receipt.
    """
    if (type(value) is list or type(value) is dict) and size_of(value) > run.limits.size:
        raise LimitReached("size")
    return value


def locate(run: Run, start: int, label: Label) -> None:
    """Puts the element's name before the diagnostics that were added since `start`."""
    for position in range(start, len(run.diagnostics)):
        found = run.diagnostics[position]
        run.diagnostics[position] = replace(
            found, message=f"{label.en}: {found.message}", message_zh=f"{label.zh}：{found.message_zh}"
        )
