"""What is missing from an application, as an officer asks for it and the applicant answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from banjie.domain.decisions import Json

#: The variable under which an answer is kept; the application itself takes the fields that were asked for.
VARIABLE = "application_supplement"


class ItemKind(StrEnum):
    """A field of the start form, a material of the service, or anything else."""

    FIELD = "field"
    MATERIAL = "material"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class MissingItem:
    """One thing that is missing.

    `key` is that of the field or the material; of anything else it is its number in the request. `title` is what
    the applicant reads, `note` what is wrong with it.
    """

    kind: ItemKind
    key: str
    title: str
    note: str = ""

    @property
    def name(self) -> str:
        """Under what name the answer gives it.

        >>> MissingItem(kind=ItemKind.MATERIAL, key="license", title="营业执照").name
        'material:license'
        """
        return self.key if self.kind is ItemKind.FIELD else f"{self.kind.value}:{self.key}"

    def to_json(self) -> dict[str, Json]:
        return {"kind": self.kind.value, "key": self.key, "title": self.title, "note": self.note}


def items_of(facts: Mapping[str, Json]) -> tuple[MissingItem, ...]:
    """The items of a supplement, from the facts of its proceeding."""
    listed = facts.get("items")
    entries: Iterable[Json] = listed if isinstance(listed, list | tuple) else ()
    return tuple(
        MissingItem(
            kind=ItemKind(str(entry["kind"])), key=str(entry["key"]), title=str(entry["title"]),
            note=str(entry["note"]),
        )
        for entry in entries
        if isinstance(entry, Mapping)
    )  # fmt: skip
