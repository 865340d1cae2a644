"""What a DMN file may be refused for. A refusal names the file, the element and the rule it breaks."""

from __future__ import annotations


class DmnError(ValueError):
    """The DMN model cannot be used."""

    def __init__(self, rule: str, *, element: str = "", file: str = "", line: int | None = None) -> None:
        self.rule = rule
        self.element = element
        self.file = file
        self.line = line
        place = file + (f":{line}" if line is not None else "")
        super().__init__(": ".join(part for part in (place, element, rule) if part))

    def in_file(self, file: str) -> DmnError:
        """The same refusal with the file named, when the reader did not know it."""
        return self if self.file else DmnError(self.rule, element=self.element, file=file, line=self.line)
