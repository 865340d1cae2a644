"""Running clocks across all cases, and moving their due times. For nightly work, never in a request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from banjie.domain.changes import StoredClock
from banjie.persistence.case_rows import stored_clocks
from banjie.persistence.case_sql import RUNNING_CLOCKS
from banjie.persistence.database import Db
from banjie.persistence.text import dumps

_BATCH = 500

_RUNNING = f"""{RUNNING_CLOCKS}
WHERE c.id IN (SELECT id FROM clock WHERE stopped_at IS NULL AND id > %s ORDER BY id LIMIT %s)
ORDER BY c.id, v.start_at"""

_MOVE = """
WITH moved AS (
    UPDATE clock c SET due_at = r.due_at, warn_at = r.warn_at, provisional = r.provisional, calendar = r.calendar,
        hours = r.hours,
        warned_at = CASE WHEN r.warn_at <= %s THEN c.warned_at END,
        missed_at = CASE WHEN r.due_at <= %s THEN c.missed_at END
    FROM jsonb_to_recordset(%s::jsonb) AS r(id bigint, due_at timestamptz, warn_at timestamptz,
         provisional boolean, calendar text, hours text)
    WHERE c.id = r.id AND c.stopped_at IS NULL RETURNING c.id, c.due_at, c.warn_at
), tasks AS (
    UPDATE task t SET due_at = m.due_at, warn_at = m.warn_at FROM moved m
    WHERE t.instance_id = %s AND t.clock_id = m.id AND t.status = 'open' RETURNING t.id, t.due_at
)
UPDATE inbox b SET due = t.due_at FROM tasks t WHERE b.task_id = t.id"""


class RunningClocks:
    """The clocks that run, whatever their case."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def all(self) -> Iterator[StoredClock]:
        """Every running clock with its ledger, by id, read in batches."""
        last = 0
        while True:
            batch = stored_clocks(self._db.rows(_RUNNING, (last, _BATCH)))
            if not batch:
                return
            yield from batch
            last = batch[-1].id

    def move(self, instance_id: int, clocks: list[Mapping[str, object]], at: datetime) -> None:
        """Store other due times, with the open tasks on those clocks and their places in the inbox.

        Each clock has the keys id, due_at, warn_at, provisional, calendar and hours. A warning or a lateness
        recorded for an instant that now lies after `at` is taken back. The case's row must be locked; timers
        are left to the caller.
        """
        self._db.run(_MOVE, (at, at, dumps(clocks), instance_id))
