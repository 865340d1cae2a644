"""The receipts of decisions on the print sheet: results, rules and values of the law, each with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from banjie.documents.sheet import Part
from banjie.domain.worklist import DecisionRow
from banjie.policy.book import Book
from banjie.services.sheet_words import Words

#: Outputs in yuan.
_AMOUNTS = frozenset({"amount", "cap", "contract_part", "daily", "each"})
#: Outputs that say the same as another one, for machines or in another language.
_FOR_MACHINES = frozenset({"reason_code", "reason_en", "hires", "intern_months", "person_months"})


@dataclass(frozen=True, kw_only=True)
class ReceiptPrinter:
    """Puts receipts into the words of one sheet."""

    book: Book
    words: Words

    def part(self, row: DecisionRow, title: str) -> Part:
        """A stored receipt under the name of its step."""
        told = cast("Mapping[str, Any]", row.receipt)
        words = self.words
        day = words.day(date.fromisoformat(told["on"]))
        rows = [*self._results(told["value"]), *map(self._rule, told["rules"])]
        rows += map(self._parameter, told["parameters"])
        rows += [(self._title(gap["key"]), words("No text gives a value")) for gap in told["missing"]]
        notes = [] if told["value"] else [words("No rule applies; nothing was decided.")]
        notes += [] if row.green else [words("To be confirmed by an officer")]
        return Part(
            title=title,
            aside=words(
                "By the law in force in {region} on {day}", region=self.region(told["region"]), day=day
            ),
            rows=tuple(rows),
            note=" ".join(notes),
        )

    def region(self, code: str) -> str:
        """A region's name; its code where the book no longer knows it."""
        place = self.book.regions.by_code.get(code)
        return self.words.name(place.name, place.name_en) if place else code

    def place(self, document: str, article: str) -> str:
        """Where a rule stands: the document's number, or title, and the article."""
        found = self.book.documents.get(document)
        return f"{found.label if found else document} {article}"

    def _results(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        shown = dict(values)
        if shown.get("reason"):
            shown["reason"] = self.words.name(str(shown["reason"]), str(shown.get("reason_en") or ""))
        for name, value in shown.items():
            if name not in _FOR_MACHINES:
                unit = f" {self.words('CNY')}" if name in _AMOUNTS else ""
                yield self.words(name), f"{self._plain(value)}{unit}"

    def _rule(self, rule: Mapping[str, Any]) -> tuple[str, str]:
        said = " ".join(text for text in rule["annotations"].values() if text)
        places = [self.place(named["document"], named["article"]) for named in rule.get("citations", ())]
        # Most tables name the place in a column of their own.
        unsaid = [place for place in places if place not in said]
        return self.words("Rule {row}", row=rule["row"]), said + self._cited(unsaid)

    def _parameter(self, value: Mapping[str, Any]) -> tuple[str, str]:
        unit = self.words(value["unit"]) if value["unit"] in _UNITS else ""
        text = " ".join(part for part in (self._plain(_number(value["value"])), unit) if part)
        places = []
        if value.get("citation"):
            places.append(self.place(value["citation"]["document"], value["citation"]["article"]))
        if value["basis"] == "locally_set":
            places.append(self.words("set locally"))
        elif value["basis"] == "recommended":
            places.append(self.words("reading of the text"))
        return self._title(value["key"]), text + self._cited(places)

    def _cited(self, places: Sequence[str]) -> str:
        return self.words.cited("; ".join(places)) if places else ""

    def _title(self, key: str) -> str:
        parameter = self.book.parameters.get(key)
        return self.words.name(parameter.title, parameter.title_en) if parameter else key

    def _plain(self, value: object) -> str:
        """A value of a table in words."""
        if value is None:
            return self.words("none")
        if isinstance(value, bool):
            return self.words("yes") if value else self.words("no")
        if isinstance(value, int | Decimal):
            return f"{Decimal(value).normalize():,f}"
        if isinstance(value, Sequence) and not isinstance(value, str):
            return ", ".join(self._plain(one) for one in value)
        return self.words(str(value)) if value in _CODES else str(value)


#: Units and codes that the sheet words; other texts of a table stand as they are.
_UNITS = frozenset({"CNY", "percent", "persons", "times", "years", "months", "working_days", "natural_days"})
_CODES = frozenset({"individual", "sme"})


def _number(value: object) -> object:
    """Exact numbers are kept as texts in JSON."""
    if isinstance(value, str) and value.replace(".", "", 1).lstrip("-").isdecimal():
        return Decimal(value)
    return value
