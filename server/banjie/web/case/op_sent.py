"""What the form of an operation has posted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import request

from banjie.domain.supplements import ItemKind, MissingItem
from banjie.web.common.numbers import posted_version, whole_number

#: Lines for what is neither a field nor a material of the catalogue.
OTHER_LINES = 3


@dataclass(frozen=True, kw_only=True)
class Sent:
    """The posted texts, read by their names; a number that is missing or none raises InvalidRequest."""

    texts: Mapping[str, str]
    chosen: Mapping[str, tuple[str, ...]]

    def text(self, name: str) -> str:
        return self.texts.get(name, "")

    def number(self, name: str) -> int:
        return whole_number(self.texts.get(name, "").strip(), name)

    @property
    def task(self) -> int:
        return self.number("task")

    @property
    def proceeding(self) -> int:
        return self.number("proceeding")

    @property
    def version(self) -> int | None:
        return posted_version()


NOTHING_SENT = Sent(texts={}, chosen={})


def sent() -> Sent:
    """The post of this request."""
    lists = {name: tuple(values) for name, values in request.form.lists()}
    return Sent(texts={name: values[-1] for name, values in lists.items() if values}, chosen=lists)


def missing_items(posted: Sent) -> list[MissingItem]:
    """The items that were ticked or written, in the order of the form."""
    items = []
    for name in posted.chosen.get("item", ()):
        kind, _colon, key = name.partition(":")
        if kind in (ItemKind.FIELD, ItemKind.MATERIAL):
            note = posted.text(f"note:{name}")
            items.append(MissingItem(kind=ItemKind(kind), key=key, title="", note=note))
    for line in range(1, OTHER_LINES + 1):
        title = posted.text(f"other-{line}").strip()
        if title:
            note = posted.text(f"other-note-{line}")
            items.append(MissingItem(kind=ItemKind.OTHER, key=str(line), title=title, note=note))
    return items
