"""What happens when the time of a proceeding, or of a limit that was to be extended, runs out."""

from __future__ import annotations

from datetime import datetime

from banjie.domain.assignment import principal_of_person
from banjie.domain.changes import CaseChange, ClosedTaskRow, Message, StoredClock
from banjie.domain.events import NewEvent
from banjie.domain.instances import Instance, InstanceStatus
from banjie.domain.proceedings import ClosedProceeding, Proceeding, ProceedingKind, ProceedingStatus
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services import lateness
from banjie.services.runtime import Runtime
from banjie.services.walk import moment, stopped_clocks

#: The token of a proceeding's timer begins so; its id follows.
TOKEN = "proceeding:"  # noqa: S105  no password
#: How a case ended whose applicant did not supply what was missing.
SUPPLEMENT_LAPSED = "supplement_lapsed"


def lapse(rt: Runtime, uow: UnitOfWork, instance: Instance, proceeding: Proceeding, at: datetime) -> None:
    """Close an open proceeding whose time is over, with all that follows. The case's row must be locked."""
    clocks = uow.cases.clocks(instance.id)
    change = CaseChange.of(instance, at=max(at, moment(rt, clocks)), actor_id=None)
    change.closed_proceedings.append(ClosedProceeding(id=proceeding.id, status=ProceedingStatus.LAPSED))
    if proceeding.kind is ProceedingKind.SUPPLEMENT:
        _supplement(uow, instance, proceeding, change)
    else:
        change.events.append(
            NewEvent(
                type=f"{proceeding.kind.value}.lapsed", element=proceeding.element, task_id=proceeding.task_id,
                agency=proceeding.agency,
            )
        )  # fmt: skip
    uow.cases.apply(instance, change)


def _supplement(uow: UnitOfWork, instance: Instance, proceeding: Proceeding, change: CaseChange) -> None:
    """What was missing was not supplied: the application counts as withdrawn, and the applicant is told."""
    tasks = uow.cases.open_tasks(instance.id)
    change.status, change.outcome, change.ended_at = InstanceStatus.WITHDRAWN, SUPPLEMENT_LAPSED, change.at
    change.closed = [ClosedTaskRow(token=task.token) for task in tasks]
    clocks = uow.cases.clocks(instance.id)
    change.changed_clocks = stopped_clocks(clocks, change.at, None)
    change.renews_events = True
    change.events += [
        NewEvent(type="supplement.lapsed", element=proceeding.element, agency=proceeding.agency),
        NewEvent(type="instance.withdrawn", facts={"outcome": SUPPLEMENT_LAPSED}),
        *(
            NewEvent(type="task.cancelled", element=task.element, task_id=task.id, agency=task.agency)
            for task in tasks
        ),
    ]
    lateness.record_stopped(change, clocks)
    change.messages.append(Message(recipient="applicant", template="supplement_lapsed", facts={}))
    _tell_opener(change, proceeding, "supplement_lapsed")


def extensions_of(uow: UnitOfWork, instance: Instance, change: CaseChange, stored: StoredClock) -> None:
    """A limit has passed: what was asked for to extend it lapses with it, and who asked is told."""
    for proceeding in uow.cases.proceedings(instance.id, kinds=[ProceedingKind.EXTENSION], open_only=True):
        if stored.id not in clocks_of(proceeding):
            continue
        change.closed_proceedings.append(ClosedProceeding(id=proceeding.id, status=ProceedingStatus.LAPSED))
        change.events.append(
            NewEvent(
                type="extension.lapsed", element=proceeding.element, task_id=proceeding.task_id,
                agency=proceeding.agency,
            )
        )  # fmt: skip
        _tell_opener(change, proceeding, "extension_lapsed")


def clocks_of(proceeding: Proceeding) -> tuple[int, ...]:
    """The clocks that an extension would move, by id."""
    listed = proceeding.facts.get("clocks")
    return tuple(int(str(one)) for one in listed) if isinstance(listed, list | tuple) else ()


def _tell_opener(change: CaseChange, proceeding: Proceeding, template: str) -> None:
    if proceeding.opened_by is not None:
        change.messages.append(
            Message(recipient=principal_of_person(proceeding.opened_by), template=template, facts={})
        )
