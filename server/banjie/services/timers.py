"""What happens when an instant comes: warnings, lateness and escalation, and the diagram's own timers.

A timer is fired by its job, or by the sweep where the job was lost; whoever comes second finds nothing to
do. Each firing is one transaction with the case's row locked first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from banjie.domain.calendar import legal_date
from banjie.domain.changes import CaseChange, Message, NewTimer, StoredClock
from banjie.domain.events import NewEvent
from banjie.domain.instances import Instance, InstanceStatus
from banjie.domain.ledger import ClockKind
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services import acceptance, lapses, lateness
from banjie.services.returning import follow_up
from banjie.services.runtime import Runtime
from banjie.services.walk import case_change, moment

#: The name of the job, and of the incidents of those that fail.
JOB = "fire_timer"
_BATCH = 500
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Swept:
    """What a sweep did: timers fired, and those that failed, as instance ids."""

    fired: int
    failed: tuple[int, ...]


def sweep(rt: Runtime) -> Swept:
    """Fire every timer whose instant has come, one transaction each; a failing one stops no other.

    Each timer is tried once: what a firing arms anew for a later instant that has come too follows in its turn.
    """
    fired = 0
    failed: list[int] = []
    last = (_BEFORE_ALL, 0)
    while True:
        with rt.store.read() as uow:
            due = uow.desk.due_timers(rt.now(), after=last, limit=_BATCH)
        if not due:
            return Swept(fired=fired, failed=tuple(failed))
        for timer in due:
            last = (timer.fire_at, timer.id)
            try:
                fired += fire(rt, timer.instance_id, timer.clock_id, timer.token)
            except Exception as error:  # noqa: BLE001  one bad case must not hold up the clocks of all others
                failed.append(timer.instance_id)
                subject = _subject(timer.instance_id, timer.clock_id, timer.token)
                with rt.store.begin() as uow:
                    kind = type(error).__name__
                    uow.desk.add_incident(JOB, subject, timer.instance_id, kind, rt.now())


def _subject(instance_id: int, clock_id: int | None, token: str | None) -> str:
    """What an incident of a timer is about."""
    return f"{instance_id}:{clock_id or token}"


def fire(
    rt: Runtime, instance_id: int, clock_id: int | None, token: str | None, *, by: int | None = None
) -> bool:
    """Do what a timer was set for, if it still waits and its instant has come; False where it does not.

    An incident that tells of its failing is closed with it, by whoever had it done again.
    """
    at = rt.now()
    with rt.store.begin() as uow:
        instance = uow.cases.lock_by_id(instance_id)
        if instance is None or instance.status is not InstanceStatus.RUNNING:
            return False
        timer = uow.desk.timer(instance_id, clock_id, token if clock_id is None else None)
        if timer is None or timer[1] > at:
            return False
        if clock_id is not None:
            _fire_clock(rt, uow, instance, timer[0], clock_id, at)
        elif token and token.startswith(lapses.TOKEN):
            _fire_proceeding(rt, uow, instance, int(token.removeprefix(lapses.TOKEN)), at)
        else:
            _fire_event(rt, uow, instance, token or "", at)
        uow.desk.close_incident(JOB, _subject(instance_id, clock_id, token), by, at)
        return True


def _fire_event(rt: Runtime, uow: UnitOfWork, instance: Instance, token: str, at: datetime) -> None:
    compiled = rt.processes.compiled(instance.definition)
    clocks = uow.cases.clocks(instance.id)
    at = max(at, moment(rt, clocks))
    on = legal_date(instance.accepted_at or at)
    step = rt.engine.fire_timer(
        compiled,
        instance.snapshot,
        token=token,
        data=instance.data,
        decide=rt.decider(on, instance.region),
        now=at,
    )
    waiting = uow.cases.waiting_task(instance.id)
    followed = follow_up(rt, uow, instance, compiled, step, waiting, at) if waiting is not None else None
    step = followed.step if followed else step
    trail = [passed.element for passed in step.trail]
    change = case_change(
        rt, instance, compiled.definition, step, clocks, at=at, actor_id=None,
        placed=followed.placed if followed else None,
        first_event=NewEvent(type="timer.fired", facts={"trail": trail}),
    )  # fmt: skip
    if followed:
        followed.add_to(change)
    uow.cases.apply(instance, change)


def _fire_proceeding(
    rt: Runtime, uow: UnitOfWork, instance: Instance, proceeding_id: int, at: datetime
) -> None:
    proceeding = uow.cases.proceeding(proceeding_id)
    if proceeding is not None and proceeding.is_open:
        lapses.lapse(rt, uow, instance, proceeding, at)


def _fire_clock(
    rt: Runtime, uow: UnitOfWork, instance: Instance, timer_id: int, clock_id: int, at: datetime
) -> None:
    stored = uow.cases.clock(clock_id)
    uow.cases.cancel_jobs([uow.desk.drop_timer(timer_id)])
    if stored is None or stored.clock.stopped_at is not None:
        return
    if stored.clock.kind is ClockKind.ACCEPTANCE and at >= stored.due.at:
        acceptance.deem(rt, uow, _missed_before(rt, uow, instance, stored, at), at)
        return
    change = CaseChange.of(instance, at=at, actor_id=None)
    if not stored.warned and at < stored.due.at:
        _warn(change, stored)
        uow.desk.mark_clock(clock_id, warned_at=at)
        change.timers.append(NewTimer(kind="clock", fire_at=stored.due.at, clock_id=clock_id,
                                      element=stored.clock.subject.element))  # fmt: skip
    elif at < stored.due.at:
        change.timers.append(NewTimer(kind="clock", fire_at=stored.due.at, clock_id=clock_id,
                                      element=stored.clock.subject.element))  # fmt: skip
    else:
        lateness.record(change, stored)
        lapses.extensions_of(uow, instance, change, stored)
        uow.desk.mark_clock(clock_id, warned_at=at, missed_at=at)
    uow.cases.apply(instance, change)


def _missed_before(
    rt: Runtime, uow: UnitOfWork, instance: Instance, stored: StoredClock, at: datetime
) -> Instance:
    """The case, once the limits of its steps that have passed too are on record.

    The law ends the step of a silent office, not its lateness.
    """
    for other in uow.cases.clocks(instance.id):
        if other.id == stored.id or other.missed or other.clock.is_paused or at < other.due.at:
            continue
        timer = uow.desk.timer(instance.id, other.id, None)
        if timer is not None:
            _fire_clock(rt, uow, instance, timer[0], other.id, at)
            instance = uow.cases.lock_by_id(instance.id) or instance
    return instance


def _warn(change: CaseChange, stored: StoredClock) -> None:
    """One working day before the limit: the agency is warned."""
    facts = lateness.facts_of(stored)
    change.events.append(
        NewEvent(
            type="deadline.warned", element=stored.clock.subject.element, agency=stored.agency, facts=facts
        )
    )
    change.messages.append(
        Message(recipient=f"desk:{stored.agency}", template="deadline_warned", facts=facts)
    )
