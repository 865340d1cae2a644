"""A process owner moves a case to another step, with the consent of a second person (跳转).

Whoever owns the process proposes it by the case number; the head of the agency that would have to work on it, or
another process owner, consents, and then it is done. A process owner sees of a case where it stands and nothing that
was submitted: its data are none of their business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from banjie.domain.assignment import Actor, Role
from banjie.domain.changes import CaseChange, Message
from banjie.domain.decisions import Json
from banjie.domain.definitions import Element, ElementKind
from banjie.domain.effects import GRANT, Effect
from banjie.domain.errors import Conflict, FourEyes, InvalidRequest, NotFound
from banjie.domain.events import NewEvent
from banjie.domain.instances import Instance
from banjie.domain.proceedings import (
    ClosedProceeding,
    NewProceeding,
    Proceeding,
    ProceedingKind,
    ProceedingStatus,
    reason_of,
    words_hash,
)
from banjie.domain.returns import Sibling
from banjie.domain.step import Siblings
from banjie.domain.tasks import Task
from banjie.engine.definitions import CompiledDefinition
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.returning import decider
from banjie.services.runtime import Runtime
from banjie.services.walk import case_change, moment

#: What takes a case from where it stands to another step.
_MOVES = (ProceedingKind.RETURN, ProceedingKind.TAKE_BACK, ProceedingKind.JUMP)


@dataclass(frozen=True, kw_only=True)
class Jump:
    """A jump that waits for consent, with the number of its case. `tasks` would be taken to `target`."""

    proceeding: Proceeding
    case_no: str
    target: str
    target_name: str
    siblings: Siblings
    tasks: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class JumpBoard:
    """What a process owner sees of a case: where it stands and where it could go; no names and no data.

    `targets` are element id → name, in the order of the diagram.
    """

    case_no: str
    service: str
    status: str
    tasks: tuple[Sibling, ...]
    targets: dict[str, str]
    jumps: tuple[Jump, ...]


def board(rt: Runtime, actor: Actor, case_no: str) -> JumpBoard:
    """A case by its number for a process owner of its region, masked; raises NotFound."""
    with rt.store.read() as uow:
        instance = uow.cases.find(case_no)
        if instance is None or not _owns(rt, actor, instance):
            raise NotFound(case=case_no[:40])
        tasks = uow.cases.open_tasks(instance.id)
        proposed = uow.cases.proceedings(instance.id, kinds=[ProceedingKind.JUMP], open_only=True)
    elements = rt.processes.compiled(instance.definition).definition.elements
    return JumpBoard(
        case_no=instance.case_no,
        service=instance.service,
        status=instance.status.value,
        tasks=tuple(Sibling(task_id=one.id, element=one.element, name=one.name) for one in tasks),
        targets={one.id: one.name for one in elements.values() if _is_target(instance, one)},
        jumps=tuple(_jump(rt, instance, one) for one in proposed),
    )


def pending(rt: Runtime, actor: Actor) -> Sequence[Jump]:
    """The jumps to which the actor may consent, oldest first: of heads those to steps of their agencies."""
    owner = actor.has(Role.PROCESS_OWNER)
    headed = sorted(held.agency for held in actor.memberships if held.role == Role.HEAD and held.agency)
    if not owner and not headed:
        return []
    with rt.store.read() as uow:
        found = uow.cases.open_of_kind(ProceedingKind.JUMP, None if owner else headed)
        cases = {case.id: case for case in uow.cases.find_all([one.instance_id for one in found])}
    return [
        _jump(rt, instance, one) for one in found
        if (instance := cases.get(one.instance_id)) is not None
        and one.opened_by != actor.account_id and _may_consent(rt, actor, instance, one)
    ]  # fmt: skip


def propose(
    rt: Runtime,
    actor: Actor,
    case_no: str,
    task_ids: Sequence[int],
    target: str,
    reason: str,
    siblings: Siblings,
) -> int:
    """Propose to take open tasks of a case to another step; the id of the proposal. Nothing moves yet.

    For process owners of the case's region. Raises NotFound, InstanceEnded, CaseHeld, InvalidRequest without a reason
    or tasks, Conflict where a jump is proposed already, a task is not open, the step cannot be opened, or it orders
    money that is not granted as the case stands.
    """
    words = reason_of(reason)
    with rt.store.begin() as uow:
        instance = uow.cases.lock(case_no)
        if instance is None or not _owns(rt, actor, instance):
            raise NotFound(case=case_no[:40])
        instance.require_not_applicant(actor.account_id)
        instance.require_free()
        if uow.cases.proceedings(instance.id, kinds=[ProceedingKind.JUMP], open_only=True):
            raise Conflict("A jump of this case is proposed already.", case=case_no)
        compiled = rt.processes.compiled(instance.definition)
        element = _target(instance, compiled, target)
        open_tasks = uow.cases.open_tasks(instance.id)
        moved = _chosen(open_tasks, task_ids)
        _require_accepted(instance, compiled, open_tasks, target)
        _require_granted(uow, instance, compiled, target)
        _relocated(rt, instance, compiled, moved, target, siblings)
        agency = instance.agencies[element.role or ""]
        facts: dict[str, Json] = {
            "to": target, "siblings": siblings.value, "tasks": [task.id for task in moved],
            "open": [task.id for task in open_tasks], "version": instance.version,
        }  # fmt: skip
        change = CaseChange.of(instance, at=rt.now(), actor_id=actor.account_id)
        change.proceedings.append(
            NewProceeding(
                kind=ProceedingKind.JUMP, reason=words, element=target, agency=agency, facts=facts,
                task_id=moved[0].id,
            )
        )  # fmt: skip
        change.events.append(
            NewEvent(
                type="jump.proposed",
                element=target,
                agency=agency,
                facts={**facts, "words": words_hash(words)},
            )
        )
        change.messages.append(
            Message(recipient=f"head:{agency}", template="jump_proposed", facts={"element": target})
        )
        return uow.cases.apply(instance, change).proceedings[0]


def consent(rt: Runtime, actor: Actor, proceeding_id: int) -> None:
    """Consent to a proposed jump: the case moves, in this transaction.

    For the head of the agency of the step that opens and for other process owners of the region; FourEyes for who
    proposed it. Raises NotFound, Conflict where it was decided before or the case has moved since, InstanceEnded,
    CaseHeld.
    """
    with rt.store.begin() as uow:
        instance, proposed = _proposed(rt, uow, actor, proceeding_id)
        if proposed.opened_by == actor.account_id:
            raise FourEyes("Another person must consent.", proceeding=proposed.id)
        instance.require_not_applicant(actor.account_id)
        instance.require_free()
        open_tasks = uow.cases.open_tasks(instance.id)
        if [task.id for task in open_tasks] != proposed.facts["open"]:
            raise Conflict("The case has moved since this was proposed.", case=instance.case_no)
        compiled = rt.processes.compiled(instance.definition)
        change = _jumped(rt, uow, instance, compiled, actor, proposed, open_tasks)
        uow.cases.apply(instance, change)


def refuse(rt: Runtime, actor: Actor, proceeding_id: int, reason: str) -> None:
    """Refuse a proposed jump, or take one's own proposal back. Raises as `consent`."""
    words = reason_of(reason)
    with rt.store.begin() as uow:
        instance, proposed = _proposed(rt, uow, actor, proceeding_id)
        own = proposed.opened_by == actor.account_id
        how = ProceedingStatus.TAKEN_BACK if own else ProceedingStatus.REFUSED
        change = CaseChange.of(instance, at=rt.now(), actor_id=actor.account_id)
        change.closed_proceedings.append(ClosedProceeding(id=proposed.id, status=how, answer=words))
        facts: dict[str, Json] = {"proceeding": proposed.id, "words": words_hash(words)}
        type_ = "jump.taken_back" if own else "jump.refused"
        change.events.append(
            NewEvent(type=type_, element=proposed.element, agency=proposed.agency, facts=facts)
        )
        if not own:
            change.messages.append(_to_proposer(proposed, "jump_refused"))
        uow.cases.apply(instance, change)


# ── parts ────────────────────────────────────────────────────────────────────────────────────────────


def _owns(rt: Runtime, actor: Actor, instance: Instance) -> bool:
    path = rt.region_path(instance.region)
    return any(held.role == Role.PROCESS_OWNER and held.region in path for held in actor.memberships)


def _may_consent(rt: Runtime, actor: Actor, instance: Instance, proposed: Proceeding) -> bool:
    return actor.holds(Role.HEAD, proposed.agency or "") or _owns(rt, actor, instance)


def _proposed(rt: Runtime, uow: UnitOfWork, actor: Actor, proceeding_id: int) -> tuple[Instance, Proceeding]:
    """A jump that the actor may decide on, its case locked; it must be open."""
    instance, proposed = uow.cases.lock_by_proceeding(proceeding_id), uow.cases.proceeding(proceeding_id)
    if instance is None or proposed is None or proposed.kind is not ProceedingKind.JUMP:
        raise NotFound(proceeding=proceeding_id)
    if not _may_consent(rt, actor, instance, proposed):
        raise NotFound(proceeding=proceeding_id)
    proposed.require_open()
    return instance, proposed


def _is_target(instance: Instance, element: Element) -> bool:
    return element.kind is ElementKind.USER_TASK and (element.role or "") in instance.agencies


def _target(instance: Instance, compiled: CompiledDefinition, target: str) -> Element:
    element = compiled.definition.elements.get(target)
    if element is None or not _is_target(instance, element):
        raise InvalidRequest("The case cannot jump to this.", field="target", target=target[:100])
    return element


def _chosen(open_tasks: Sequence[Task], task_ids: Sequence[int]) -> list[Task]:
    if not task_ids:
        raise InvalidRequest("Name the tasks that jump.", field="tasks")
    moved = [task for task in open_tasks if task.id in task_ids]
    if len(moved) != len(set(task_ids)):
        raise Conflict("Not all of the tasks are open.", tasks=sorted(set(task_ids)))
    if any(task.waits is not None for task in moved):
        raise Conflict("A return of one of the tasks waits.", tasks=[task.id for task in moved])
    return moved


def _require_accepted(
    instance: Instance, compiled: CompiledDefinition, open_tasks: Sequence[Task], target: str
) -> None:
    """Raise Conflict where the case would leave the step of acceptance undecided: the law's limit starts with it."""
    elements = compiled.definition.elements
    stands = any(elements[task.element].acceptance for task in open_tasks)
    if stands and instance.accepted_at is None and not elements[target].acceptance:
        raise Conflict(
            "The case is not accepted yet; its acceptance is decided first.", case=instance.case_no
        )


def _require_granted(uow: UnitOfWork, instance: Instance, compiled: CompiledDefinition, target: str) -> None:
    """Raise Conflict where money would be ordered that was not granted, or whose case has gone back since."""
    elements = compiled.definition.elements
    if elements[target].effect is not Effect.PAY:
        return
    steps = [one.id for one in elements.values() if one.effect is Effect.GRANT]
    granted = max((one.at for step in steps for one in uow.cases.passed(instance.id, step)), default=None)
    moved = [
        one for one in uow.cases.proceedings(instance.id, kinds=_MOVES)
        if one.status is ProceedingStatus.DONE and granted is not None and (one.closed_at or one.opened_at) >= granted
    ]  # fmt: skip
    if granted is None or moved or instance.data.get(GRANT) is None:
        raise Conflict(
            "What is to be paid is not granted, or the case has gone another way since: it is approved first.",
            case=instance.case_no,
        )


def _relocated(
    rt: Runtime, instance: Instance, compiled: CompiledDefinition, moved: Sequence[Task], target: str,
    siblings: Siblings,
) -> None:  # fmt: skip
    """Raise Conflict where the engine cannot make the jump; the outcome is thrown away."""
    rt.engine.relocate(
        compiled, instance.snapshot, tokens=[task.token for task in moved], target=target, siblings=siblings,
        data=instance.data, decide=decider(rt, instance), now=rt.now(),
    )  # fmt: skip


def _jumped(
    rt: Runtime, uow: UnitOfWork, instance: Instance, compiled: CompiledDefinition, actor: Actor,
    proposed: Proceeding, open_tasks: Sequence[Task],
) -> CaseChange:  # fmt: skip
    jump = _jump(rt, instance, proposed)
    moved = _chosen(open_tasks, jump.tasks)
    clocks = uow.cases.clocks(instance.id)
    at = moment(rt, clocks)
    step = rt.engine.relocate(
        compiled, instance.snapshot, tokens=[task.token for task in moved], target=jump.target,
        siblings=jump.siblings, data=instance.data, decide=decider(rt, instance), now=at,
    )  # fmt: skip
    facts: dict[str, Json] = {
        "to": jump.target, "from": [task.element for task in moved], "siblings": jump.siblings.value,
        "proposed_by": proposed.opened_by, "proceeding": proposed.id,
    }  # fmt: skip
    change = case_change(
        rt, instance, compiled.definition, step, clocks, at=at, actor_id=actor.account_id,
        first_event=NewEvent(
            type="jump.done", element=jump.target, task_id=proposed.task_id, agency=proposed.agency, facts=facts
        ),
    )  # fmt: skip
    change.closed_proceedings.append(ClosedProceeding(id=proposed.id, status=ProceedingStatus.GRANTED))
    change.messages += [
        Message(
            recipient=f"desk:{proposed.agency}", template="task_returned", facts={"element": jump.target}
        ),
        _to_proposer(proposed, "jump_done"),
    ]
    return change


def _to_proposer(proposed: Proceeding, template: str) -> Message:
    return Message(
        recipient=f"u:{proposed.opened_by}", template=template, facts={"element": proposed.element}
    )


def _jump(rt: Runtime, instance: Instance, proposed: Proceeding) -> Jump:
    target = proposed.element or ""
    tasks = proposed.facts["tasks"]
    elements = rt.processes.compiled(instance.definition).definition.elements
    return Jump(
        proceeding=proposed,
        case_no=instance.case_no,
        target=target,
        target_name=elements[target].name,
        siblings=Siblings(str(proposed.facts["siblings"])),
        tasks=tuple(one for one in tasks if isinstance(one, int)) if isinstance(tasks, list) else (),
    )
