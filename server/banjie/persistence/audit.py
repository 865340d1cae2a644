"""Reading everything, to check that the record agrees with itself. Slow on purpose, and never in a request."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from banjie.domain.instances import Instance
from banjie.persistence.cases import Cases
from banjie.persistence.database import Db, Row

#: rule → a statement that returns (subject, detail) for each violation.
RULES = {
    "one-record-per-finished-step": """
        SELECT 'task ' || t.id, count(e.id) || ' task.completed events' FROM task t
        LEFT JOIN event e ON e.task_id = t.id AND e.type = 'task.completed'
        WHERE t.status = 'completed' GROUP BY t.id HAVING count(e.id) <> 1""",
    "one-submission-per-finished-step": """
        SELECT 'task ' || t.id, count(s.id) || ' submissions' FROM task t LEFT JOIN submission s ON s.task_id = t.id
        WHERE t.status = 'completed' GROUP BY t.id HAVING count(s.id) <> 1""",
    "open-tasks-lie-in-one-inbox": """
        SELECT 'task ' || t.id, t.status || ', ' || count(b.task_id) || ' inbox rows' FROM task t
        LEFT JOIN inbox b ON b.task_id = t.id GROUP BY t.id
        HAVING count(b.task_id) <> CASE WHEN t.status = 'open' THEN 1 ELSE 0 END""",
    "inbox-is-in-order-of-due": """
        SELECT 'task ' || t.id, b.due::text FROM task t JOIN inbox b ON b.task_id = t.id
        WHERE b.due <> COALESCE(t.due_at, 'infinity')""",
    "open-tasks-end-with-their-clock": """
        SELECT 'task ' || t.id,
               'due ' || COALESCE(t.due_at::text, 'never') || ', its clock ' || COALESCE(c.due_at::text, 'none')
        FROM task t LEFT JOIN clock c ON c.id = t.clock_id AND NOT EXISTS (
            SELECT 1 FROM interval v WHERE v.clock_id = c.id AND v.end_at IS NULL AND v.kind = 'not_counted')
        WHERE t.status = 'open' AND (t.due_at, t.warn_at) IS DISTINCT FROM (c.due_at, c.warn_at)""",
    "running-clocks-are-armed": """
        SELECT 'clock ' || c.id, count(m.id) || ' timers' FROM clock c LEFT JOIN timer m ON m.clock_id = c.id
        GROUP BY c.id
        HAVING count(m.id) <> CASE WHEN c.stopped_at IS NULL AND c.missed_at IS NULL AND NOT EXISTS (
            SELECT 1 FROM interval v WHERE v.clock_id = c.id AND v.end_at IS NULL AND v.kind = 'not_counted')
            THEN 1 ELSE 0 END""",
    "held-cases-have-their-proceeding": """
        SELECT 'case ' || i.case_no, 'held by ' || i.hold FROM instance i LEFT JOIN proceeding p ON p.id = i.hold
        WHERE i.hold IS NOT NULL AND (p.status IS DISTINCT FROM 'open' OR p.instance_id IS DISTINCT FROM i.id)""",
    "only-open-proceedings-wait": """
        SELECT 'proceeding ' || p.id, p.status || ', ' || count(m.id) || ' timers' FROM proceeding p
        JOIN instance i ON i.id = p.instance_id LEFT JOIN timer m ON m.proceeding_id = p.id
        GROUP BY p.id, i.status
        HAVING count(m.id) <> CASE WHEN p.status = 'open' AND p.due_at IS NOT NULL THEN 1 ELSE 0 END
            OR (p.status = 'open' AND p.kind <> 'card' AND i.status <> 'running')""",
    "waiting-tasks-have-their-return": """
        SELECT 'task ' || t.id, 'waits for ' || t.waits FROM task t LEFT JOIN proceeding p ON p.id = t.waits
        WHERE t.waits IS NOT NULL
          AND (t.status <> 'open' OR p.status IS DISTINCT FROM 'open' OR p.task_id IS DISTINCT FROM t.id)""",
    "asked-tasks-have-their-delegation": """
        SELECT 'task ' || t.id, count(p.id) || ' open delegations' FROM task t
        LEFT JOIN proceeding p ON p.task_id = t.id AND p.kind = 'delegation' AND p.status = 'open'
        GROUP BY t.id HAVING count(p.id) <> CASE WHEN t.status = 'open' AND t.owner_id IS NOT NULL THEN 1 ELSE 0 END""",
    "ended-cases-are-quiet": """
        SELECT 'case ' || i.case_no, 'open task, clock or timer' FROM instance i WHERE i.status <> 'running' AND (
            EXISTS (SELECT 1 FROM task t WHERE t.instance_id = i.id AND t.status = 'open')
            OR EXISTS (SELECT 1 FROM clock c WHERE c.instance_id = i.id AND c.stopped_at IS NULL)
            OR EXISTS (SELECT 1 FROM timer m WHERE m.instance_id = i.id))""",
    "awards-end-with-their-case": """
        SELECT 'award ' || a.id, 'granted, its case ' || i.case_no || ' ' || i.status
        FROM award a JOIN instance i ON i.id = a.instance_id WHERE a.status = 'granted' AND i.status <> 'running'""",
    "limits-are-taken-by-live-awards": """
        SELECT 'award ' || a.id, 'released, and holds ' || count(*) || ' rows' FROM award a
        JOIN (SELECT award_id FROM award_slot UNION ALL SELECT award_id FROM award_span
              UNION ALL SELECT award_id FROM award_part) h ON h.award_id = a.id
        WHERE a.status = 'released' GROUP BY a.id""",
    "sums-are-of-their-parts": """
        SELECT 'sum ' || encode(s.key, 'hex'), s.used || ' kept, parts of ' || COALESCE(sum(p.amount), 0)
        FROM award_sum s LEFT JOIN award_part p ON p.key = s.key
        GROUP BY s.key HAVING s.used <> COALESCE(sum(p.amount), 0)""",
    "loads-count-their-rows": """
        SELECT 'load ' || id, status || ', ' || lines || ' rows, ' || good || ' good, ' || bad || ' bad' FROM load
        WHERE kind IN ('person', 'enterprise', 'bank', 'account', 'insured_month', 'certificate') AND (
            good + bad <> lines OR (ended_at IS NULL) <> (status IN ('waiting', 'reading'))
            OR (status = 'done' AND bad > 0 AND NOT skip_bad))""",
    "registers-hold-what-entered": """
        SELECT 'load ' || l.id, l.status || ', and there are rows of it' FROM load l JOIN (
            SELECT load_id FROM reg_person UNION SELECT load_id FROM reg_enterprise UNION SELECT load_id FROM reg_bank
            UNION SELECT load_id FROM reg_account UNION SELECT load_id FROM reg_insured_month
            UNION SELECT load_id FROM reg_certificate) held ON held.load_id = l.id
        WHERE l.status <> 'done'""",
    "record-has-its-head": """
        SELECT h.stream, h.seq || ' events, ' || COALESCE(e.seq, 0) || ' kept, or another last hash'
        FROM (SELECT 'case:' || id AS stream, events AS seq, chain FROM instance
              UNION ALL SELECT key, seq, chain FROM stream) h
        LEFT JOIN LATERAL (SELECT seq, hash FROM event WHERE stream = h.stream ORDER BY seq DESC LIMIT 1) e ON true
        WHERE h.seq > 0 AND (e.seq IS DISTINCT FROM h.seq OR e.hash IS DISTINCT FROM h.chain)""",
    "record-has-every-event": """
        SELECT 'case ' || i.case_no, i.events || ' counted, ' || count(e.id) || ' kept' FROM instance i
        LEFT JOIN event e ON e.instance_id = i.id GROUP BY i.id HAVING count(e.id) <> i.events""",
    "batches-sum-up-their-orders": """
        SELECT 'batch ' || b.no, b.count || ' orders of ' || b.total || ', kept ' || count(p.id) || ' of '
               || COALESCE(sum(p.amount), 0)
        FROM payment_batch b LEFT JOIN payment p ON p.batch_id = b.id GROUP BY b.id
        HAVING (count(p.id), COALESCE(sum(p.amount), 0)) IS DISTINCT FROM
            CASE WHEN b.status = 'sent_back' THEN (0::bigint, 0::numeric) ELSE (b.count, b.total) END""",
    "budgets-sum-up-their-orders": """
        SELECT 'budget ' || COALESCE(b.fund, p.fund) || ' ' || COALESCE(b.region, p.region) || ' '
               || COALESCE(b.year, p.year),
               'kept ' || COALESCE(b.committed, 0) || ' and ' || COALESCE(b.paid, 0) || ', orders '
               || COALESCE(p.committed, 0) || ' and ' || COALESCE(p.paid, 0)
        FROM budget b FULL JOIN (
            SELECT fund, region, year, COALESCE(sum(amount) FILTER (WHERE status <> 'paid'), 0) AS committed,
                   COALESCE(sum(amount) FILTER (WHERE status = 'paid'), 0) AS paid
            FROM payment WHERE status IN ('batched', 'sent', 'paid') GROUP BY fund, region, year
        ) p ON (p.fund, p.region, p.year) = (b.fund, b.region, b.year)
        WHERE (COALESCE(b.committed, 0), COALESCE(b.paid, 0)) IS DISTINCT FROM
              (COALESCE(p.committed, 0), COALESCE(p.paid, 0))""",
    "awards-are-paid-once": """
        SELECT 'award ' || a.id, a.status || ', ' || count(p.id) || ' paid orders of ' || COALESCE(sum(p.amount), 0)
        FROM award a LEFT JOIN payment p ON p.award_id = a.id AND p.status = 'paid' GROUP BY a.id
        HAVING (count(p.id), COALESCE(sum(p.amount), 0)) IS DISTINCT FROM
            CASE WHEN a.status = 'paid' THEN (1::bigint, a.amount) ELSE (0::bigint, 0::numeric) END""",
    "open-orders-are-granted": """
        SELECT 'payment ' || p.id, p.status || ', its award ' || a.status
        FROM payment p JOIN award a ON a.id = p.award_id
        WHERE p.status IN ('due', 'batched', 'sent') AND (a.status <> 'granted' OR p.amount <> a.amount)""",
}


_PAGE = 5000
_EVENTS = """
SELECT stream, seq, type, at, actor_id, agency, element, task_id, facts, hash FROM event
WHERE (stream, seq) > (%s, %s) ORDER BY stream, seq LIMIT %s"""

_RECORD = """
SELECT stream, seq, type, at, actor_id, agency, element, task_id, facts, hash FROM event
WHERE instance_id = %s ORDER BY seq"""


@dataclass(frozen=True, kw_only=True)
class RawEvent:
    """An event as hashed."""

    stream: str
    seq: int
    type: str
    at: datetime
    actor_id: int | None
    agency: str | None
    element: str | None
    task_id: int | None
    facts: str
    hash: bytes


class Audit:
    """Whole-table reads."""

    def __init__(self, db: Db) -> None:
        self._db = db
        self._cases = Cases(db, lambda _requests: (), lambda _ids: None)

    def running_ids(self) -> list[int]:
        """Ids of the running cases, ascending."""
        return [
            row[0] for row in self._db.rows("SELECT id FROM instance WHERE status = 'running' ORDER BY id")
        ]

    def instance(self, instance_id: int) -> Instance | None:
        """A case by id, without a lock."""
        return self._cases.find_by_id(instance_id)

    def violations(self) -> Iterator[tuple[str, str, str]]:
        """Rule, subject and detail of everything that SQL alone can find."""
        for rule, statement in RULES.items():
            for subject, detail in self._db.rows(statement):
                yield rule, subject, detail

    def timer_jobs(self) -> list[tuple[int, int]]:
        """Timer id and job id of every live timer."""
        return [(row[0], row[1]) for row in self._db.rows("SELECT id, job_id FROM timer ORDER BY id")]

    def events(self) -> Iterator[RawEvent]:
        """All events, stream by stream, in order; read in pages, so that the record need not fit into memory."""
        last: tuple[str, int] = ("", 0)
        while True:
            page = self._db.rows(_EVENTS, (*last, _PAGE))
            yield from map(_raw_event, page)
            if len(page) < _PAGE:
                return
            last = (page[-1][0], page[-1][1])

    def record(self, instance_id: int) -> list[RawEvent]:
        """The record of one case as hashed, in order."""
        return [_raw_event(row) for row in self._db.rows(_RECORD, (instance_id,))]

    def names(self, account_ids: Collection[int]) -> dict[int, str]:
        """Display names by account id."""
        statement = "SELECT id, display_name FROM account WHERE id = ANY(%s)"
        return {row[0]: row[1] for row in self._db.rows(statement, (sorted(account_ids),))}


def _raw_event(row: Row) -> RawEvent:
    return RawEvent(
        stream=row[0], seq=row[1], type=row[2], at=row[3], actor_id=row[4], agency=row[5], element=row[6],
        task_id=row[7], facts=row[8], hash=bytes(row[9]),
    )  # fmt: skip
