"""How a task opens again to which a case goes back, and the returns that wait for their siblings.

A return that waits is carried out by the command that lets the last sibling through, in its transaction: a second
run of the engine on the snapshot of the first, and one change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from banjie.domain.assignment import principal_of_person
from banjie.domain.calendar import legal_date
from banjie.domain.changes import CaseChange, Message, StoredClock
from banjie.domain.clock import elapsed
from banjie.domain.decisions import Json
from banjie.domain.definitions import ReturnLimit
from banjie.domain.errors import Conflict
from banjie.domain.events import NewEvent
from banjie.domain.instances import Instance
from banjie.domain.proceedings import ClosedProceeding, ProceedingStatus
from banjie.domain.returns import PassedStep
from banjie.domain.step import EngineStep, Siblings
from banjie.engine.definitions import CompiledDefinition
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.runtime import Decide, Runtime
from banjie.services.walk import Placed, agency_calendar


@dataclass(frozen=True, kw_only=True)
class Followed:
    """A return that waited and has been carried out: both runs as one, and what its change must say besides."""

    step: EngineStep
    placed: Placed
    event: NewEvent
    closed: ClosedProceeding
    message: Message

    def add_to(self, change: CaseChange) -> None:
        change.events.append(self.event)
        change.closed_proceedings.append(self.closed)
        change.messages.append(self.message)


def decider(rt: Runtime, instance: Instance) -> Decide:
    """Decisions by the law that holds for a case: that of its acceptance, before it today's."""
    on = legal_date(instance.accepted_at) if instance.accepted_at else rt.today()
    return rt.decider(on, instance.region)


def placed_again(
    rt: Runtime, uow: UnitOfWork, passed: PassedStep, limit: ReturnLimit, at: datetime
) -> Placed:
    """How a step opens again that was passed: with who did it last if they may, and with what they submitted.

    With REST its limit is what was left of the earlier clock, 0 days (the same day) at the least. Tasks of several
    people open as new ones.
    """
    if passed.item is not None:
        return Placed(element=passed.element)
    doer = None if passed.by_id is None else uow.people.actor(passed.by_id, at)
    fit = doer is not None and doer.holds(passed.role, passed.agency)
    clock_id = passed.clock_id if limit is ReturnLimit.REST else None
    stored = None if clock_id is None else uow.cases.clock(clock_id)
    return Placed(
        element=passed.element,
        assignee_id=passed.by_id if fit else None,
        limit_days=rest_of(rt, stored, passed.element, at),
        draft=passed.values,
    )


def rest_of(rt: Runtime, stored: StoredClock | None, element: str, at: datetime) -> int | None:
    """How many days the clock of a completed step left of the step's own limit, in the limit's unit.

    None without a clock, and where it was that of the steps around it.
    """
    if stored is None or stored.clock.subject.element != element:
        return None
    calendar, hours = agency_calendar(rt, stored.agency)
    used = elapsed(stored.clock, calendar, hours, at)
    return max(0, used.limit_days - used.used_days)


def told_of_return(passed: PassedStep, placed: Placed) -> Message:
    """The message to whoever has the returned step in hand now."""
    facts: dict[str, Json] = {"element": passed.element}
    if placed.assignee_id is None:
        return Message(recipient=f"desk:{passed.agency}", template="task_returned", facts=facts)
    return Message(recipient=principal_of_person(placed.assignee_id), template="task_returned", facts=facts)


def follow_up(
    rt: Runtime, uow: UnitOfWork, instance: Instance, compiled: CompiledDefinition, step: EngineStep,
    waiting: int, at: datetime,
) -> Followed | None:  # fmt: skip
    """Carry out the return that the task `waiting` waits for, where the step let its last sibling through.

    None where others are still open, or the return has become impossible: then it goes on waiting, and its holder
    may give it up.
    """
    task = uow.cases.task(waiting)
    proceeding = None if task is None or task.waits is None else uow.cases.proceeding(task.waits)
    if task is None or proceeding is None or step.ended or task.token in {one.token for one in step.closed}:
        return None
    target = proceeding.element or ""
    data = {**instance.data, **step.variables}
    try:
        if rt.engine.parallel_with(compiled, step.snapshot, token=task.token, target=target):
            return None
        later = rt.engine.relocate(
            compiled, step.snapshot, tokens=[task.token], target=target, siblings=Siblings.CANCEL, data=data,
            decide=decider(rt, instance), now=at,
        )  # fmt: skip
    except Conflict:
        return None
    limit = ReturnLimit(str(proceeding.facts["limit"]))
    passed = uow.cases.passed(instance.id, target)[0]
    placed = placed_again(rt, uow, passed, limit, at)
    return Followed(
        step=step.then(later),
        placed=placed,
        event=NewEvent(
            type="task.returned", element=task.element, task_id=task.id, agency=task.agency,
            facts={"to": target, "proceeding": proceeding.id, "limit": limit.value, "days": placed.limit_days},
        ),
        closed=ClosedProceeding(id=proceeding.id, status=ProceedingStatus.DONE),
        message=told_of_return(passed, placed),
    )  # fmt: skip
