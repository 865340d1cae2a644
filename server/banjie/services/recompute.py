"""Due times computed anew, when a year's notice has named its make-up days or a calendar was put right.

What was computed on a provisional year is kept until this runs: once a day in a worker, or by command.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from banjie.domain.calendar import OfficeHours, WorkingCalendar
from banjie.domain.changes import CaseChange, NewTimer, StoredClock
from banjie.domain.clock import Due, due
from banjie.domain.events import NewEvent
from banjie.domain.instances import Instance, InstanceStatus
from banjie.persistence.clocks import RunningClocks
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.runtime import Runtime
from banjie.services.walk import agency_calendar, moment


@dataclass(frozen=True, kw_only=True)
class Change:
    """A running clock whose due time is another by the present calendar; `element` None for the case's own."""

    case_no: str
    clock_id: int
    kind: str
    element: str | None
    old: Due
    new: Due


@dataclass(frozen=True, kw_only=True)
class _Moved:
    """A stored clock with the due time that it should have, and what that was computed on."""

    stored: StoredClock
    due: Due
    calendar: WorkingCalendar
    hours: OfficeHours


def changed(rt: Runtime) -> Sequence[Change]:
    """What `apply` would change, by clock; writes nothing. Reads all running clocks.

    Raises CalendarRange where the calendar's years do not suffice for a clock.
    """
    with rt.store.read() as uow:
        return [
            Change(
                case_no=instance.case_no, clock_id=moved.stored.id, kind=moved.stored.clock.kind.value,
                element=moved.stored.clock.subject.element, old=moved.stored.due, new=moved.due,
            )
            for stored in RunningClocks(uow.db).all()
            if (moved := _recomputed(rt, stored)) is not None
            and (instance := uow.cases.find_by_id(_instance_id(stored))) is not None
        ]  # fmt: skip


def apply(rt: Runtime) -> int:
    """Put all due times right, one transaction a case; returns how many clocks changed.

    With a clock move its open tasks, their places in the inbox, its timer and the timer's job. Raises as
    `changed`; cases done before that stay done.
    """
    with rt.store.read() as uow:
        wrong = {
            _instance_id(stored)
            for stored in RunningClocks(uow.db).all()
            if _recomputed(rt, stored) is not None
        }
    return sum(_apply_to(rt, instance_id) for instance_id in sorted(wrong))


def _apply_to(rt: Runtime, instance_id: int) -> int:
    with rt.store.begin() as uow:
        instance = uow.cases.lock_by_id(instance_id)
        if instance is None or instance.status is not InstanceStatus.RUNNING:
            return 0
        clocks = uow.cases.clocks(instance_id)
        moved = [found for stored in clocks if (found := _recomputed(rt, stored)) is not None]
        if moved:
            _write(rt, uow, instance, clocks, moved)
        return len(moved)


def _write(
    rt: Runtime, uow: UnitOfWork, instance: Instance, clocks: Sequence[StoredClock], moved: Sequence[_Moved]
) -> None:
    at = moment(rt, clocks)
    change = CaseChange(
        at=at, actor_id=None, status=instance.status, outcome=instance.outcome, accepted_at=instance.accepted_at,
        ended_at=instance.ended_at, data=instance.data, snapshot=instance.snapshot, renews_events=False,
    )  # fmt: skip
    RunningClocks(uow.db).move(instance.id, [_row(one) for one in moved], at)
    for one in moved:
        stored = one.stored
        old = uow.desk.timer(instance.id, stored.id, None)
        if old is not None:
            uow.cases.cancel_jobs([uow.desk.drop_timer(old[0])])
        missed = stored.missed and one.due.at <= at
        if not missed:
            warned = stored.warned and one.due.warn_at <= at
            change.timers.append(
                NewTimer(
                    kind="clock", fire_at=one.due.at if warned else one.due.warn_at, clock_id=stored.id,
                    element=stored.clock.subject.element,
                )
            )  # fmt: skip
        change.events.append(_event(one))
    uow.cases.apply(instance, change)


def _recomputed(rt: Runtime, stored: StoredClock) -> _Moved | None:
    """The clock with another due time than the stored one, None where they agree."""
    calendar, hours = agency_calendar(rt, stored.agency)
    now = due(stored.clock, calendar, hours)
    was = stored.due
    if (now.at, now.warn_at, now.provisional) == (was.at, was.warn_at, was.provisional):
        return None
    return _Moved(stored=stored, due=now, calendar=calendar, hours=hours)


def _row(moved: _Moved) -> Mapping[str, object]:
    return {
        "id": moved.stored.id, "due_at": moved.due.at, "warn_at": moved.due.warn_at,
        "provisional": moved.due.provisional, "calendar": moved.calendar.version, "hours": moved.hours.key,
    }  # fmt: skip


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


def _instance_id(stored: StoredClock) -> int:
    return int(stored.clock.subject.instance)
