"""A case from application to its end: start, read, follow, withdraw, cancel."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256

from banjie.domain.assignment import Actor, Role, may_cancel, may_see, role_of_agency
from banjie.domain.calendar import legal_date
from banjie.domain.changes import CaseChange, ClosedTaskRow, Message, NewSubmission, StoredClock
from banjie.domain.clock import ClockState, Elapsed, elapsed, state
from banjie.domain.decisions import Json
from banjie.domain.definitions import Definition
from banjie.domain.errors import Forbidden, IdempotencyMismatch, InvalidRequest, NotFound, RateLimited
from banjie.domain.events import GENESIS, NewEvent
from banjie.domain.instances import Instance, InstanceStatus
from banjie.domain.proceedings import (
    NewProceeding,
    Proceeding,
    ProceedingKind,
    ProceedingStatus,
    reason_of,
    words_hash,
)
from banjie.domain.supplements import VARIABLE as SUPPLEMENTED
from banjie.domain.tasks import Task
from banjie.domain.worklist import AttachmentRow, CaseRow, DecisionRow, EventRow, SubmissionRow
from banjie.forms.validation import validate
from banjie.persistence.clocks import people_of
from banjie.persistence.text import canonical, dumps, loads, read_id
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.policy.catalogue import Mode
from banjie.services import applications, lateness
from banjie.services.files import bind
from banjie.services.runtime import Runtime
from banjie.services.sight import is_for_applicant, visible
from banjie.services.walk import agency_calendar, case_change, moment, stopped_clocks

APPLICATION = "application"
#: What is recorded of a case and told to its offices only.
AMONG_OFFICES = frozenset(
    {
        "comment.added",
        "comment.withdrawn",
        "help.added",
        "case.copied",
        "file.attached",
        "file.removed",
        "task.transferred",
        "task.transfer_taken_back",
        "task.delegated",
        "task.resolved",
        "task.recalled",
        "task.reassigned",
        "task.return_deferred",
        "task.return_given_up",
        "jump.proposed",
        "jump.refused",
        "jump.taken_back",
        "extension.asked",
        "extension.refused",
        "extension.lapsed",
        "countersign.member_added",
        "countersign.member_removed",
        "countersign.member_replaced",
        "card.issued",
        "card.answered",
        "card.revoked",
        "objection.received",
        "objection.answered",
    }
)
#: Facts that name people of the offices by their ids.
_OF_PEOPLE = frozenset({"in_place_of", "proposed_by", "member"})
#: The proceedings that the law has the applicant told of.
_TOLD_APPLICANTS = frozenset(
    {ProceedingKind.SUPPLEMENT, ProceedingKind.EXTENSION, ProceedingKind.EXCLUDED, ProceedingKind.SUSPENSION,
     ProceedingKind.WITHDRAWAL, ProceedingKind.CANCELLATION}
)  # fmt: skip
#: Characters of an idempotency key.
LONGEST_KEY = 200
#: Public follow-up: so many wrong pairs an hour from one address, and on one case number.
_FOLLOW_TRIES = 20
_FOLLOW_WINDOW = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class StartCase:
    """The wish to apply for a service. `submission` is field key → raw value of its start form."""

    service: str
    by: Actor
    submission: Mapping[str, object]
    idempotency_key: str | None = None


@dataclass(frozen=True, kw_only=True)
class Started:
    """The answer to an application; `joined` where it was added to a case that was open before."""

    case_no: str
    status: str
    joined: bool = False
    repeated: bool = False


@dataclass(frozen=True, kw_only=True)
class ClockView:
    """A clock with what it shows now."""

    stored: StoredClock
    state: ClockState
    elapsed: Elapsed


@dataclass(frozen=True, kw_only=True)
class CaseView:
    """A case as its people see it.

    `current` and `trail` are element ids: where it is, and all that was passed, in order.
    `reason` is why it was withdrawn or cancelled; the public does not learn it. `definition` gives the names; forms
    of the submissions are looked up by `rt.processes.form`. An applicant sees those of the `proceedings` that the
    law has them told of. `people` are the names of who opened and closed the
    intervals of the clocks, by account id as text; empty for the applicant.
    """

    instance: Instance
    definition: Definition
    tasks: Sequence[Task]
    clocks: Sequence[ClockView]
    submissions: Sequence[SubmissionRow]
    decisions: Sequence[DecisionRow]
    events: Sequence[EventRow]
    attachments: Sequence[AttachmentRow]
    current: Sequence[str]
    trail: Sequence[str]
    proceedings: Sequence[Proceeding]
    reason: str | None
    may_withdraw: bool
    may_cancel: bool
    people: Mapping[str, str] = field(default_factory=dict)


def start(rt: Runtime, command: StartCase) -> Started:
    """Open a case with an application; the first tasks lie in their inboxes when this returns.

    Raises NotFound for an unknown service, Forbidden unless the actor is an applicant, InvalidSubmission,
    InvalidRequest for a region or a file that is not known, IdempotencyMismatch, EngineFault, and AlreadyOpen
    where the applicant has an open case of a service that takes one at a time.
    """
    with rt.store.begin() as uow:
        return start_in(rt, uow, command)


def start_in(rt: Runtime, uow: UnitOfWork, command: StartCase) -> Started:
    """As `start`, in the caller's transaction: the case begins with what the caller does beside it, or not at all."""
    at, actor = rt.now(), command.by
    if len(command.idempotency_key or "") > LONGEST_KEY:
        raise InvalidRequest("The idempotency key is too long.", limit=LONGEST_KEY)
    if not actor.has(Role.APPLICANT):
        raise Forbidden(service=command.service)
    service = rt.book.services.get(command.service)
    if service is None:
        raise NotFound(service=command.service)
    if service.mode is Mode.AUTOMATIC:
        raise Forbidden("Nobody applies for this: an office pays it by list.", service=command.service)
    request = sha256(canonical(["start", command.service, command.submission]).encode()).digest()
    if command.idempotency_key and not uow.cases.reserve_answer(
        actor.account_id, command.idempotency_key, request, at
    ):
        return _repeated(uow, command, request)
    version = uow.definitions.latest(service.process)
    compiled = rt.processes.compiled(version)
    form = rt.processes.form(version, service.start_form)
    context = rt.form_context({APPLICATION: dict(service.constants)})
    application = {**validate(form, command.submission, context=context), **service.constants}
    subject = applications.subject_of(rt, service, form, application)
    begins = _start_element(compiled.definition)
    earlier = applications.case_to_join(uow, actor, service, subject)
    if earlier is not None:
        applications.join(uow, earlier, service, form, application, actor, element=begins, at=at)
        return _answered(uow, command, Started(case_no=earlier.case_no, status=earlier.status, joined=True))
    instance = begin_case(rt, uow, command, application, subject)
    return _answered(uow, command, Started(case_no=instance.case_no, status=instance.status.value))


def begin_case(
    rt: Runtime, uow: UnitOfWork, command: StartCase, application: Mapping[str, Json], subject: bytes | None
) -> Instance:
    """Open a case with a validated application, whoever may: whether the actor does is for the caller to say.

    Raises InvalidRequest for a region or a file that is not known, EngineFault.
    """
    at, actor = rt.now(), command.by
    service = rt.book.services[command.service]
    compiled = rt.processes.compiled(uow.definitions.latest(service.process))
    form = rt.processes.form(compiled.definition.version, service.start_form)
    instance = _new_instance(rt, uow, command, compiled.definition, application, subject, at)
    step = rt.engine.start(
        compiled, data=instance.data, decide=rt.decider(legal_date(at), instance.region), now=at
    )
    instance.snapshot = step.snapshot
    instance.id = uow.cases.insert(instance)
    change = case_change(
        rt, instance, compiled.definition, step, (), at=at, actor_id=actor.account_id,
        first_event=NewEvent(
            type="instance.started",
            facts={"service": command.service, "trail": [passed.element for passed in step.trail]},
        ),
    )  # fmt: skip
    change.submissions.append(
        NewSubmission(
            element=_start_element(compiled.definition), variable=APPLICATION, form=service.start_form,
            by=actor.account_id, values=application,
        )
    )  # fmt: skip
    bind(uow, form, application, actor, instance.id)
    uow.cases.apply(instance, change)
    instance.status = change.status
    return instance


def _answered(uow: UnitOfWork, command: StartCase, started: Started) -> Started:
    """The answer, kept for a repetition where there is a key."""
    if command.idempotency_key:
        said = {"case_no": started.case_no, "status": started.status, "joined": started.joined}
        uow.cases.fill_answer(command.by.account_id, command.idempotency_key, dumps(said))
    return started


def _repeated(uow: UnitOfWork, command: StartCase, request: bytes) -> Started:
    found = uow.cases.answered(command.by.account_id, command.idempotency_key or "")
    if found is None or found[0] != request or not found[1]:
        raise IdempotencyMismatch(key=command.idempotency_key)
    return Started(**loads(found[1]), repeated=True)


def _new_instance(
    rt: Runtime,
    uow: UnitOfWork,
    command: StartCase,
    definition: Definition,
    application: Mapping[str, Json],
    subject: bytes | None,
    at: datetime,
) -> Instance:
    service = rt.book.services[command.service]
    region = application.get("region")
    if not isinstance(region, str) or not rt.knows_region(region):
        raise InvalidRequest("The application names no region that we know.", field="region")
    return Instance(
        id=0,
        case_no=f"{region}-{legal_date(at):%Y%m%d}-{uow.cases.next_serial():06d}",
        service=command.service,
        process=service.process,
        definition=definition.version,
        region=region,
        applicant_id=command.by.account_id,
        applicant_name=str(
            application.get("applicant_name") or application.get("enterprise_name") or command.by.name
        ),
        follow_digits=str(application.get("id_number") or "")[-4:].upper(),
        agencies=_agencies(rt, region, application, definition.roles),
        status=InstanceStatus.RUNNING,
        outcome=None,
        version=0,
        started_at=at,
        accepted_at=None,
        ended_at=None,
        data={APPLICATION: application},
        snapshot=b"",
        events=0,
        chain=GENESIS,
        subject=subject,
    )


def _agencies(
    rt: Runtime, region: str, application: Mapping[str, Json], roles: Collection[str]
) -> dict[str, str]:
    """Candidate role of the process → the agency that fills it: the one applied to where it serves, or the nearest."""
    wished = application.get("bank_name")
    path = list(rt.region_path(region))
    chosen: dict[str, str] = {}
    ranks: dict[str, tuple[bool, int]] = {}
    for unit in rt.book.agencies.values():
        serving = [path.index(place) for place in unit.serves if place in path]
        if not serving:
            continue
        role = role_of_agency(unit.kind)
        if roles and role not in roles:
            continue
        rank = (wished not in (unit.key, unit.name), min(serving))
        if role not in chosen or rank < ranks[role]:
            chosen[role], ranks[role] = unit.key, rank
    return chosen


def _start_element(definition: Definition) -> str:
    return next((element.id for element in definition.elements.values() if element.kind == "start"), "")


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────


def view(rt: Runtime, actor: Actor, case_no: str) -> CaseView:
    """A case with its tasks, clocks, papers and record; raises NotFound also where it is not one's own."""
    with rt.store.read() as uow:
        instance = visible(rt, uow, actor, case_no)
        return _view(rt, uow, instance, actor)


def follow(rt: Runtime, case_no: str, last_digits: str, address: str) -> CaseView:
    """A case for anybody who knows its number and the last four digits of the applicant's ID number.

    Raises NotFound for a wrong pair as for an unknown number, RateLimited after too many tries.
    """
    now, since = rt.now(), rt.now() - _FOLLOW_WINDOW
    buckets = (f"follow:{address}", f"follow-case:{case_no[:40]}")
    with rt.store.read() as uow:
        if any(uow.people.attempts(bucket, since) >= _FOLLOW_TRIES for bucket in buckets):
            raise RateLimited(retry_after_seconds=int(_FOLLOW_WINDOW.total_seconds()))
        instance = uow.cases.find(case_no)
        right = instance is not None and hmac.compare_digest(
            instance.follow_digits.encode(), last_digits.strip().upper().encode()
        )
        if instance is not None and right and len(instance.follow_digits) == 4:
            return _view(rt, uow, instance, None)
    with rt.store.begin() as uow:
        for bucket in buckets:
            uow.people.count_attempt(bucket, now, since)
    raise NotFound(case=case_no[:40])


def _view(rt: Runtime, uow: UnitOfWork, instance: Instance, actor: Actor | None) -> CaseView:
    definition = rt.processes.compiled(instance.definition).definition
    tasks = uow.cases.open_tasks(instance.id)
    events = uow.lists.events(instance.id)
    submissions = uow.lists.submissions(instance.id)
    attachments = uow.lists.attachments(instance.id)
    proceedings = uow.cases.proceedings(instance.id)
    reason = None if actor is None else _early_reason(instance, proceedings)
    is_applicants = actor is None or actor.account_id == instance.applicant_id
    if is_applicants:
        # The applicant deals with offices: no officer's name, and no paper that was not theirs.
        tasks = [replace(task, assignee_id=None, assignee_name=None) for task in tasks]
        events = [_event_for_applicant(event) for event in events if event.type not in AMONG_OFFICES]
        attachments = [file for file in attachments if is_for_applicant(file, instance)]
        submissions = [
            row for row in submissions if row.variable in (APPLICATION, applications.JOINED, SUPPLEMENTED)
        ]
        proceedings = [_for_applicant(one) for one in proceedings if _is_told(one)]
    running = instance.status is InstanceStatus.RUNNING
    clocks = uow.cases.clocks(instance.id, running_only=False)
    return CaseView(
        instance=instance,
        definition=definition,
        tasks=tasks,
        clocks=[clock_view(rt, stored) for stored in clocks],
        submissions=submissions,
        decisions=uow.lists.decisions(instance.id),
        events=events,
        attachments=attachments,
        current=[task.element for task in tasks],
        trail=_trail(events),
        reason=reason,
        proceedings=proceedings,
        may_withdraw=running and actor is not None and actor.account_id == instance.applicant_id,
        may_cancel=running and actor is not None and may_cancel(actor, instance),
        people={} if is_applicants else people_of(uow.db, clocks),
    )


def _is_told(proceeding: Proceeding) -> bool:
    """Whether the law has the applicant told of it; of extensions only of those that were granted."""
    if proceeding.kind is ProceedingKind.EXTENSION:
        return proceeding.status is ProceedingStatus.GRANTED
    return proceeding.kind in _TOLD_APPLICANTS


def _for_applicant(proceeding: Proceeding) -> Proceeding:
    """As the applicant reads it: without people, and without what the offices said when they closed it."""
    facts = {key: value for key, value in proceeding.facts.items() if key not in _OF_PEOPLE}
    return replace(
        proceeding, opened_by=None, opened_by_name=None, closed_by=None, closed_by_name=None, facts=facts,
        answer=proceeding.answer if proceeding.kind is ProceedingKind.SUPPLEMENT else None,
    )  # fmt: skip


def _event_for_applicant(event: EventRow) -> EventRow:
    facts = {key: value for key, value in event.facts.items() if key not in _OF_PEOPLE}
    return replace(event, actor=None, facts=facts)


def clock_view(rt: Runtime, stored: StoredClock) -> ClockView:
    """A clock with its light and what it has used, now."""
    now = rt.now()
    calendar, hours = agency_calendar(rt, stored.agency)
    return ClockView(
        stored=stored,
        state=state(stored.clock, stored.due, now),
        elapsed=elapsed(stored.clock, calendar, hours, now),
    )


def _trail(events: Sequence[EventRow]) -> list[str]:
    trail: list[str] = []
    for event in events:
        if event.type == "task.completed" and event.element:
            trail.append(event.element)
        passed = event.facts.get("trail")
        if isinstance(passed, list):
            trail += [str(element) for element in passed]
    return list(dict.fromkeys(trail))


def my_cases(
    rt: Runtime, actor: Actor, *, cursor: str | None = None, limit: int = 20
) -> tuple[Sequence[CaseRow], str | None]:
    """The cases that the actor applied for, newest first, and the next cursor.

    For people who are no applicants: the cases that their agencies have had a task of.
    """
    try:
        before = read_id(cursor) if cursor else None
    except ValueError:
        raise InvalidRequest("This is not a cursor of ours.", cursor=(cursor or "")[:60]) from None
    with rt.store.read() as uow:
        if actor.has(Role.APPLICANT):
            rows = uow.lists.cases_of_applicant(actor.account_id, before=before, limit=limit + 1)
        else:
            rows = uow.lists.cases_of_agencies(sorted(actor.agencies), before=before, limit=limit + 1)
    shown = rows[:limit]
    return [row for _, row in shown], str(shown[-1][0]) if len(rows) > limit else None


# ── ending early ─────────────────────────────────────────────────────────────────────────────────────


def withdraw(rt: Runtime, actor: Actor, case_no: str, reason: str) -> None:
    """The applicant takes the application back; all tasks and clocks end.

    Raises NotFound, Forbidden for anybody else, InstanceEnded, InvalidRequest without a reason.
    """
    _end_early(rt, actor, case_no, reason, InstanceStatus.WITHDRAWN)


def cancel(rt: Runtime, actor: Actor, case_no: str, reason: str) -> None:
    """A head of an agency that handles the case voids it; all tasks and clocks end.

    Raises as `withdraw`.
    """
    _end_early(rt, actor, case_no, reason, InstanceStatus.CANCELLED)


def _end_early(rt: Runtime, actor: Actor, case_no: str, reason: str, status: InstanceStatus) -> None:
    reason = reason_of(reason)
    with rt.store.begin() as uow:
        instance = uow.cases.lock(case_no)
        if instance is None or not may_see(actor, instance, rt.region_path(instance.region)):
            raise NotFound(case=case_no[:40])
        allowed = (
            actor.account_id == instance.applicant_id
            if status is InstanceStatus.WITHDRAWN
            else may_cancel(actor, instance)
        )
        if not allowed:
            raise Forbidden(case=case_no)
        instance.require_running()
        tasks = uow.cases.open_tasks(instance.id)
        clocks = uow.cases.clocks(instance.id)
        at = moment(rt, clocks)
        change = CaseChange(
            at=at, actor_id=actor.account_id, status=status, outcome=status.value,
            accepted_at=instance.accepted_at, ended_at=at, data=instance.data, snapshot=instance.snapshot,
            closed=[ClosedTaskRow(token=task.token) for task in tasks],
            changed_clocks=stopped_clocks(clocks, at, str(actor.account_id)),
            proceedings=[
                NewProceeding(kind=_EARLY_ENDS[status], reason=reason, status=ProceedingStatus.DONE)
            ],
            events=[
                NewEvent(type=f"instance.{status.value}", facts={"reason_sha256": words_hash(reason)}),
                *(
                    NewEvent(type="task.cancelled", element=task.element, task_id=task.id, agency=task.agency)
                    for task in tasks
                ),
            ],
        )  # fmt: skip
        lateness.record_stopped(change, clocks)
        if status is InstanceStatus.CANCELLED:
            told: dict[str, Json] = {"service": instance.service, "reason": reason}
            change.messages.append(Message(recipient="applicant", template="cancelled", facts=told))
        uow.cases.apply(instance, change)


#: How a case ended that did not run to its end, and as what its reason is kept.
_EARLY_ENDS = {
    InstanceStatus.WITHDRAWN: ProceedingKind.WITHDRAWAL,
    InstanceStatus.CANCELLED: ProceedingKind.CANCELLATION,
}


def _early_reason(instance: Instance, proceedings: Sequence[Proceeding]) -> str | None:
    """Why somebody withdrew or cancelled a case; None where nobody did."""
    kind = _EARLY_ENDS.get(instance.status)
    return next((one.reason for one in proceedings if one.kind is kind), None)
