"""What a person may do with a case now, beside completing its step, and why something is not possible.

The pages draw from this what they offer. It changes nothing: each operation judges again, with the case locked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from banjie.domain.assignment import Actor
from banjie.domain.errors import Conflict
from banjie.domain.handovers import URGED_ONCE_IN, UrgedBefore, last_of
from banjie.domain.instances import Instance
from banjie.domain.proceedings import Proceeding, ProceedingKind, ProceedingStatus
from banjie.domain.returns import NotPassed
from banjie.domain.tasks import Task
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services import extensions, handovers, procedures, returns, supplements, take_backs
from banjie.services.runtime import Runtime
from banjie.services.sight import visible
from banjie.services.standing import heads, is_officer_of, refusal_to_act
from banjie.services.urging import may_urge

#: Why a task is not passed on though nothing forbids it: nobody could take it.
NOBODY_ELSE = "nobody_else"


class Operation(StrEnum):
    """What can be done with a case beside its diagram."""

    SUPPLEMENT = "supplement"
    SUPPLEMENT_ANSWER = "supplement-answer"
    SUPPLEMENT_WITHDRAW = "supplement-withdraw"
    SUPPLEMENT_GRANT = "supplement-grant"
    EXTENSION = "extension"
    EXTENSION_DECIDE = "extension-decide"
    PROCEDURE = "procedure"
    PROCEDURE_END = "procedure-end"
    SUSPEND = "suspend"
    RESUME = "resume"
    RETURN = "return"
    RETURN_GIVE_UP = "return-give-up"
    TAKE_BACK = "take-back"
    TRANSFER = "transfer"
    TRANSFER_TAKE_BACK = "transfer-take-back"
    DELEGATE = "delegate"
    RESOLVE = "resolve"
    RECALL = "recall"
    REASSIGN = "reassign"
    PANEL = "panel"
    URGE = "urge"
    CANCEL = "cancel"


@dataclass(frozen=True, kw_only=True)
class Offer:
    """An operation for the actor, on a task or a proceeding.

    `refusal` is the code of the error with which it would be refused now, or NOBODY_ELSE; None where it is possible.
    `step` and `version` are the task's name and version; `again_at` when urging is possible again.
    """

    operation: Operation
    task_id: int | None = None
    step: str = ""
    version: int | None = None
    proceeding: int | None = None
    refusal: str | None = None
    again_at: datetime | None = None


def offers(rt: Runtime, actor: Actor, case_no: str) -> Sequence[Offer]:
    """What the actor may do with a case beside completing, in the order of `Operation`. Raises NotFound.

    Of an applicant none: their case has a page of its own.
    """
    with rt.store.read() as uow:
        instance = visible(rt, uow, actor, case_no)
        if actor.account_id == instance.applicant_id or instance.ended_at is not None:
            return []
        tasks = uow.cases.open_tasks(instance.id)
        proceedings = uow.cases.proceedings(instance.id)
        found = [*_beside(actor, instance, tasks, proceedings), *_urging(rt, uow, actor, instance, tasks)]
        held = [task for task in tasks if _holds(actor, task, instance)]
        refusals = {task.id: refusal_to_act(uow, actor, instance, task) for task in held}
        completed = [one.task_id for one in uow.cases.passed(instance.id) if one.by_id == actor.account_id]
    for task in held:
        found += _of_holder(rt, actor, task, refusals[task.id])
    found += _of_hold(rt, actor, case_no)
    found += [
        Offer(operation=Operation.TAKE_BACK, task_id=task_id)
        for task_id in take_backs.possible(rt, actor, completed[:1])
    ]
    order = list(Operation)
    return sorted(found, key=lambda offer: order.index(offer.operation))


def may_urge_case(rt: Runtime, actor: Actor, case_no: str) -> Offer | None:
    """Whether the actor may remind whoever has the case in hand, and when again; None where not. Raises NotFound."""
    with rt.store.read() as uow:
        instance = visible(rt, uow, actor, case_no)
        if instance.ended_at is not None or instance.hold is not None:
            return None
        return next(iter(_urging(rt, uow, actor, instance, uow.cases.open_tasks(instance.id))), None)


def _holds(actor: Actor, task: Task, instance: Instance) -> bool:
    """Whether the task is the actor's to work on: their own, or an absent officer's in whose place they stand."""
    if task.owner_id is not None or task.assignee_id is None:
        return False
    place = task.place_of(actor, instance.service)
    return task.assignee_id == actor.account_id or (place is not None and place.absent_id == task.assignee_id)


def _of_holder(rt: Runtime, actor: Actor, task: Task, refusal: str | None) -> list[Offer]:
    """What the holder of a task may do; nobody passes on a seat on a panel, and a vote is not returned."""
    ask = supplements.choices(rt, actor, task.id).refusal
    longer = extensions.choices(rt, actor, task.id)
    extension = None if any(one.refusal is None for one in longer) else longer[0].refusal
    found = {Operation.SUPPLEMENT: ask, Operation.EXTENSION: extension, Operation.PROCEDURE: refusal}
    if task.member is None:
        back = refusal or (None if returns.choices(rt, actor, task.id) else NotPassed.code)
        waits = Conflict.code if task.waits is not None else None
        found |= {
            Operation.RETURN: back,
            Operation.TRANSFER: waits or (None if handovers.receivers(rt, actor, task.id) else NOBODY_ELSE),
            Operation.DELEGATE: waits or (None if handovers.advisers(rt, actor, task.id) else NOBODY_ELSE),
        }
    return [_on(operation, task, why) for operation, why in found.items()]


def _on(operation: Operation, task: Task, refusal: str | None = None) -> Offer:
    return Offer(operation=operation, task_id=task.id, step=task.name, version=task.version, refusal=refusal)


def _beside(
    actor: Actor, instance: Instance, tasks: Sequence[Task], proceedings: Sequence[Proceeding]
) -> list[Offer]:
    """What goes by the state of tasks and proceedings: answering, taking back, and what heads may do."""
    found = [offer for task in tasks for offer in _of_task(actor, task, instance, proceedings)]
    led = [task for task in tasks if heads(actor, task.agency)]
    found += [_on(Operation.REASSIGN, task) for task in led if task.member is None]
    panels = {task.element: task for task in reversed(led) if task.member is not None}
    found += [_on(Operation.PANEL, task) for task in panels.values()]
    if any(heads(actor, agency) for agency in instance.agencies.values()):
        found.append(Offer(operation=Operation.CANCEL))
        if _is_supplement_used(proceedings):
            found.append(Offer(operation=Operation.SUPPLEMENT_GRANT))
    for one in proceedings:
        is_asked = one.kind is ProceedingKind.EXTENSION and one.is_open and instance.hold is None
        if is_asked and heads(actor, one.agency) and one.opened_by != actor.account_id:
            found.append(Offer(operation=Operation.EXTENSION_DECIDE, proceeding=one.id))
    return found


def _of_task(actor: Actor, task: Task, instance: Instance, proceedings: Sequence[Proceeding]) -> list[Offer]:
    operations = []
    if task.is_asked(actor):
        operations.append(Operation.RESOLVE)
    if task.owner_id == actor.account_id:
        operations.append(Operation.RECALL)
    if task.waits is not None and (_holds(actor, task, instance) or heads(actor, task.agency)):
        operations.append(Operation.RETURN_GIVE_UP)
    last = last_of([one for one in proceedings if one.kind is ProceedingKind.TRANSFER], task)
    now = (task.assignee_id, task.version)
    if (
        last
        and last.facts.get("from") == actor.account_id
        and (last.facts["to"], last.facts["version"]) == now
    ):
        operations.append(Operation.TRANSFER_TAKE_BACK)
    return [_on(one, task) for one in operations]


def _is_supplement_used(proceedings: Sequence[Proceeding]) -> bool:
    """Whether all requests that are allowed were made, and none of them waits for its answer."""
    asked = [one for one in proceedings if one.kind is ProceedingKind.SUPPLEMENT]
    counted = sum(one.status is not ProceedingStatus.TAKEN_BACK for one in asked)
    granted = sum(one.kind is ProceedingKind.SUPPLEMENT_GRANT for one in proceedings)
    return counted > granted and not any(one.is_open for one in asked)


def _of_hold(rt: Runtime, actor: Actor, case_no: str) -> list[Offer]:
    """What may be done about what holds the case; where nothing does, whether the actor may hold it up."""
    holding = procedures.holding(rt, actor, case_no)
    one = holding.proceeding
    if one is None:
        return [Offer(operation=Operation.SUSPEND)] if holding.may_suspend else []
    found: list[Operation] = []
    if one.kind is ProceedingKind.SUPPLEMENT:
        found += [Operation.SUPPLEMENT_ANSWER] if is_officer_of(actor, one.agency) else []
        may_withdraw = actor.account_id == one.opened_by or heads(actor, one.agency)
        found += [Operation.SUPPLEMENT_WITHDRAW] if may_withdraw else []
    elif holding.may_end:
        found.append(Operation.PROCEDURE_END if one.kind is ProceedingKind.EXCLUDED else Operation.RESUME)
    return [Offer(operation=operation, proceeding=one.id) for operation in found]


def _urging(
    rt: Runtime, uow: UnitOfWork, actor: Actor, instance: Instance, tasks: Sequence[Task]
) -> list[Offer]:
    """Reminding whoever has it in hand: not oneself, and once in a while."""
    others = [task for task in tasks if not task.is_held_by(actor.account_id)]
    if not others or instance.hold is not None or not may_urge(rt, uow, actor, instance):
        return []
    again = [task.urged_at + URGED_ONCE_IN if task.urged_at else rt.now() for task in others]
    if min(again) <= rt.now():
        return [Offer(operation=Operation.URGE)]
    return [Offer(operation=Operation.URGE, refusal=UrgedBefore.code, again_at=min(again))]
