"""Reminding whoever has a case in hand, on record (催办): once a task and hour, whoever does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from banjie.domain.assignment import Actor, Role, principal_of_person
from banjie.domain.changes import CaseChange, Message
from banjie.domain.decisions import Json
from banjie.domain.errors import Conflict, Forbidden, InvalidRequest, NotFound
from banjie.domain.events import NewEvent
from banjie.domain.handovers import URGED_ONCE_IN, UrgedBefore
from banjie.domain.instances import Instance
from banjie.domain.proceedings import (
    LONGEST_REASON,
    NewProceeding,
    ProceedingKind,
    ProceedingStatus,
    words_hash,
)
from banjie.domain.tasks import Task
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.runtime import Runtime
from banjie.services.sight import sees


def urge(rt: Runtime, actor: Actor, task_id: int, words: str = "") -> datetime:
    """Remind the holder of an open task, or its desk; overdue, the head of its agency too. Returns when.

    The applicant may, managers of the region, heads of the agencies of the case and whoever completed a step of it.
    Raises NotFound, Forbidden, TaskClosed, InstanceEnded, CaseHeld, or UrgedBefore, saying when it may be urged again.
    """
    said = _words(words)
    with rt.store.begin() as uow:
        instance, task = uow.cases.lock_by_task(task_id), uow.cases.task(task_id)
        if instance is None or task is None or not sees(rt, uow, actor, instance):
            raise NotFound(task=task_id)
        _require_allowed(rt, uow, actor, instance)
        is_applicant = actor.account_id == instance.applicant_id
        # Applicants deal with offices: no officer's name, not even in a refusal.
        (replace(task, closed_by_name=None) if is_applicant else task).require_open()
        _urge_all(rt, uow, actor, instance, [task], said)
        return rt.now()


def urge_case(rt: Runtime, actor: Actor, case_no: str, words: str = "") -> Sequence[int]:
    """Remind all who have a case in hand; the ids of the tasks that were not urged within the hour, which now are.

    Raises as `urge`; UrgedBefore where all were, Conflict where nobody has it in hand.
    """
    said = _words(words)
    with rt.store.begin() as uow:
        instance = uow.cases.lock(case_no)
        if instance is None or not sees(rt, uow, actor, instance):
            raise NotFound(case=case_no[:40])
        _require_allowed(rt, uow, actor, instance)
        return _urge_all(rt, uow, actor, instance, uow.cases.open_tasks(instance.id), said)


def may_urge(rt: Runtime, uow: UnitOfWork, actor: Actor, instance: Instance) -> bool:
    """Whether the actor may remind those who have the case in hand."""
    if actor.account_id == instance.applicant_id:
        return True
    path = rt.region_path(instance.region)
    if any(held.role == Role.MANAGER and held.region in path for held in actor.memberships):
        return True
    if any(actor.holds(Role.HEAD, agency) for agency in instance.agencies.values()):
        return True
    return any(actor.account_id in people for people in uow.cases.signers(instance.id).values())


def _require_allowed(rt: Runtime, uow: UnitOfWork, actor: Actor, instance: Instance) -> None:
    if not may_urge(rt, uow, actor, instance):
        raise Forbidden(case=instance.case_no)
    instance.require_free()


def _urge_all(
    rt: Runtime, uow: UnitOfWork, actor: Actor, instance: Instance, open_tasks: Sequence[Task], words: str
) -> list[int]:
    at = rt.now()
    others = [task for task in open_tasks if not task.is_held_by(actor.account_id)]
    if not others:
        raise Conflict("Nobody else has it in hand.", case=instance.case_no)
    due = [task for task in others if task.urged_at is None or task.urged_at + URGED_ONCE_IN <= at]
    if not due:
        last = min(task.urged_at for task in others if task.urged_at is not None)
        raise UrgedBefore(case=instance.case_no, urged_at=last, again_at=last + URGED_ONCE_IN)
    change = CaseChange.of(instance, at=at, actor_id=actor.account_id)
    for task in due:
        _add(change, task, words)
    urged = [task.id for task in due]
    uow.desk.mark_urged(urged, at)
    uow.cases.apply(instance, change)
    return urged


def _add(change: CaseChange, task: Task, words: str) -> None:
    holder = f"desk:{task.agency}" if task.assignee_id is None else principal_of_person(task.assignee_id)
    recipients = [holder]
    if task.due_at is not None and task.due_at <= change.at:
        recipients.append(f"head:{task.agency}")
    facts: dict[str, Json] = {"element": task.element, "task": task.id}
    change.messages += [Message(recipient=who, template="task_urged", facts=facts) for who in recipients]
    change.events.append(
        NewEvent(
            type="task.urged", element=task.element, task_id=task.id, agency=task.agency,
            facts={"words": words_hash(words)} if words else {},
        )
    )  # fmt: skip
    change.proceedings.append(
        NewProceeding(
            kind=ProceedingKind.URGE, reason=words, status=ProceedingStatus.DONE, task_id=task.id,
            element=task.element, agency=task.agency,
        )
    )  # fmt: skip


def _words(text: str) -> str:
    plain = text.strip()
    if len(plain) > LONGEST_REASON:
        raise InvalidRequest("The words are too long.", field="words", longest=LONGEST_REASON)
    return plain
