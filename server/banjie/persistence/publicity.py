"""Publicities, their entries, and the objections to them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from banjie.domain.calendar import legal_date
from banjie.domain.publicity import (
    Entry,
    NewPublicity,
    Objection,
    ObjectionStatus,
    Publicity,
    PublicityStatus,
)
from banjie.persistence.database import Db, Row

PUBLICITY = """
SELECT p.id, p.no, p.instance_id, p.roster_id, p.service, p.region, p.agency, p.title, p.remark, p.starts_on, p.ends_on,
       p.closes_at, p.entries, p.total, p.status, p.published_at, p.closed_at
FROM publicity p """

OBJECTION = """
SELECT o.id, o.publicity_id, p.no, p.agency, o.instance_id, i.case_no, p.roster_id, o.line, o.name, o.contact, o.reason,
       o.at, o.status, o.answer, a.display_name, o.handled_at
FROM objection o
JOIN publicity p ON p.id = o.publicity_id
JOIN instance i ON i.id = o.instance_id
LEFT JOIN account a ON a.id = o.handled_by """

#: The publicity of a case that runs, how many objections in the case are open, and how many to it were upheld.
_RUNNING = f"""
SELECT p.*, o.open, o.upheld FROM ({PUBLICITY}WHERE p.instance_id = %s AND p.status = 'running') p
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE status = 'open') AS open,
           count(*) FILTER (WHERE status = 'upheld' AND publicity_id = p.id) AS upheld
    FROM objection WHERE instance_id = p.instance_id AND (publicity_id = p.id OR status = 'open')
) o
"""

#: A publicity with its entries; the sequence keeps two that are published at once from having one number.
_NEW = """
WITH made AS (
    INSERT INTO publicity (no, instance_id, roster_id, service, region, agency, title, remark, starts_on, ends_on,
                           closes_at, parameter, entries, total, status, published_by, published_at)
    VALUES (%s || nextval('publicity_no'), %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'running', %s, %s)
    RETURNING id, no
), listed AS (
    INSERT INTO publicity_entry (publicity_id, line, name, detail, amount)
    SELECT made.id, e.line, e.name, e.detail, e.amount
    FROM made, unnest(%s::bigint[], %s::text[], %s::text[], %s::numeric[]) AS e (line, name, detail, amount)
)
SELECT no FROM made
"""

#: Those that can still be objected to come first, then the newest.
LISTED = """
SELECT x.* FROM (
    SELECT p.*, (p.status = 'running' AND p.closes_at > %s)::int AS runs
    FROM ({publicity} WHERE {where}) p
) x WHERE (x.runs, x.id) < (%s, %s) ORDER BY x.runs DESC, x.id DESC LIMIT %s"""

#: The rows of a roster that are to be paid, and those against which an objection was upheld since.
ROSTER_ENTRIES = """
SELECT line, name, uscc, amount FROM roster_row
WHERE roster_id = %s AND state IN ('eligible', 'objected') AND line > %s {only}ORDER BY line LIMIT %s"""

OWN_ENTRIES = """
SELECT line, name, detail, amount FROM publicity_entry
WHERE publicity_id = %s AND line > %s {only}ORDER BY line LIMIT %s"""

#: Before the first of a list.
_FIRST = (2, 2**62)


@dataclass(frozen=True, kw_only=True)
class RosterTotals:
    """What a case's roster comes to: how many qualify, and how much they get in CNY."""

    id: int
    eligible: int
    total: object


@dataclass(frozen=True, kw_only=True)
class Running:
    """A publicity that has not ended, with what stands against its end.

    `open` counts the open objections of its case, whichever publicity they were made to; `upheld` those to it.
    """

    publicity: Publicity
    open: int
    upheld: int


class Publicities:
    """The publicities of one unit of work."""

    def __init__(self, db: Db) -> None:
        self._db = db

    # ── publicities ──────────────────────────────────────────────────────────────────────────────────

    def insert(self, new: NewPublicity, entries: Sequence[Entry]) -> str:
        """Store a publicity with its entries; returns its number: region, day, and a number that is given once.

        Numbers ascend, with gaps where a transaction was rolled back or another region published.
        """
        row = self._db.only(
            _NEW,
            (
                f"GS-{new.region}-{legal_date(new.published_at):%Y%m%d}-", new.instance_id, new.roster_id,
                new.service, new.region, new.agency, new.title, new.remark, new.period.starts_on,
                new.period.ends_on, new.period.closes_at, new.parameter, new.entries, new.total,
                new.published_by, new.published_at, [one.line for one in entries],
                [one.name for one in entries], [one.detail for one in entries], [one.amount for one in entries],
            ),
        )  # fmt: skip
        return str(row[0])

    def find(self, no: str) -> Publicity | None:
        """A publicity by its number."""
        return _publicity(self._db.one(PUBLICITY + "WHERE p.no = %s", (no,)))

    def running_of(self, instance_id: int) -> Publicity | None:
        """The publicity of a case that has not ended."""
        return _publicity(
            self._db.one(PUBLICITY + "WHERE p.instance_id = %s AND p.status = 'running'", (instance_id,))
        )

    def running_with_objections(self, instance_id: int) -> Running | None:
        """The same, with the objections that its end has to look at; of one instant."""
        row = self._db.one(_RUNNING, (instance_id,))
        if row is None:
            return None
        return Running(publicity=_read_publicity(row[:-2]), open=int(row[-2]), upheld=int(row[-1]))

    def of_case(self, instance_id: int) -> list[Publicity]:
        """The publicities of a case, the newest first."""
        rows = self._db.rows(PUBLICITY + "WHERE p.instance_id = %s ORDER BY p.id DESC", (instance_id,))
        return [found for row in rows if (found := _publicity(row))]

    def listed(
        self, now: datetime, regions: Collection[str] | None, query: str, *, after: tuple[int, int] | None,
        limit: int,
    ) -> list[tuple[tuple[int, int], Publicity]]:  # fmt: skip
        """Those that run first, then the newest, without revoked ones; each with its place in the list.

        `regions` None: of all; `query` is looked for in the titles; `after` is the place of the last one seen.
        """
        given: list[object] = []
        where = "p.status <> 'revoked'"
        if regions is not None:
            where += " AND p.region = ANY(%s)"
            given.append(sorted(regions))
        if query:
            where += " AND p.title ILIKE %s"
            given.append(_like(query))
        statement = LISTED.format(publicity=PUBLICITY, where=where)
        rows = self._db.rows(statement, (now, *given, *(after or _FIRST), limit))
        return [((int(row[-1]), int(row[0])), _read_publicity(row[:-1])) for row in rows]

    def close(self, publicity_id: int, status: PublicityStatus, at: datetime) -> None:
        """End a publicity."""
        self._db.run(
            "UPDATE publicity SET status = %s, closed_at = %s WHERE id = %s AND status = 'running'",
            (status.value, at, publicity_id),
        )

    def entries(self, publicity: Publicity, *, after: int, query: str, limit: int) -> list[Entry]:
        """The entries behind a line, whose names contain the query; a roster's show the credit code as detail."""
        statement, subject = OWN_ENTRIES, publicity.id
        if publicity.roster_id is not None:
            statement, subject = ROSTER_ENTRIES, publicity.roster_id
        only = "AND name ILIKE %s " if query else ""
        rows = self._db.rows(
            statement.format(only=only), (subject, after, *([_like(query)] if query else []), limit)
        )
        return [Entry(line=row[0], name=row[1], detail=row[2], amount=row[3]) for row in rows]

    def has_entry(self, publicity: Publicity, line: int) -> bool:
        """Whether the publicity has the line."""
        statement, subject = "publicity_entry WHERE publicity_id = %s", publicity.id
        if publicity.roster_id is not None:
            states = "state IN ('eligible', 'objected')"
            statement, subject = f"roster_row WHERE roster_id = %s AND {states}", publicity.roster_id
        return self._db.one(f"SELECT 1 FROM {statement} AND line = %s", (subject, line)) is not None

    def roster_of(self, instance_id: int) -> RosterTotals | None:
        """What the roster of a batch case comes to."""
        row = self._db.one("SELECT id, eligible, total FROM roster WHERE instance_id = %s", (instance_id,))
        return RosterTotals(id=row[0], eligible=row[1], total=row[2]) if row else None

    # ── objections ───────────────────────────────────────────────────────────────────────────────────

    def add_objection(
        self, publicity: Publicity, *, line: int | None, name: str, contact: str, reason: str, at: datetime
    ) -> int:
        """Store an objection; returns its id."""
        row = self._db.only(
            "INSERT INTO objection (publicity_id, instance_id, line, name, contact, reason, at, status) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, 'open') RETURNING id",
            (publicity.id, publicity.instance_id, line, name, contact, reason, at),
        )
        return int(row[0])

    def objection(self, objection_id: int) -> Objection | None:
        """An objection by its id."""
        row = self._db.one(OBJECTION + "WHERE o.id = %s", (objection_id,))
        return _objection(row) if row else None

    def objections_of_case(self, instance_id: int, *, limit: int) -> list[Objection]:
        """The objections in a case, open ones first, then the newest."""
        rows = self._db.rows(
            OBJECTION + "WHERE o.instance_id = %s ORDER BY (o.status <> 'open'), o.id DESC LIMIT %s",
            (instance_id, limit),
        )
        return [_objection(row) for row in rows]

    def objections_of(
        self, agencies: Collection[str], status: ObjectionStatus | None, *, before: int | None, limit: int
    ) -> list[Objection]:
        """The objections that agencies answer, the newest first; of one status, or (None) of all."""
        only = "" if status is None else " AND o.status = %s"
        rows = self._db.rows(
            f"{OBJECTION}WHERE p.agency = ANY(%s) AND o.id < %s{only} ORDER BY o.id DESC LIMIT %s",
            (sorted(agencies), before or _FIRST[1], *([] if status is None else [status.value]), limit),
        )
        return [_objection(row) for row in rows]

    def answer(
        self, objection_id: int, status: ObjectionStatus, answer: str, account_id: int, at: datetime
    ) -> None:
        """Write the answer to an objection."""
        self._db.run(
            "UPDATE objection SET status = %s, answer = %s, handled_by = %s, handled_at = %s WHERE id = %s",
            (status.value, answer, account_id, at, objection_id),
        )


def leave(db: Db, instance_id: int, at: datetime) -> None:
    """End what a case has published and not closed. The case's row must be locked."""
    db.run(
        "UPDATE publicity SET status = 'revoked', closed_at = %s WHERE instance_id = %s AND status = 'running'",
        (at, instance_id),
    )


def _publicity(row: Row | None) -> Publicity | None:
    return _read_publicity(row) if row else None


_FIELDS = tuple(Publicity.__dataclass_fields__)
_OBJECTION_FIELDS = tuple(Objection.__dataclass_fields__)


def _read_publicity(row: Row) -> Publicity:
    told = dict(zip(_FIELDS, row, strict=True))
    return Publicity(**{**told, "status": PublicityStatus(told["status"])})


def _objection(row: Row) -> Objection:
    told = dict(zip(_OBJECTION_FIELDS, row, strict=True))
    return Objection(**{**told, "status": ObjectionStatus(told["status"])})


def _like(text: str) -> str:
    """A pattern that finds the text anywhere, its own signs taken as they are."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
