"""What was opened beside the diagram (supplements, extensions, suspensions …), on the print sheet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from banjie.documents.sheet import Part
from banjie.domain.proceedings import Proceeding
from banjie.services import clock_words
from banjie.services.clock_account import cited
from banjie.services.runtime import Runtime
from banjie.services.sheet_words import Words


@dataclass(frozen=True, kw_only=True)
class BesidePrinter:
    """Puts proceedings into the words of one sheet."""

    rt: Runtime
    words: Words

    def part(self, proceeding: Proceeding) -> Part:
        """A proceeding with its ground, what was written, and how it was closed."""
        words, rt = self.words, self.rt
        unit = rt.book.agencies.get(proceeding.agency or "")
        agency = words.name(unit.name, unit.name_en) if unit else proceeding.agency
        ground = " ".join(
            part for part in (self._ground(proceeding.ground), cited(rt, proceeding.citation)) if part
        )
        rows = (
            (words("Opened"), self._deed(proceeding.opened_at, agency, proceeding.opened_by_name)),
            (words("State"), words(f"status {proceeding.status.value}")),
            (words("Lapses"), words.time(proceeding.due_at) if proceeding.due_at else ""),
            (words("Ground"), ground),
            (words("Reason"), proceeding.reason),
            (words("Document"), proceeding.document or ""),
            (words("Closed"), self._deed(proceeding.closed_at, proceeding.closed_by_name)),
            (words("Answer"), proceeding.answer or ""),
        )
        return Part(
            title=words(f"proceeding {proceeding.kind.value}"), rows=tuple(row for row in rows if row[1])
        )

    def _deed(self, at: datetime | None, *who: str | None) -> str:
        """When and by whom; empty where it has not been done."""
        return " · ".join((self.words.time(at), *(name for name in who if name))) if at else ""

    def _ground(self, key: str | None) -> str:
        known = self.rt.book.grounds.get(key or "")
        if known:
            return self.words.name(known.title, known.title_en)
        return clock_words.word(key, self.words.language) if key else ""
