"""Who may open and close what lies beside the diagram: the holder of a task, the head of its agency."""

from __future__ import annotations

from banjie.domain.assignment import Actor, Role
from banjie.domain.decisions import Json
from banjie.domain.errors import Conflict, Forbidden, NotFound
from banjie.domain.instances import Instance
from banjie.domain.proceedings import CaseHeld, Proceeding, ProceedingKind
from banjie.domain.tasks import Task
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.runtime import Runtime
from banjie.services.sight import sees
from banjie.services.tasks import checked_task, locked_task


def held_task(
    uow: UnitOfWork, actor: Actor, task_id: int, expected_version: int | None = None
) -> tuple[Instance, Task]:
    """An open task that the actor holds, with its case; the case's row is locked.

    Raises NotFound (also for other agencies' tasks), TaskClosed, TaskTaken, StaleVersion, InstanceEnded, and
    Conflict where nobody holds it.
    """
    instance, task = locked_task(uow, actor, task_id)
    _require_held(instance, task, actor, expected_version)
    return instance, task


def in_place_of(task: Task, actor: Actor, instance: Instance) -> dict[str, Json]:
    """What an event says where the holder acts in the place of an absent officer; nothing otherwise."""
    place = task.place_of(actor, instance.service)
    return {} if place is None else {"in_place_of": place.absent_id}


def task_to_act_on(uow: UnitOfWork, actor: Actor, task_id: int) -> tuple[Instance, Task]:
    """A task of one's own agency with its case, without a lock, for a page that offers an act.

    Raises NotFound, TaskClosed.
    """
    task = uow.cases.task(task_id)
    instance = uow.cases.find_by_id(task.instance_id) if task else None
    if instance is None:
        raise NotFound(task=task_id)
    return instance, checked_task(uow, actor, task_id, instance)


def refusal_to_act(uow: UnitOfWork, actor: Actor, instance: Instance, task: Task) -> str | None:
    """The code of the error with which an act of the task's holder would be refused now, None where it would not."""
    try:
        _require_held(instance, task, actor, None)
        require_free(uow, instance)
    except (Conflict, Forbidden) as refused:
        return refused.code
    return None


def _require_held(instance: Instance, task: Task, actor: Actor, expected_version: int | None) -> None:
    task.require_free_or_own(actor, instance.service)
    task.require_version(expected_version)
    if task.assignee_id is None:
        raise Conflict("Claim the task first.", task=task.id)
    if task.member is not None:
        raise Conflict("A member of a panel votes; what stops or extends clocks is for others.", task=task.id)
    task.require_place(actor, instance.service)
    task.require_workable()


def require_free(uow: UnitOfWork, instance: Instance) -> None:
    """Raise InstanceEnded, or CaseHeld, saying by what, by whom and since when the case is held."""
    instance.require_running()
    if instance.hold is None:
        return
    holding = uow.cases.proceeding(instance.hold)
    told = (
        {"kind": holding.kind.value, "by": holding.opened_by_name, "at": holding.opened_at} if holding else {}
    )
    raise CaseHeld(case_no=instance.case_no, proceeding=instance.hold, **told)


def locked_proceeding(
    rt: Runtime, uow: UnitOfWork, actor: Actor, proceeding_id: int, *kinds: ProceedingKind
) -> tuple[Instance, Proceeding]:
    """A proceeding of one of the kinds with its case, whose row is locked.

    Raises NotFound, also where the case does not exist for the actor.
    """
    instance, proceeding = uow.cases.lock_by_proceeding(proceeding_id), uow.cases.proceeding(proceeding_id)
    if instance is None or proceeding is None or proceeding.kind not in kinds:
        raise NotFound(proceeding=proceeding_id)
    if not sees(rt, uow, actor, instance):
        raise NotFound(proceeding=proceeding_id)
    return instance, proceeding


def locked_case(rt: Runtime, uow: UnitOfWork, actor: Actor, case_no: str) -> Instance:
    """A case that exists for the actor, its row locked; raises NotFound."""
    instance = uow.cases.lock(case_no)
    if instance is None or not sees(rt, uow, actor, instance):
        raise NotFound(case=case_no[:40])
    return instance


def heads(actor: Actor, agency: str | None) -> bool:
    """Whether the actor is a head of the agency."""
    return agency is not None and actor.holds(Role.HEAD, agency)


def require_head(actor: Actor, agency: str | None, *, not_as: int | None = None) -> None:
    """Raise Forbidden unless the actor is a head of the agency, and another person than `not_as`."""
    if not heads(actor, agency):
        raise Forbidden("Only the head of the agency may do that.", agency=agency)
    if not_as is not None and actor.account_id == not_as:
        raise Forbidden("Nobody grants what they have asked for themselves.", agency=agency)


def is_officer_of(actor: Actor, agency: str | None) -> bool:
    """Whether the actor works for the agency, as an officer or as its head."""
    return agency is not None and agency in actor.agencies
