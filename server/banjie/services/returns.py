"""Sending a case back to a step it has passed (退回).

The case data stay as they are until the step is submitted again, and its earlier submission is offered as a draft.
The clocks of the case run on; the step to which it goes back has a limit of its own, fresh or what was left of it, as
its diagram says (`returnLimit`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from banjie.domain.assignment import Actor, Role
from banjie.domain.changes import CaseChange
from banjie.domain.decisions import Json
from banjie.domain.definitions import Element, ReturnLimit
from banjie.domain.errors import Conflict, Forbidden, NotFound
from banjie.domain.events import NewEvent
from banjie.domain.handovers import given, holder_of, in_place_of
from banjie.domain.instances import Instance
from banjie.domain.proceedings import (
    ClosedProceeding,
    NewProceeding,
    ProceedingKind,
    ProceedingStatus,
    reason_of,
    words_hash,
)
from banjie.domain.returns import (
    MOST_RETURNS,
    NotPassed,
    OtherBranches,
    PassedStep,
    ReturnChoice,
    Sibling,
    SiblingsUndecided,
    TooManyReturns,
)
from banjie.domain.step import Siblings
from banjie.domain.tasks import Task
from banjie.engine.definitions import CompiledDefinition
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.returning import decider, placed_again, told_of_return
from banjie.services.runtime import Runtime
from banjie.services.tasks import locked_task
from banjie.services.walk import case_change, moment


def choices(rt: Runtime, actor: Actor, task_id: int) -> Sequence[ReturnChoice]:
    """The steps that the case has passed and to which the task may be returned, the latest first.

    Each once, as it was last completed, with the tasks beside it that would be lost. Raises NotFound.
    """
    with rt.store.read() as uow:
        task = uow.cases.task(task_id)
        instance = uow.cases.find_by_id(task.instance_id) if task else None
        if task is None or instance is None:
            raise NotFound(task=task_id)
        task.require_candidate(actor, instance.service)
        task.require_open()
        compiled = rt.processes.compiled(instance.definition)
        beside = {one.token: one for one in uow.cases.open_tasks(instance.id)}
        latest: dict[str, PassedStep] = {}
        for step in uow.cases.passed(instance.id):
            latest.setdefault(step.element, step)
    found: list[ReturnChoice] = []
    for step in latest.values():
        lost = _lost(rt, instance, compiled, task, step.element)
        if lost is not None:
            siblings = tuple(_sibling(beside[token]) for token in lost if token in beside)
            limit = compiled.definition.elements[step.element].return_limit
            found.append(ReturnChoice(passed=step, siblings=siblings, limit=limit))
    return found


def send_back(
    rt: Runtime, actor: Actor, task_id: int, target: str, reason: str, *, siblings: OtherBranches | None = None,
    limit: ReturnLimit | None = None, expected_version: int | None = None,
) -> bool:  # fmt: skip
    """Return the case from a task that one holds to a step it has passed; False where the return waits for others.

    The step is offered to who did it last, with what they submitted. `siblings` must be said where other branches
    would be lost; `limit` other than the diagram's is for heads. Raises NotFound, TaskClosed, TaskTaken, Forbidden,
    HandedOn, CaseHeld, StaleVersion, InvalidRequest without a reason, SiblingsUndecided, NotPassed, TooManyReturns, and
    Conflict where the task waits or the engine cannot open the step.
    """
    words = reason_of(reason)
    with rt.store.begin() as uow:
        instance, task = locked_task(uow, actor, task_id)
        holder_of(task, actor, instance.service)
        _require_returnable(instance, task, expected_version)
        compiled = rt.processes.compiled(instance.definition)
        passed = _passed(rt, uow, instance, compiled, task, target)
        rule = _limit(actor, task, compiled.definition.elements[target], limit)
        lost = _lost_or_refused(rt, instance, compiled, task, target)
        if lost and siblings is None:
            others = [one for one in uow.cases.open_tasks(instance.id) if one.token in lost]
            raise SiblingsUndecided(
                task=task.id, siblings=[one.element for one in others], tasks=[one.id for one in others]
            )
        if lost and siblings is OtherBranches.WAIT:
            _wait(rt, uow, instance, actor, task, target, rule, words)
            return False
        change = _returned(rt, uow, instance, compiled, actor, task, passed, rule, siblings, words)
        uow.cases.apply(instance, change)
        return True


def cancel_wait(rt: Runtime, actor: Actor, task_id: int) -> int:
    """Give up a return that waits; the task can be worked on again. Its holder may, and the head of its agency.

    Returns its version. Raises NotFound, TaskClosed, TaskTaken, Conflict where it does not wait.
    """
    with rt.store.begin() as uow:
        instance, task = uow.cases.lock_by_task(task_id), uow.cases.task(task_id)
        if instance is None or task is None:
            raise NotFound(task=task_id)
        if not actor.holds(Role.HEAD, task.agency):
            task.require_candidate(actor, instance.service)
            task.require_free_or_own(actor, instance.service)
        task.require_open()
        if task.waits is None:
            raise Conflict("No return of this task waits.", task=task.id)
        change = CaseChange.of(instance, at=rt.now(), actor_id=actor.account_id)
        change.closed_proceedings.append(ClosedProceeding(id=task.waits, status=ProceedingStatus.TAKEN_BACK))
        same = given(task, task.assignee_id, owner_id=task.owner_id, held_for=task.held_for)
        change.given.append(replace(same, waits=None))
        change.events.append(_event(task, "task.return_given_up", {"proceeding": task.waits}))
        uow.cases.apply(instance, change)
        return task.version + 1


# ── checks ───────────────────────────────────────────────────────────────────────────────────────────


def _require_returnable(instance: Instance, task: Task, expected_version: int | None) -> None:
    task.require_version(expected_version)
    task.require_workable()
    instance.require_free()
    if task.member is not None:
        raise Conflict("A panel decides by its votes; a member does not return the case.", task=task.id)


def _passed(
    rt: Runtime, uow: UnitOfWork, instance: Instance, compiled: CompiledDefinition, task: Task, target: str
) -> PassedStep:
    if target not in compiled.definition.elements:
        raise NotPassed(task=task.id, target=target[:100])
    found = uow.cases.passed(instance.id, target)
    if not found or target not in rt.engine.passed_before(compiled, element=task.element):
        raise NotPassed(task=task.id, target=target)
    returns = uow.cases.proceedings(instance.id, kinds=[ProceedingKind.RETURN])
    times = sum(one.element == target and one.status is ProceedingStatus.DONE for one in returns)
    if times >= MOST_RETURNS:
        raise TooManyReturns(task=task.id, target=target, limit=MOST_RETURNS)
    return found[0]


def _limit(actor: Actor, task: Task, element: Element, wished: ReturnLimit | None) -> ReturnLimit:
    if wished is None or wished is element.return_limit:
        return element.return_limit
    if not actor.holds(Role.HEAD, task.agency):
        raise Forbidden(
            "The diagram says which limit holds; only a head may say another.", element=element.id
        )
    return wished


def _lost(
    rt: Runtime, instance: Instance, compiled: CompiledDefinition, task: Task, target: str
) -> list[str] | None:
    """The tokens that a return would take with it; None where there is no way back to the target from here."""
    try:
        return _lost_or_refused(rt, instance, compiled, task, target)
    except Conflict:
        return None


def _lost_or_refused(
    rt: Runtime, instance: Instance, compiled: CompiledDefinition, task: Task, target: str
) -> list[str]:
    if target not in rt.engine.passed_before(compiled, element=task.element):
        raise NotPassed(task=task.id, target=target)
    beside = rt.engine.parallel_with(compiled, instance.snapshot, token=task.token, target=target)
    return [one.token for one in beside]


# ── what changes ─────────────────────────────────────────────────────────────────────────────────────


def _returned(
    rt: Runtime, uow: UnitOfWork, instance: Instance, compiled: CompiledDefinition, actor: Actor, task: Task,
    passed: PassedStep, limit: ReturnLimit, siblings: OtherBranches | None, words: str,
) -> CaseChange:  # fmt: skip
    clocks = uow.cases.clocks(instance.id)
    at = moment(rt, clocks)
    keep = siblings is OtherBranches.KEEP
    step = rt.engine.relocate(
        compiled, instance.snapshot, tokens=[task.token], target=passed.element,
        siblings=Siblings.KEEP if keep else Siblings.CANCEL, data=instance.data, decide=decider(rt, instance), now=at,
    )  # fmt: skip
    placed = placed_again(rt, uow, passed, limit, at)
    facts: dict[str, Json] = {
        "to": passed.element, "siblings": siblings.value if siblings else None, "limit": limit.value,
    }  # fmt: skip
    change = case_change(
        rt, instance, compiled.definition, step, clocks, at=at, actor_id=actor.account_id, placed=placed,
        first_event=_event(
            task, "task.returned",
            {**facts, "days": placed.limit_days, "words": words_hash(words),
             **in_place_of(task, actor, instance.service)},
        ),
    )  # fmt: skip
    change.proceedings.append(_proceeding(task, passed.element, words, facts, ProceedingStatus.DONE))
    change.messages.append(told_of_return(passed, placed))
    return change


def _wait(
    rt: Runtime, uow: UnitOfWork, instance: Instance, actor: Actor, task: Task, target: str, limit: ReturnLimit,
    words: str,
) -> None:  # fmt: skip
    """Freeze the task until its siblings are through; one return of a case waits at a time: two would for ever."""
    if task.waiting is not None:
        raise Conflict("Another return of this case waits.", task=task.id, waiting=task.waiting)
    change = CaseChange.of(instance, at=rt.now(), actor_id=actor.account_id)
    facts: dict[str, Json] = {"to": target, "siblings": OtherBranches.WAIT.value, "limit": limit.value}
    change.proceedings.append(_proceeding(task, target, words, facts, ProceedingStatus.OPEN))
    change.events.append(
        _event(
            task,
            "task.return_deferred",
            {**facts, "words": words_hash(words), **in_place_of(task, actor, instance.service)},
        )
    )
    written = uow.cases.apply(instance, change)
    uow.desk.mark_waiting(task.id, written.proceedings[0])


def _event(task: Task, type_: str, facts: dict[str, Json]) -> NewEvent:
    return NewEvent(type=type_, element=task.element, task_id=task.id, agency=task.agency, facts=facts)


def _proceeding(
    task: Task, target: str, words: str, facts: dict[str, Json], status: ProceedingStatus
) -> NewProceeding:
    return NewProceeding(
        kind=ProceedingKind.RETURN, reason=words, status=status, task_id=task.id, element=target,
        agency=task.agency, facts={**facts, "from": task.element},
    )  # fmt: skip


def _sibling(task: Task) -> Sibling:
    return Sibling(task_id=task.id, element=task.element, name=task.name)
