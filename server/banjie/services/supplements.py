"""Supplement (补正): what is missing is asked for once, all of it at once; the clocks wait for the applicant.

Source: 行政许可法 Art. 32(1)(4), cited where the limit of acceptance is kept (`policy/common`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256

from banjie.domain.assignment import Actor, principal_of_person
from banjie.domain.calendar import legal_date
from banjie.domain.changes import CaseChange, Message, NewSubmission, StoredClock
from banjie.domain.clock import ClockKind, Party, deadline_of
from banjie.domain.decisions import Json, MissingValue
from banjie.domain.errors import (
    Conflict,
    Forbidden,
    IdempotencyMismatch,
    InvalidRequest,
    NoValueInForce,
)
from banjie.domain.events import NewEvent
from banjie.domain.instances import Instance
from banjie.domain.proceedings import (
    ClosedProceeding,
    LimitPassed,
    NewProceeding,
    Proceeding,
    ProceedingKind,
    ProceedingStatus,
    SupplementAskedBefore,
    reason_of,
    words_hash,
)
from banjie.domain.supplements import VARIABLE, MissingItem, items_of
from banjie.domain.tasks import Task
from banjie.persistence.text import canonical, loads
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services import ledgers
from banjie.services.files import bind, bind_files
from banjie.services.instances import APPLICATION, LONGEST_KEY
from banjie.services.ledgers import Ground
from banjie.services.runtime import Runtime
from banjie.services.sight import visible
from banjie.services.standing import (
    heads,
    held_task,
    in_place_of,
    is_officer_of,
    locked_case,
    locked_proceeding,
    refusal_to_act,
    require_free,
    task_to_act_on,
)
from banjie.services.supplement_items import (
    Choice,
    application_of,
    checked_items,
    files_of,
    offered,
    validated_answer,
)
from banjie.services.walk import ACCEPTANCE_LIMIT, SUPPLIED, agency_calendar, moment

__all__ = [
    "Answered", "Choice", "Choices", "Request", "answer", "ask", "choices", "grant_second", "open_request",
    "withdraw",
]  # fmt: skip

#: The ground of the pause.
SUPPLEMENT = "supplement"
#: The parameter that cites the law, and the one with the applicant's own limit.
LAW = ACCEPTANCE_LIMIT
ANSWER_LIMIT = "common/supplement_answer_limit"


@dataclass(frozen=True, kw_only=True)
class Choices:
    """Whether the holder of a task may ask now, why not (an error's code), and what there is to ask for."""

    may_ask: bool
    refusal: str | None
    fields: Sequence[Choice]
    materials: Sequence[Choice]


@dataclass(frozen=True, kw_only=True)
class Request:
    """An open request as the people of the case see it; `form` is the start form's key."""

    proceeding: Proceeding
    items: Sequence[MissingItem]
    definition: str
    form: str
    values: Mapping[str, Json]
    may_answer: bool
    may_withdraw: bool


@dataclass(frozen=True, kw_only=True)
class Answered:
    """The answer to an answer."""

    proceeding: int
    case_no: str
    on_behalf: bool
    repeated: bool = False


# ── asking ───────────────────────────────────────────────────────────────────────────────────────────


def choices(rt: Runtime, actor: Actor, task_id: int) -> Choices:
    """What the holder of a task may ask for now. Raises NotFound, TaskClosed."""
    with rt.store.read() as uow:
        instance, task = task_to_act_on(uow, actor, task_id)
        refusal = refusal_to_act(uow, actor, instance, task)
        try:
            _require_right(uow, instance)
            _require_in_time(uow.cases.clocks(instance.id), rt.now())
        except Conflict as refused:
            refusal = refusal or refused.code
        fields, materials = offered(rt, instance)
    return Choices(may_ask=refusal is None, refusal=refusal, fields=fields, materials=materials)


def ask(
    rt: Runtime, actor: Actor, task_id: int, items: Sequence[MissingItem], words: str,
    expected_version: int | None = None,
) -> int:  # fmt: skip
    """Ask the applicant for all that is missing; the case is held and its clocks wait. Returns the proceeding.

    Raises as `standing.held_task`, CaseHeld, SupplementAskedBefore, LimitPassed where the application counts as
    accepted already, InvalidRequest for an item that does not exist, and NoValueInForce without a limit for the
    answer. Locks the case.
    """
    words = reason_of(words, "words")
    with rt.store.begin() as uow:
        instance, task = held_task(uow, actor, task_id, expected_version)
        require_free(uow, instance)
        asked = checked_items(items, *offered(rt, instance))
        _require_right(uow, instance)
        clocks = uow.cases.clocks(instance.id)
        at = moment(rt, clocks)
        _require_in_time(clocks, at)
        due_at, citation = _limit_of_answer(rt, instance, task.agency, at), law_of(rt, instance, at)
        change = CaseChange.of(instance, at=at, actor_id=actor.account_id)
        listed: list[Json] = [item.to_json() for item in asked]
        change.proceedings.append(
            NewProceeding(
                kind=ProceedingKind.SUPPLEMENT, reason=words, task_id=task.id, element=task.element,
                agency=task.agency, due_at=due_at, ground=SUPPLEMENT, citation=citation, facts={"items": listed},
                holds=True,
            )
        )  # fmt: skip
        ledgers.pause(
            rt, change, clocks, ground=Ground(code=SUPPLEMENT, citation=citation), party=Party.APPLICANT
        )
        event = _asked(task, asked, words, due_at, citation)
        place = in_place_of(task, actor, instance)
        change.events.append(replace(event, facts={**event.facts, **place}))
        change.messages.append(
            Message(recipient="applicant", template="supplement_asked",
                    facts={"due_at": due_at.isoformat(), "reason": words})
        )  # fmt: skip
        written = uow.cases.apply(instance, change)
    return written.proceedings[0]


def _asked(
    task: Task, asked: Sequence[MissingItem], words: str, due_at: datetime, citation: str | None
) -> NewEvent:
    named: list[Json] = [item.name for item in asked]
    told = canonical([words, *(item.to_json() for item in asked)])
    return NewEvent(
        type="supplement.asked", element=task.element, task_id=task.id, agency=task.agency,
        facts={"items": named, "due_at": due_at.isoformat(), "citation": citation, "sha256": words_hash(told)},
    )  # fmt: skip


def grant_second(rt: Runtime, head: Actor, case_no: str, reason: str) -> int:
    """A head of an agency of the case lets its officers ask once more. Returns the proceeding's id.

    Raises NotFound, Forbidden, InstanceEnded, and Conflict where the right to ask stands already.
    """
    reason = reason_of(reason)
    with rt.store.begin() as uow:
        instance = locked_case(rt, uow, head, case_no)
        agency = next((one for one in instance.agencies.values() if heads(head, one)), None)
        if agency is None:
            raise Forbidden("Only the head of an agency of the case may do that.", case=case_no)
        instance.require_running()
        asked, granted = _asked_and_granted(uow, instance)
        if len(asked) <= granted:
            raise Conflict("The officers may ask already.", case=case_no)
        change = CaseChange.of(
            instance, at=moment(rt, uow.cases.clocks(instance.id)), actor_id=head.account_id
        )
        change.proceedings.append(
            NewProceeding(
                kind=ProceedingKind.SUPPLEMENT_GRANT,
                status=ProceedingStatus.DONE,
                reason=reason,
                agency=agency,
            )
        )
        change.events.append(
            NewEvent(type="supplement.granted", agency=agency, facts={"sha256": words_hash(reason)})
        )
        written = uow.cases.apply(instance, change)
    return written.proceedings[0]


def withdraw(rt: Runtime, actor: Actor, proceeding_id: int, reason: str) -> None:
    """Take an open request back: the clocks count on, and, the first time in a case, the right to ask is there again.

    Who asked may, and the head of the agency. Raises NotFound, Forbidden, Conflict where it was closed before.
    """
    reason = reason_of(reason)
    with rt.store.begin() as uow:
        instance, proceeding = locked_proceeding(rt, uow, actor, proceeding_id, ProceedingKind.SUPPLEMENT)
        if not _may_withdraw(actor, proceeding):
            raise Forbidden("Only who asked, or the head of the agency, may take it back.")
        proceeding.require_open()
        change = _closing(rt, uow, instance, proceeding, actor, ProceedingStatus.TAKEN_BACK, answer=reason)
        change.events.append(
            NewEvent(type="supplement.withdrawn", element=proceeding.element, task_id=proceeding.task_id,
                     agency=proceeding.agency, facts={"sha256": words_hash(reason)})
        )  # fmt: skip
        change.messages.append(
            Message(recipient="applicant", template="supplement_withdrawn", facts={"reason": reason})
        )
        uow.cases.apply(instance, change)


def _closing(
    rt: Runtime, uow: UnitOfWork, instance: Instance, proceeding: Proceeding, actor: Actor,
    status: ProceedingStatus, *, answer: str | None = None, facts: Mapping[str, Json] | None = None,
) -> CaseChange:  # fmt: skip
    """A change that closes the request and lets the clocks count on."""
    clocks = uow.cases.clocks(instance.id)
    change = CaseChange.of(instance, at=moment(rt, clocks), actor_id=actor.account_id)
    change.closed_proceedings.append(
        ClosedProceeding(id=proceeding.id, status=status, answer=answer, facts=facts or {})
    )
    compiled = rt.processes.compiled(instance.definition)
    supplied = Ground(code=SUPPLIED) if status is ProceedingStatus.DONE else None
    ledgers.resume(
        rt,
        change,
        clocks,
        compiled,
        since=proceeding.opened_at,
        agency=proceeding.agency or "",
        ground=supplied,
    )
    return change


# ── answering ────────────────────────────────────────────────────────────────────────────────────────


def open_request(rt: Runtime, actor: Actor, case_no: str) -> Request | None:
    """The open request of a case, with what the actor may do about it; None where there is none. Raises NotFound."""
    with rt.store.read() as uow:
        instance = visible(rt, uow, actor, case_no)
        found = uow.cases.proceedings(instance.id, kinds=[ProceedingKind.SUPPLEMENT], open_only=True)
    if not found:
        return None
    proceeding = found[0]
    is_theirs = actor.account_id == instance.applicant_id
    if is_theirs:
        proceeding = replace(proceeding, opened_by=None, opened_by_name=None)
    return Request(
        proceeding=proceeding,
        items=items_of(proceeding.facts),
        definition=instance.definition,
        form=rt.book.services[instance.service].start_form,
        values=application_of(instance),
        may_answer=is_theirs or is_officer_of(actor, proceeding.agency),
        may_withdraw=_may_withdraw(actor, found[0]),
    )


def answer(
    rt: Runtime, actor: Actor, proceeding_id: int, values: Mapping[str, object],
    idempotency_key: str | None = None,
) -> Answered:  # fmt: skip
    """Hand in all that was asked for; the clocks count on from the next working day and the case is free.

    By the applicant, or at the window by an officer of the agency that asked. `values` has one entry for each item
    by its name: a field's value, the ids of a material's files, or words. Raises NotFound, Forbidden,
    IdempotencyMismatch, Conflict where it was closed before, LimitPassed, and InvalidSubmission naming what is
    missing, wrong, or was not asked for. Locks the case.
    """
    request = _request_hash(proceeding_id, values, idempotency_key)
    with rt.store.begin() as uow:
        instance, proceeding = locked_proceeding(rt, uow, actor, proceeding_id, ProceedingKind.SUPPLEMENT)
        on_behalf = actor.account_id != instance.applicant_id
        if on_behalf and not is_officer_of(actor, proceeding.agency):
            raise Forbidden("The applicant answers, or an officer of the agency that asked.")
        earlier = _answered(uow, actor, idempotency_key, request)
        if earlier is not None:
            return earlier
        instance.require_running()
        # Applicants deal with offices: no officer's name, not even in a refusal.
        (proceeding if on_behalf else replace(proceeding, closed_by_name=None)).require_open()
        if proceeding.due_at is not None and rt.now() >= proceeding.due_at:
            raise LimitPassed(proceeding=proceeding.id, due_at=proceeding.due_at)
        items = items_of(proceeding.facts)
        form = rt.processes.form(instance.definition, rt.book.services[instance.service].start_form)
        fields, others = validated_answer(rt, instance, form, items, values)
        bind(uow, form, fields, actor, instance.id)
        bind_files(uow, files_of(others), actor, instance.id)
        kept = {**fields, **others}
        named: list[Json] = [item.name for item in items]
        change = _closing(
            rt, uow, instance, proceeding, actor, ProceedingStatus.DONE,
            facts={"items": named, "on_behalf": on_behalf},
        )  # fmt: skip
        change.data = {**instance.data, APPLICATION: {**application_of(instance), **fields}}
        change.submissions.append(
            NewSubmission(
                element=proceeding.element or "", variable=VARIABLE,
                form=rt.book.services[instance.service].start_form, by=actor.account_id, values=kept,
            )
        )  # fmt: skip
        change.events.append(
            NewEvent(
                type="supplement.answered", element=proceeding.element, task_id=proceeding.task_id,
                agency=proceeding.agency,
                facts={"items": named, "on_behalf": on_behalf, "sha256": words_hash(canonical(kept))},
            )
        )  # fmt: skip
        if proceeding.opened_by is not None:
            change.messages.append(
                Message(
                    recipient=principal_of_person(proceeding.opened_by),
                    template="supplement_answered",
                    facts={},
                )
            )
        said: dict[str, Json] = {
            "proceeding": proceeding.id,
            "case_no": instance.case_no,
            "on_behalf": on_behalf,
        }
        if idempotency_key:
            change.answer = (idempotency_key, request, said)
        uow.cases.apply(instance, change)
    return Answered(**said)  # type: ignore[arg-type]  # as built above


def _request_hash(proceeding_id: int, values: Mapping[str, object], key: str | None) -> bytes:
    if not key:
        return b""
    if len(key) > LONGEST_KEY:
        raise InvalidRequest("The idempotency key is too long.", limit=LONGEST_KEY)
    return sha256(canonical(["supplement", proceeding_id, values]).encode()).digest()


def _answered(uow: UnitOfWork, actor: Actor, key: str | None, request: bytes) -> Answered | None:
    found = uow.cases.answered(actor.account_id, key) if key else None
    if found is None:
        return None
    if found[0] != request:
        raise IdempotencyMismatch(key=key)
    said = loads(found[1])
    return Answered(
        proceeding=said["proceeding"], case_no=said["case_no"], on_behalf=said["on_behalf"], repeated=True
    )


# ── the rules ────────────────────────────────────────────────────────────────────────────────────────


def law_of(rt: Runtime, instance: Instance, at: datetime) -> str | None:
    """The provision on supplements, as the parameter of the acceptance limit cites it."""
    found = rt.parameter(LAW, _law_day(instance, at), instance.region)
    citation = None if isinstance(found, MissingValue) else found.citation
    return f"{citation.document} {citation.article}" if citation else None


def _limit_of_answer(rt: Runtime, instance: Instance, agency: str, at: datetime) -> datetime:
    """When the applicant's own time ends, counted by the agency's calendar from the day of asking."""
    on = _law_day(instance, at)
    found = rt.parameter(ANSWER_LIMIT, on, instance.region)
    if isinstance(found, MissingValue):
        raise NoValueInForce(parameter=ANSWER_LIMIT, region=instance.region, on=on)
    return deadline_of(at, int(found.value), *agency_calendar(rt, agency)).at


def _law_day(instance: Instance, at: datetime) -> date:
    return legal_date(instance.accepted_at or at)


def _require_right(uow: UnitOfWork, instance: Instance) -> None:
    """Once in a case, and once more for each grant; the first request that was taken back does not count."""
    asked, granted = _asked_and_granted(uow, instance)
    if len(asked) > granted:
        raise SupplementAskedBefore(
            case_no=instance.case_no, by=asked[-1].opened_by_name, at=asked[-1].opened_at
        )


def _asked_and_granted(uow: UnitOfWork, instance: Instance) -> tuple[list[Proceeding], int]:
    found = uow.cases.proceedings(
        instance.id, kinds=[ProceedingKind.SUPPLEMENT, ProceedingKind.SUPPLEMENT_GRANT]
    )
    asked = [one for one in found if one.kind is ProceedingKind.SUPPLEMENT]
    # Each request stops the clocks while it is open: only one may be taken back as if it had never been.
    undone = next((one for one in asked if one.status is ProceedingStatus.TAKEN_BACK), None)
    return [one for one in asked if one is not undone], sum(
        one.kind is ProceedingKind.SUPPLEMENT_GRANT for one in found
    )


def _require_in_time(clocks: Sequence[StoredClock], at: datetime) -> None:
    """Raise LimitPassed where the application counts as accepted: what was not told in time cannot be told now."""
    for stored in clocks:
        if stored.clock.kind is ClockKind.ACCEPTANCE and not stored.clock.is_paused and stored.due.at <= at:
            raise LimitPassed("The application counts as accepted.", due_at=stored.due.at)


def _may_withdraw(actor: Actor, proceeding: Proceeding) -> bool:
    return actor.account_id == proceeding.opened_by or heads(actor, proceeding.agency)
