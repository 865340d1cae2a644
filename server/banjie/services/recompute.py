"""Due times computed anew, when a year's notice has named its make-up days or a calendar was put right.

What was computed on a provisional year is kept until this runs: once a day in a worker, by command, or from the
calendar's page. What would change is shown first, clock by clock; then all of it changes in one transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from banjie.domain.assignment import Actor, Role
from banjie.domain.calendar import OfficeHours, WorkingCalendar
from banjie.domain.changes import StoredClock
from banjie.domain.clock import Due, due
from banjie.domain.decisions import Json
from banjie.domain.errors import Conflict, Forbidden
from banjie.domain.events import NewEvent
from banjie.persistence.case_rows import chain_events
from banjie.persistence.cases import JobRequest
from banjie.persistence.clocks import CaseHead, RunningClocks
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.runtime import Runtime
from banjie.services.walk import agency_calendar, moment

log = logging.getLogger(__name__)

#: The job under which a clock that cannot be computed becomes an incident; its subject is case id and clock id.
JOB = "recompute"
#: The record of what was applied, beside the records of the cases.
_STREAM = "calendar"
_CASES = 1000


@dataclass(frozen=True, kw_only=True)
class Change:
    """A running clock whose due time is another by the present calendar; `element` None for the case's own."""

    case_no: str
    clock_id: int
    kind: str
    element: str | None
    element_name: str | None
    old: Due
    new: Due


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A running clock that the present calendar cannot compute; `error` is the kind of the error."""

    case_no: str
    clock_id: int
    kind: str
    element: str | None
    element_name: str | None
    error: str


@dataclass(frozen=True, kw_only=True)
class _Moved:
    """A stored clock with the due time that it should have, and what that was computed on."""

    stored: StoredClock
    due: Due
    calendar: WorkingCalendar
    hours: OfficeHours


class PresentDue:
    """Due times by the present calendars; those of an agency are looked up once. Lives for one run."""

    def __init__(self, rt: Runtime) -> None:
        self._rt = rt
        self._agencies: dict[str, tuple[WorkingCalendar, OfficeHours]] = {}

    def basis(self, agency: str) -> tuple[WorkingCalendar, OfficeHours]:
        """The calendar and the office hours of an agency; raises KeyError for one that the book does not know."""
        found = self._agencies.get(agency)
        if found is None:
            found = self._agencies[agency] = agency_calendar(self._rt, agency)
        return found

    def of(self, stored: StoredClock) -> Due:
        """The due time that a clock should have; raises CalendarRange, or KeyError as `basis`."""
        return due(stored.clock, *self.basis(stored.agency))


def differs(old: Due, new: Due) -> bool:
    """Whether two due times say something else."""
    return (old.at, old.warn_at, old.provisional) != (new.at, new.warn_at, new.provisional)


def preview(rt: Runtime) -> Iterator[Change | Failure]:
    """What `apply` would change, and what it could not compute, by clock id; writes nothing.

    One pass over all running clocks, read and held in batches.
    """
    present = PresentDue(rt)
    with rt.store.read() as uow:
        clocks = RunningClocks(uow.db)
        for batch in clocks.all():
            moved, failed = _recomputed(present, batch)
            if not moved and not failed:
                continue
            cases = clocks.named_cases(
                [_case_of(one) for one in (*(found.stored for found in moved), *(bad for bad, _ in failed))]
            )
            for found in moved:
                yield _change(rt, cases[_case_of(found.stored)], found)
            for stored, error in failed:
                yield _failure(rt, cases[_case_of(stored)], stored, error)


def changed(rt: Runtime) -> Sequence[Change]:
    """What `apply` would change, by clock id; clocks that cannot be computed are left out."""
    return [found for found in preview(rt) if isinstance(found, Change)]


def may_apply(actor: Actor) -> bool:
    """Whether the actor may put due times right by hand: a process owner, or an administrator."""
    return actor.has(Role.PROCESS_OWNER) or actor.has(Role.ADMIN)


def apply_by(rt: Runtime, actor: Actor) -> int:
    """As `apply`, by somebody whose name is recorded; raises Forbidden for all who may not."""
    if not may_apply(actor):
        raise Forbidden(page="calendar")
    return apply(rt, by=actor.account_id)


def apply(rt: Runtime, *, by: int | None = None) -> int:
    """Put all due times right in one transaction; returns how many clocks changed. `by` None is the system.

    With a clock move its open tasks, their places in the inbox, its timer and the timer's job; a paused clock gets
    no timer. The cases that change are locked in the order of their ids and stay locked until the end: who works on
    one of them waits. A clock that cannot be computed stays as it is and becomes an incident.
    """
    wrong: set[int] = set()
    failures: list[tuple[StoredClock, Exception]] = []
    present = PresentDue(rt)
    with rt.store.read() as uow:
        for batch in RunningClocks(uow.db).all():
            moved, failed = _recomputed(present, batch)
            wrong.update(_case_of(one.stored) for one in moved)
            failures += failed
    _note(rt, failures)
    if not wrong:
        return 0
    ordered = sorted(wrong)
    with rt.store.begin() as uow:
        changed_clocks = sum(
            _apply_to(rt, uow, present, ordered[first : first + _CASES], by)
            for first in range(0, len(ordered), _CASES)
        )
        facts: dict[str, Json] = {"clocks": changed_clocks, "calendar": rt.calendars.calendar_for().version}
        uow.desk.record(_STREAM, [NewEvent(type="calendar.applied", facts=facts)], by, rt.now())
    return changed_clocks


def retry(rt: Runtime, instance_id: int, clock_id: int) -> None:
    """Compute the due times of a case again after a failure; raises Conflict where a clock still cannot be."""
    present = PresentDue(rt)
    with rt.store.begin() as uow:
        _apply_to(rt, uow, present, [instance_id], None)
        stored = uow.cases.clock(clock_id)
        if stored is None or stored.clock.stopped_at is not None:
            return
        _, failed = _recomputed(present, [stored])
    if failed:
        raise Conflict("The due time still cannot be computed.", clock=clock_id, kind=_kind(failed[0][1]))


def _apply_to(
    rt: Runtime, uow: UnitOfWork, present: PresentDue, instance_ids: Sequence[int], by: int | None
) -> int:
    """Lock the cases, put their clocks right; returns how many changed."""
    clocks = RunningClocks(uow.db)
    heads = {head.id: head for head in clocks.lock_cases(instance_ids)}
    running = clocks.of_cases(list(heads))
    moved, _ = _recomputed(present, running)
    if not moved:
        return 0
    instants = {instance_id: moment(rt, list(group)) for instance_id, group in groupby(running, key=_case_of)}
    uow.cases.cancel_jobs(clocks.move([_row(found, instants[_case_of(found.stored)]) for found in moved]))
    timers = [row for found in moved if (row := _timer(found, instants[_case_of(found.stored)]))]
    for row, job_id in zip(timers, uow.cases.defer_jobs([_job(row) for row in timers]), strict=True):
        row["job_id"] = job_id
    events: list[dict[str, object]] = []
    new_heads: list[CaseHead] = []
    for instance_id, group in groupby(moved, key=lambda found: _case_of(found.stored)):
        head, at = heads[instance_id], instants[instance_id]
        rows, seq, chain = chain_events(
            f"case:{instance_id}", head.events, head.chain, at, by, [_event(found) for found in group], {}
        )
        events += [{**row, "instance_id": instance_id, "at": at} for row in rows]
        new_heads.append(CaseHead(id=instance_id, events=seq, chain=chain))
    clocks.record(events=events, timers=timers, heads=new_heads, actor_id=by)
    return len(moved)


def _recomputed(
    present: PresentDue, clocks: Sequence[StoredClock]
) -> tuple[list[_Moved], list[tuple[StoredClock, Exception]]]:
    """The clocks with another due time than the stored one, and those that cannot be computed."""
    moved: list[_Moved] = []
    failed: list[tuple[StoredClock, Exception]] = []
    for stored in clocks:
        try:
            now = present.of(stored)
        except Exception as error:  # noqa: BLE001  one bad clock must not keep all others wrong
            failed.append((stored, error))
            continue
        if differs(stored.due, now):
            calendar, hours = present.basis(stored.agency)
            moved.append(_Moved(stored=stored, due=now, calendar=calendar, hours=hours))
    return moved, failed


def _note(rt: Runtime, failures: Sequence[tuple[StoredClock, Exception]]) -> None:
    if not failures:
        return
    log.warning("recompute.failed", extra={"clocks": len(failures)})
    with rt.store.begin() as uow:
        for stored, error in failures:
            instance_id = _case_of(stored)
            uow.desk.add_incident(JOB, f"{instance_id}:{stored.id}", instance_id, _kind(error), rt.now())


def _row(moved: _Moved, at: datetime) -> Mapping[str, object]:
    return {
        "id": moved.stored.id, "at": at, "due_at": moved.due.at, "warn_at": moved.due.warn_at,
        "provisional": moved.due.provisional, "calendar": moved.calendar.version, "hours": moved.hours.key,
        "held": moved.due.held,
    }  # fmt: skip


def _timer(moved: _Moved, at: datetime) -> dict[str, object] | None:
    """The timer that the clock needs: for its warning, after that for its limit; none once missed or while paused."""
    stored, new = moved.stored, moved.due
    if new.held or (stored.missed and new.at <= at):
        return None
    warned = stored.warned and new.warn_at <= at
    return {
        "instance_id": _case_of(stored), "clock_id": stored.id, "element": stored.clock.subject.element,
        "fire_at": new.at if warned else new.warn_at,
    }  # fmt: skip


def _job(timer: Mapping[str, object]) -> JobRequest:
    at = timer["fire_at"]
    arguments = {"instance_id": timer["instance_id"], "clock_id": timer["clock_id"], "token": None}
    return (at if isinstance(at, datetime) else None, "fire_timer", arguments)


def _event(moved: _Moved) -> NewEvent:
    clock = moved.stored.clock
    return NewEvent(
        type="clock.recomputed",
        element=clock.subject.element,
        agency=moved.stored.agency,
        facts={
            "clock": clock.kind.value,
            "old_due_at": moved.stored.due.at.isoformat(),
            "due_at": moved.due.at.isoformat(),
            "provisional": moved.due.provisional,
            "calendar": moved.calendar.version,
        },
    )


def _change(rt: Runtime, case: tuple[str, str], moved: _Moved) -> Change:
    clock = moved.stored.clock
    return Change(
        case_no=case[0], clock_id=moved.stored.id, kind=clock.kind.value, element=clock.subject.element,
        element_name=_name(rt, case[1], clock.subject.element), old=moved.stored.due, new=moved.due,
    )  # fmt: skip


def _failure(rt: Runtime, case: tuple[str, str], stored: StoredClock, error: Exception) -> Failure:
    clock = stored.clock
    return Failure(
        case_no=case[0], clock_id=stored.id, kind=clock.kind.value, element=clock.subject.element,
        element_name=_name(rt, case[1], clock.subject.element), error=_kind(error),
    )  # fmt: skip


def _name(rt: Runtime, version: str, element: str | None) -> str | None:
    if element is None:
        return None
    found = rt.processes.compiled(version).definition.elements.get(element)
    return found.name if found else element


def _case_of(stored: StoredClock) -> int:
    return int(stored.clock.subject.instance)


def _kind(error: Exception) -> str:
    return type(error).__name__
