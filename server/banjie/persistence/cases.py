"""Cases, their tasks, clocks and record: locked, read, and written in a handful of statements.

`apply` is the only writer of tasks, clocks and timers from engine results.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from banjie.domain.changes import CaseChange, StoredClock, Written
from banjie.domain.effects import GRANT
from banjie.domain.instances import Instance, InstanceStatus
from banjie.domain.ledger import ClockKind
from banjie.domain.proceedings import Proceeding, ProceedingKind, ProceedingStatus
from banjie.domain.publicity import PUBLICITY
from banjie.domain.returns import OpenedSince, PassedStep
from banjie.domain.tasks import Task
from banjie.persistence import money, publicity
from banjie.persistence.addressees import addressed
from banjie.persistence.case_rows import (
    chain_events,
    clock_row,
    closed_proceeding_row,
    closed_row,
    instance_of,
    interval_row,
    moved_clock_row,
    passed_step_of,
    proceeding_of,
    proceeding_row,
    stored_clocks,
    submission_row,
    task_of,
    task_row,
    timer_clock_id,
)
from banjie.persistence.case_sql import (
    CLOSE,
    CLOSE_PROCEEDINGS,
    END_PROCEEDINGS,
    FIND_ALL,
    FIND_BY_ID,
    FIND_BY_NUMBER,
    FINISH,
    GIVE,
    LOCK_BY_ID,
    LOCK_BY_NUMBER,
    LOCK_BY_PROCEEDING,
    LOCK_BY_TASK,
    MOVE,
    NEW,
    OPEN,
    OPEN_PROCEEDINGS,
    PASSED,
    PROCEEDING,
    RUNNING_CLOCKS,
    TASK,
)
from banjie.persistence.database import Db, Row
from banjie.persistence.text import dumps

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
        return instance_of(self._db.one(LOCK_BY_TASK, (task_id,)))

    def lock(self, case_no: str) -> Instance | None:
        """A case by its number, its row locked until the transaction ends."""
        return instance_of(self._db.one(LOCK_BY_NUMBER, (case_no,)))

    def lock_by_id(self, instance_id: int) -> Instance | None:
        """A case by its id, its row locked until the transaction ends."""
        return instance_of(self._db.one(LOCK_BY_ID, (instance_id,)))

    def find(self, case_no: str) -> Instance | None:
        """A case by its number, without a lock."""
        return instance_of(self._db.one(FIND_BY_NUMBER, (case_no,)))

    def find_by_id(self, instance_id: int) -> Instance | None:
        """A case by its id, without a lock."""
        return instance_of(self._db.one(FIND_BY_ID, (instance_id,)))

    def find_all(self, instance_ids: Sequence[int]) -> list[Instance]:
        """The cases of the ids that there are, without a lock."""
        if not instance_ids:
            return []
        rows = self._db.rows(FIND_ALL, (list(instance_ids),))
        return [instance for row in rows if (instance := instance_of(row))]

    def task(self, task_id: int) -> Task | None:
        """A task, open or closed."""
        return task_of(self._db.one(TASK + "WHERE t.id = %s", (task_id,)))

    def tasks(self, task_ids: Sequence[int]) -> list[Task]:
        """The tasks of the ids that there are, open or closed."""
        rows = self._db.rows(TASK + "WHERE t.id = ANY(%s)", (list(task_ids),))
        return [task for row in rows if (task := task_of(row))]

    def open_tasks(self, instance_id: int) -> list[Task]:
        """The open tasks of a case, oldest first."""
        rows = self._db.rows(
            TASK + "WHERE t.instance_id = %s AND t.status = 'open' ORDER BY t.id", (instance_id,)
        )
        return [task for row in rows if (task := task_of(row))]

    def has_involved(self, instance_id: int, agencies: Sequence[str]) -> bool:
        """Whether any of the agencies has had a task of the case."""
        statement = "SELECT 1 FROM task WHERE instance_id = %s AND agency = ANY(%s) LIMIT 1"
        return self._db.one(statement, (instance_id, list(agencies))) is not None

    def passed(self, instance_id: int, element: str | None = None) -> list[PassedStep]:
        """The completed tasks of a case, of one element or of all, with their submissions; the newest first."""
        only = " AND t.element = %s" if element else ""
        rows = self._db.rows(
            f"{PASSED}{only} ORDER BY t.closed_at DESC, t.id DESC",
            (instance_id, *([element] if element else [])),
        )
        return [passed_step_of(row) for row in rows]

    def opened_from(self, instance_id: int, task_id: int) -> list[OpenedSince]:
        """The tasks that the completion of a task opened, in order."""
        rows = self._db.rows(
            "SELECT token, status = 'open' AND version = 1 AND draft IS NULL AND urged_at IS NULL AND waits IS NULL "
            "FROM task WHERE instance_id = %s AND opened_from = %s ORDER BY id",
            (instance_id, task_id),
        )
        return [OpenedSince(token=row[0], is_untouched=row[1]) for row in rows]

    def waiting_task(self, instance_id: int) -> int | None:
        """The open task of a case whose return waits for its siblings, if any."""
        row = self._db.one(
            "SELECT id FROM task WHERE instance_id = %s AND status = 'open' AND waits IS NOT NULL LIMIT 1",
            (instance_id,),
        )
        return int(row[0]) if row else None

    def open_of_kind(self, kind: ProceedingKind, agencies: Sequence[str] | None) -> list[Proceeding]:
        """The open proceedings of a kind, of some agencies or (None) of all, oldest first, a hundred at the most."""
        only = "" if agencies is None else " AND p.agency = ANY(%s)"
        rows = self._db.rows(
            f"{PROCEEDING}WHERE p.kind = %s AND p.status = 'open'{only} ORDER BY p.id LIMIT 100",
            (kind.value, *([] if agencies is None else [list(agencies)])),
        )
        return [proceeding_of(row) for row in rows]

    def involved(self, instance_id: int, agencies: Sequence[str]) -> list[str]:
        """Which of the agencies have had a task of the case."""
        statement = (
            "SELECT DISTINCT agency FROM task WHERE instance_id = %s AND agency = ANY(%s) ORDER BY agency"
        )
        return [row[0] for row in self._db.rows(statement, (instance_id, list(agencies)))]

    def has_given(self, instance_id: int, account_id: int) -> bool:
        """Whether the person has or had a task of the case as a member of a panel."""
        statement = (
            "SELECT 1 FROM task WHERE instance_id = %s AND assignee_id = %s "
            "AND item::jsonb ->> 'member' IS NOT NULL LIMIT 1"
        )
        return self._db.one(statement, (instance_id, account_id)) is not None

    def signers(self, instance_id: int) -> dict[str, frozenset[int]]:
        """Element → the accounts under it: who completed it, and in whose place, over all its rounds."""
        rows = self._db.rows(
            "SELECT element, array_agg(closed_by) || array_agg(closed_for) FROM task "
            "WHERE instance_id = %s AND status = 'completed' GROUP BY element",
            (instance_id,),
        )
        return {row[0]: frozenset(account for account in row[1] if account is not None) for row in rows}

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

    def lock_by_proceeding(self, proceeding_id: int) -> Instance | None:
        """The case of a proceeding, its row locked until the transaction ends."""
        return instance_of(self._db.one(LOCK_BY_PROCEEDING, (proceeding_id,)))

    def proceeding(self, proceeding_id: int) -> Proceeding | None:
        """A proceeding, open or closed."""
        row = self._db.one(PROCEEDING + "WHERE p.id = %s", (proceeding_id,))
        return proceeding_of(row) if row else None

    def proceedings(
        self, instance_id: int, *, kinds: Sequence[ProceedingKind] = (), open_only: bool = False
    ) -> list[Proceeding]:
        """The proceedings of a case, oldest first; of some kinds, or the open ones only."""
        wanted = [kind.value for kind in kinds or ProceedingKind]
        only = " AND p.status = 'open'" if open_only else ""
        rows = self._db.rows(
            f"{PROCEEDING}WHERE p.instance_id = %s AND p.kind = ANY(%s){only} ORDER BY p.id",
            (instance_id, wanted),
        )
        return [proceeding_of(row) for row in rows]

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
                dumps(instance.data), instance.snapshot, instance.chain, instance.subject,
            ),
        )  # fmt: skip
        return int(row[0])

    def defer(self, requests: Sequence[JobRequest]) -> None:
        """Hand jobs to the workers, with this transaction."""
        self._defer(requests)

    def cancel_jobs(self, job_ids: Sequence[int]) -> None:
        """Delete jobs that wait, with this transaction."""
        self._cancel(job_ids)

    def defer_jobs(self, requests: Sequence[JobRequest]) -> Sequence[int]:
        """Defer jobs with this transaction, in one statement; returns their ids in order."""
        return self._defer(requests) if requests else ()

    def apply(self, instance: Instance, change: CaseChange) -> Written:
        """Write a step: what closes, then what opens, then the record. The case's row must be locked."""
        self._close(instance, change)
        self._move(instance, change)
        opened = self._open(instance, change)
        written = replace(opened, proceedings=self._proceed(instance, change))
        self._give(change)
        if GRANT in change.data:
            money.follow(self._db, instance, change)
        if change.ends_publicity or (
            PUBLICITY in change.data and change.status is not InstanceStatus.RUNNING
        ):
            publicity.leave(self._db, instance.id, change.at)
        self._finish(instance, change, written)
        if change.jobs:
            self.defer([(None, name, arguments) for name, arguments in change.jobs])
        return written

    def _close(self, instance: Instance, change: CaseChange) -> None:
        stopped = [clock for clock in change.changed_clocks if clock.stopped_at]
        dropped = [(clock.id, start) for clock in change.changed_clocks for start in clock.dropped]
        if instance.version == 0:  # a new case has nothing to close
            return
        closing = [closed_row(row) for row in change.closed]
        jobs = self._db.rows(
            CLOSE,
            (
                dumps(closing), change.at, instance.id, [closed.id for closed in change.closed_proceedings],
                dumps([
                    {"id": clock.id, "stopped_at": clock.stopped_at, "missed": clock.missed} for clock in stopped
                ]),
                dumps([{"id": clock_id, "start_at": start} for clock_id, start in dropped]),
                instance.id, [clock.id for clock in stopped], change.renews_events,
            ),
        )  # fmt: skip
        self._unarm(jobs)

    def _unarm(self, jobs: Sequence[Row]) -> None:
        """Cancel the jobs of timers that were taken down."""
        if jobs:
            self._cancel([row[0] for row in jobs])

    def _move(self, instance: Instance, change: CaseChange) -> None:
        """Store the due times that move, with the open tasks on those clocks and their places in the inbox."""
        moved = [moved_clock_row(clock, clock.due) for clock in change.changed_clocks if clock.due]
        if moved:
            self._unarm(self._db.rows(MOVE, (change.at, change.at, dumps(moved), instance.id)))

    def _give(self, change: CaseChange) -> None:
        if change.given:
            self._db.run(GIVE, (change.at, dumps([vars(given) for given in change.given])))

    def _proceed(self, instance: Instance, change: CaseChange) -> tuple[int, ...]:
        """Close and open proceedings, and hold or free the case; answers the ids of the new ones."""
        if change.closed_proceedings:
            closing = [closed_proceeding_row(closed) for closed in change.closed_proceedings]
            self._unarm(self._db.rows(CLOSE_PROCEEDINGS, (change.actor_id, change.at, dumps(closing))))
            if instance.hold in {closed.id for closed in change.closed_proceedings}:
                instance.hold = None
        if change.status is not InstanceStatus.RUNNING:
            self._unarm(self._db.rows(END_PROCEEDINGS, (change.at, instance.id)))
            instance.hold = None
        if not change.proceedings:
            return ()
        rows = self._db.rows(
            OPEN_PROCEEDINGS,
            (
                instance.id, change.actor_id, change.at, change.actor_id, change.at,
                dumps([proceeding_row(new) for new in change.proceedings]),
            ),
        )  # fmt: skip
        ids = tuple(row[0] for row in rows)
        for new, new_id in zip(change.proceedings, ids, strict=True):
            if new.holds:
                instance.hold = new_id
        return ids

    def _open(self, instance: Instance, change: CaseChange) -> Written:
        ledger = [
            interval_row(interval, clock_id=clock.id)
            for clock in change.changed_clocks
            for interval in clock.written
        ]
        ledger += [
            interval_row(interval, kind=new.clock.kind, token=new.clock.subject.token)
            for new in change.clocks
            for interval in new.clock.intervals
        ]
        tasks = addressed(self._db, instance, change.opened)
        if not (ledger or tasks or change.submissions or change.decisions):
            return Written(tasks={}, clocks={})
        rows = self._db.rows(
            OPEN,
            (
                instance.id, dumps([clock_row(new.clock, new.due, new.agency) for new in change.clocks]),
                dumps(ledger),
                instance.id, change.at, dumps([task_row(task) for task in tasks]),
                dumps([{"token": task.token, "principal": task.principal} for task in tasks]),
                instance.id, change.at, dumps([submission_row(submission) for submission in change.submissions]),
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
                dumps(change.data), change.snapshot, seq, chain, instance.hold, instance.id,
            ),
        )  # fmt: skip

    def _arm(self, instance: Instance, change: CaseChange, written: Written) -> list[dict[str, object]]:
        requests: list[JobRequest] = []
        rows: list[dict[str, object]] = []
        for timer in change.timers:
            clock_id = timer_clock_id(timer, written)
            arguments = {"instance_id": instance.id, "clock_id": clock_id, "token": timer.token}
            requests.append((timer.fire_at, "fire_timer", arguments))
            rows.append(
                {"clock_id": clock_id, "element": timer.element, "token": timer.token, "kind": timer.kind,
                 "fire_at": timer.fire_at}
            )  # fmt: skip
        for new, proceeding_id in zip(change.proceedings, written.proceedings, strict=True):
            if new.due_at is not None and new.status is ProceedingStatus.OPEN:
                arguments = {
                    "instance_id": instance.id,
                    "clock_id": None,
                    "token": f"proceeding:{proceeding_id}",
                }
                requests.append((new.due_at, "fire_timer", arguments))
                rows.append(
                    {"proceeding_id": proceeding_id, "element": new.element, "token": f"proceeding:{proceeding_id}",
                     "kind": "proceeding", "fire_at": new.due_at}
                )  # fmt: skip
        if change.messages:
            requests.append((None, "deliver", {"instance_id": instance.id}))
        if requests:
            for row, job_id in zip(rows, self._defer(requests), strict=False):
                row["job_id"] = job_id
        return rows
