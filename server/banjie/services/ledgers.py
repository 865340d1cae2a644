"""What proceedings do to a case's clocks: pause, resume, extend. The only writer of ledgers beside the walk.

Each adds to a change that is being built; the due time is computed anew from the ledger, never shifted by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from banjie.domain.changes import CaseChange, NewTimer, StoredClock
from banjie.domain.clock import due
from banjie.domain.ledger import Clock, Interval, IntervalKind, Party, switch
from banjie.engine.definitions import CompiledDefinition
from banjie.services.runtime import Runtime
from banjie.services.walk import agency_calendar, ledger_change, party_of


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Why time is not counted, or more is given: a code, the provision in words, and the paper."""

    code: str
    citation: str | None = None
    document: str | None = None


def pause(
    rt: Runtime, change: CaseChange, clocks: Sequence[StoredClock], *, ground: Ground, party: Party
) -> None:
    """Stop counting on all running clocks of the case from the change's instant on; `party` has it in hand.

    Their timers and the diagram's own are taken down. A clock that is paused already stays as it is.
    """
    for stored in clocks:
        if not stored.clock.is_paused:
            _move(rt, change, stored, _switched(change, stored, IntervalKind.NOT_COUNTED, party, ground))
    change.renews_events = True


def resume(
    rt: Runtime,
    change: CaseChange,
    clocks: Sequence[StoredClock],
    compiled: CompiledDefinition,
    *,
    since: datetime,
    agency: str,
    ground: Ground | None = None,
) -> None:
    """Count again on all clocks paused at `since`, from the next working day on; the agency has the case in hand.

    `ground` says on the ledger what set them going, where that matters later.
    The diagram's own timers are set later by as long as the pause lasted, and armed again.
    """
    for stored in clocks:
        if stored.clock.is_paused:
            clock = _switched(change, stored, IntervalKind.COUNTED, party_of(rt, agency), ground)
            _move(rt, change, stored, clock)
    _postpone_events(rt, change, compiled, change.at - since)


def extend(rt: Runtime, change: CaseChange, stored: StoredClock, *, days: int, ground: Ground) -> None:
    """Give the clock so many days more, in its limit's unit, from the change's instant on.

    Raises ClockStopped, or LedgerFault where it would replace an extension granted at the same instant.
    """
    running = stored.clock.intervals[-1]
    clock = _switched(change, stored, IntervalKind.EXTENDED, running.party, ground, days)
    _move(rt, change, stored, clock)


def _switched(
    change: CaseChange,
    stored: StoredClock,
    kind: IntervalKind,
    party: Party,
    ground: Ground | None,
    days: int = 0,
) -> Clock:
    by = None if change.actor_id is None else str(change.actor_id)
    opened = Interval(start=change.at, kind=kind, party=party, opened_by=by, extra_days=days)
    if ground is not None:
        opened = replace(opened, ground=ground.code, citation=ground.citation, document=ground.document)
    return switch(stored.clock, opened)


def _move(rt: Runtime, change: CaseChange, stored: StoredClock, clock: Clock) -> None:
    """Write the ledger with its due time, and arm the clock's timer for what happens next, if anything."""
    calendar, hours = agency_calendar(rt, stored.agency)
    ends = due(clock, calendar, hours)
    changed = ledger_change(stored, clock)
    change.changed_clocks.append(replace(changed, due=ends, calendar=calendar.version, hours=hours.key))
    missed = stored.missed and ends.at <= change.at
    if not ends.held and not missed:
        warned = stored.warned and ends.warn_at <= change.at
        change.timers.append(
            NewTimer(
                kind="clock", fire_at=ends.at if warned else ends.warn_at, clock_id=stored.id,
                element=clock.subject.element,
            )
        )  # fmt: skip


def _postpone_events(rt: Runtime, change: CaseChange, compiled: CompiledDefinition, by: timedelta) -> None:
    change.snapshot, timers = rt.engine.postpone_timers(compiled, change.snapshot, by=by)
    change.renews_events = True
    change.timers += [
        NewTimer(kind="event", fire_at=timer.due_at, element=timer.element, token=timer.token)
        for timer in timers
    ]
