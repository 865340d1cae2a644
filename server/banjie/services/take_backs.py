"""Taking back one's own completion while nobody has touched what it opened (撤回)."""

from __future__ import annotations

from collections.abc import Sequence

from banjie.domain.assignment import Actor
from banjie.domain.decisions import Json
from banjie.domain.definitions import ReturnLimit
from banjie.domain.errors import BanjieError, Conflict, Forbidden, NotFound
from banjie.domain.events import NewEvent
from banjie.domain.handovers import Touched
from banjie.domain.instances import Instance
from banjie.domain.proceedings import (
    NewProceeding,
    ProceedingKind,
    ProceedingStatus,
    reason_of,
    words_hash,
)
from banjie.domain.returns import AlreadyTold
from banjie.domain.tasks import Task, TaskStatus
from banjie.domain.worklist import EventRow
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.returning import decider, rest_of
from banjie.services.runtime import Runtime
from banjie.services.walk import Placed, case_change, moment

#: What may follow a completion without anybody having gone on from it.
_NOT_GOING_ON = frozenset(
    {"task.opened", "task.urged", "decision.made", "instance.accepted", "instance.deemed_accepted",
     "clock.not_started", "clock.recomputed", "deadline.warned", "deadline.missed", "deadline.escalated",
     "card.issued", "comment.added", "comment.withdrawn", "case.copied", "file.attached", "file.removed",
     "help.added"}
)  # fmt: skip


def take_back(rt: Runtime, actor: Actor, task_id: int, reason: str) -> int:
    """Undo one's own completion of a task; its step opens again, in one's hands, with what was submitted as draft.

    What it had put into the case data returns to what stood there before; what the rules made of it stays until the
    step is completed again. The step has what was left of its limit: the time since then is nobody's. Where the
    completion was the acceptance, the case stays accepted from then. Returns the id of the new task.

    Raises NotFound, Forbidden for anybody else, InstanceEnded, CaseHeld, InvalidRequest without a reason, Touched
    where somebody has gone on, AlreadyTold where the applicant was, and Conflict where the task is open or a panel's.
    """
    words = reason_of(reason)
    with rt.store.begin() as uow:
        instance, task = uow.cases.lock_by_task(task_id), uow.cases.task(task_id)
        if instance is None or task is None:
            raise NotFound(task=task_id)
        task.require_candidate(actor, instance.service)
        _require_own(task, actor)
        instance.require_free()
        opened = uow.cases.opened_from(instance.id, task.id)
        _require_untouched(task, uow.lists.events(instance.id))
        if not all(one.is_untouched for one in opened):
            raise Touched(task=task.id)
        compiled = rt.processes.compiled(instance.definition)
        ledgers = uow.cases.clocks(instance.id, running_only=False)
        clocks = [one for one in ledgers if one.clock.stopped_at is None]
        at = moment(rt, clocks)
        _restore(uow, instance, compiled.definition.elements[task.element].variable or task.element)
        step = rt.engine.reopen(
            compiled, instance.snapshot, element=task.element, opened=[one.token for one in opened],
            data=instance.data, decide=decider(rt, instance), now=at,
        )  # fmt: skip
        passed = next(one for one in uow.cases.passed(instance.id, task.element) if one.task_id == task.id)
        stopped = next((one for one in ledgers if one.id == passed.clock_id), None)
        placed = Placed(
            element=task.element,
            assignee_id=actor.account_id,
            limit_days=rest_of(rt, stopped, task.element, at),
            draft=passed.values,
        )
        change = case_change(
            rt, instance, compiled.definition, step, clocks, at=at, actor_id=actor.account_id, placed=placed,
            first_event=NewEvent(
                type="task.taken_back", element=task.element, task_id=task.id, agency=task.agency,
                facts={"words": words_hash(words), "limit": ReturnLimit.REST.value, "days": placed.limit_days},
            ),
        )  # fmt: skip
        change.proceedings.append(
            NewProceeding(
                kind=ProceedingKind.TAKE_BACK, reason=words, status=ProceedingStatus.DONE, task_id=task.id,
                element=task.element, agency=task.agency,
            )
        )  # fmt: skip
        written = uow.cases.apply(instance, change)
        return next(iter(written.tasks.values()))


def possible(rt: Runtime, actor: Actor, task_ids: Sequence[int]) -> dict[int, str]:
    """Which of the tasks the actor could take back now: task → number of its case. It locks nothing."""
    with rt.store.read() as uow:
        found = {task_id: _case_if_possible(uow, actor, task_id) for task_id in task_ids}
    return {task_id: case_no for task_id, case_no in found.items() if case_no}


def _case_if_possible(uow: UnitOfWork, actor: Actor, task_id: int) -> str | None:
    task = uow.cases.task(task_id)
    instance = uow.cases.find_by_id(task.instance_id) if task else None
    if task is None or instance is None:
        return None
    try:
        task.require_candidate(actor, instance.service)
        _require_own(task, actor)
        instance.require_free()
        if not all(one.is_untouched for one in uow.cases.opened_from(instance.id, task.id)):
            return None
        _require_untouched(task, uow.lists.events(instance.id))
    except BanjieError:
        return None
    return instance.case_no


def _require_own(task: Task, actor: Actor) -> None:
    if task.status is TaskStatus.OPEN:
        raise Conflict("The task is not completed.", task=task.id)
    if task.status is not TaskStatus.COMPLETED or task.closed_by != actor.account_id:
        raise Forbidden("Only who completed a task takes it back.", task=task.id)
    if task.member is not None:
        raise Conflict("A vote that was given stands.", task=task.id)


def _require_untouched(task: Task, events: list[EventRow]) -> None:
    """Raise AlreadyTold or Touched where anything has followed the completion but what it brought about itself."""
    done = next(
        (one.seq for one in reversed(events) if one.type == "task.completed" and one.task_id == task.id), 0
    )
    since = [one for one in events if one.seq > done]
    if any(one.type == "notice.queued" for one in since):
        raise AlreadyTold(task=task.id)
    went_on = next((one for one in since if one.type not in _NOT_GOING_ON), None)
    if went_on is not None:
        raise Touched(task=task.id, by=went_on.actor, at=went_on.at)


def _restore(uow: UnitOfWork, instance: Instance, variable: str) -> None:
    """Put under the variable what was submitted there before the completion, or nothing."""
    rows = [row for row in uow.lists.submissions(instance.id) if row.variable == variable]
    data: dict[str, Json] = dict(instance.data)
    if len(rows) > 1:
        data[variable] = rows[-2].values
    else:
        data.pop(variable, None)
    instance.data = data
