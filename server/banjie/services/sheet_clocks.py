"""The account of a case's time on the print sheet: each clock, and the time that did not count or was added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from banjie.documents.sheet import Part
from banjie.domain.clock import ClockState, is_late
from banjie.domain.ledger import ClockKind, Interval, IntervalKind, LimitUnit
from banjie.services.instances import CaseView, ClockView
from banjie.services.sheet_receipts import ReceiptPrinter
from banjie.services.sheet_words import Words


@dataclass(frozen=True, kw_only=True)
class ClockPrinter:
    """Puts the clocks of a case into the words of one sheet; `now` is the instant of printing."""

    receipts: ReceiptPrinter
    words: Words
    now: datetime

    def parts(self, view: CaseView) -> tuple[Part, ...]:
        """The clocks of the case, then of its steps, as one table, and below it the switches of their ledgers."""
        order = sorted(view.clocks, key=lambda one: (one.stored.clock.kind is ClockKind.STEP, one.stored.id))
        if not order:
            return ()
        words = self.words
        heads = ("Clock", "Limit", "Used", "Not counted", "Started", "Due", "Finished", "On time")
        clocks = Part(
            columns=tuple(words(head) for head in heads),
            rows=tuple(self._clock(view, one) for one in order),
            note="\n".join(dict.fromkeys(filter(None, map(self._basis, order)))),
        )
        switches = [
            self._interval(view, one, interval)
            for one in order
            for interval in one.stored.clock.intervals
            if interval.kind is not IntervalKind.COUNTED
        ]
        if not switches:
            return (clocks,)
        columns = tuple(
            words(head) for head in ("Clock", "From", "To", "In the hands of", "Counts", "Ground")
        )
        return (clocks, Part(title=words("Time not counted or added"), columns=columns, rows=tuple(switches)))

    def _clock(self, view: CaseView, shown: ClockView) -> tuple[str, ...]:
        clock, due, used, words = shown.stored.clock, shown.stored.due, shown.elapsed, self.words
        return (
            self._name(view, shown),
            self._days(used.limit_days, clock.limit.unit),
            words.count("day", used.used_days),
            words.count("day", used.not_counted_days),
            words.time(clock.start),
            words("paused") if shown.state is ClockState.PAUSED else words.time(due.at),
            words.time(clock.stopped_at) if clock.stopped_at else words("running"),
            words("late") if is_late(clock, due, self.now) else words("in time"),
        )

    def _interval(self, view: CaseView, shown: ClockView, interval: Interval) -> tuple[str, ...]:
        words = self.words
        extra = (
            self._days(interval.extra_days, shown.stored.clock.limit.unit) if interval.extra_days else None
        )
        return (
            self._name(view, shown),
            words.time(interval.start),
            words.time(interval.end) if interval.end else words("now"),
            words(interval.party.value),
            " ".join(filter(None, (words(interval.kind.value.replace("_", " ")), extra))),
            " ".join(filter(None, (interval.ground, interval.citation and self._cited(interval.citation)))),
        )

    def _name(self, view: CaseView, shown: ClockView) -> str:
        clock = shown.stored.clock
        if clock.kind is ClockKind.STATUTORY:
            return self.words("Statutory limit")
        if clock.kind is ClockKind.PROMISED:
            return self.words("Promised limit")
        element = view.definition.elements.get(clock.subject.element or "")
        return element.name if element else clock.subject.element or ""

    def _days(self, count: int, unit: LimitUnit) -> str:
        kind = "natural day" if unit is LimitUnit.NATURAL_DAYS else "working day"
        return self.words.count(kind, count)

    def _basis(self, shown: ClockView) -> str:
        cited = shown.stored.clock.limit.citation
        return self.words("Basis: {citation}", citation=self._cited(cited)) if cited else ""

    def _cited(self, citation: str) -> str:
        """A provision with its document's number, where a ledger names the document by its key."""
        document, _space, article = citation.partition(" ")
        return self.receipts.place(document, article)
