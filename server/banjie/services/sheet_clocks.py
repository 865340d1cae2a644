"""The account of a case's time on the print sheet: each clock, and the time that did not count or was added."""

from __future__ import annotations

from dataclasses import dataclass

from banjie.documents.sheet import Part
from banjie.domain.clock import ClockState
from banjie.domain.ledger import ClockKind, IntervalKind, LimitUnit
from banjie.services.clock_account import AccountRow, ClockAccount, accounts, cells
from banjie.services.instances import CaseView
from banjie.services.runtime import Runtime
from banjie.services.sheet_words import Words

_OF_THE_CASE = {
    ClockKind.ACCEPTANCE: "Limit of acceptance",
    ClockKind.STATUTORY: "Statutory limit",
    ClockKind.PROMISED: "Promised limit",
}


@dataclass(frozen=True, kw_only=True)
class ClockPrinter:
    """Puts the clocks of a case into the words of one sheet."""

    rt: Runtime
    words: Words

    def parts(self, view: CaseView) -> tuple[Part, ...]:
        """The clocks of the case, then of its steps, as one table, and below it the switches of their ledgers."""
        order = sorted(
            accounts(self.rt, view), key=lambda one: (one.kind is ClockKind.STEP, one.start, one.clock_id)
        )
        if not order:
            return ()
        clocks = Part(
            columns=self._heads(
                "Clock", "Limit", "Used", "Not counted", "Started", "Due", "Finished", "On time"
            ),
            rows=tuple(self._clock(view, one) for one in order),
            note="\n".join(dict.fromkeys(filter(None, map(self._basis, order)))),
        )
        switches = [
            self._switch(view, one, row)
            for one in order
            for row in one.rows
            if row.kind is not IntervalKind.COUNTED
        ]
        if not switches:
            return (clocks,)
        title = self.words("Time not counted or added")
        heads = self._heads("Clock", "From", "To", "In the hands of", "Counts", "Ground")
        return (clocks, Part(title=title, columns=heads, rows=tuple(switches)))

    def _heads(self, *heads: str) -> tuple[str, ...]:
        return tuple(self.words(head) for head in heads)

    def _clock(self, view: CaseView, told: ClockAccount) -> tuple[str, ...]:
        words = self.words
        limit = words.count(
            "natural day" if told.unit is LimitUnit.NATURAL_DAYS else "working day", told.limit_days
        )
        added = f" + {words.count('day', told.extension_days)}" if told.extension_days else ""
        return (
            self._name(view, told),
            limit + added,
            words.count("day", told.used_days),
            words.count("day", told.not_counted_days),
            words.time(told.start),
            words("paused") if told.light is ClockState.PAUSED else words.time(told.due.at),
            words.time(told.stopped_at) if told.stopped_at else words("running"),
            words("late") if told.late else words("in time"),
        )

    def _switch(self, view: CaseView, told: ClockAccount, row: AccountRow) -> tuple[str, ...]:
        start, end, party, counts, _days, ground, _who = cells(row, self.words.language)
        return (self._name(view, told), start, end, party, counts, ground)

    def _name(self, view: CaseView, told: ClockAccount) -> str:
        if told.kind in _OF_THE_CASE:
            return self.words(_OF_THE_CASE[told.kind])
        element = view.definition.elements.get(told.element or "")
        return element.name if element else told.element or ""

    def _basis(self, told: ClockAccount) -> str:
        return self.words("Basis: {citation}", citation=told.citation) if told.citation else ""
