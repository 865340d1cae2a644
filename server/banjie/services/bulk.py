"""Many tasks at once (批量): claimed or completed, each in its own transaction with its own record.

A run is stored first and then worked off by a worker, item by item; one that fails neither stops nor hides the
others. What is completed twice because a worker died between two steps is answered the first answer.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from banjie.domain.assignment import Actor
from banjie.domain.bulk import (
    MOST_ITEMS,
    Bulk,
    BulkItem,
    BulkKind,
    BulkProgress,
    ItemOutcome,
    NotOfOneKind,
    ReceiptNotGreen,
)
from banjie.domain.decisions import Json
from banjie.domain.errors import (
    BanjieError,
    Conflict,
    FieldError,
    InvalidRequest,
    InvalidSubmission,
    NotFound,
)
from banjie.domain.instances import Instance
from banjie.domain.tasks import Task
from banjie.forms.prefill import prefilled
from banjie.forms.validation import validate
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services import tasks
from banjie.services.runtime import Runtime

log = logging.getLogger(__name__)

#: The words of a decision, as the forms write them, that let a case pass. A refusal is decided case by case.
APPROVALS = frozenset({"approve", "accept"})
_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class StartBulk:
    """The wish to claim or complete many tasks: (task id, version seen or None), each once.

    `submission` holds what is the same for all; what the form proposes for a case is added where it is silent.
    """

    by: Actor
    kind: BulkKind
    items: Sequence[tuple[int, int | None]]
    submission: Mapping[str, Json]


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A task before a run: whether the receipts of its case let it be approved with the others.

    `refusal` is the code with which it would fail as it stands, None where nothing speaks against it; `data` is that
    of its case.
    """

    task: Task
    case_no: str
    applicant: str
    green: bool
    refusal: str | None
    data: Mapping[str, Json]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """The tasks of one step of one version of a process, by id."""

    element: str
    name: str
    definition: str
    tasks: Sequence[int]


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What somebody has chosen: tasks of one kind, and the form and version that they share."""

    candidates: Sequence[Candidate]
    element: str
    definition: str
    form: str | None
    has_decision: bool


def select(rt: Runtime, actor: Actor, task_ids: Sequence[int]) -> Selection:
    """The tasks with their receipts, for a look before they are completed together.

    Raises InvalidRequest for none or too many, NotFound, TaskClosed, NotOfOneKind.
    """
    _require_number(task_ids)
    with rt.store.read() as uow:
        readable = _readable(uow, actor, task_ids)
        missing = next((task_id for task_id in task_ids if task_id not in readable), None)
        if missing is not None:
            raise NotFound(task=missing)
        rows = list(readable.values())
        greens = uow.bulks.greens([instance.id for _, instance in rows])
    definitions = {(task.element, instance.definition) for task, instance in rows}
    if len(definitions) > 1:
        raise NotOfOneKind(elements=", ".join(sorted({element for element, _ in definitions})))
    element, definition = definitions.pop()
    form = rt.processes.compiled(definition).definition.elements[element].form
    has_decision = form is not None and "decision" in rt.processes.form(definition, form).fields
    return Selection(
        candidates=[
            _candidate(actor, task, instance, green=greens.get(instance.id, False), needs_green=has_decision)
            for task, instance in rows
        ],
        element=element,
        definition=definition,
        form=form,
        has_decision=has_decision,
    )


def _candidate(actor: Actor, task: Task, instance: Instance, *, green: bool, needs_green: bool) -> Candidate:
    refusal = None
    try:
        task.require_open()
        task.require_free_or_own(actor, instance.service)
        task.require_workable()
        instance.require_free()
        if needs_green and not green:
            refusal = ReceiptNotGreen.code
    except BanjieError as error:
        refusal = error.code
    return Candidate(
        task=task, case_no=instance.case_no, applicant=instance.applicant_name, green=green, refusal=refusal,
        data=instance.data,
    )  # fmt: skip


def kinds(rt: Runtime, actor: Actor, task_ids: Sequence[int]) -> list[Kind]:
    """The tasks by what may be completed together, the most first; those that are not the actor's are left out.

    Raises InvalidRequest for none or too many.
    """
    _require_number(task_ids)
    found: dict[tuple[str, str], list[Task]] = {}
    with rt.store.read() as uow:
        for task, instance in _readable(uow, actor, task_ids).values():
            found.setdefault((task.element, instance.definition), []).append(task)
    return sorted(
        (
            Kind(element=element, name=of[0].name, definition=definition, tasks=[task.id for task in of])
            for (element, definition), of in found.items()
        ),
        key=lambda kind: -len(kind.tasks),
    )


def alike(rt: Runtime, actor: Actor, task_id: int) -> list[int]:
    """The open tasks in the actor's lists of the same step and version as a task, soonest due first.

    At most MOST_ITEMS. Raises NotFound.
    """
    with rt.store.read() as uow:
        readable = _readable(uow, actor, [task_id])
        if task_id not in readable:
            raise NotFound(task=task_id)
        task, instance = readable[task_id]
        found = uow.bulks.alike(list(actor.principals), task.element, instance.definition, limit=MOST_ITEMS)
        for place in actor.places:
            found += uow.bulks.alike(
                actor.principals_in(place), task.element, instance.definition, limit=MOST_ITEMS,
                services=sorted(place.services), agencies=place.agencies,
            )  # fmt: skip
    return list(dict.fromkeys(found))[:MOST_ITEMS]


def common_faults(rt: Runtime, chosen: Selection, submission: Mapping[str, Json]) -> tuple[FieldError, ...]:
    """What is wrong with a submission in every one of the cases; what only some refuse fails there alone."""
    if chosen.form is None:
        return ()
    form, common = rt.processes.form(chosen.definition, chosen.form), None
    for one in chosen.candidates:
        context = rt.form_context(one.data)
        try:
            validate(form, {**prefilled(form, context), **submission}, context=context)
        except InvalidSubmission as refused:
            faults = {(fault.path, fault.code): fault for fault in refused.errors}
        else:
            return ()
        common = faults if common is None else {key: common[key] for key in common if key in faults}
    return tuple((common or {}).values())


def start(rt: Runtime, command: StartBulk) -> int:
    """Store a run and hand it to the workers; returns its id.

    Raises as `select` where tasks are to be completed, and InvalidRequest where a decision other than an approval
    is given for many: a refusal needs its own reasons.
    """
    ids = [task_id for task_id, _ in command.items]
    _require_number(ids)
    if len(set(ids)) != len(ids):
        raise InvalidRequest("A task is named twice.", field="tasks")
    if command.kind is BulkKind.COMPLETE:
        chosen = select(rt, command.by, ids)
        if chosen.has_decision and command.submission.get("decision") not in APPROVALS:
            raise InvalidRequest("Only approvals are given to many; refuse case by case.", field="decision")
    with rt.store.begin() as uow:
        # Of a task that the actor may not know its case has no number here; the item then fails by itself.
        case_numbers = {
            task_id: instance.case_no for task_id, (_, instance) in _readable(uow, command.by, ids).items()
        }
        bulk_id = uow.bulks.add(
            command.by.account_id, command.kind, command.submission,
            [(task_id, version, case_numbers.get(task_id, "")) for task_id, version in command.items], rt.now(),
        )  # fmt: skip
        uow.cases.defer([(None, "run_bulk", {"bulk_id": bulk_id})])
    return bulk_id


def run(rt: Runtime, bulk_id: int) -> None:
    """Work off what waits of a run, one transaction an item. Doing it again does nothing twice."""
    with rt.store.read() as uow:
        bulk = uow.bulks.find(bulk_id)
        waiting = uow.bulks.waiting(bulk_id) if bulk else []
        actor = uow.people.actor(bulk.account_id, rt.now()) if bulk else None
    if bulk is None or bulk.finished_at is not None:
        return
    for item in waiting:
        if not _settle_next(rt, bulk, item, actor):
            break
    with rt.store.begin() as uow:
        uow.bulks.skip_rest(bulk_id, rt.now())
        uow.bulks.finish(bulk_id, rt.now())


def _settle_next(rt: Runtime, bulk: Bulk, item: BulkItem, actor: Actor | None) -> bool:
    """Do one item and note how it ended; False where the run was stopped meanwhile."""
    outcome, code, message = ItemOutcome.DONE, None, None
    try:
        _do(rt, bulk, item, actor)
    except BanjieError as error:
        outcome, code, message = ItemOutcome.FAILED, error.code, error.message
    except Exception as error:
        # A fault of ours in one item must not hold up the others.
        log.warning("bulk.item_failed", extra={"bulk": bulk.id, "kind": type(error).__name__}, exc_info=True)
        outcome, code, message = ItemOutcome.FAILED, BanjieError.code, type(error).__name__
    with rt.store.begin() as uow:
        return uow.bulks.settle(bulk.id, item.position, outcome, code, message, rt.now())


def _do(rt: Runtime, bulk: Bulk, item: BulkItem, actor: Actor | None) -> None:
    if actor is None:
        raise NotFound(account=bulk.account_id)
    if bulk.kind is BulkKind.CLAIM:
        tasks.claim(rt, actor, item.task_id, item.version)
        return
    tasks.complete(
        rt,
        tasks.CompleteTask(
            task_id=item.task_id, by=actor, submission=bulk.submission, expected_version=item.version,
            idempotency_key=f"bulk:{bulk.id}:{item.position}", in_bulk=True,
        ),
    )  # fmt: skip


def progress(rt: Runtime, actor: Actor, bulk_id: int) -> BulkProgress:
    """How far one's own run is; raises NotFound."""
    with rt.store.read() as uow:
        bulk = uow.bulks.find(bulk_id)
        if bulk is None or bulk.account_id != actor.account_id:
            raise NotFound(bulk=bulk_id)
        items = uow.bulks.items(bulk_id)
    ended = [item.outcome for item in items]
    return BulkProgress(
        bulk=bulk, items=items, done=ended.count(ItemOutcome.DONE), failed=ended.count(ItemOutcome.FAILED),
        skipped=ended.count(ItemOutcome.SKIPPED),
    )  # fmt: skip


def stop(rt: Runtime, actor: Actor, bulk_id: int) -> None:
    """Stop one's own run after the item in hand; raises NotFound, Conflict where it has finished."""
    with rt.store.begin() as uow:
        bulk = uow.bulks.find(bulk_id)
        if bulk is None or bulk.account_id != actor.account_id:
            raise NotFound(bulk=bulk_id)
        if not uow.bulks.cancel(bulk_id, rt.now()):
            raise Conflict("The run has finished or was stopped.", bulk=bulk_id)


def recent(rt: Runtime, actor: Actor) -> Sequence[Bulk]:
    """One's newest runs."""
    with rt.store.read() as uow:
        return uow.bulks.of(actor.account_id, limit=_SHOWN)


def proposed(rt: Runtime, form: str, definition: str, data: Mapping[str, Json]) -> dict[str, Json]:
    """What the form proposes for a case."""
    return prefilled(rt.processes.form(definition, form), rt.form_context(data))


def _require_number(task_ids: Sequence[int]) -> None:
    if not 1 <= len(task_ids) <= MOST_ITEMS:
        raise InvalidRequest("Choose at least one task and not too many.", field="tasks", most=MOST_ITEMS)


def _readable(uow: UnitOfWork, actor: Actor, task_ids: Sequence[int]) -> dict[int, tuple[Task, Instance]]:
    """The tasks that the actor may take, each with its case, in the order of the ids; others are left out."""
    tasks_of = {task.id: task for task in uow.cases.tasks(task_ids)}
    cases = {one.id: one for one in uow.cases.find_all([task.instance_id for task in tasks_of.values()])}
    return {
        task_id: (task, instance)
        for task_id in dict.fromkeys(task_ids)
        if (task := tasks_of.get(task_id)) is not None
        and (instance := cases.get(task.instance_id)) is not None
        and task.is_candidate(actor, instance.service)
    }
