"""A limit that has passed: recorded, told to the head of the agency, and answered for with a card.

A step's missed limit is a yellow card, even where the case is in time; the case's own limit, promised or of the law,
a red one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum

from banjie.domain.changes import CaseChange, Message, StoredClock
from banjie.domain.decisions import Json
from banjie.domain.events import NewEvent
from banjie.domain.ledger import ClockKind
from banjie.domain.proceedings import NewProceeding, ProceedingKind


class Colour(StrEnum):
    """How grave a card is."""

    YELLOW = "yellow"
    RED = "red"


def record(change: CaseChange, stored: StoredClock) -> None:
    """Add to a change of its case that a clock's limit has passed: events, messages and the card."""
    facts = facts_of(stored)
    element = stored.clock.subject.element
    change.events += [
        NewEvent(type="deadline.missed", element=element, agency=stored.agency, facts=facts),
        NewEvent(
            type="deadline.escalated", element=element, agency=stored.agency, facts={"to": "head", **facts}
        ),
    ]
    change.messages += [
        Message(recipient=f"head:{stored.agency}", template="deadline_escalated", facts=facts),
        Message(recipient=f"desk:{stored.agency}", template="deadline_missed", facts=facts),
    ]
    colour = Colour.YELLOW if stored.clock.kind is ClockKind.STEP else Colour.RED
    card: dict[str, Json] = {
        "colour": colour.value, "clock": stored.clock.kind.value, "due_at": stored.due.at.isoformat(),
        "parameter": stored.clock.limit.parameter,
    }  # fmt: skip
    add_card(change, card, element, stored.agency, stored.id)


def record_stopped(change: CaseChange, clocks: Iterable[StoredClock]) -> None:
    """Record the lateness of those of the clocks that the change stops after their limit, unless it is on record.

    Their timers would have done so, had a worker been there; they are taken down with the clocks.
    """
    stopped = {one.id for one in change.changed_clocks if one.stopped_at is not None}
    late = {
        stored.id: stored
        for stored in clocks
        if stored.id in stopped
        and stored.clock.kind is not ClockKind.ACCEPTANCE
        and not (stored.missed or stored.clock.is_paused)
        and stored.due.at <= change.at
    }
    if not late:
        return
    change.changed_clocks = [
        replace(one, missed=True) if one.id in late else one for one in change.changed_clocks
    ]
    for stored in late.values():
        record(change, stored)


def add_card(
    change: CaseChange, facts: dict[str, Json], element: str | None, agency: str, clock_id: int | None
) -> None:
    """Add a card for an agency to a change."""
    change.proceedings.append(
        NewProceeding(
            kind=ProceedingKind.CARD, reason="", element=element, agency=agency, clock_id=clock_id, facts=facts
        )
    )  # fmt: skip
    change.events.append(NewEvent(type="card.issued", element=element, agency=agency, facts=facts))


def facts_of(stored: StoredClock) -> dict[str, str | None]:
    """What is told of a clock whose limit comes or has passed."""
    return {
        "clock": stored.clock.kind.value,
        "element": stored.clock.subject.element,
        "due_at": stored.due.at.isoformat(),
        "parameter": stored.clock.limit.parameter,
    }
