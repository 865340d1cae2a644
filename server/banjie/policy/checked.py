"""Reading a parsed file value by value: every broken rule is noted with its key, none stops the reading."""

from __future__ import annotations

from datetime import date

from banjie.domain.errors import ContentError, Problem


class CheckedFile:
    """One parsed file and the rules it breaks; answers the least valid value after noting a fault."""

    def __init__(self, name: str, content: object) -> None:
        self.name = name
        self.content = content
        self._problems: list[Problem] = []

    def broken(self, element: str, rule: str, message: str) -> None:
        self._problems.append(Problem(file=self.name, element=element, rule=rule, message=message))

    def refuse(self) -> None:
        if self._problems:
            raise ContentError(self._problems)

    def mapping(self, value: object, element: str, known: set[str] | None = None) -> dict[object, object]:
        if not isinstance(value, dict):
            self.broken(element, "type", "must be a mapping")
            return {}
        for key in value:
            if known is not None and key not in known:
                self.broken(f"{element}.{key}", "unknown-key", f"is not one of {', '.join(sorted(known))}")
        return value

    def items(self, value: object, element: str) -> list[object]:
        if not isinstance(value, list):
            self.broken(element, "type", "must be a list")
            return []
        return value

    def integer(self, value: object, element: str, least: int, most: int) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.broken(element, "integer", f"must be a whole number from {least} to {most}")
            return least
        return value

    def text(self, value: object, element: str) -> str:
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            self.broken(element, "text", "must be a text")
            return ""
        return value

    def day(self, value: object, element: str, first: date, last: date) -> date | None:
        # A datetime is a date to Python; type() tells them apart.
        if type(value) is not date:
            self.broken(element, "date", "must be a date as 2026-10-01")
            return None
        if not first <= value <= last:
            self.broken(element, "date", f"must lie from {first} to {last}")
            return None
        return value
