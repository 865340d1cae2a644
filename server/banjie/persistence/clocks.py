"""Running clocks across all cases, and moving their due times. For nightly work, never in a request's way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from banjie.domain.changes import StoredClock
from banjie.persistence.case_rows import stored_clocks
from banjie.persistence.case_sql import RUNNING_CLOCKS
from banjie.persistence.database import Db
from banjie.persistence.text import dumps

_BATCH = 2000

_RUNNING = f"""{RUNNING_CLOCKS}
WHERE c.id IN (SELECT id FROM clock WHERE stopped_at IS NULL AND id > %s ORDER BY id LIMIT %s)
ORDER BY c.id, v.start_at"""

_STOPPED = f"""{RUNNING_CLOCKS}
WHERE c.id IN (SELECT id FROM clock WHERE stopped_at > %s AND id > %s ORDER BY id LIMIT %s)
ORDER BY c.id, v.start_at"""

_OF_CASES = f"""{RUNNING_CLOCKS}
WHERE c.instance_id = ANY(%s) AND c.stopped_at IS NULL ORDER BY c.instance_id, c.id, v.start_at"""

_LOCK = """
SELECT id, events, chain FROM instance WHERE id = ANY(%s) AND status = 'running' ORDER BY id FOR NO KEY UPDATE"""

#: Each row brings its own instant: a case's ledger may be ahead of this machine's clock.
_MOVE = """
WITH moved AS (
    UPDATE clock c SET due_at = r.due_at, warn_at = r.warn_at, provisional = r.provisional, calendar = r.calendar,
        hours = r.hours,
        warned_at = CASE WHEN r.warn_at <= r.at THEN c.warned_at END,
        missed_at = CASE WHEN r.due_at <= r.at THEN c.missed_at END
    FROM jsonb_to_recordset(%s::jsonb) AS r(id bigint, at timestamptz, due_at timestamptz, warn_at timestamptz,
         provisional boolean, calendar text, hours text, held boolean)
    WHERE c.id = r.id AND c.stopped_at IS NULL RETURNING c.id, c.instance_id, c.due_at, c.warn_at, r.held
), tasks AS (
    UPDATE task t SET due_at = CASE WHEN m.held THEN NULL ELSE m.due_at END,
        warn_at = CASE WHEN m.held THEN NULL ELSE m.warn_at END
    FROM moved m
    WHERE t.instance_id = m.instance_id AND t.clock_id = m.id AND t.status = 'open' RETURNING t.id, t.due_at
), shown AS (
    UPDATE inbox b SET due = COALESCE(t.due_at, 'infinity') FROM tasks t WHERE b.task_id = t.id
)
DELETE FROM timer USING moved WHERE timer.clock_id = moved.id RETURNING timer.job_id"""

_RECORD = """
WITH recorded AS (
    INSERT INTO event (stream, seq, type, at, actor_id, agency, instance_id, element, facts, hash)
    SELECT 'case:' || r.instance_id, r.seq, r.type, r.at, %s, r.agency, r.instance_id, r.element, r.facts,
           decode(r.hash, 'hex')
    FROM jsonb_to_recordset(%s::jsonb) AS r(instance_id bigint, at timestamptz, seq integer, type text, agency text,
         element text, facts text, hash text)
), armed AS (
    INSERT INTO timer (instance_id, clock_id, element, kind, fire_at, job_id)
    SELECT r.instance_id, r.clock_id, r.element, 'clock', r.fire_at, r.job_id
    FROM jsonb_to_recordset(%s::jsonb) AS r(instance_id bigint, clock_id bigint, element text, fire_at timestamptz,
         job_id bigint)
)
UPDATE instance i SET version = i.version + 1, events = r.seq, chain = decode(r.chain, 'hex')
FROM jsonb_to_recordset(%s::jsonb) AS r(id bigint, seq integer, chain text) WHERE i.id = r.id"""


@dataclass(frozen=True, kw_only=True)
class CaseHead:
    """A locked case as far as its record needs it: the number and the hash of its last event."""

    id: int
    events: int
    chain: bytes


def people_of(db: Db, clocks: Iterable[StoredClock]) -> dict[str, str]:
    """Id → display name of whoever opened or closed an interval of the clocks."""
    ids = {
        int(by)
        for stored in clocks
        for one in stored.clock.intervals
        for by in (one.opened_by, one.closed_by)
        if by is not None
    }
    if not ids:
        return {}
    rows = db.rows("SELECT id, display_name FROM account WHERE id = ANY(%s)", (sorted(ids),))
    return {str(row[0]): row[1] for row in rows}


class RunningClocks:
    """The clocks that run, whatever their case."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def all(self) -> Iterator[Sequence[StoredClock]]:
        """Every running clock with its ledger, by id, in batches."""
        last = 0
        while batch := stored_clocks(self._db.rows(_RUNNING, (last, _BATCH))):
            yield batch
            last = batch[-1].id

    def stopped_since(self, since: datetime) -> Iterator[Sequence[StoredClock]]:
        """Every clock that stopped after an instant, with its ledger, by id, in batches."""
        last = 0
        while batch := stored_clocks(self._db.rows(_STOPPED, (since, last, _BATCH))):
            yield batch
            last = batch[-1].id

    def named_cases(self, instance_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
        """Id → number and version of the definition of the cases."""
        rows = self._db.rows(
            "SELECT id, case_no, definition FROM instance WHERE id = ANY(%s)", (list(instance_ids),)
        )
        return {row[0]: (row[1], row[2]) for row in rows}

    def lock_cases(self, instance_ids: Sequence[int]) -> list[CaseHead]:
        """Those of the cases that run, by id, their rows locked in that order until the transaction ends."""
        rows = self._db.rows(_LOCK, (list(instance_ids),))
        return [CaseHead(id=row[0], events=row[1], chain=bytes(row[2])) for row in rows]

    def of_cases(self, instance_ids: Sequence[int]) -> list[StoredClock]:
        """The running clocks of the cases with their ledgers, by case and id."""
        return stored_clocks(self._db.rows(_OF_CASES, (list(instance_ids),)))

    def move(self, clocks: Sequence[Mapping[str, object]]) -> list[int]:
        """Store other due times, with the open tasks on those clocks and their places in the inbox.

        Each clock has the keys id, at, due_at, warn_at, provisional, calendar, hours and held. A warning or a
        lateness recorded for an instant that now lies after `at` is taken back. The tasks of a held clock have no
        due time. The timers of the clocks are taken down;
        returns the ids of their jobs. The cases' rows must be locked.
        """
        return [row[0] for row in self._db.rows(_MOVE, (dumps(clocks),))]

    def record(
        self,
        *,
        events: Sequence[Mapping[str, object]],
        timers: Sequence[Mapping[str, object]],
        heads: Sequence[CaseHead],
        actor_id: int | None,
    ) -> None:
        """Add events to the records of locked cases, arm timers, and store the records' new heads.

        Events are rows of `chain_events` with instance_id and at; timers have instance_id, clock_id, element,
        fire_at and job_id.
        """
        rows = [{"id": head.id, "seq": head.events, "chain": head.chain.hex()} for head in heads]
        self._db.run(_RECORD, (actor_id, dumps(events), dumps(timers), dumps(rows)))
