"""Reading one JSON object of a form file: typed access that notes a problem instead of raising."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal

from banjie.domain.errors import Problem
from banjie.forms.model import Wording

LONGEST_WORDING = 2_000


class Attributes:
    """One object of the file. Every getter answers with a usable value and notes what was wrong in `problems`."""

    def __init__(
        self, tree: Mapping[str, object], *, file: str, element: str, problems: list[Problem]
    ) -> None:
        self.tree = tree
        self.file = file
        self.element = element
        self.problems = problems

    def refuse(self, rule: str, message: str) -> None:
        self.problems.append(Problem(file=self.file, element=self.element, rule=rule, message=message))

    def inner(self, name: str) -> Attributes:
        """The object under `name`, empty when absent."""
        value = self.tree.get(name)
        if value is not None and not isinstance(value, dict):
            self.refuse(name, f"{name} must be an object")
        tree = value if isinstance(value, dict) else {}
        return Attributes(tree, file=self.file, element=self.element, problems=self.problems)

    def only(self, allowed: Collection[str], *, of: str) -> None:
        """Note every attribute that is not in the list."""
        for name in self.tree:
            if name not in allowed:
                self.refuse("unknown_attribute", f"{of} has no attribute {name[:60]!a}")

    def text(self, name: str) -> str:
        """The text under `name`, trimmed; empty when absent."""
        value = self.tree.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.refuse(name, f"{name} must be a text")
            return ""
        if len(value) > LONGEST_WORDING:
            self.refuse(name, f"{name} is longer than {LONGEST_WORDING} characters")
            return ""
        return value.strip()

    def flag(self, name: str) -> bool:
        """The boolean under `name`; false when absent."""
        value = self.tree.get(name)
        if value is not None and not isinstance(value, bool):
            self.refuse(name, f"{name} must be true or false")
        return value is True

    def whole(self, name: str, *, least: int, most: int) -> int | None:
        """The whole number under `name`, both bounds included; None when absent."""
        value = self.tree.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self.refuse(name, f"{name} must be a whole number from {least} to {most}")
            return None
        return value

    def number(self, name: str) -> Decimal | None:
        """The number under `name`; None when absent. At most 16 digits before and 10 after the point."""
        value = self.tree.get(name)
        if value is None:
            return None
        if (
            isinstance(value, bool)
            or not isinstance(value, int | Decimal)
            or not is_reasonable(Decimal(value))
        ):
            self.refuse(name, f"{name} must be a number of ordinary size")
            return None
        return Decimal(value)

    def wording(self, name: str, properties: Attributes) -> Wording | None:
        """The Chinese text under `name` with its English from `properties.<name>_en`; None when absent.

        Both or neither must be there.
        """
        zh = self.text(name)
        en = properties.text(f"{name}_en")
        if zh.startswith("="):
            self.refuse(name, f"{name} must be plain text, not an expression")
        if bool(zh) != bool(en):
            self.refuse("languages", f"{name} and properties.{name}_en must be given together")
        return Wording(zh=zh, en=en or zh) if zh else None


def is_reasonable(number: Decimal) -> bool:
    """Whether the number is finite, below 10 to the 16th, and has at most 10 decimals."""
    if not number.is_finite():
        return False
    exponent = number.as_tuple().exponent
    return (
        number.adjusted() < 16
        and isinstance(exponent, int)
        and exponent >= -10
        and len(number.as_tuple().digits) <= 26
    )
