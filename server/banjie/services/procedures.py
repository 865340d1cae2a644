"""Excluded procedures (不计时) and suspension (挂起): what holds a case, and whether its clocks wait meanwhile.

They wait only on a ground that a law gives: `policy/common/grounds.yaml`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from banjie.domain.assignment import Actor
from banjie.domain.calendar import legal_date
from banjie.domain.changes import CaseChange, Message
from banjie.domain.clock import Party
from banjie.domain.decisions import Json
from banjie.domain.errors import Forbidden, InvalidRequest
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
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.policy.grounds import Ground as PolicyGround
from banjie.services import ledgers
from banjie.services.ledgers import Ground
from banjie.services.reports import watched_agencies
from banjie.services.runtime import Runtime
from banjie.services.sight import visible
from banjie.services.standing import (
    heads,
    held_task,
    in_place_of,
    locked_case,
    locked_proceeding,
    refusal_to_act,
    require_free,
    task_to_act_on,
)
from banjie.services.walk import agency_calendar, moment

LONGEST_DOCUMENT = 200
#: Days that a procedure may be expected to take at the most; whatever is longer is a typing error.
MOST_DAYS = 366
#: So many procedures are counted at the most, the newest first.
MOST_COUNTED = 10_000


@dataclass(frozen=True, kw_only=True)
class Choices:
    """Whether the holder of a task may begin an excluded procedure now, why not, and on which grounds."""

    may_start: bool
    refusal: str | None
    grounds: Sequence[PolicyGround]


@dataclass(frozen=True, kw_only=True)
class Holding:
    """What holds a case now, and whether the actor may end it (`may_end`) or hold a free case up (`may_suspend`)."""

    proceeding: Proceeding | None
    may_end: bool
    may_suspend: bool
    grounds: Sequence[PolicyGround]


@dataclass(frozen=True, kw_only=True)
class Count:
    """Excluded procedures of one ground, officer and agency.

    `total` of them, `open` still going on; `days` are the working days that they have taken so far, together.
    """

    ground: str
    officer: str
    agency: str
    open: int
    total: int
    days: int


# ── excluded procedures ──────────────────────────────────────────────────────────────────────────────


def choices(rt: Runtime, actor: Actor, task_id: int) -> Choices:
    """What the holder of a task may begin now. Raises NotFound, TaskClosed."""
    with rt.store.read() as uow:
        instance, task = task_to_act_on(uow, actor, task_id)
        refusal = refusal_to_act(uow, actor, instance, task)
    grounds = [ground for ground in rt.book.grounds.values() if ground.excluded]
    return Choices(may_start=refusal is None, refusal=refusal, grounds=grounds)


def start_excluded(
    rt: Runtime, actor: Actor, task_id: int, ground: str, document: str, expected_days: int, words: str,
    expected_version: int | None = None,
) -> int:  # fmt: skip
    """Begin a procedure whose time is not counted, by a document; the case is held. Returns the proceeding's id.

    `expected_days` are the working days that the applicant is told. Raises as `standing.held_task`, CaseHeld, and
    InvalidRequest for a ground that excludes nothing, a missing document or days out of range. Locks the case.
    """
    words, document = reason_of(words, "words"), _document(document)
    found = rt.book.grounds.get(ground)
    if found is None or not found.excluded:
        raise InvalidRequest(
            "No law has time on this ground not counted.", field="ground", ground=ground[:60]
        )
    if not 1 <= expected_days <= MOST_DAYS:
        raise InvalidRequest("So many days are not possible.", field="expected_days", most=MOST_DAYS)
    with rt.store.begin() as uow:
        instance, task = held_task(uow, actor, task_id, expected_version)
        require_free(uow, instance)
        facts: dict[str, Json] = {
            "expected_days": expected_days, **in_place_of(task, actor, instance)
        }  # fmt: skip
        new = NewProceeding(
            kind=ProceedingKind.EXCLUDED, reason=words, task_id=task.id, element=task.element, agency=task.agency,
            ground=ground, citation=_cited(found), document=document, facts=facts, holds=True,
        )  # fmt: skip
        told = Message(
            recipient="applicant", template="excluded_started",
            facts={"ground": ground, "expected_days": expected_days, "document": document},
        )  # fmt: skip
        return _hold(rt, uow, instance, actor, new, "excluded.started", told, found)


def end_excluded(rt: Runtime, actor: Actor, proceeding_id: int, document: str, words: str) -> None:
    """End an excluded procedure by a document; the clocks count on from the next working day.

    By who began it, or the head of the agency. Raises NotFound, Forbidden, InvalidRequest without a document, and
    Conflict, saying by whom and when, where it was closed before. Locks the case.
    """
    words, document = reason_of(words, "words"), _document(document)
    with rt.store.begin() as uow:
        instance, proceeding = locked_proceeding(rt, uow, actor, proceeding_id, ProceedingKind.EXCLUDED)
        if not _may_end(actor, proceeding):
            raise Forbidden("Only who began it, or the head of the agency, may end it.")
        _free(rt, uow, instance, actor, proceeding, "excluded.ended", words, {"document": document})


# ── suspension ───────────────────────────────────────────────────────────────────────────────────────


def holding(rt: Runtime, actor: Actor, case_no: str) -> Holding:
    """What holds a case, and what the actor may do about it. Raises NotFound."""
    with rt.store.read() as uow:
        instance = visible(rt, uow, actor, case_no)
        proceeding = uow.cases.proceeding(instance.hold) if instance.hold is not None else None
        agency = _agency_of(uow, instance, actor)
    is_ended_here = proceeding is not None and proceeding.kind in (
        ProceedingKind.EXCLUDED, ProceedingKind.SUSPENSION
    )  # fmt: skip
    return Holding(
        proceeding=proceeding,
        may_end=proceeding is not None and is_ended_here and _may_end(actor, proceeding),
        may_suspend=proceeding is None and agency is not None and instance.ended_at is None,
        grounds=[ground for ground in rt.book.grounds.values() if ground.suspends],
    )


def suspend(
    rt: Runtime, actor: Actor, case_no: str, reason: str, ground: str | None = None, document: str | None = None
) -> int:  # fmt: skip
    """Hold a case up; its clocks wait only on a ground of a law, by a document, and otherwise run on.

    By a head of an agency of the case, or who holds one of its tasks. Returns the proceeding's id. Raises NotFound,
    Forbidden, InstanceEnded, CaseHeld, and InvalidRequest for a ground that stops no clock or a missing document.
    Locks the case.
    """
    reason = reason_of(reason)
    found = rt.book.grounds.get(ground) if ground else None
    if ground and (found is None or not found.suspends):
        raise InvalidRequest("No law has the clocks stop on this ground.", field="ground", ground=ground[:60])
    paper = _document(document or "") if found else (document or "").strip()[:LONGEST_DOCUMENT] or None
    with rt.store.begin() as uow:
        instance = locked_case(rt, uow, actor, case_no)
        agency = _agency_of(uow, instance, actor)
        if agency is None:
            raise Forbidden("Only a head of the case's agencies, or who holds a task of it, may hold it up.")
        require_free(uow, instance)
        new = NewProceeding(
            kind=ProceedingKind.SUSPENSION, reason=reason, agency=agency, ground=ground or None,
            citation=_cited(found) if found else None, document=paper, facts={"clocks_wait": found is not None},
            holds=True,
        )  # fmt: skip
        told = Message(recipient="applicant", template="suspended", facts={"reason": reason})
        return _hold(rt, uow, instance, actor, new, "suspension.started", told, found)


def resume(rt: Runtime, actor: Actor, proceeding_id: int, words: str) -> None:
    """Let a suspended case go on; clocks that waited count on from the next working day.

    By who suspended it, or a head of that agency. Raises as `end_excluded`. Locks the case.
    """
    words = reason_of(words, "words")
    with rt.store.begin() as uow:
        instance, proceeding = locked_proceeding(rt, uow, actor, proceeding_id, ProceedingKind.SUSPENSION)
        if not _may_end(actor, proceeding):
            raise Forbidden("Only who suspended it, or the head of the agency, may let it go on.")
        _free(rt, uow, instance, actor, proceeding, "suspension.ended", words, {})


# ── oversight ────────────────────────────────────────────────────────────────────────────────────────


def counts(rt: Runtime, actor: Actor, since: datetime) -> Sequence[Count]:
    """Excluded procedures that began at an instant or later, by ground, officer and agency; most days first.

    Of the agencies that the actor watches over, the newest `MOST_COUNTED`. Raises Forbidden where there is none.
    """
    agencies = watched_agencies(rt, actor)
    now = rt.now()
    with rt.store.read() as uow:
        rows = uow.procedures.since(agencies, since, limit=MOST_COUNTED)
    found: dict[tuple[str, str, str], tuple[int, int, int]] = {}
    for row in rows:
        key = (row.ground, row.officer, row.agency)
        still, total, days = found.get(key, (0, 0, 0))
        calendar, _ = agency_calendar(rt, row.agency)
        first, last = legal_date(row.opened_at), legal_date(row.closed_at or now)
        taken = calendar.count_working_days(first, last) if first < last else 0
        found[key] = (still + (row.closed_at is None), total + 1, days + taken)
    listed = [
        Count(ground=ground, officer=officer, agency=agency, open=still, total=total, days=days)
        for (ground, officer, agency), (still, total, days) in found.items()
    ]
    return sorted(listed, key=lambda one: (-one.days, -one.total, one.ground, one.officer))


# ── how ──────────────────────────────────────────────────────────────────────────────────────────────


def _hold(
    rt: Runtime, uow: UnitOfWork, instance: Instance, actor: Actor, new: NewProceeding, event: str,
    told: Message, ground: PolicyGround | None,
) -> int:  # fmt: skip
    """Open the proceeding that holds the case; its clocks wait where there is a ground."""
    clocks = uow.cases.clocks(instance.id)
    change = CaseChange.of(instance, at=moment(rt, clocks), actor_id=actor.account_id)
    change.proceedings.append(new)
    if ground is not None:
        by_law = Ground(code=ground.key, citation=new.citation, document=new.document)
        ledgers.pause(rt, change, clocks, ground=by_law, party=Party.LAW)
    facts: dict[str, Json] = {
        **new.facts, "ground": new.ground, "citation": new.citation,
        "document_sha256": words_hash(new.document) if new.document else None, "sha256": words_hash(new.reason),
    }  # fmt: skip
    change.events.append(
        NewEvent(type=event, element=new.element, task_id=new.task_id, agency=new.agency, facts=facts)
    )
    change.messages.append(told)
    return uow.cases.apply(instance, change).proceedings[0]


def _free(
    rt: Runtime, uow: UnitOfWork, instance: Instance, actor: Actor, proceeding: Proceeding, event: str,
    words: str, facts: dict[str, Json],
) -> None:  # fmt: skip
    """Close what holds the case; clocks that waited count on."""
    proceeding.require_open()
    clocks = uow.cases.clocks(instance.id)
    change = CaseChange.of(instance, at=moment(rt, clocks), actor_id=actor.account_id)
    change.closed_proceedings.append(
        ClosedProceeding(id=proceeding.id, status=ProceedingStatus.DONE, answer=words, facts=facts)
    )
    compiled = rt.processes.compiled(instance.definition)
    # Who suspends a case may head another agency than the one that has it in hand.
    in_hand = next((task.agency for task in uow.cases.open_tasks(instance.id)), proceeding.agency or "")
    if proceeding.facts.get("clocks_wait", True):
        ledgers.resume(rt, change, clocks, compiled, since=proceeding.opened_at, agency=in_hand)
    told: dict[str, Json] = {"ground": proceeding.ground, "sha256": words_hash(words)}
    if isinstance(document := facts.get("document"), str):
        told["document_sha256"] = words_hash(document)
    change.events.append(
        NewEvent(
            type=event,
            element=proceeding.element,
            task_id=proceeding.task_id,
            agency=proceeding.agency,
            facts=told,
        )
    )
    change.messages.append(Message(recipient="applicant", template=event.replace(".", "_"), facts={}))
    uow.cases.apply(instance, change)


def _may_end(actor: Actor, proceeding: Proceeding) -> bool:
    return actor.account_id == proceeding.opened_by or heads(actor, proceeding.agency)


def _agency_of(uow: UnitOfWork, instance: Instance, actor: Actor) -> str | None:
    """The agency for which the actor may hold the case up: one they head, or whose task of it they hold."""
    headed = next((agency for agency in instance.agencies.values() if heads(actor, agency)), None)
    held = (
        task.agency for task in uow.cases.open_tasks(instance.id) if task.is_worked_on_by(actor.account_id)
    )
    return headed or next(held, None)


def _cited(ground: PolicyGround) -> str:
    return f"{ground.citation.document} {ground.citation.article}"


def _document(text: str) -> str:
    plain = text.strip()
    if not plain or len(plain) > LONGEST_DOCUMENT:
        raise InvalidRequest("Name the document.", field="document", longest=LONGEST_DOCUMENT)
    return plain
