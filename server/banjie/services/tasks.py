"""What an officer does with a task: list, claim, release, save a draft, complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256

from banjie.domain.assignment import Actor, Place, Role, principal_of_person
from banjie.domain.awards import WaitsForPayment
from banjie.domain.bulk import ReceiptNotGreen
from banjie.domain.calendar import legal_date
from banjie.domain.changes import CaseChange, NewSubmission
from banjie.domain.decisions import Json
from banjie.domain.definitions import Element
from banjie.domain.effects import Effect
from banjie.domain.errors import (
    FourEyes,
    IdempotencyMismatch,
    InvalidRequest,
    NotFound,
)
from banjie.domain.events import NewEvent
from banjie.domain.instances import Instance
from banjie.domain.tasks import Task, require_other_person
from banjie.domain.worklist import COUNT_CAP, InboxPage, InboxRow, Tab
from banjie.engine.definitions import CompiledDefinition
from banjie.forms.prefill import prefilled
from banjie.forms.validation import validate
from banjie.persistence.text import canonical, dumps, loads, read_id
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.deeds import Deed
from banjie.services.effects import act
from banjie.services.files import bind
from banjie.services.instances import LONGEST_KEY
from banjie.services.returning import follow_up
from banjie.services.rosters.granting import require_idle
from banjie.services.runtime import Runtime
from banjie.services.votes import recorded, vote_of
from banjie.services.walk import Completion, case_change, moment

PAGE = 20
_NEVER_DUE = datetime.max.replace(tzinfo=UTC)
MOST_A_PAGE = 100
#: Characters of JSON.
_LARGEST_DRAFT = 200_000


@dataclass(frozen=True, kw_only=True)
class CompleteTask:
    """The wish to complete a task.

    `submission` is field key → raw value. `expected_version` is the version the officer saw, None to
    take the task as it is. With an `idempotency_key` a repetition gets the first answer again. `in_bulk`: one of
    many with the same submission; what the form proposes for the case is added, and a decision needs green receipts.
    """

    task_id: int
    by: Actor
    submission: Mapping[str, object]
    expected_version: int | None = None
    idempotency_key: str | None = None
    in_bulk: bool = False


@dataclass(frozen=True, kw_only=True)
class Completed:
    """The answer to a completion: the case's status after it and the tasks it opened, by id."""

    task_id: int
    case_no: str
    status: str
    outcome: str | None
    opened: tuple[int, ...]
    repeated: bool = False


def inbox(
    rt: Runtime, actor: Actor, tab: Tab, *, query: str = "", cursor: str | None = None, limit: int = PAGE
) -> InboxPage:
    """One page of an officer's tab, soonest due first (done: newest first).

    Raises InvalidRequest for a cursor that is not one of ours.
    """
    limit = max(1, min(limit, MOST_A_PAGE))
    after = _read_cursor(cursor)
    with rt.store.read() as uow:
        rows = _tab_rows(uow, actor, tab, query.strip(), after, limit + 1)
        counts = uow.lists.counts(
            actor.account_id, principal_of_person(actor.account_id), actor.group_principals
        )
        if actor.places:
            counts[Tab.SUBSTITUTE] = _number_in_places(uow, actor)
    more = len(rows) > limit
    rows = rows[:limit]
    return InboxPage(rows=rows, next=_write_cursor(tab, rows[-1]) if more else None, counts=counts)


def _tab_rows(
    uow: UnitOfWork, actor: Actor, tab: Tab, query: str, after: tuple[str, int] | None, limit: int
) -> Sequence[InboxRow]:
    if tab is Tab.DONE:
        return uow.lists.done(actor.account_id, query, before=after, limit=limit)
    if tab is Tab.SUBSTITUTE:
        return _in_places(uow, actor, query, after, limit)
    principals = [principal_of_person(actor.account_id)] if tab is Tab.MINE else list(actor.group_principals)
    if query:
        return uow.lists.search(principals, query, after=after, limit=limit)
    return uow.lists.inbox(principals, after=after, limit=limit)


def _in_places(
    uow: UnitOfWork, actor: Actor, query: str, after: tuple[str, int] | None, limit: int
) -> list[InboxRow]:
    """What lies in the inboxes of the absent whose places the actor takes, and not in the actor's own."""
    found: dict[int, InboxRow] = {}
    for place in actor.places:
        principals, agencies, services = actor.principals_in(place), place.agencies, sorted(place.services)
        if query:
            rows = [
                row
                for row in uow.lists.search(principals, query, after=after, limit=limit)
                if row.agency in agencies and (not services or row.service in services)
            ]
        else:
            rows = uow.lists.inbox_in_place(principals, agencies, services, after=after, limit=limit)
        found.update({row.task_id: row for row in rows})
    return sorted(found.values(), key=lambda row: (row.due_at or _NEVER_DUE, row.task_id))[:limit]


def _number_in_places(uow: UnitOfWork, actor: Actor) -> int:
    counts = (
        uow.lists.count_in_place(actor.principals_in(place), place.agencies, sorted(place.services))
        for place in actor.places
    )
    return min(COUNT_CAP, sum(counts))


def arrivals(rt: Runtime, actor: Actor, since_task_id: int) -> int:
    """How many tasks have come to the actor's groups since a task id, counted up to the cap."""
    with rt.store.read() as uow:
        return uow.lists.newer_than(actor.group_principals, since_task_id)


def newest(rt: Runtime) -> int:
    """The highest task id so far, 0 where there is none; `arrivals` counts from it."""
    with rt.store.read() as uow:
        return uow.lists.newest()


def claim(rt: Runtime, actor: Actor, task_id: int, expected_version: int | None = None) -> int:
    """Take a task; claiming one's own again changes nothing. Returns the task's version.

    Raises NotFound, TaskClosed, TaskTaken (saying by whom), StaleVersion. Locks the case.
    """
    with rt.store.begin() as uow:
        instance, task = locked_task(uow, actor, task_id)
        task.require_free_or_own(actor, instance.service)
        if task.assignee_id == actor.account_id:
            return task.version
        task.require_not_handed_on()
        task.require_version(expected_version)
        place = task.place_of(actor, instance.service)
        if place is not None:
            require_new_signer(uow, task, actor)
        facts: dict[str, Json] = {} if place is None else {"in_place_of": place.absent_id}
        uow.desk.hold(
            instance, task.id, actor.account_id, principal_of_person(actor.account_id),
            NewEvent(type="task.claimed", element=task.element, task_id=task.id, agency=task.agency, facts=facts),
            actor.account_id, rt.now(), place.absent_id if place else None,
        )  # fmt: skip
        return task.version + 1


def release(rt: Runtime, actor: Actor, task_id: int, expected_version: int | None = None) -> int:
    """Put a task back to its group; one that nobody holds stays. Returns its version.

    Its holder may, and the head of its agency: a task must not stay with somebody who is away. Raises as
    `claim`.
    """
    with rt.store.begin() as uow:
        instance, task = _task_to_release(uow, actor, task_id)
        task.require_of_group()
        task.require_not_handed_on()
        if task.assignee_id is None:
            return task.version
        task.require_version(expected_version)
        uow.desk.hold(
            instance, task.id, None, task.candidate_principal,
            NewEvent(type="task.released", element=task.element, task_id=task.id, agency=task.agency),
            actor.account_id, rt.now(),
        )  # fmt: skip
        return task.version + 1


def release_all(rt: Runtime, account_id: int) -> int:
    """Put back all that a person holds, one transaction a task; returns how many. Nobody's deed on record."""
    with rt.store.read() as uow:
        held = uow.lists.under(principal_of_person(account_id))
    return sum(_put_back(rt, task_id, account_id) for task_id in held)


def _put_back(rt: Runtime, task_id: int, account_id: int) -> bool:
    with rt.store.begin() as uow:
        instance, task = uow.cases.lock_by_task(task_id), uow.cases.task(task_id)
        if instance is None or task is None or task.member or not task.is_held_by(account_id):
            return False
        released = NewEvent(
            type="task.released", element=task.element, task_id=task.id, agency=task.agency,
            facts={"reason": "account_switched_off"},
        )  # fmt: skip
        uow.desk.hold(instance, task.id, None, task.candidate_principal, released, None, rt.now())
        return True


def save_draft(rt: Runtime, actor: Actor, task_id: int, values: Mapping[str, object]) -> None:
    """Keep what was typed so far with a task that one holds; nothing is checked but its size.

    Raises NotFound, TaskClosed, TaskTaken, or InvalidRequest where it is too large.
    """
    if len(dumps(values)) > _LARGEST_DRAFT:
        raise InvalidRequest("The draft is too large.", limit=_LARGEST_DRAFT)
    with rt.store.begin() as uow:
        if uow.desk.save_draft(task_id, actor.account_id, values):
            return
        task = uow.cases.task(task_id)
        if task is None:
            raise NotFound(task=task_id)
        task.require_candidate(actor)
        task.require_open()
        task.require_free_or_own(actor)
        task.require_not_handed_on()
        raise InvalidRequest("Claim the task before you save a draft.", task=task_id)


def complete(rt: Runtime, command: CompleteTask) -> Completed:
    """Finish a task with a submission; the case goes on to the next people or clocks.

    One transaction; locks the case. Raises NotFound, TaskClosed (who and when), TaskTaken, StaleVersion,
    FourEyes, InvalidSubmission, IdempotencyMismatch, EngineFault.
    """
    with rt.store.begin() as uow:
        instance = uow.cases.lock_by_task(command.task_id)
        if instance is None:
            raise NotFound(task=command.task_id)
        request = _request_hash(command)
        earlier = _answered(uow, command, request)
        if earlier is not None:
            return earlier
        task = checked_task(uow, command.by, command.task_id, instance)
        task.require_free_or_own(command.by, instance.service)
        task.require_version(command.expected_version)
        task.require_workable()
        instance.require_free()
        require_idle(uow, instance)
        compiled = rt.processes.compiled(instance.definition)
        if compiled.definition.elements[task.element].effect is Effect.PAY:
            raise WaitsForPayment(task=task.id)
        if command.in_bulk and "decision" in command.submission:
            _require_green(uow, task)
        place = task.require_place(command.by, instance.service)
        _require_four_eyes(uow, task, command.by, place, compiled.definition.elements[task.element])
        change = _completion(rt, uow, instance, task, command, compiled, place)
        answer: dict[str, Json] = {"task_id": task.id, "case_no": instance.case_no, "status": change.status.value,
                  "outcome": change.outcome}  # fmt: skip
        if command.idempotency_key:
            change.answer = (command.idempotency_key, request, answer)
        written = uow.cases.apply(instance, change)
    return Completed(**answer, opened=tuple(written.tasks.values()))  # type: ignore[arg-type]  # as built above


def _completion(
    rt: Runtime,
    uow: UnitOfWork,
    instance: Instance,
    task: Task,
    command: CompleteTask,
    compiled: CompiledDefinition,
    place: Place | None,
) -> CaseChange:
    """Validate the submission, run the engine, and say what changes; `instance` takes the submission's values."""
    actor, element = command.by, compiled.definition.elements[task.element]
    values = _validated(rt, instance, task, element.form, command)
    variable = element.variable or element.id
    if element.form is not None:
        bind(uow, rt.processes.form(instance.definition, element.form), values, actor, instance.id, task.id)
    vote = vote_of(task, element, values)
    kept = recorded(task, element, values, instance.data.get(variable))
    clocks = uow.cases.clocks(instance.id)
    at = moment(rt, clocks)
    deed = Deed(
        rt=rt, uow=uow, instance=instance, task=task, element=element, values=values, actor=actor, at=at
    )
    instance.data = {**instance.data, variable: kept, **act(deed)}
    step = rt.engine.complete_user_task(
        compiled, instance.snapshot, token=task.token, data=instance.data,
        decide=rt.decider(law_day(rt, instance), instance.region), now=at, result=vote,
    )  # fmt: skip
    waiting = task.waiting
    followed = follow_up(rt, uow, instance, compiled, step, waiting, at) if waiting is not None else None
    step = followed.step if followed else step
    in_place_of = place.absent_id if place else None
    done = Completion(
        element=task.element, token=task.token, task_id=task.id, agency=task.agency, by=actor.account_id,
        by_for=in_place_of,
    )  # fmt: skip
    change = case_change(
        rt, instance, compiled.definition, step, clocks, at=at, actor_id=actor.account_id, completion=done,
        placed=followed.placed if followed else None,
        first_event=_completed_event(task, values, [passed.element for passed in step.trail], in_place_of),
    )  # fmt: skip
    if followed:
        followed.add_to(change)
    change.submissions.append(
        NewSubmission(
            element=task.element, variable=variable, form=element.form or "", by=actor.account_id, values=values,
            task_id=task.id, by_for=in_place_of,
        )
    )  # fmt: skip
    return change


def _require_green(uow: UnitOfWork, task: Task) -> None:
    """Raise ReceiptNotGreen unless the newest receipt of each rule of the case is green."""
    if not uow.bulks.greens([task.instance_id]).get(task.instance_id, False):
        raise ReceiptNotGreen(task=task.id)


def _require_four_eyes(
    uow: UnitOfWork, task: Task, actor: Actor, place: Place | None, element: Element
) -> None:
    if place is not None:
        require_new_signer(uow, task, actor)
    if element.not_same_as:
        people = [actor.account_id, *([place.absent_id] if place else [])]
        require_other_person(task, people, uow.cases.signers(task.instance_id), element.not_same_as)


def require_new_signer(uow: UnitOfWork, task: Task, actor: Actor) -> None:
    """Raise FourEyes where the actor, who would act in another's place, has completed a step of the case already."""
    for element, accounts in uow.cases.signers(task.instance_id).items():
        if actor.account_id in accounts:
            raise FourEyes("A substitute who has signed this case may not sign it for another.", task=task.id,
                           element=element)  # fmt: skip


def locked_task(uow: UnitOfWork, actor: Actor, task_id: int) -> tuple[Instance, Task]:
    """An open task of one's own agency with its case, the case's row locked.

    Raises NotFound, TaskClosed, InstanceEnded.
    """
    instance = uow.cases.lock_by_task(task_id)
    if instance is None:
        raise NotFound(task=task_id)
    task = checked_task(uow, actor, task_id, instance)
    instance.require_running()
    return instance, task


def _task_to_release(uow: UnitOfWork, actor: Actor, task_id: int) -> tuple[Instance, Task]:
    """As `locked_task`, one's own or free; the head of its agency need be neither candidate nor holder."""
    instance, task = uow.cases.lock_by_task(task_id), uow.cases.task(task_id)
    if instance is None or task is None or not actor.holds(Role.HEAD, task.agency):
        instance, task = locked_task(uow, actor, task_id)
        task.require_free_or_own(actor, instance.service)
        return instance, task
    task.require_open()
    instance.require_running()
    return instance, task


def checked_task(uow: UnitOfWork, actor: Actor, task_id: int, instance: Instance) -> Task:
    """A task of the case that the actor may take.

    Raises NotFound (also for other agencies' tasks), TaskClosed, or FourEyes where it is the actor's own case, or that
    of the absent officer whose place the actor takes.
    """
    task = uow.cases.task(task_id)
    if task is None:
        raise NotFound(task=task_id)
    task.require_candidate(actor, instance.service)
    task.require_open()
    place = task.place_of(actor, instance.service)
    instance.require_not_applicant(actor.account_id, *([place.absent_id] if place else []))
    return task


def law_day(rt: Runtime, instance: Instance) -> date:
    """The day whose law holds for a case: that of its acceptance, before it today."""
    return legal_date(instance.accepted_at) if instance.accepted_at else rt.today()


def _validated(
    rt: Runtime, instance: Instance, task: Task, form_key: str | None, command: CompleteTask
) -> Mapping[str, Json]:
    if form_key is None:
        return {}
    form = rt.processes.form(instance.definition, form_key)
    context = rt.form_context(instance.data, task.due_at)
    proposed = prefilled(form, context) if command.in_bulk else {}
    return validate(form, {**proposed, **command.submission}, context=context)


def _completed_event(
    task: Task, values: Mapping[str, Json], trail: Sequence[str], in_place_of: int | None
) -> NewEvent:
    facts: dict[str, Json] = {"trail": list(trail)}
    if in_place_of is not None:
        facts["in_place_of"] = in_place_of
    if isinstance(values.get("decision"), str):
        facts["decision"] = values["decision"]
    return NewEvent(
        type="task.completed", element=task.element, task_id=task.id, agency=task.agency, facts=facts
    )


def _request_hash(command: CompleteTask) -> bytes:
    if not command.idempotency_key:
        return b""
    if len(command.idempotency_key) > LONGEST_KEY:
        raise InvalidRequest("The idempotency key is too long.", limit=LONGEST_KEY)
    return sha256(canonical(["complete", command.task_id, command.submission]).encode()).digest()


def _answered(uow: UnitOfWork, command: CompleteTask, request: bytes) -> Completed | None:
    if not command.idempotency_key:
        return None
    found = uow.cases.answered(command.by.account_id, command.idempotency_key)
    if found is None:
        return None
    if found[0] != request:
        raise IdempotencyMismatch(key=command.idempotency_key)
    said = loads(found[1])
    return Completed(**{**said, "opened": tuple(said["opened"])}, repeated=True)


def _read_cursor(cursor: str | None) -> tuple[str, int] | None:
    if not cursor:
        return None
    due, _, task_id = cursor.rpartition("~")
    try:
        if due != "infinity":
            due = datetime.fromisoformat(due).astimezone(UTC).isoformat()
        return due, read_id(task_id)
    except (ValueError, OverflowError):
        raise InvalidRequest("This is not a cursor of ours.", cursor=cursor[:60]) from None


def _write_cursor(tab: Tab, row: InboxRow) -> str:
    at = row.closed_at if tab is Tab.DONE else row.due_at
    return f"{at.isoformat() if at else 'infinity'}~{row.task_id}"


@dataclass(frozen=True, kw_only=True)
class SeenTask:
    """A task with what its page needs: the case's number and version, the form's key and the draft."""

    task: Task
    case_no: str
    definition: str
    form: str | None
    draft: Mapping[str, object] | None


def read(rt: Runtime, actor: Actor, task_id: int) -> SeenTask:
    """A task, open or closed, of a case that the actor sees; raises NotFound."""
    with rt.store.read() as uow:
        task = uow.cases.task(task_id)
        instance = uow.cases.find_by_id(task.instance_id) if task else None
        if task is None or instance is None:
            raise NotFound(task=task_id)
        task.require_candidate(actor, instance.service)
        own = task.assignee_id == actor.account_id and task.owner_id is None
        draft = uow.lists.draft(task_id) if own else None
    element = rt.processes.compiled(instance.definition).definition.elements[task.element]
    return SeenTask(
        task=task, case_no=instance.case_no, definition=instance.definition, form=element.form, draft=draft
    )
