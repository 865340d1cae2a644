"""From an engine step to what is written: the only place where tasks, clocks and timers come about.

Every command that moves a case ends here, so that history, deadlines and notices cannot be forgotten by a
new one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from banjie.domain.assignment import principal_of_group, principal_of_person
from banjie.domain.calendar import OfficeHours, WorkingCalendar, legal_date
from banjie.domain.changes import (
    CaseChange,
    ChangedClock,
    ClosedTaskRow,
    Message,
    NewClock,
    NewDecision,
    NewTask,
    NewTimer,
    OpenedEvent,
    StoredClock,
    search_words,
)
from banjie.domain.clock import Due, due
from banjie.domain.decisions import Json, MissingValue, ParameterValue
from banjie.domain.definitions import Definition, Element
from banjie.domain.effects import Effect
from banjie.domain.errors import EngineFault
from banjie.domain.events import NewEvent
from banjie.domain.instances import Instance, InstanceStatus
from banjie.domain.ledger import (
    Clock,
    ClockKind,
    ClockSubject,
    Interval,
    IntervalKind,
    Limit,
    LimitUnit,
    Party,
    start_clock,
    stop_clock,
    switch,
)
from banjie.domain.proceedings import LimitPassed
from banjie.domain.publicity import PUBLICITY
from banjie.domain.rosters import ORDER_ROSTER
from banjie.domain.step import EngineStep, OpenedTask, Scope
from banjie.services import lateness
from banjie.services.orders import order_of
from banjie.services.runtime import Runtime

#: Clocks that stay with the office whose step they measure, whoever else works on the case.
_OF_THE_OFFICE = (ClockKind.STEP, ClockKind.ACCEPTANCE)
#: How the parties of a ledger are called in agencies.yaml.
_PARTIES = {
    "bureau": Party.BUREAU, "guarantor": Party.GUARANTOR, "bank": Party.BANK, "finance": Party.FINANCE,
    "government": Party.GOVERNMENT,
}  # fmt: skip
#: The words of a decision, as the forms write them, that refuse an acceptance, and that give it.
_NOT_ACCEPTED = "not_accept"
ACCEPTED = "accept"
#: The limit within which the office must decide on the acceptance, or the law does.
ACCEPTANCE_LIMIT = "common/acceptance_limit"
#: The ground on which counting went on because the applicant had supplied what was missing.
SUPPLIED = "supplement_answered"


@dataclass(frozen=True, kw_only=True)
class Completion:
    """The task that the command completed: its element, its token, by whom, and in whose place, if in another's.

    `by` None: the law completed it.
    """

    element: str
    token: str
    task_id: int
    agency: str
    by: int | None
    by_for: int | None = None


@dataclass(frozen=True, kw_only=True)
class Placed:
    """How the task begins that a return or an undoing opens at an element.

    `assignee_id` has it in hand, None: its group; `limit_days` is its limit in the limit's unit, None: the
    parameter's; `draft` is what its form begins with.
    """

    element: str
    assignee_id: int | None = None
    limit_days: int | None = None
    draft: Mapping[str, Json] | None = None


def case_change(
    rt: Runtime,
    instance: Instance,
    definition: Definition,
    step: EngineStep,
    clocks: Sequence[StoredClock],
    *,
    at: datetime,
    actor_id: int | None,
    completion: Completion | None = None,
    placed: Placed | None = None,
    first_event: NewEvent,
) -> CaseChange:
    """Everything that a step of the engine changes in its case.

    `clocks` are the running ones; `first_event` says what set the step off. `placed` is the task that did not come
    about by the diagram.
    """
    return _Walk(rt, instance, definition, step, clocks, at, actor_id, completion, placed).change(first_event)


class _Walk:
    """One step being turned into rows; lives for one call."""

    def __init__(
        self, rt: Runtime, instance: Instance, definition: Definition, step: EngineStep,
        clocks: Sequence[StoredClock], at: datetime, actor_id: int | None, completion: Completion | None,
        placed: Placed | None,
    ) -> None:  # fmt: skip
        self.rt = rt
        self.instance = instance
        self.elements = definition.elements
        self.step = step
        self.at = at
        self.by = str(actor_id) if actor_id is not None else None
        self.completion = completion
        self.placed = placed
        self.running = {stored.id: stored for stored in clocks}
        self.by_token = {
            stored.clock.subject.token: stored for stored in clocks if stored.clock.subject.token
        }
        self.new_clocks: dict[str, NewClock] = {}
        self.out = CaseChange(
            at=at, actor_id=actor_id, status=instance.status, outcome=instance.outcome,
            accepted_at=instance.accepted_at, ended_at=None, data={**instance.data, **step.variables},
            snapshot=step.snapshot,
        )  # fmt: skip

    def change(self, first_event: NewEvent) -> CaseChange:
        self.out.events.append(first_event)
        self._decided()
        self._received()
        self._accepted()
        self._close_tasks()
        self._leave_publicity()
        for scope in self.step.entered:
            self._span_clock(scope)
        for opened in self.step.opened:
            self._open_task(opened)
        self._event_timers()
        self._hand_over()
        self._tell()
        if self.step.ended:
            self._end()
        lateness.record_stopped(self.out, self.running.values())
        self.out.clocks.extend(self.new_clocks.values())
        return self.out

    # ── what the step said ───────────────────────────────────────────────────────────────────────────

    def _decided(self) -> None:
        for element, decision in self.step.decisions:
            self.out.decisions.append(NewDecision(element=element, decision=decision))
            self.out.events.append(
                NewEvent(
                    type="decision.made",
                    element=element,
                    facts={"key": decision.key, "green": decision.green},
                )
            )

    def _received(self) -> None:
        """A new case: the office has so many days to decide whether it accepts the application."""
        element = next((one for one in self.elements.values() if one.acceptance), None)
        if self.instance.version or element is None:
            return
        agency = self.instance.agencies.get(element.role or "")
        if agency is not None:
            self._start_clock(
                ClockKind.ACCEPTANCE, ACCEPTANCE_LIMIT, element=element.id, token=None, agency=agency
            )

    def _accepted(self) -> None:
        """The step of acceptance was completed: the case is accepted now, or from its receipt where that was late."""
        done = self.completion
        if done is None or not self.elements[done.element].acceptance or self.instance.accepted_at:
            return
        submission = self.out.data.get(self.elements[done.element].variable or "")
        refused = isinstance(submission, Mapping) and submission.get("decision") == _NOT_ACCEPTED
        clock = next((one for one in self.running.values() if one.clock.kind is ClockKind.ACCEPTANCE), None)
        lapsed = clock is not None and not clock.clock.is_paused and clock.due.at <= self.at
        if refused and clock is not None and lapsed:
            raise LimitPassed("The application counts as accepted.", due_at=clock.due.at)
        if clock is not None:
            self._write(clock, stop_clock(clock.clock, self.at, self.by))
        if refused:
            return
        ledger = _since_receipt(clock.clock) if clock is not None and lapsed else ()
        self.out.accepted_at = ledger[0].start if ledger else self.at
        facts: dict[str, Json] = {}
        if clock is not None and ledger:
            facts = {"from": ledger[0].start.isoformat(), "parameter": clock.clock.limit.parameter,
                     "citation": clock.clock.limit.citation}  # fmt: skip
        self.out.events.append(
            NewEvent(
                type="instance.deemed_accepted" if ledger else "instance.accepted", element=done.element,
                agency=done.agency, facts=facts,
            )
        )  # fmt: skip
        service = self.rt.book.services[self.instance.service]
        for kind, parameter in (
            (ClockKind.STATUTORY, service.statutory_limit),
            (ClockKind.PROMISED, service.promised_limit),
        ):
            if parameter:
                self._start_clock(
                    kind, parameter, element=None, token=None, agency=done.agency, ledger=ledger
                )

    def _close_tasks(self) -> None:
        for closed in self.step.closed:
            completed = self.completion and closed.token == self.completion.token
            by_others = self.out.actor_id if self.elements[closed.element].countersign else None
            self.out.closed.append(
                ClosedTaskRow(
                    token=closed.token,
                    completed_by=self.completion.by if self.completion and completed else by_others,
                    completed_for=self.completion.by_for if self.completion and completed else None,
                    completed=bool(completed),
                )
            )
            if not completed:
                self.out.events.append(NewEvent(type="task.cancelled", element=closed.element))
            self._stop(closed.token)
        for scope in self.step.left:
            self._stop(scope.token)

    def _leave_publicity(self) -> None:
        """A case that goes back leaves its publicity: the step that closes it is undone, or it is published anew."""
        left = any(
            self.elements[closed.element].effect is Effect.CLOSE_PUBLICITY
            and not (self.completion and closed.token == self.completion.token)
            for closed in self.step.closed
        )
        anew = any(self.elements[opened.element].effect is Effect.PUBLISH for opened in self.step.opened)
        self.out.ends_publicity = PUBLICITY in self.out.data and (left or anew)

    # ── tasks ────────────────────────────────────────────────────────────────────────────────────────

    def _open_task(self, opened: OpenedTask) -> None:
        element = self.elements[opened.element]
        role = element.role
        agency = self.instance.agencies.get(role or "")
        if role is None or agency is None:
            raise EngineFault("No agency fills the role for this case.", element=element.id, role=role)
        if element.effect is Effect.PAY:
            self._order(element, agency, opened.token)
        placed = self.placed if self.placed and self.placed.element == element.id else None
        if element.limit:
            self._start_clock(
                ClockKind.STEP, element.limit, element=element.id, token=opened.token, agency=agency,
                days=placed.limit_days if placed else None,
            )  # fmt: skip
        clock_token, stored = self._clock_of(opened)
        new = self.new_clocks.get(clock_token or "")
        ends: Due | None = new.due if new else stored.due if stored and not stored.due.held else None
        holder = placed.assignee_id if placed else None
        come_from = self.completion.task_id if self.completion and not placed else None
        self.out.opened.append(
            NewTask(
                token=opened.token, element=element.id, name=element.name, role=role, agency=agency,
                principal=principal_of_group(role, agency) if holder is None else principal_of_person(holder),
                assignee_id=holder,
                due_at=ends.at if ends else None, warn_at=ends.warn_at if ends else None,
                clock_id=stored.id if stored and not new else None, clock_token=clock_token if new else None,
                item=opened.item, opened_from=come_from, draft=placed.draft if placed else None,
                search=search_words([self.instance.case_no, self.instance.applicant_name]),
            )
        )  # fmt: skip
        self.out.events.append(
            OpenedEvent(
                token=opened.token, element=element.id, agency=agency,
                facts={"due_at": ends.at.isoformat()} if ends else {"due_at": None},
            )
        )  # fmt: skip

    def _order(self, element: Element, agency: str, token: str) -> None:
        """The step waits for money: order the payment of what was granted. A roster's payments are made by its job."""
        order = order_of(self.out.data, agency, token)
        if order is None:
            self.out.jobs.append((ORDER_ROSTER, {"instance_id": self.instance.id}))
        else:
            self.out.payments.append(order)
            self.out.events.append(
                NewEvent(
                    type="payment.ordered", element=element.id, agency=agency, facts={"award": order.award_id}
                )
            )

    def _clock_of(self, opened: OpenedTask) -> tuple[str | None, StoredClock | None]:
        """The task's own step clock, else that of the innermost span around it."""
        for token in (opened.token, *reversed(opened.scope)):
            if token in self.new_clocks:
                return token, None
            if token in self.by_token:
                return token, self.by_token[token]
        return None, None

    # ── clocks ───────────────────────────────────────────────────────────────────────────────────────

    def _span_clock(self, scope: Scope) -> None:
        element = self.elements[scope.element]
        if element.limit:
            inside = next((task for task in self.step.opened if scope.token in task.scope), None)
            role = self.elements[inside.element].role if inside else element.role
            agency = self.instance.agencies.get(role or "")
            if agency is None:
                raise EngineFault("No agency fills the role for this case.", element=element.id, role=role)
            self._start_clock(
                ClockKind.STEP, element.limit, element=element.id, token=scope.token, agency=agency
            )

    def _start_clock(
        self, kind: ClockKind, parameter: str, *, element: str | None, token: str | None, agency: str,
        ledger: tuple[Interval, ...] = (), days: int | None = None,
    ) -> None:  # fmt: skip
        """Start a clock now, or with a ledger that has run before; with so many `days` instead of the parameter's."""
        value = self.rt.parameter(parameter, self._law_of(), self.instance.region)
        if isinstance(value, MissingValue):
            self.out.events.append(
                NewEvent(type="clock.not_started", element=element, facts={"parameter": parameter, "kind": kind.value,
                                                                          "on": value.on.isoformat()})
            )  # fmt: skip
            return
        calendar, hours = agency_calendar(self.rt, agency)
        clock = start_clock(
            kind=kind,
            subject=ClockSubject(instance=str(self.instance.id), element=element, token=token),
            at=ledger[0].start if ledger else self.at, limit=_limit(value, days), calendar=calendar, hours=hours,
            party=self._party(agency), by=self.by,
        )  # fmt: skip
        if ledger:
            clock = replace(clock, intervals=ledger)
        new = NewClock(clock=clock, due=due(clock, calendar, hours), agency=agency)
        self.new_clocks[token or kind.value] = new
        self.out.timers.append(
            NewTimer(kind="clock", fire_at=new.due.warn_at, clock_key=new.key, element=element)
        )

    def _law_of(self) -> date:
        """The day whose law holds: that of the acceptance, before it today."""
        return legal_date(self.out.accepted_at or self.at)

    def _stop(self, token: str) -> None:
        stored = self.by_token.get(token)
        if stored is not None and stored.clock.stopped_at is None:
            self._write(stored, stop_clock(stored.clock, self.at, self.by))

    def _hand_over(self) -> None:
        """The case's own clocks pass to the party that has it in hand now."""
        if self.step.ended or not self.step.opened:
            return
        party = self._party(self.out.opened[0].agency)
        for stored in self.running.values():
            clock = stored.clock
            if clock.kind in _OF_THE_OFFICE or clock.intervals[-1].party is party or clock.is_paused:
                continue
            self._write(
                stored,
                switch(
                    clock, Interval(start=self.at, kind=IntervalKind.COUNTED, party=party, opened_by=self.by)
                ),
            )
        for key, new in self.new_clocks.items():
            if new.clock.kind is not ClockKind.STEP and new.clock.intervals[-1].party is not party:
                moved = switch(new.clock, Interval(start=self.at, party=party, opened_by=self.by))
                self.new_clocks[key] = NewClock(clock=moved, due=new.due, agency=new.agency)

    def _write(self, stored: StoredClock, changed: Clock) -> None:
        self.out.changed_clocks.append(ledger_change(stored, changed))

    def _party(self, agency: str) -> Party:
        return party_of(self.rt, agency)

    # ── the rest ─────────────────────────────────────────────────────────────────────────────────────

    def _event_timers(self) -> None:
        """Arm all timers of the diagram that wait; the writer has taken down the old ones."""
        for timer in self.step.timers:
            self.out.timers.append(
                NewTimer(kind="event", fire_at=timer.due_at, element=timer.element, token=timer.token)
            )

    def _tell(self) -> None:
        for notice in self.step.notices:
            self.out.messages.append(
                Message(
                    recipient="applicant", template=notice.notice, facts={"service": self.instance.service}
                )
            )
            self.out.events.append(
                NewEvent(type="notice.queued", element=notice.element, facts={"template": notice.notice})
            )

    def _end(self) -> None:
        self.out.status = InstanceStatus.ENDED
        self.out.outcome = self.step.outcome
        self.out.ended_at = self.at
        changed = {clock.id for clock in self.out.changed_clocks if clock.stopped_at}
        left = [stored for stored in self.running.values() if stored.id not in changed]
        self.out.changed_clocks += stopped_clocks(left, self.at, self.by)
        self.out.events.append(NewEvent(type="instance.ended", facts={"outcome": self.step.outcome}))


def moment(rt: Runtime, clocks: Sequence[StoredClock]) -> datetime:
    """The instant of a command, taken when its case is locked: now, but never before what its ledgers hold.

    Another machine's clock may be ahead of ours, and it may have written the ledger last. An extension granted at
    the very instant is left a microsecond, for no interval may be empty that gives days.
    """
    running = [stored.clock.intervals[-1] for stored in clocks if stored.clock.intervals]
    at = max([rt.now(), *(interval.start for interval in running)])
    if any(interval.extra_days and interval.start == at for interval in running):
        at += timedelta(microseconds=1)
    return at


def _since_receipt(clock: Clock) -> tuple[Interval, ...]:
    """The ledger from the receipt on: of the application, or of the answer to what was missing from it."""
    since = max(
        (interval.start for interval in clock.intervals if interval.ground == SUPPLIED), default=clock.start
    )
    return tuple(interval for interval in clock.intervals if interval.start >= since)


def party_of(rt: Runtime, agency: str) -> Party:
    """Who an agency is in a ledger."""
    return _PARTIES.get(rt.book.agencies[agency].kind, Party.DEPARTMENT)


def ledger_change(stored: StoredClock, changed: Clock) -> ChangedClock:
    """What must be written where a stored clock's ledger becomes another."""
    kept = {interval.start for interval in changed.intervals}
    return ChangedClock(
        id=stored.id,
        stopped_at=changed.stopped_at,
        written=tuple(interval for interval in changed.intervals if interval not in stored.clock.intervals),
        dropped=tuple(old.start for old in stored.clock.intervals if old.start not in kept),
    )


def stopped_clocks(clocks: Sequence[StoredClock], at: datetime, by: str | None) -> list[ChangedClock]:
    """What must be written where all the clocks stop at an instant."""
    return [ledger_change(stored, stop_clock(stored.clock, at, by)) for stored in clocks]


def agency_calendar(rt: Runtime, agency: str) -> tuple[WorkingCalendar, OfficeHours]:
    """The calendar and the office hours of an agency, its region's closures included."""
    unit = rt.book.agencies[agency]
    keys = (*reversed(rt.region_path(unit.region)), agency)
    return rt.calendars.calendar_for(keys), rt.calendars.hours_for(keys)


def _limit(value: ParameterValue, days: int | None = None) -> Limit:
    """The limit that a parameter gives, or so many days of it."""
    citation = value.citation
    return Limit(
        value=int(value.value)
        if days is None
        else days,  # the content check refuses limits that are no whole number
        unit=LimitUnit(value.unit),
        parameter=value.key,
        citation=f"{citation.document} {citation.article}" if citation else None,
    )
