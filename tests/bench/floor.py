"""The floor beneath a completion: the same rows by plain statements of the driver, one commit, no engine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg

#: Tables without our indexes' names, but with the same columns and indexes as the migrated ones.
COPIED = ("instance", "task", "inbox", "submission", "decision", "clock", "interval", "timer", "event")


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The sizes of what a completion writes, taken from a real one."""

    data: str
    snapshot: bytes
    values: str
    receipt: str
    facts: str


class Floor:
    """Runs bare transactions on a database of its own, migrated like ours."""

    def __init__(self, connection: psycopg.Connection[Any], rows: Rows) -> None:
        self._connection = connection
        connection.prepare_threshold = 1
        self._rows = rows
        self._serial = 0
        one = connection.execute("SELECT id FROM account LIMIT 1").fetchone()
        version = connection.execute("SELECT version FROM definition LIMIT 1").fetchone()
        assert one is not None
        assert version is not None
        self._account, self._version = one[0], version[0]
        connection.commit()

    def open_case(self) -> tuple[int, int, int]:
        """A case with one open task and its clock; returns their ids."""
        run = self._connection.execute
        now = datetime.now(UTC)
        self._serial += 1
        instance = self._id(
            "INSERT INTO instance (case_no, service, process, definition, region, applicant_id, applicant_name, "
            "follow_digits, agencies, status, version, started_at, data, snapshot, events, chain) VALUES "
            "(%s,'s','p',%s,'152201',%s,'n','1234','{}','running',1,%s,%s,%s,1,%s) RETURNING id",
            (
                f"floor-{self._serial}",
                self._version,
                self._account,
                now,
                self._rows.data,
                self._rows.snapshot,
                bytes(32),
            ),
        )
        clock = self._clock(instance, now)
        task = self._task(instance, clock, now)
        job = self._job(now)
        run(
            "INSERT INTO timer (instance_id, clock_id, kind, fire_at, job_id) VALUES (%s,%s,'clock',%s,%s)",
            (instance, clock, now, job),
        )
        self._connection.commit()
        return instance, task, clock

    def complete(self, instance: int, task: int, clock: int) -> tuple[int, int, int]:
        """One completion's rows, written by plain statements in one transaction; returns what is open then."""
        run = self._connection.execute
        now = datetime.now(UTC)
        rows = self._rows
        run("SELECT * FROM instance WHERE id = %s FOR NO KEY UPDATE", (instance,)).fetchone()
        run("SELECT * FROM task WHERE id = %s", (task,)).fetchone()
        run("SELECT * FROM clock WHERE instance_id = %s AND stopped_at IS NULL", (instance,)).fetchall()
        run(
            "UPDATE task SET status='completed', version=version+1, closed_at=%s, closed_by=%s WHERE id=%s",
            (now, self._account, task),
        )
        run("DELETE FROM inbox WHERE task_id = %s", (task,))
        run("UPDATE clock SET stopped_at = %s WHERE id = %s", (now, clock))
        run("UPDATE interval SET end_at = %s WHERE clock_id = %s", (now, clock))
        found = run("DELETE FROM timer WHERE clock_id = %s RETURNING job_id", (clock,)).fetchone()
        assert found is not None
        run("DELETE FROM procrastinate_jobs WHERE id = %s", (found[0],))
        next_clock = self._clock(instance, now)
        next_task = self._task(instance, next_clock, now)
        run(
            'INSERT INTO submission (instance_id, task_id, element, variable, form, by_id, at, "values") '
            "VALUES (%s,%s,'e','v','f',%s,%s,%s)",
            (instance, task, self._account, now, rows.values),
        )
        run(
            "INSERT INTO decision (instance_id, element, key, at, green, receipt) VALUES (%s,'e','k',%s,true,%s)",
            (instance, now, rows.receipt),
        )
        job = self._job(now)
        run(
            "INSERT INTO timer (instance_id, clock_id, kind, fire_at, job_id) VALUES (%s,%s,'clock',%s,%s)",
            (instance, next_clock, now, job),
        )
        for seq in range(3):
            run(
                "INSERT INTO event (stream, seq, type, at, actor_id, instance_id, task_id, facts, hash) "
                "VALUES (%s,%s,'t',%s,%s,%s,%s,%s,%s)",
                (f"floor:{next_task}", seq, now, self._account, instance, task, rows.facts, bytes(32)),
            )
        run(
            "UPDATE instance SET data=%s, snapshot=%s, version=version+1 WHERE id=%s",
            (rows.data, rows.snapshot, instance),
        )
        self._connection.commit()
        return instance, next_task, next_clock

    def _clock(self, instance: int, now: datetime) -> int:
        clock = self._id(
            "INSERT INTO clock (instance_id, kind, element, token, agency, value, unit, calendar, hours, started_at, "
            "due_at, warn_at, provisional) VALUES (%s,'step','e','t','a',2,'working_days','c','h',%s,%s,%s,false) "
            "RETURNING id",
            (instance, now, now, now),
        )
        self._connection.execute(
            "INSERT INTO interval (clock_id, start_at, kind, party) VALUES (%s,%s,'counted','bank')",
            (clock, now),
        )
        return clock

    def _task(self, instance: int, clock: int, now: datetime) -> int:
        self._serial += 1
        task = self._id(
            "INSERT INTO task (instance_id, token, element, name, role, agency, status, version, opened_at, due_at, "
            "warn_at, clock_id, search) VALUES (%s,%s,'e','n','r','a','open',1,%s,%s,%s,%s,"
            "to_tsvector('simple','王小 小梅 王 小 梅')) RETURNING id",
            (instance, f"floor-{self._serial}", now, now, now, clock),
        )
        self._connection.execute(
            "INSERT INTO inbox (principal, due, task_id) VALUES ('g:r@a',%s,%s)", (now, task)
        )
        return task

    def _job(self, now: datetime) -> int:
        return self._id(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at) "
            "VALUES ('default','fire_timer',0,NULL,NULL,'{}',%s) RETURNING id",
            (now,),
        )

    def _id(self, statement: str, parameters: tuple[object, ...]) -> int:
        row = self._connection.execute(statement, parameters).fetchone()
        assert row is not None
        return int(row[0])
