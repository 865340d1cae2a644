"""Extension (延期): asked for before the limit, granted by the head, once, by no more than a text allows.

A step whose element names a parameter (`banjie:extension`) may have its own limit extended; what was promised for the
case moves with it, the statutory limit does not. The case's limits are extended by the general rule. Source:
行政许可法 Art. 42, cited where its ten days are kept (`policy/common/parameters/extension_limit.yaml`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from banjie.domain.assignment import Actor, principal_of_person
from banjie.domain.calendar import legal_date
from banjie.domain.changes import CaseChange, Message, StoredClock
from banjie.domain.clock import ClockKind, due
from banjie.domain.decisions import Json, MissingValue, ParameterValue
from banjie.domain.errors import Conflict, InvalidRequest
from banjie.domain.events import NewEvent
from banjie.domain.instances import Instance
from banjie.domain.proceedings import (
    ClosedProceeding,
    ExtendedBefore,
    LimitPassed,
    NewProceeding,
    NotExtensible,
    Proceeding,
    ProceedingKind,
    ProceedingStatus,
    reason_of,
    words_hash,
)
from banjie.domain.tasks import Task
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services import ledgers
from banjie.services.lapses import clocks_of
from banjie.services.ledgers import Ground
from banjie.services.runtime import Runtime
from banjie.services.sight import visible
from banjie.services.standing import (
    heads,
    held_task,
    in_place_of,
    locked_proceeding,
    refusal_to_act,
    require_free,
    require_head,
    task_to_act_on,
)
from banjie.services.walk import agency_calendar, moment

#: The parameter with the most days by which the law lets the time for a decision be extended.
CASE_LIMIT = "common/extension_limit"
#: The grounds in the ledger: of what was asked for, and of the promise that moves with a step.
GROUND, WITH_STEP = "extension", "extension_with_step"
_OF_THE_CASE = (ClockKind.STATUTORY, ClockKind.PROMISED)


class Scope(StrEnum):
    """What is to be extended: the step's own limit, or the time for the case (and with it for the step)."""

    STEP = "step"
    CASE = "case"


@dataclass(frozen=True, kw_only=True)
class Moved:
    """A clock that an extension moves, by how it does: `asked` for itself, or because the promise moves with a step."""

    stored: StoredClock
    asked: bool


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What an extension would move, by how many days at the most, and by which text; `citation` None: locally set."""

    scope: Scope
    most: int
    parameter: str
    citation: str | None
    moved: Sequence[Moved]

    @property
    def ends(self) -> datetime:
        """Until when it must be granted: the earliest limit among those asked for."""
        return min(one.stored.due.at for one in self.moved if one.asked)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the holder of a task may ask for now; `refusal` is the code of the error with which it would be refused."""

    scope: Scope
    most: int | None
    until: datetime | None
    refusal: str | None


@dataclass(frozen=True, kw_only=True)
class Pending:
    """An open request, and whether the actor may decide it."""

    proceeding: Proceeding
    days: int
    scope: Scope
    may_decide: bool


def choices(rt: Runtime, actor: Actor, task_id: int) -> tuple[Choice, ...]:
    """What the holder of a task may ask for now, one entry a scope. Raises NotFound, TaskClosed."""
    with rt.store.read() as uow:
        instance, task = task_to_act_on(uow, actor, task_id)
        refusal = refusal_to_act(uow, actor, instance, task)
        return tuple(_choice(rt, uow, instance, task, scope, refusal) for scope in Scope)


def _choice(
    rt: Runtime, uow: UnitOfWork, instance: Instance, task: Task, scope: Scope, refusal: str | None
) -> Choice:
    try:
        plan = _planned(rt, uow, instance, task, scope, rt.now())
    except Conflict as refused:
        return Choice(scope=scope, most=None, until=None, refusal=refusal or refused.code)
    return Choice(scope=scope, most=plan.most, until=plan.ends, refusal=refusal)


def pending(rt: Runtime, actor: Actor, case_no: str) -> tuple[Pending, ...]:
    """The open requests of a case, the oldest first. Raises NotFound."""
    with rt.store.read() as uow:
        instance = visible(rt, uow, actor, case_no)
        found = uow.cases.proceedings(instance.id, kinds=[ProceedingKind.EXTENSION], open_only=True)
    return tuple(
        Pending(
            proceeding=one, days=_days(one), scope=Scope(str(one.facts["scope"])),
            may_decide=heads(actor, one.agency) and actor.account_id != one.opened_by and instance.hold is None,
        )
        for one in found
    )  # fmt: skip


def ask(
    rt: Runtime, actor: Actor, task_id: int, days: int, reason: str, *, scope: Scope = Scope.STEP,
    expected_version: int | None = None,
) -> int:  # fmt: skip
    """Ask the head for so many days more, in the limit's unit. Returns the proceeding's id. Locks the case.

    Raises as `standing.held_task`, CaseHeld, LimitPassed where a limit has passed (the case counts as overdue),
    ExtendedBefore, NotExtensible where no text allows it, InvalidRequest for more days than it allows.
    """
    reason = reason_of(reason)
    with rt.store.begin() as uow:
        instance, task = held_task(uow, actor, task_id, expected_version)
        require_free(uow, instance)
        at = moment(rt, uow.cases.clocks(instance.id))
        plan = _planned(rt, uow, instance, task, scope, at)
        if not 1 <= days <= plan.most:
            raise InvalidRequest("So many days are not allowed.", field="days", most=plan.most)
        _require_under_statute(rt, plan, uow.cases.clocks(instance.id), days)
        change = CaseChange.of(instance, at=at, actor_id=actor.account_id)
        asked: list[Json] = [one.stored.id for one in plan.moved if one.asked]
        change.proceedings.append(
            NewProceeding(
                kind=ProceedingKind.EXTENSION, reason=reason, task_id=task.id, clock_id=task.clock_id,
                element=task.element, agency=task.agency, ground=GROUND, citation=plan.citation,
                facts={"scope": scope.value, "days": days, "clocks": asked, "parameter": plan.parameter,
                       "until": plan.ends.isoformat()},
            )
        )  # fmt: skip
        change.events.append(
            NewEvent(
                type="extension.asked", element=task.element, task_id=task.id, agency=task.agency,
                facts={"scope": scope.value, "days": days, "parameter": plan.parameter,
                       "sha256": words_hash(reason), **in_place_of(task, actor, instance)},
            )
        )  # fmt: skip
        change.messages.append(
            Message(recipient=f"head:{task.agency}", template="extension_asked", facts={"days": days})
        )
        written = uow.cases.apply(instance, change)
    return written.proceedings[0]


def decide(rt: Runtime, head: Actor, proceeding_id: int, *, grant: bool, words: str) -> ProceedingStatus:
    """A head of the task's agency, another than who asked, grants or refuses. Locks the case.

    Raises NotFound, Forbidden, CaseHeld, LimitPassed once a limit that was asked for has passed, and Conflict,
    saying by whom and when, where it was closed before.
    """
    words = reason_of(words, "words")
    with rt.store.begin() as uow:
        instance, proceeding = locked_proceeding(rt, uow, head, proceeding_id, ProceedingKind.EXTENSION)
        require_head(head, proceeding.agency, not_as=proceeding.opened_by)
        instance.require_not_applicant(head.account_id)
        proceeding.require_open()
        require_free(uow, instance)
        clocks = uow.cases.clocks(instance.id)
        at = moment(rt, clocks)
        passed = [one for one in clocks if one.id in clocks_of(proceeding) and one.due.at <= at]
        if passed:
            raise LimitPassed(proceeding=proceeding.id, due_at=passed[0].due.at)
        change = CaseChange.of(instance, at=at, actor_id=head.account_id)
        status = ProceedingStatus.GRANTED if grant else ProceedingStatus.REFUSED
        moved: list[Json] = []
        if grant:
            task = uow.cases.task(proceeding.task_id or 0)
            if task is None:
                raise Conflict("The task is gone.", proceeding=proceeding.id)
            moved = _grant(
                rt, change, _moved(clocks, task, Scope(str(proceeding.facts["scope"]))), clocks, proceeding
            )
        change.closed_proceedings.append(
            ClosedProceeding(id=proceeding.id, status=status, answer=words, facts={"moved": moved})
        )
        change.events.append(
            NewEvent(
                type=f"extension.{status.value}", element=proceeding.element, task_id=proceeding.task_id,
                agency=proceeding.agency,
                facts={"days": _days(proceeding), "moved": moved, "sha256": words_hash(words)},
            )
        )  # fmt: skip
        _tell(change, proceeding, status, words)
        uow.cases.apply(instance, change)
    return status


def _grant(
    rt: Runtime, change: CaseChange, moved: Sequence[Moved], clocks: Sequence[StoredClock],
    proceeding: Proceeding,
) -> list[Json]:  # fmt: skip
    """Extend the clocks; what is said of each: its kind, and whether it moved for itself."""
    days = _days(proceeding)
    plan = Plan(
        scope=Scope(str(proceeding.facts["scope"])), most=days, parameter=str(proceeding.facts["parameter"]),
        citation=proceeding.citation, moved=moved,
    )  # fmt: skip
    _require_under_statute(rt, plan, clocks, days)
    for one in moved:
        ground = Ground(code=GROUND if one.asked else WITH_STEP, citation=proceeding.citation)
        ledgers.extend(rt, change, one.stored, days=days, ground=ground)
    return [{"clock": one.stored.clock.kind.value, "asked": one.asked} for one in moved]


def _tell(change: CaseChange, proceeding: Proceeding, status: ProceedingStatus, words: str) -> None:
    """Who asked is told; of a grant the applicant too, with the reason."""
    if proceeding.opened_by is not None:
        recipient = principal_of_person(proceeding.opened_by)
        change.messages.append(
            Message(recipient=recipient, template=f"extension_{status.value}", facts={"reason": words})
        )
    if status is ProceedingStatus.GRANTED:
        facts: dict[str, Json] = {"days": _days(proceeding), "reason": proceeding.reason}
        change.messages.append(Message(recipient="applicant", template="extension_told", facts=facts))


# ── the rules ────────────────────────────────────────────────────────────────────────────────────────


def _planned(
    rt: Runtime, uow: UnitOfWork, instance: Instance, task: Task, scope: Scope, at: datetime
) -> Plan:
    """What an extension of the task's limits would move. Raises NotExtensible, LimitPassed, ExtendedBefore."""
    clocks = uow.cases.clocks(instance.id)
    moved = _moved(clocks, task, scope)
    step = next((stored for stored in clocks if stored.id == task.clock_id), None)
    if step is None:
        raise NotExtensible("No limit of this step runs.", task=task.id)
    if scope is Scope.CASE and not any(one.asked and one.stored.clock.kind in _OF_THE_CASE for one in moved):
        raise NotExtensible("No limit of the case runs.", task=task.id)
    for one in moved:
        if one.asked and (one.stored.missed or one.stored.due.at <= at):
            raise LimitPassed(due_at=one.stored.due.at, clock=one.stored.clock.kind.value)
    value = _allowed(rt, instance, step, scope, at)
    _require_once(uow, instance, [one.stored for one in moved if one.asked])
    citation = value.citation
    return Plan(
        scope=scope, most=int(value.value), parameter=value.key, moved=moved,
        citation=f"{citation.document} {citation.article}" if citation else None,
    )  # fmt: skip


def _moved(clocks: Sequence[StoredClock], task: Task, scope: Scope) -> tuple[Moved, ...]:
    """The running clocks that move: the task's step clock, and of the case's own what goes with the scope.

    A step that was given its own days before keeps them; that does not stand against more time for the case.
    """
    found: list[Moved] = []
    for stored in clocks:
        kind = stored.clock.kind
        has_its_own = any(interval.extra_days for interval in stored.clock.intervals)
        if scope is Scope.CASE and stored.id == task.clock_id and has_its_own:
            continue
        if stored.id == task.clock_id or (kind in _OF_THE_CASE and scope is Scope.CASE):
            found.append(Moved(stored=stored, asked=True))
        elif kind is ClockKind.PROMISED:
            found.append(Moved(stored=stored, asked=False))
    return tuple(found)


def _allowed(
    rt: Runtime, instance: Instance, step: StoredClock, scope: Scope, at: datetime
) -> ParameterValue:
    """The most days: by the parameter of the element whose limit it is, or by the general rule for the case."""
    key: str | None = CASE_LIMIT
    if scope is Scope.STEP:
        elements = rt.processes.compiled(instance.definition).definition.elements
        element = elements.get(step.clock.subject.element or "")
        key = element.extension if element else None
    if key is None:
        raise NotExtensible(element=step.clock.subject.element)
    found = rt.parameter(key, legal_date(instance.accepted_at or at), instance.region)
    if isinstance(found, MissingValue):
        raise NotExtensible("No value of the extension is in force.", parameter=key)
    if step.clock.limit.unit.value != found.unit:
        raise NotExtensible("The extension is counted in another unit than the limit.", parameter=key)
    return found


def _require_once(uow: UnitOfWork, instance: Instance, clocks: Sequence[StoredClock]) -> None:
    """A limit is extended once, and one request for it at a time; one that was refused may be made again."""
    wanted = {stored.id for stored in clocks}
    for earlier in uow.cases.proceedings(instance.id, kinds=[ProceedingKind.EXTENSION]):
        counts = earlier.status in (ProceedingStatus.OPEN, ProceedingStatus.GRANTED)
        if counts and not wanted.isdisjoint(clocks_of(earlier)):
            raise ExtendedBefore(
                proceeding=earlier.id,
                status=earlier.status.value,
                by=earlier.opened_by_name,
                at=earlier.opened_at,
            )


def _require_under_statute(rt: Runtime, plan: Plan, clocks: Sequence[StoredClock], days: int) -> None:
    """Raise NotExtensible where a promise that moves with a step would end later than the law's limit, which stands."""
    statutory = [one for one in clocks if one.clock.kind is ClockKind.STATUTORY]
    for one in plan.moved:
        if one.asked or not statutory:
            continue
        if _extended(rt, one.stored, days) > min(stored.due.at for stored in statutory):
            raise NotExtensible(
                "The promise would end after the statutory limit; ask for the case's extension first.",
                due_at=statutory[0].due.at,
            )


def _extended(rt: Runtime, stored: StoredClock, days: int) -> datetime:
    """When the clock would end with so many days more."""
    longer = replace(stored.clock, limit=replace(stored.clock.limit, value=stored.clock.limit.value + days))
    return due(longer, *agency_calendar(rt, stored.agency)).at


def _days(proceeding: Proceeding) -> int:
    return int(str(proceeding.facts["days"]))
