"""Cases, their tasks, clocks and record: locked, read, and written in a handful of statements.

`apply` is the only writer of tasks, clocks and timers from engine results. Its statements take whole
lists as JSON, so that their number does not grow with what a step changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from banjie.domain.calendar import legal_date
from banjie.domain.changes import (
    CaseChange,
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
from banjie.domain.tasks import Task, TaskStatus
from banjie.persistence.database import Db, Row
from banjie.persistence.text import canonical, dumps, loads

#: Where a task without a due time stands in the inbox: after all that have one.
NEVER = datetime(9999, 12, 31, tzinfo=UTC)

_INSTANCE = """
    i.id, i.case_no, i.service, i.process, i.definition, i.region, i.applicant_id, i.applicant_name,
    i.follow_digits, i.agencies, i.status, i.outcome, i.version, i.started_at, i.accepted_at, i.ended_at,
    i.data, i.snapshot, i.events, i.chain"""

LOCK_BY_TASK = f"""
SELECT {_INSTANCE} FROM instance i
WHERE i.id = (SELECT instance_id FROM task WHERE id = %s) FOR NO KEY UPDATE OF i"""

LOCK_BY_NUMBER = f"SELECT {_INSTANCE} FROM instance i WHERE i.case_no = %s FOR NO KEY UPDATE OF i"
LOCK_BY_ID = f"SELECT {_INSTANCE} FROM instance i WHERE i.id = %s FOR NO KEY UPDATE OF i"
FIND_BY_ID = f"SELECT {_INSTANCE} FROM instance i WHERE i.id = %s"
FIND_BY_NUMBER = f"SELECT {_INSTANCE} FROM instance i WHERE i.case_no = %s"

TASK = """
SELECT t.id, t.instance_id, t.token, t.element, t.name, t.role, t.agency, t.assignee_id,
       holder.display_name, t.status, t.version, t.opened_at, t.closed_at, t.closed_by,
       closer.display_name, t.due_at, t.warn_at, t.clock_id
FROM task t
LEFT JOIN account holder ON holder.id = t.assignee_id
LEFT JOIN account closer ON closer.id = t.closed_by
"""

RUNNING_CLOCKS = """
SELECT c.id, c.kind, c.element, c.token, c.agency, c.parameter, c.citation, c.value, c.unit, c.calendar,
       c.hours, c.started_at, c.stopped_at, c.due_at, c.warn_at, c.provisional,
       c.warned_at IS NOT NULL, c.missed_at IS NOT NULL, c.instance_id,
       v.start_at, v.end_at, v.kind, v.party, v.ground, v.citation, v.document, v.opened_by, v.closed_by,
       v.extra_days
FROM clock c LEFT JOIN interval v ON v.clock_id = c.id
"""

CLOSE = """
WITH closing AS (
    SELECT * FROM jsonb_to_recordset(%s::jsonb) AS r(token text, status text, closed_by bigint)
), closed AS (
    UPDATE task t SET status = r.status, version = t.version + 1, closed_at = %s, closed_by = r.closed_by,
                      assignee_id = COALESCE(t.assignee_id, r.closed_by), draft = NULL
    FROM closing r WHERE t.instance_id = %s AND t.token = r.token AND t.status = 'open' RETURNING t.id
), taken AS (
    DELETE FROM inbox USING closed WHERE inbox.task_id = closed.id
), stopped AS (
    UPDATE clock c SET stopped_at = r.stopped_at
    FROM jsonb_to_recordset(%s::jsonb) AS r(id bigint, stopped_at timestamptz) WHERE c.id = r.id
), dropped AS (
    DELETE FROM interval v USING jsonb_to_recordset(%s::jsonb) AS r(id bigint, start_at timestamptz)
    WHERE v.clock_id = r.id AND v.start_at = r.start_at
), unarmed AS (
    DELETE FROM timer WHERE instance_id = %s AND (clock_id = ANY(%s) OR (%s AND kind = 'event')) RETURNING job_id
)
SELECT job_id FROM unarmed"""

OPEN = """
WITH new_clock AS (
    INSERT INTO clock (instance_id, kind, element, token, agency, parameter, citation, value, unit,
                       calendar, hours, started_at, due_at, warn_at, provisional)
    SELECT %s, r.kind, r.element, r.token, r.agency, r.parameter, r.citation, r.value, r.unit, r.calendar,
           r.hours, r.started_at, r.due_at, r.warn_at, r.provisional
    FROM jsonb_to_recordset(%s::jsonb) AS r(kind text, element text, token text, agency text,
         parameter text, citation text, value integer, unit text, calendar text, hours text,
         started_at timestamptz, due_at timestamptz, warn_at timestamptz, provisional boolean)
    RETURNING id, kind, token
), ledger AS (
    INSERT INTO interval (clock_id, start_at, end_at, kind, party, ground, citation, document, opened_by,
                          closed_by, extra_days)
    SELECT COALESCE(r.id, n.id), r.start_at, r.end_at, r.kind, r.party, r.ground, r.citation, r.document,
           r.opened_by, r.closed_by, r.extra_days
    FROM jsonb_to_recordset(%s::jsonb) AS r(id bigint, clock_kind text, token text, start_at timestamptz,
         end_at timestamptz, kind text, party text, ground text, citation text, document text,
         opened_by text, closed_by text, extra_days integer)
    LEFT JOIN new_clock n ON n.kind = r.clock_kind AND n.token IS NOT DISTINCT FROM r.token
    ON CONFLICT (clock_id, start_at) DO UPDATE SET
        end_at = excluded.end_at, kind = excluded.kind, party = excluded.party, ground = excluded.ground,
        citation = excluded.citation, document = excluded.document, opened_by = excluded.opened_by,
        closed_by = excluded.closed_by, extra_days = excluded.extra_days
), new_task AS (
    INSERT INTO task (instance_id, token, element, name, role, agency, assignee_id, status, version,
                      opened_at, due_at, warn_at, clock_id, item, search)
    SELECT %s, r.token, r.element, r.name, r.role, r.agency, r.assignee_id, 'open', 1, %s, r.due_at,
           r.warn_at, COALESCE(r.clock_id, n.id), r.item, array_to_tsvector(string_to_array(r.search, ' '))
    FROM jsonb_to_recordset(%s::jsonb) AS r(token text, element text, name text, role text, agency text,
         assignee_id bigint, due_at timestamptz, warn_at timestamptz, clock_id bigint, clock_token text,
         item text, search text)
    LEFT JOIN new_clock n ON n.kind = 'step' AND n.token = r.clock_token
    RETURNING id, token, due_at
), offered AS (
    INSERT INTO inbox (principal, due, task_id)
    SELECT r.principal, COALESCE(t.due_at, 'infinity'), t.id
    FROM new_task t JOIN jsonb_to_recordset(%s::jsonb) AS r(token text, principal text) USING (token)
), submitted AS (
    INSERT INTO submission (instance_id, task_id, element, variable, form, by_id, at, "values")
    SELECT %s, r.task_id, r.element, r.variable, r.form, r.by_id, %s, r."values"
    FROM jsonb_to_recordset(%s::jsonb) AS r(task_id bigint, element text, variable text, form text,
         by_id bigint, "values" text)
), decided AS (
    INSERT INTO decision (instance_id, element, key, at, green, receipt)
    SELECT %s, r.element, r.key, %s, r.green, r.receipt
    FROM jsonb_to_recordset(%s::jsonb) AS r(element text, key text, green boolean, receipt text)
)
SELECT 'task', id, token FROM new_task UNION ALL SELECT kind, id, token FROM new_clock"""

FINISH = """
WITH recorded AS (
    INSERT INTO event (stream, seq, type, at, actor_id, agency, instance_id, task_id, element, facts, hash)
    SELECT %s, r.seq, r.type, %s, %s, r.agency, %s, r.task_id, r.element, r.facts, decode(r.hash, 'hex')
    FROM jsonb_to_recordset(%s::jsonb) AS r(seq integer, type text, agency text, task_id bigint,
         element text, facts text, hash text)
), armed AS (
    INSERT INTO timer (instance_id, clock_id, element, token, kind, fire_at, job_id)
    SELECT %s, r.clock_id, r.element, r.token, r.kind, r.fire_at, r.job_id
    FROM jsonb_to_recordset(%s::jsonb) AS r(clock_id bigint, element text, token text, kind text,
         fire_at timestamptz, job_id bigint)
), told AS (
    INSERT INTO outbox (instance_id, recipient, template, facts, created_at)
    SELECT %s, r.recipient, r.template, r.facts, %s
    FROM jsonb_to_recordset(%s::jsonb) AS r(recipient text, template text, facts text)
), answer AS (
    INSERT INTO answered (account_id, key, request, answer, at)
    SELECT %s, %s, %s, %s, %s WHERE %s ON CONFLICT DO NOTHING
)
UPDATE instance SET status = %s, outcome = %s, accepted_at = %s, ended_at = %s, data = %s, snapshot = %s,
    version = version + 1, events = %s, chain = %s
WHERE id = %s"""

NEW = """
INSERT INTO instance (case_no, service, process, definition, region, applicant_id, applicant_name,
    follow_digits, agencies, status, version, started_at, data, snapshot, events, chain)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 0, %s, %s, %s, 0, %s) RETURNING id"""

#: (earliest instant, name of the job, arguments); what `jobs` defers on this transaction's connection.
JobRequest = tuple[datetime | None, str, Mapping[str, Any]]


class Cases:
    """The cases of one unit of work. `defer` and `cancel` are the jobs adapter bound to its connection."""

    def __init__(
        self,
        db: Db,
        defer: Callable[[Sequence[JobRequest]], Sequence[int]],
        cancel: Callable[[Sequence[int]], None],
    ) -> None:
        self._db = db
        self._defer = defer
        self._cancel = cancel

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────

    def lock_by_task(self, task_id: int) -> Instance | None:
        """The case of a task, its row locked until the transaction ends."""
        return _instance(self._db.one(LOCK_BY_TASK, (task_id,)))

    def lock(self, case_no: str) -> Instance | None:
        """A case by its number, its row locked until the transaction ends."""
        return _instance(self._db.one(LOCK_BY_NUMBER, (case_no,)))

    def lock_by_id(self, instance_id: int) -> Instance | None:
        """A case by its id, its row locked until the transaction ends."""
        return _instance(self._db.one(LOCK_BY_ID, (instance_id,)))

    def find(self, case_no: str) -> Instance | None:
        """A case by its number, without a lock."""
        return _instance(self._db.one(FIND_BY_NUMBER, (case_no,)))

    def find_by_id(self, instance_id: int) -> Instance | None:
        """A case by its id, without a lock."""
        return _instance(self._db.one(FIND_BY_ID, (instance_id,)))

    def task(self, task_id: int) -> Task | None:
        """A task, open or closed."""
        return _task(self._db.one(TASK + "WHERE t.id = %s", (task_id,)))

    def open_tasks(self, instance_id: int) -> list[Task]:
        """The open tasks of a case, oldest first."""
        rows = self._db.rows(
            TASK + "WHERE t.instance_id = %s AND t.status = 'open' ORDER BY t.id", (instance_id,)
        )
        return [task for row in rows if (task := _task(row))]

    def has_involved(self, instance_id: int, agencies: Sequence[str]) -> bool:
        """Whether any of the agencies has had a task of the case."""
        statement = "SELECT 1 FROM task WHERE instance_id = %s AND agency = ANY(%s) LIMIT 1"
        return self._db.one(statement, (instance_id, list(agencies))) is not None

    def completed_by(self, instance_id: int, elements: Sequence[str]) -> dict[str, int]:
        """Element → account id of who completed it last; elements not completed are left out."""
        rows = self._db.rows(
            "SELECT element, closed_by FROM task WHERE instance_id = %s AND element = ANY(%s) "
            "AND status = 'completed' ORDER BY closed_at",
            (instance_id, list(elements)),
        )
        return {row[0]: row[1] for row in rows}

    def clocks(self, instance_id: int, *, running_only: bool = True) -> list[StoredClock]:
        """The clocks of a case with their ledgers, oldest first."""
        only = " AND c.stopped_at IS NULL" if running_only else ""
        rows = self._db.rows(
            f"{RUNNING_CLOCKS}WHERE c.instance_id = %s{only} ORDER BY c.id, v.start_at", (instance_id,)
        )
        return stored_clocks(rows)

    def clock(self, clock_id: int) -> StoredClock | None:
        """One clock with its ledger."""
        found = stored_clocks(
            self._db.rows(f"{RUNNING_CLOCKS}WHERE c.id = %s ORDER BY v.start_at", (clock_id,))
        )
        return found[0] if found else None

    def answered(self, account_id: int, key: str) -> tuple[bytes, str] | None:
        """The hash of the request and the answer given before under an idempotency key."""
        row = self._db.one(
            "SELECT request, answer FROM answered WHERE account_id = %s AND key = %s", (account_id, key)
        )
        return (bytes(row[0]), row[1]) if row else None

    def reserve_answer(self, account_id: int, key: str, request: bytes, at: datetime) -> bool:
        """Claim an idempotency key before anything else is locked; False when it was used before.

        A second request with the same key waits here until the first has ended.
        """
        return bool(
            self._db.run(
                "INSERT INTO answered (account_id, key, request, answer, at) VALUES (%s, %s, %s, '', %s) "
                "ON CONFLICT DO NOTHING",
                (account_id, key, request, at),
            )
        )

    def fill_answer(self, account_id: int, key: str, answer: str) -> None:
        """Store the answer under a key reserved in this transaction."""
        self._db.run(
            "UPDATE answered SET answer = %s WHERE account_id = %s AND key = %s", (answer, account_id, key)
        )

    # ── writing ──────────────────────────────────────────────────────────────────────────────────────

    def next_serial(self) -> int:
        """The next serial number for case numbers; gaps are possible."""
        row = self._db.only("SELECT nextval('case_serial')")
        return int(row[0])

    def insert(self, instance: Instance) -> int:
        """Store a new case, empty of tasks; returns its id. `apply` then writes its first step."""
        row = self._db.only(
            NEW,
            (
                instance.case_no, instance.service, instance.process, instance.definition, instance.region,
                instance.applicant_id, instance.applicant_name, instance.follow_digits,
                dumps(instance.agencies), instance.status.value, instance.started_at,
                dumps(instance.data), instance.snapshot, instance.chain,
            ),
        )  # fmt: skip
        return int(row[0])

    def cancel_jobs(self, job_ids: Sequence[int]) -> None:
        """Delete jobs that wait, with this transaction."""
        self._cancel(job_ids)

    def apply(self, instance: Instance, change: CaseChange) -> Written:
        """Write a step: what closes, then what opens, then the record. The case's row must be locked."""
        self._close(instance, change)
        written = self._open(instance, change)
        self._finish(instance, change, written)
        return written

    def _close(self, instance: Instance, change: CaseChange) -> None:
        stopped = [clock for clock in change.changed_clocks if clock.stopped_at]
        dropped = [(clock.id, start) for clock in change.changed_clocks for start in clock.dropped]
        if instance.version == 0:  # a new case has nothing to close
            return
        closing = [
            {"token": row.token, "status": _closed_status(row.completed_by), "closed_by": row.completed_by}
            for row in change.closed
        ]
        jobs = self._db.rows(
            CLOSE,
            (
                dumps(closing), change.at, instance.id,
                dumps([{"id": clock.id, "stopped_at": clock.stopped_at} for clock in stopped]),
                dumps([{"id": clock_id, "start_at": start} for clock_id, start in dropped]),
                instance.id, [clock.id for clock in stopped], change.renews_events,
            ),
        )  # fmt: skip
        if jobs:
            self._cancel([row[0] for row in jobs])

    def _open(self, instance: Instance, change: CaseChange) -> Written:
        ledger = [
            _interval_row(interval, clock_id=clock.id)
            for clock in change.changed_clocks
            for interval in clock.written
        ]
        ledger += [
            _interval_row(interval, kind=new.clock.kind, token=new.clock.subject.token)
            for new in change.clocks
            for interval in new.clock.intervals
        ]
        if not (ledger or change.opened or change.submissions or change.decisions):
            return Written(tasks={}, clocks={})
        rows = self._db.rows(
            OPEN,
            (
                instance.id, dumps([_clock_row(new.clock, new.due, new.agency) for new in change.clocks]),
                dumps(ledger),
                instance.id, change.at, dumps([_task_row(task) for task in change.opened]),
                dumps([{"token": task.token, "principal": task.principal} for task in change.opened]),
                instance.id, change.at, dumps([_submission_row(submission) for submission in change.submissions]),
                instance.id, change.at,
                dumps([
                    {"element": taken.element, "key": taken.decision.key, "green": taken.decision.green,
                     "receipt": dumps(taken.decision)}
                    for taken in change.decisions
                ]),
            ),
        )  # fmt: skip
        return Written(
            tasks={token: row_id for kind, row_id, token in rows if kind == "task"},
            clocks={(ClockKind(kind), token): row_id for kind, row_id, token in rows if kind != "task"},
        )

    def _finish(self, instance: Instance, change: CaseChange, written: Written) -> None:
        timers = self._arm(instance, change, written)
        stream = f"case:{instance.id}"
        events, seq, chain = chain_events(
            stream, instance.events, instance.chain, change.at, change.actor_id, change.events, written.tasks
        )
        key, request, said = change.answer or ("", b"", {})
        answer = dumps({**said, "opened": list(written.tasks.values())})
        self._db.run(
            FINISH,
            (
                stream, change.at, change.actor_id, instance.id, dumps(events),
                instance.id, dumps(timers),
                instance.id, change.at,
                dumps([
                    {"recipient": message.recipient, "template": message.template, "facts": dumps(message.facts)}
                    for message in change.messages
                ]),
                change.actor_id, key, request, answer, change.at, change.answer is not None,
                change.status.value, change.outcome, change.accepted_at, change.ended_at,
                dumps(change.data), change.snapshot, seq, chain, instance.id,
            ),
        )  # fmt: skip

    def _arm(self, instance: Instance, change: CaseChange, written: Written) -> list[dict[str, object]]:
        requests: list[JobRequest] = []
        rows: list[dict[str, object]] = []
        for timer in change.timers:
            clock_id = _clock_id(timer, written)
            arguments = {"instance_id": instance.id, "clock_id": clock_id, "token": timer.token}
            requests.append((timer.fire_at, "fire_timer", arguments))
            rows.append(
                {"clock_id": clock_id, "element": timer.element, "token": timer.token, "kind": timer.kind,
                 "fire_at": timer.fire_at}
            )  # fmt: skip
        if change.messages:
            requests.append((None, "deliver", {"instance_id": instance.id}))
        if requests:
            for row, job_id in zip(rows, self._defer(requests), strict=False):
                row["job_id"] = job_id
        return rows


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


def _instance(row: Row | None) -> Instance | None:
    if row is None:
        return None
    return Instance(
        id=row[0], case_no=row[1], service=row[2], process=row[3], definition=row[4], region=row[5],
        applicant_id=row[6], applicant_name=row[7], follow_digits=row[8], agencies=loads(row[9]),
        status=InstanceStatus(row[10]), outcome=row[11], version=row[12], started_at=row[13],
        accepted_at=row[14], ended_at=row[15], data=loads(row[16]), snapshot=bytes(row[17]), events=row[18],
        chain=bytes(row[19]),
    )  # fmt: skip


def _task(row: Row | None) -> Task | None:
    if row is None:
        return None
    return Task(
        id=row[0], instance_id=row[1], token=row[2], element=row[3], name=row[4], role=row[5], agency=row[6],
        assignee_id=row[7], assignee_name=row[8], status=TaskStatus(row[9]), version=row[10], opened_at=row[11],
        closed_at=row[12], closed_by=row[13], closed_by_name=row[14], due_at=row[15], warn_at=row[16],
        clock_id=row[17],
    )  # fmt: skip


def _closed_status(completed_by: int | None) -> str:
    return (TaskStatus.CANCELLED if completed_by is None else TaskStatus.COMPLETED).value


def _clock_id(timer: NewTimer, written: Written) -> int | None:
    return written.clocks[timer.clock_key] if timer.clock_key else timer.clock_id


def _clock_row(clock: Clock, due: Due, agency: str) -> dict[str, object]:
    return {
        "kind": clock.kind.value, "element": clock.subject.element, "token": clock.subject.token, "agency": agency,
        "parameter": clock.limit.parameter, "citation": clock.limit.citation, "value": clock.limit.value,
        "unit": clock.limit.unit.value, "calendar": clock.calendar, "hours": clock.hours,
        "started_at": clock.start, "due_at": due.at, "warn_at": due.warn_at, "provisional": due.provisional,
    }  # fmt: skip


def _interval_row(
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


def _task_row(task: NewTask) -> dict[str, object]:
    return {
        "token": task.token, "element": task.element, "name": task.name, "role": task.role, "agency": task.agency,
        "assignee_id": task.assignee_id, "due_at": task.due_at, "warn_at": task.warn_at, "clock_id": task.clock_id,
        "clock_token": task.clock_token, "item": None if task.item is None else dumps(task.item),
        "search": task.search,
    }  # fmt: skip


def _submission_row(submission: NewSubmission) -> dict[str, object]:
    return {
        "task_id": submission.task_id, "element": submission.element, "variable": submission.variable,
        "form": submission.form, "by_id": submission.by, "values": dumps(submission.values),
    }  # fmt: skip
