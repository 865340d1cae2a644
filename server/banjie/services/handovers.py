"""A task in other hands: given for good (转办), handed over for an opinion (委派), given by the head (改派).

Each locks the case, changes the task's holder and leaves one record with the hash of the reason, which stands in a
proceeding. The clock runs on: it is the step's, not the person's. A draft goes with a task that changes hands for
good; whoever is asked for an opinion neither sees nor changes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from banjie.domain.assignment import HOUSE_ROLES, Actor, Role, principal_of_person
from banjie.domain.changes import CaseChange, GivenTask, Message
from banjie.domain.decisions import Json
from banjie.domain.errors import Conflict, Forbidden, FourEyes, InvalidRequest, NotFound
from banjie.domain.events import NewEvent
from banjie.domain.handovers import (
    Colleague,
    Touched,
    given,
    holder_of,
    in_place_of,
    last_of,
    require_stranger,
)
from banjie.domain.instances import Instance
from banjie.domain.proceedings import (
    ClosedProceeding,
    NewProceeding,
    ProceedingKind,
    ProceedingStatus,
    reason_of,
    words_hash,
)
from banjie.domain.tasks import Task
from banjie.persistence.text import canonical
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.runtime import Runtime
from banjie.services.tasks import locked_task


def transfer(
    rt: Runtime,
    actor: Actor,
    task_id: int,
    to_username: str,
    reason: str,
    expected_version: int | None = None,
) -> int:
    """Give a task that one holds to a colleague of its role and agency for good; returns its version.

    The colleague is told. Raises NotFound, TaskClosed, TaskTaken, HandedOn, Forbidden where nobody holds it,
    StaleVersion, FourEyes, Conflict on a panel, InvalidRequest without a reason or for anybody who is no candidate.
    """
    words = reason_of(reason)
    with rt.store.begin() as uow:
        instance, task = locked_task(uow, actor, task_id)
        giver = holder_of(task, actor, instance.service)
        task.require_version(expected_version)
        to = _candidate(rt, uow, instance, task, to_username)
        if to.account_id == giver:
            raise Conflict("The task is theirs already.", task=task.id)
        facts: dict[str, Json] = {
            "from": giver, "to": to.account_id, "version": task.version + 1, "draft": _draft_hash(uow, task),
        }  # fmt: skip
        change = _change(
            rt,
            instance,
            actor,
            task,
            "task.transferred",
            words,
            {"from": giver, "to": to.account_id, **in_place_of(task, actor, instance.service)},
        )
        change.given.append(given(task, to.account_id))
        change.proceedings.append(_kept(task, ProceedingKind.TRANSFER, words, facts))
        change.messages.append(_tell(task, to.account_id, "task_transferred"))
        uow.cases.apply(instance, change)
        return task.version + 1


def take_back_transfer(rt: Runtime, actor: Actor, task_id: int) -> int:
    """Take a task back that one has given away, while the colleague has not touched it; returns its version.

    Raises NotFound, TaskClosed, Forbidden for anybody else, Touched.
    """
    with rt.store.begin() as uow:
        instance, task = locked_task(uow, actor, task_id)
        transfers = uow.cases.proceedings(instance.id, kinds=[ProceedingKind.TRANSFER])
        last = last_of(transfers, task)
        if last is None or last.facts.get("from") != actor.account_id:
            raise Forbidden("You have not given this task away.", task=task.id)
        left = (task.version, task.assignee_id, _draft_hash(uow, task))
        if left != (last.facts["version"], last.facts["to"], last.facts["draft"]):
            raise Touched(task=task.id, by=task.assignee_name)
        change = _change(rt, instance, actor, task, "task.transfer_taken_back", "", {"proceeding": last.id})
        change.given.append(given(task, actor.account_id))
        change.messages.append(_tell(task, task.assignee_id, "task_transfer_taken_back"))
        uow.cases.apply(instance, change)
        return task.version + 1


def delegate(
    rt: Runtime,
    actor: Actor,
    task_id: int,
    to_username: str,
    reason: str,
    expected_version: int | None = None,
) -> int:
    """Hand a task that one holds to an officer of an agency of the case for an opinion; returns its version.

    The officer answers (`resolve`) and can do nothing else with it. Raises as `transfer`; the officer's agency must
    have had a task of the case.
    """
    words = reason_of(reason)
    with rt.store.begin() as uow:
        instance, task = locked_task(uow, actor, task_id)
        owner = holder_of(task, actor, instance.service)
        task.require_version(expected_version)
        to = _adviser(rt, uow, instance, task, to_username)
        if to.account_id == owner:
            raise Conflict("The task is theirs already.", task=task.id)
        change = _change(
            rt,
            instance,
            actor,
            task,
            "task.delegated",
            words,
            {"from": owner, "to": to.account_id, **in_place_of(task, actor, instance.service)},
        )
        change.given.append(given(task, to.account_id, owner_id=owner, held_for=task.held_for))
        change.proceedings.append(
            _kept(
                task,
                ProceedingKind.DELEGATION,
                words,
                {"from": owner, "to": to.account_id},
                ProceedingStatus.OPEN,
            )
        )
        change.messages.append(_tell(task, to.account_id, "task_delegated"))
        uow.cases.apply(instance, change)
        return task.version + 1


def resolve(rt: Runtime, actor: Actor, task_id: int, words: str) -> int:
    """Answer what one was asked; the task goes back to whoever asked, else to its group. Returns its version.

    Raises NotFound, TaskClosed, Conflict where one was not asked, InvalidRequest without words.
    """
    opinion = reason_of(words, "words")
    with rt.store.begin() as uow:
        instance, task = locked_task(uow, actor, task_id)
        if not task.is_asked(actor):
            raise Conflict("Nobody has asked you about this task.", task=task.id)
        change = _change(rt, instance, actor, task, "task.resolved", opinion, {"to": task.owner_id})
        back = give_back(rt, uow, change, instance, task, ProceedingStatus.DONE, opinion)
        if back.assignee_id is not None:
            change.messages.append(_tell(task, back.assignee_id, "task_resolved"))
        uow.cases.apply(instance, change)
        return task.version + 1


def recall(rt: Runtime, actor: Actor, task_id: int) -> int:
    """Take back a task that one has handed over for an opinion; returns its version.

    Raises NotFound, TaskClosed, Conflict where it is not out, Forbidden for anybody but who asked.
    """
    with rt.store.begin() as uow:
        instance, task = locked_task(uow, actor, task_id)
        if task.owner_id is None:
            raise Conflict("The task is not out for an opinion.", task=task.id)
        if task.owner_id != actor.account_id:
            raise Forbidden(task=task.id)
        change = _change(rt, instance, actor, task, "task.recalled", "", {"from": task.assignee_id})
        give_back(rt, uow, change, instance, task, ProceedingStatus.TAKEN_BACK, None)
        change.messages.append(_tell(task, task.assignee_id, "task_recalled"))
        uow.cases.apply(instance, change)
        return task.version + 1


def reassign(
    rt: Runtime,
    actor: Actor,
    task_id: int,
    to_username: str,
    reason: str,
    expected_version: int | None = None,
) -> int:
    """The head of its agency gives an open task to one of its candidates, whoever holds it; returns its version.

    Whoever loses it is told too; an opinion that is still asked for lapses. Raises NotFound, Forbidden for officers
    of the agency, TaskClosed, and as `transfer`.
    """
    words = reason_of(reason)
    with rt.store.begin() as uow:
        instance, task = _task_of_head(uow, actor, task_id)
        task.require_version(expected_version)
        to = _candidate(rt, uow, instance, task, to_username)
        if to.account_id == task.assignee_id:
            raise Conflict("The task is theirs already.", task=task.id)
        facts: dict[str, Json] = {"from": task.assignee_id, "to": to.account_id}
        change = _change(rt, instance, actor, task, "task.reassigned", words, facts)
        if task.owner_id is not None:
            _close_delegation(uow, change, instance, task, ProceedingStatus.LAPSED, None)
        change.given.append(given(task, to.account_id))
        change.proceedings.append(_kept(task, ProceedingKind.REASSIGNMENT, words, facts))
        change.messages.append(_tell(task, to.account_id, "task_reassigned"))
        losers = {task.assignee_id, task.owner_id} - {None, to.account_id}
        change.messages += [
            _tell(task, loser, "task_given_to_another") for loser in sorted(filter(None, losers))
        ]
        uow.cases.apply(instance, change)
        return task.version + 1


def return_all(rt: Runtime, account_id: int) -> int:
    """Give back all on which a person was asked for an opinion, one transaction a task; returns how many."""
    with rt.store.read() as uow:
        held = uow.lists.under(principal_of_person(account_id))
    return sum(_return(rt, task_id, account_id) for task_id in held)


def _return(rt: Runtime, task_id: int, account_id: int) -> bool:
    with rt.store.begin() as uow:
        instance, task = uow.cases.lock_by_task(task_id), uow.cases.task(task_id)
        if instance is None or task is None or not task.is_held_by(account_id) or task.owner_id is None:
            return False
        change = CaseChange.of(instance, at=rt.now(), actor_id=None)
        facts: dict[str, Json] = {"from": account_id, "reason": "account_switched_off"}
        change.events.append(
            NewEvent(
                type="task.recalled", element=task.element, task_id=task.id, agency=task.agency, facts=facts
            )
        )
        give_back(rt, uow, change, instance, task, ProceedingStatus.LAPSED, None)
        uow.cases.apply(instance, change)
        return True


# ── choices ──────────────────────────────────────────────────────────────────────────────────────────


def receivers(rt: Runtime, actor: Actor, task_id: int) -> Sequence[Colleague]:
    """To whom the task may be transferred or reassigned: its candidates but the holder, by name.

    Those whom four eyes exclude are left out. For its candidates and the head of its agency; raises NotFound.
    """
    with rt.store.read() as uow:
        instance, task = _readable(uow, actor, task_id)
        signers = _signers(rt, uow, instance, task)
        found = uow.people.colleagues([task.agency], task.role)
    barred = {*signers, instance.applicant_id, task.assignee_id}
    return [colleague for colleague in found if colleague.account_id not in barred]


def advisers(rt: Runtime, actor: Actor, task_id: int) -> Sequence[Colleague]:
    """Whom one may ask for an opinion: officers of the agencies that have had a task of the case, by agency.

    Raises NotFound.
    """
    with rt.store.read() as uow:
        instance, task = _readable(uow, actor, task_id)
        agencies = uow.cases.involved(instance.id, sorted({*instance.agencies.values(), task.agency}))
        found = uow.people.colleagues(agencies)
    barred = {instance.applicant_id, task.assignee_id}
    seen: dict[int, Colleague] = {}
    for colleague in found:
        if colleague.account_id not in barred:
            seen.setdefault(colleague.account_id, colleague)
    return list(seen.values())


# ── parts ────────────────────────────────────────────────────────────────────────────────────────────


def give_back(
    rt: Runtime, uow: UnitOfWork, change: CaseChange, instance: Instance, task: Task, how: ProceedingStatus,
    answer: str | None,
) -> GivenTask:  # fmt: skip
    """Close the delegation of a task and give it to its owner, or to its group where the owner may not hold it."""
    _close_delegation(uow, change, instance, task, how, answer)
    owner = None if task.owner_id is None else uow.people.actor(task.owner_id, rt.now())
    if owner is not None and task.held_for is not None:
        fit = any(place.absent_id == task.held_for for place in owner.places)
    else:
        fit = owner is not None and owner.holds(task.role, task.agency)
    back = given(task, task.owner_id, held_for=task.held_for) if fit else given(task, None)
    change.given.append(back)
    return back


def _close_delegation(
    uow: UnitOfWork,
    change: CaseChange,
    instance: Instance,
    task: Task,
    how: ProceedingStatus,
    answer: str | None,
) -> None:
    delegations = uow.cases.proceedings(instance.id, kinds=[ProceedingKind.DELEGATION], open_only=True)
    open_one = last_of(delegations, task)
    if open_one is not None:
        change.closed_proceedings.append(ClosedProceeding(id=open_one.id, status=how, answer=answer))


def _candidate(rt: Runtime, uow: UnitOfWork, instance: Instance, task: Task, username: str) -> Actor:
    """Somebody who may take the task for good; InvalidRequest alike for strangers, the absent and nobody."""
    task.require_of_group()
    to = uow.people.actor_named(username.strip(), rt.now())
    if to is None or not to.holds(task.role, task.agency):
        raise InvalidRequest("No candidate for the task has this name.", field="to", task=task.id)
    require_stranger(task, to.account_id, instance.applicant_id, _signers(rt, uow, instance, task))
    return to


def _adviser(rt: Runtime, uow: UnitOfWork, instance: Instance, task: Task, username: str) -> Actor:
    """Somebody who may be asked about the task; InvalidRequest for anybody else, Conflict on a panel."""
    task.require_of_group()
    to = uow.people.actor_named(username.strip(), rt.now())
    posts = {held.agency for held in to.memberships if held.role not in HOUSE_ROLES} if to else set()
    known = sorted(posts & {*instance.agencies.values(), task.agency})
    if to is None or not known or not uow.cases.has_involved(instance.id, known):
        raise InvalidRequest("No officer of an agency of the case has this name.", field="to", task=task.id)
    if to.account_id == instance.applicant_id:
        raise FourEyes(task=task.id)
    return to


def _signers(rt: Runtime, uow: UnitOfWork, instance: Instance, task: Task) -> frozenset[int]:
    """The accounts under the steps that somebody else must have done."""
    others = rt.processes.compiled(instance.definition).definition.elements[task.element].not_same_as
    if not others:
        return frozenset()
    done_by = uow.cases.signers(instance.id)
    return frozenset().union(*(done_by.get(element, frozenset()) for element in others))


def _task_of_head(uow: UnitOfWork, actor: Actor, task_id: int) -> tuple[Instance, Task]:
    """An open task of the agency that the actor heads, its case locked."""
    instance, task = uow.cases.lock_by_task(task_id), uow.cases.task(task_id)
    if instance is None or task is None or task.agency not in actor.agencies:
        raise NotFound(task=task_id)
    if not actor.holds(Role.HEAD, task.agency):
        raise Forbidden(task=task_id)
    instance.require_not_applicant(actor.account_id)
    task.require_open()
    instance.require_running()
    return instance, task


def _readable(uow: UnitOfWork, actor: Actor, task_id: int) -> tuple[Instance, Task]:
    task = uow.cases.task(task_id)
    instance = uow.cases.find_by_id(task.instance_id) if task else None
    if task is None or instance is None:
        raise NotFound(task=task_id)
    if not actor.holds(Role.HEAD, task.agency):
        task.require_candidate(actor, instance.service)
    return instance, task


def _change(
    rt: Runtime, instance: Instance, actor: Actor, task: Task, type_: str, words: str, facts: dict[str, Json]
) -> CaseChange:
    change = CaseChange.of(instance, at=rt.now(), actor_id=actor.account_id)
    said: dict[str, Json] = {**facts, "words": words_hash(words)} if words else facts
    change.events.append(
        NewEvent(type=type_, element=task.element, task_id=task.id, agency=task.agency, facts=said)
    )
    return change


def _kept(
    task: Task, kind: ProceedingKind, words: str, facts: dict[str, Json],
    status: ProceedingStatus = ProceedingStatus.DONE,
) -> NewProceeding:  # fmt: skip
    return NewProceeding(
        kind=kind, reason=words, status=status, task_id=task.id, element=task.element, agency=task.agency,
        facts=facts,
    )  # fmt: skip


def _tell(task: Task, account_id: int | None, template: str) -> Message:
    if account_id is None:
        return Message(recipient=f"desk:{task.agency}", template=template, facts={"element": task.element})
    facts: dict[str, Json] = {"element": task.element, "task": task.id}
    return Message(recipient=principal_of_person(account_id), template=template, facts=facts)


def _draft_hash(uow: UnitOfWork, task: Task) -> str | None:
    """What tells whether a draft was changed; None where there is none."""
    draft = uow.lists.draft(task.id)
    return None if draft is None else sha256(canonical(draft).encode()).hexdigest()
