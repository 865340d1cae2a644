"""The small writes around a task and a person: claiming, drafts, files, notices, incidents, audit streams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from banjie.domain.decisions import Json
from banjie.domain.events import GENESIS, NewEvent
from banjie.domain.instances import Instance
from banjie.persistence.case_rows import chain_events
from banjie.persistence.database import Db, Row
from banjie.persistence.text import dumps, loads

HOLD = """
WITH held AS (
    UPDATE task SET assignee_id = %s, held_for = %s, claimed_at = %s, version = version + 1 WHERE id = %s
    RETURNING id, due_at
), away AS (
    DELETE FROM inbox USING held WHERE inbox.task_id = held.id
), here AS (
    INSERT INTO inbox (principal, due, task_id) SELECT %s, COALESCE(due_at, 'infinity'), id FROM held
), recorded AS (
    INSERT INTO event (stream, seq, type, at, actor_id, agency, instance_id, task_id, element, facts, hash)
    SELECT %s, r.seq, r.type, %s, %s, r.agency, %s, r.task_id, r.element, r.facts, decode(r.hash, 'hex')
    FROM jsonb_to_recordset(%s::jsonb) AS r(seq integer, type text, agency text, task_id bigint,
         element text, facts text, hash text)
)
UPDATE instance SET events = %s, chain = %s WHERE id = %s"""


@dataclass(frozen=True, kw_only=True)
class OutboxRow:
    """A message not yet told."""

    id: int
    instance_id: int
    case_no: str
    applicant_id: int
    recipient: str
    template: str
    facts: Mapping[str, Json]
    tries: int


_MESSAGE_FIELDS = tuple(OutboxRow.__dataclass_fields__)
_MESSAGE = """
SELECT o.id, o.instance_id, i.case_no, i.applicant_id, o.recipient, o.template, o.facts, o.tries
FROM outbox o JOIN instance i ON i.id = o.instance_id"""


def _message(row: Row) -> OutboxRow:
    values: tuple[Any, ...] = (*row[:6], loads(row[6]), row[7])
    return OutboxRow(**dict(zip(_MESSAGE_FIELDS, values, strict=True)))


@dataclass(frozen=True, kw_only=True)
class DueTimer:
    """A timer whose instant has come: of a clock, or of the diagram's event with the token."""

    id: int
    fire_at: datetime
    instance_id: int
    clock_id: int | None
    token: str | None


class Desk:
    """Writes of one unit of work."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def hold(
        self, instance: Instance, task_id: int, assignee_id: int | None, principal: str, event: NewEvent,
        actor_id: int | None, at: datetime, held_for: int | None = None,
    ) -> None:  # fmt: skip
        """Give an open task to a person, or back to its group when `assignee_id` is None.

        `held_for` is the absent officer in whose place it is held, if any. `principal` is
        whose inbox it then lies in. The case's row must be locked.
        """
        stream = f"case:{instance.id}"
        rows, seq, chain = chain_events(stream, instance.events, instance.chain, at, actor_id, [event], {})
        claimed_at = at if assignee_id is not None else None
        self._db.run(
            HOLD,
            (
                assignee_id, held_for, claimed_at, task_id, principal, stream, at, actor_id, instance.id, dumps(rows),
                seq, chain, instance.id,
            ),
        )  # fmt: skip
        instance.events, instance.chain = seq, chain

    def record(self, stream: str, events: Sequence[NewEvent], actor_id: int | None, at: datetime) -> None:
        """Add events to a stream that is not a case's: sign-ins, deployments, accounts."""
        self._db.run(
            "INSERT INTO stream (key, seq, chain) VALUES (%s, 0, %s) ON CONFLICT DO NOTHING",
            (stream, GENESIS),
        )
        head = self._db.only("SELECT seq, chain FROM stream WHERE key = %s FOR UPDATE", (stream,))
        rows, seq, chain = chain_events(stream, head[0], bytes(head[1]), at, actor_id, events, {})
        self._db.run(
            "INSERT INTO event (stream, seq, type, at, actor_id, agency, task_id, element, facts, hash) "
            "SELECT %s, r.seq, r.type, %s, %s, r.agency, r.task_id, r.element, r.facts, decode(r.hash, 'hex') "
            "FROM jsonb_to_recordset(%s::jsonb) AS r(seq integer, type text, agency text, task_id bigint, "
            "element text, facts text, hash text)",
            (stream, at, actor_id, dumps(rows)),
        )
        self._db.run("UPDATE stream SET seq = %s, chain = %s WHERE key = %s", (seq, chain, stream))

    def save_draft(self, task_id: int, account_id: int, values: Mapping[str, Any]) -> bool:
        """Keep a draft with an open task that the person holds; False where they do not."""
        return bool(
            self._db.run(
                "UPDATE task SET draft = %s WHERE id = %s AND status = 'open' AND assignee_id = %s "
                "AND owner_id IS NULL",
                (dumps(values), task_id, account_id),
            )
        )

    def mark_waiting(self, task_id: int, proceeding_id: int) -> None:
        """Keep an open task from being worked on while a proceeding waits; the case's row must be locked."""
        self._db.run(
            "UPDATE task SET waits = %s, version = version + 1 WHERE id = %s", (proceeding_id, task_id)
        )

    def mark_urged(self, task_ids: Sequence[int], at: datetime) -> None:
        """Note that open tasks were urged; the case's row must be locked."""
        self._db.run("UPDATE task SET urged_at = %s WHERE id = ANY(%s)", (at, list(task_ids)))

    def add_attachment(
        self, *, owner_id: int, field: str, sha256: bytes, name: str, media_type: str, size: int, at: datetime
    ) -> int:
        """Note an uploaded file that belongs to no case yet; the same one again keeps its id.

        A form that is sent twice thus names the same files, and is known for the same request.
        """
        same = self._db.one(
            "SELECT id FROM attachment WHERE owner_id = %s AND instance_id IS NULL AND field = %s AND sha256 = %s "
            "AND name = %s ORDER BY id LIMIT 1",
            (owner_id, field, sha256, name),
        )
        if same is not None:
            return int(same[0])
        row = self._db.only(
            "INSERT INTO attachment (owner_id, field, sha256, name, media_type, size, at) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id",
            (owner_id, field, sha256, name, media_type, size, at),
        )
        return int(row[0])

    def bind_attachments(
        self, ids: Sequence[int], owner_id: int, instance_id: int, task_id: int | None = None
    ) -> int:
        """Give the person's loose files to a case, and a task; what the case has already stays as it is.

        Returns how many of the ids are the case's now.
        """
        return self._db.run(
            "UPDATE attachment SET instance_id = %s, task_id = CASE WHEN instance_id IS NULL THEN %s ELSE task_id END "
            "WHERE id = ANY(%s) AND (instance_id = %s OR (instance_id IS NULL AND owner_id = %s))",
            (instance_id, task_id, list(ids), instance_id, owner_id),
        )

    def unsent(
        self, instance_id: int | None, now: datetime, *, before: datetime | None = None, limit: int = 100
    ) -> list[OutboxRow]:
        """Messages that may be told now: of one case, or all that are older than an instant."""
        only = "o.instance_id = %s" if instance_id is not None else "o.created_at < %s"
        rows = self._db.rows(
            f"{_MESSAGE} WHERE o.sent_at IS NULL AND o.retry_at <= %s AND {only} ORDER BY o.retry_at, o.id LIMIT %s",
            (now, instance_id if instance_id is not None else before, limit),
        )
        return [_message(row) for row in rows]

    def message(self, outbox_id: int) -> OutboxRow | None:
        """A message that is not told yet."""
        row = self._db.one(f"{_MESSAGE} WHERE o.sent_at IS NULL AND o.id = %s", (outbox_id,))
        return _message(row) if row else None

    def take_message(self, outbox_id: int, now: datetime, until: datetime) -> bool:
        """Take a message to tell it, nobody else before `until`; False where somebody else was quicker."""
        return bool(
            self._db.run(
                "UPDATE outbox SET tries = tries + 1, retry_at = %s "
                "WHERE id = %s AND sent_at IS NULL AND retry_at <= %s",
                (until, outbox_id, now),
            )
        )

    def notify(self, outbox: OutboxRow, account_ids: Sequence[int], at: datetime) -> None:
        """Put a message in people's boxes, once each however often it is repeated."""
        self._db.run(
            "INSERT INTO notice (outbox_id, account_id, template, facts, at) "
            "SELECT %s, id, %s, %s, %s FROM unnest(%s::bigint[]) AS id ON CONFLICT DO NOTHING",
            (
                outbox.id, outbox.template, dumps({**outbox.facts, "case_no": outbox.case_no}), at,
                list(account_ids),
            ),
        )  # fmt: skip

    def mark_sent(self, outbox_id: int, at: datetime) -> None:
        """Note that a message was told to everybody."""
        self._db.run("UPDATE outbox SET sent_at = %s WHERE id = %s", (at, outbox_id))

    def read_notices(self, account_id: int, up_to: int, at: datetime) -> None:
        """Mark a person's notices as read, up to an id."""
        self._db.run(
            "UPDATE notice SET read_at = %s WHERE account_id = %s AND id <= %s AND read_at IS NULL",
            (at, account_id, up_to),
        )

    def mark_clock(
        self, clock_id: int, *, warned_at: datetime | None = None, missed_at: datetime | None = None
    ) -> None:
        """Note that a clock's warning was given or its lateness recorded."""
        self._db.run(
            "UPDATE clock SET warned_at = COALESCE(warned_at, %s), missed_at = COALESCE(missed_at, %s) WHERE id = %s",
            (warned_at, missed_at, clock_id),
        )

    def due_timers(self, now: datetime, *, after: tuple[datetime, int], limit: int) -> list[DueTimer]:
        """Timers whose instant has come, the earliest first, beyond (instant, id)."""
        rows = self._db.rows(
            "SELECT id, fire_at, instance_id, clock_id, token FROM timer "
            "WHERE fire_at <= %s AND (fire_at, id) > (%s, %s) ORDER BY fire_at, id LIMIT %s",
            (now, *after, limit),
        )
        return [
            DueTimer(id=row[0], fire_at=row[1], instance_id=row[2], clock_id=row[3], token=row[4])
            for row in rows
        ]

    def timer(
        self, instance_id: int, clock_id: int | None, token: str | None
    ) -> tuple[int, datetime, str] | None:
        """Id, instant and kind of a timer that still waits."""
        row = self._db.one(
            "SELECT id, fire_at, kind FROM timer WHERE instance_id = %s AND clock_id IS NOT DISTINCT FROM %s "
            "AND token IS NOT DISTINCT FROM %s",
            (instance_id, clock_id, token),
        )
        return (row[0], row[1], row[2]) if row else None

    def drop_timer(self, timer_id: int) -> int:
        """Take a timer down; returns its job's id."""
        row = self._db.only("DELETE FROM timer WHERE id = %s RETURNING job_id", (timer_id,))
        return int(row[0])

    def add_incident(
        self, job: str, subject: str, instance_id: int | None, message: str, at: datetime
    ) -> None:
        """Note a job that failed too often; one open incident a job and subject."""
        self._db.run(
            "INSERT INTO incident (job, subject, instance_id, message, at) VALUES (%s, %s, %s, %s, %s) "
            "ON CONFLICT (job, subject) DO UPDATE SET message = excluded.message, at = excluded.at, "
            "resolved_at = NULL, resolved_by = NULL",
            (job, subject, instance_id, message, at),
        )

    def close_incident(self, job: str, subject: str, by: int | None, at: datetime) -> None:
        """Mark the incident of a job and subject as mended, if one is open: the job has done its work."""
        self._db.run(
            "UPDATE incident SET resolved_at = %s, resolved_by = %s "
            "WHERE job = %s AND subject = %s AND resolved_at IS NULL",
            (at, by, job, subject),
        )

    def resolve_incident(self, incident_id: int, by: int | None, at: datetime) -> bool:
        """Mark an incident as mended; False where it was not open."""
        return bool(
            self._db.run(
                "UPDATE incident SET resolved_at = %s, resolved_by = %s WHERE id = %s AND resolved_at IS NULL",
                (at, by, incident_id),
            )
        )
