"""Rows of the case tables as values of the domain, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from banjie.domain.calendar import legal_date
from banjie.domain.changes import (
    ChangedClock,
    ClosedTaskRow,
    NewSubmission,
    NewTask,
    NewTimer,
    OpenedEvent,
    StoredClock,
    Written,
)
from banjie.domain.clock import Due
from banjie.domain.events import NewEvent, link
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
)
from banjie.domain.proceedings import (
    ClosedProceeding,
    NewProceeding,
    Proceeding,
    ProceedingKind,
    ProceedingStatus,
)
from banjie.domain.returns import PassedStep
from banjie.domain.tasks import Task, TaskStatus
from banjie.persistence.database import Row
from banjie.persistence.text import canonical, dumps, loads


def chain_events(
    stream: str,
    seq: int,
    chain: bytes,
    at: datetime,
    actor_id: int | None,
    events: Sequence[NewEvent | OpenedEvent],
    tasks: Mapping[str, int],
) -> tuple[list[dict[str, object]], int, bytes]:
    """The rows of events that follow number `seq`, and the number and hash of the last of them."""
    rows: list[dict[str, object]] = []
    for event in events:
        seq += 1
        if isinstance(event, OpenedEvent):
            type_, task_id = "task.opened", tasks.get(event.token)
        else:
            type_, task_id = event.type, event.task_id
        facts = canonical(event.facts)
        body = f"{event.element or ''}\n{task_id or ''}\n{event.agency or ''}\n{facts}"
        chain = link(chain, stream=stream, seq=seq, kind=type_, at=at, actor_id=actor_id, body=body)
        rows.append(
            {"seq": seq, "type": type_, "agency": event.agency, "task_id": task_id, "element": event.element,
             "facts": facts, "hash": chain.hex()}
        )  # fmt: skip
    return rows, seq, chain


def stored_clocks(rows: Sequence[Row]) -> list[StoredClock]:
    """Clocks from the rows of `RUNNING_CLOCKS`, one row an interval, in their order."""
    grouped: dict[int, tuple[Row, list[Interval]]] = {}
    for row in rows:
        _, intervals = grouped.setdefault(row[0], (row, []))
        if row[19] is not None:
            intervals.append(
                Interval(
                    start=row[19], end=row[20], kind=IntervalKind(row[21]), party=Party(row[22]), ground=row[23],
                    citation=row[24], document=row[25], opened_by=row[26], closed_by=row[27], extra_days=row[28],
                )
            )  # fmt: skip
    return [_stored_clock(row, tuple(intervals)) for row, intervals in grouped.values()]


def _stored_clock(row: Row, intervals: tuple[Interval, ...]) -> StoredClock:
    clock = Clock(
        kind=ClockKind(row[1]),
        subject=ClockSubject(instance=str(row[18]), element=row[2], token=row[3]),
        start=row[11],
        limit=Limit(value=row[7], unit=LimitUnit(row[8]), parameter=row[5], citation=row[6]),
        calendar=row[9],
        hours=row[10],
        intervals=intervals,
        stopped_at=row[12],
    )
    due = Due(
        at=row[13],
        warn_at=row[14],
        day=legal_date(row[13] - timedelta(microseconds=1)),
        provisional=row[15],
        held=clock.is_paused,
    )
    return StoredClock(id=row[0], clock=clock, due=due, agency=row[4], warned=row[16], missed=row[17])


def instance_of(row: Row | None) -> Instance | None:
    if row is None:
        return None
    return Instance(
        id=row[0], case_no=row[1], service=row[2], process=row[3], definition=row[4], region=row[5],
        applicant_id=row[6], applicant_name=row[7], follow_digits=row[8], agencies=loads(row[9]),
        status=InstanceStatus(row[10]), outcome=row[11], version=row[12], started_at=row[13],
        accepted_at=row[14], ended_at=row[15], data=loads(row[16]), snapshot=bytes(row[17]), events=row[18],
        chain=bytes(row[19]), hold=row[20], subject=None if row[21] is None else bytes(row[21]),
    )  # fmt: skip


def task_of(row: Row | None) -> Task | None:
    if row is None:
        return None
    return Task(
        id=row[0], instance_id=row[1], token=row[2], element=row[3], name=row[4], role=row[5], agency=row[6],
        assignee_id=row[7], assignee_name=row[8], status=TaskStatus(row[9]), version=row[10], opened_at=row[11],
        closed_at=row[12], closed_by=row[13], closed_by_name=row[14], due_at=row[15], warn_at=row[16],
        clock_id=row[17], opened_from=row[18], owner_id=row[19], waits=row[20], urged_at=row[21],
        item=None if row[22] is None else loads(row[22]), held_for=row[23], waiting=row[24],
    )  # fmt: skip


def passed_step_of(row: Row) -> PassedStep:
    return PassedStep(
        task_id=row[0], element=row[1], name=row[2], role=row[3], agency=row[4], by_id=row[5], by_name=row[6],
        at=row[7], clock_id=row[8], item=None if row[9] is None else loads(row[9]),
        values={} if row[10] is None else loads(row[10]),
    )  # fmt: skip


def proceeding_of(row: Row) -> Proceeding:
    return Proceeding(
        id=row[0], instance_id=row[1], kind=ProceedingKind(row[2]), status=ProceedingStatus(row[3]), task_id=row[4],
        clock_id=row[5], element=row[6], agency=row[7], opened_by=row[8], opened_by_name=row[9], opened_at=row[10],
        due_at=row[11], ground=row[12], citation=row[13], reason=row[14], document=row[15], facts=loads(row[16]),
        closed_by=row[17], closed_by_name=row[18], closed_at=row[19], answer=row[20],
        answer_facts={} if row[21] is None else loads(row[21]),
    )  # fmt: skip


def proceeding_row(new: NewProceeding) -> dict[str, object]:
    return {
        "kind": new.kind.value, "status": new.status.value, "task_id": new.task_id, "clock_id": new.clock_id,
        "element": new.element, "agency": new.agency, "due_at": new.due_at, "ground": new.ground,
        "citation": new.citation, "reason": new.reason, "document": new.document, "facts": dumps(new.facts),
        "closed": new.status is not ProceedingStatus.OPEN,
    }  # fmt: skip


def closed_proceeding_row(closed: ClosedProceeding) -> dict[str, object]:
    return {
        "id": closed.id, "status": closed.status.value, "answer": closed.answer, "facts": dumps(closed.facts),
    }  # fmt: skip


def moved_clock_row(clock: ChangedClock, due: Due) -> dict[str, object]:
    return {
        "id": clock.id, "due_at": due.at, "warn_at": due.warn_at, "provisional": due.provisional,
        "calendar": clock.calendar, "hours": clock.hours, "held": due.held,
    }  # fmt: skip


def closed_row(closed: ClosedTaskRow) -> dict[str, object]:
    status = TaskStatus.COMPLETED if closed.completed else TaskStatus.CANCELLED
    return {
        "token": closed.token, "status": status.value, "closed_by": closed.completed_by,
        "closed_for": closed.completed_for,
    }  # fmt: skip


def timer_clock_id(timer: NewTimer, written: Written) -> int | None:
    return written.clocks[timer.clock_key] if timer.clock_key else timer.clock_id


def clock_row(clock: Clock, due: Due, agency: str) -> dict[str, object]:
    return {
        "kind": clock.kind.value, "element": clock.subject.element, "token": clock.subject.token, "agency": agency,
        "parameter": clock.limit.parameter, "citation": clock.limit.citation, "value": clock.limit.value,
        "unit": clock.limit.unit.value, "calendar": clock.calendar, "hours": clock.hours,
        "started_at": clock.start, "due_at": due.at, "warn_at": due.warn_at, "provisional": due.provisional,
    }  # fmt: skip


def interval_row(
    interval: Interval,
    *,
    clock_id: int | None = None,
    kind: ClockKind | None = None,
    token: str | None = None,
) -> dict[str, object]:
    return {
        "id": clock_id, "clock_kind": kind.value if kind else None, "token": token, "start_at": interval.start,
        "end_at": interval.end, "kind": interval.kind.value, "party": interval.party.value,
        "ground": interval.ground, "citation": interval.citation, "document": interval.document,
        "opened_by": interval.opened_by, "closed_by": interval.closed_by, "extra_days": interval.extra_days,
    }  # fmt: skip


def task_row(task: NewTask) -> dict[str, object]:
    return {
        "token": task.token, "element": task.element, "name": task.name, "role": task.role, "agency": task.agency,
        "assignee_id": task.assignee_id, "due_at": task.due_at, "warn_at": task.warn_at, "clock_id": task.clock_id,
        "clock_token": task.clock_token, "item": None if task.item is None else dumps(task.item),
        "opened_from": task.opened_from, "search": task.search,
        "draft": None if task.draft is None else dumps(task.draft),
    }  # fmt: skip


def submission_row(submission: NewSubmission) -> dict[str, object]:
    return {
        "task_id": submission.task_id, "element": submission.element, "variable": submission.variable,
        "form": submission.form, "by_id": submission.by, "for_id": submission.by_for,
        "values": dumps(submission.values),
    }  # fmt: skip
