"""Lists that are paid without asking, and their rows; a million of them are never in memory at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from banjie.domain.awards import PaymentUnderWay
from banjie.domain.decisions import Json
from banjie.domain.instances import InstanceStatus
from banjie.domain.rosters import OwnRow, Roster, RosterRow, RosterStatus, RowState
from banjie.persistence.database import Db, Row
from banjie.persistence.text import dumps, loads

_ROSTER = """
SELECT r.id, r.service, r.region, r.year, r.title, r.on_day, r.status, r.load_id, r.instance_id, i.case_no, r.lines,
       r.eligible, r.total, r.done, r.receipt, r.made_by, a.display_name, r.made_at
FROM roster r JOIN account a ON a.id = r.made_by LEFT JOIN instance i ON i.id = r.instance_id
"""

_ROW = """
SELECT r.line, r.uscc, r.name, r.inputs, r.account_kind, r.account_name, r.account_no, r.bank_name, r.eligible,
       r.amount, r.reason_code, r.rules, r.state,
       (SELECT p.status FROM award a JOIN payment p ON p.award_id = a.id
        WHERE a.roster_id = r.roster_id AND a.line = r.line AND a.status <> 'released'
        ORDER BY p.attempt DESC LIMIT 1)
FROM roster_row r
"""

_COPY = """
COPY roster_row (roster_id, line, uscc, subject, name, inputs, account_kind, account_name, account_no, bank_name,
                 eligible, amount, reason_code, rules, state) FROM STDIN
"""

#: The enterprises that want nothing of the service in the year.
_DECLINE = """
UPDATE roster_row r SET state = 'declined', reason_code = 'declined' FROM reg_refusal d
WHERE r.roster_id = %s AND r.state = 'eligible' AND d.subject = r.subject AND d.service = %s AND d.year = %s
"""

_AWARD_OF_ROW = "SELECT id FROM award WHERE roster_id = %s AND line = %s AND status = 'granted' FOR UPDATE"

#: From the account over the index of subjects: an enterprise stands in few lists, however many there are.
_OWN = """
SELECT w.roster_id, w.line, l.service, l.title, l.year, l.region, l.status, i.status, w.uscc, w.amount, w.reason_code,
       w.state,
       (SELECT p.status FROM award a JOIN payment p ON p.award_id = a.id
        WHERE a.roster_id = w.roster_id AND a.line = w.line AND a.status <> 'released'
        ORDER BY p.attempt DESC LIMIT 1)
FROM account_subject s JOIN roster_row w ON w.subject = s.subject JOIN roster l ON l.id = w.roster_id
JOIN instance i ON i.id = l.instance_id
WHERE s.account_id = %s
"""


@dataclass(frozen=True, kw_only=True)
class RowFilter:
    """Which rows to list: in a state, with a reason, whose name or credit code holds the words.

    `by` orders them: `line`, `name` or `amount` (the greatest first); `after` is the place of the row before.
    """

    state: RowState | None = None
    reason: str | None = None
    words: str = ""
    by: str = "line"
    after: tuple[str, int] | None = None


#: Order → the expression, its type, and the comparison with the row before.
_ORDERS = {
    "line": ("r.line", "bigint", ">", "ASC"),
    "name": ("r.name", "text", ">", "ASC"),
    "amount": ("COALESCE(r.amount, 0)", "numeric", "<", "DESC"),
}


class Rosters:
    """The lists of one unit of work."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def add(
        self,
        *,
        service: str,
        region: str,
        year: int,
        title: str,
        on_day: date,
        load_id: int,
        made_by: int,
        at: datetime,
    ) -> int:
        """Store a list that waits to be read; returns its id."""
        row = self._db.only(
            "INSERT INTO roster (service, region, year, title, on_day, status, load_id, made_by, made_at) "
            "VALUES (%s, %s, %s, %s, %s, 'waiting', %s, %s, %s) RETURNING id",
            (service, region, year, title, on_day, load_id, made_by, at),
        )
        return int(row[0])

    def find(self, roster_id: int) -> Roster | None:
        """A list by its id."""
        row = self._db.one(f"{_ROSTER}WHERE r.id = %s", (roster_id,))
        return _roster(row) if row else None

    def of_case(self, instance_id: int) -> Roster | None:
        """The list of a case."""
        row = self._db.one(f"{_ROSTER}WHERE r.instance_id = %s", (instance_id,))
        return _roster(row) if row else None

    def newest(self, regions: Sequence[str], *, limit: int, before: int | None = None) -> list[Roster]:
        """The newest lists of the regions, older than an id."""
        rows = self._db.rows(
            f"{_ROSTER}WHERE r.region = ANY(%s) AND r.id < %s ORDER BY r.id DESC LIMIT %s",
            (list(regions), before or 2**62, limit),
        )
        return [_roster(row) for row in rows]

    def set_status(self, roster_id: int, status: RosterStatus, *, done: int = 0) -> None:
        """Move a list on."""
        self._db.run("UPDATE roster SET status = %s, done = %s WHERE id = %s", (status, done, roster_id))

    def report(self, roster_id: int, done: int) -> None:
        """Tell the last line that the job in hand has worked on."""
        self._db.run("UPDATE roster SET done = %s WHERE id = %s", (done, roster_id))

    def ready(
        self, roster_id: int, *, lines: int, eligible: int, total: Decimal, shared: Mapping[str, object],
        instance_id: int,
    ) -> None:  # fmt: skip
        """Note what the rules made of a list, and its case."""
        self._db.run(
            "UPDATE roster SET status = 'ready', lines = %s, done = %s, eligible = %s, total = %s, receipt = %s, "
            "instance_id = %s WHERE id = %s",
            (lines, lines, eligible, total, dumps(shared), instance_id, roster_id),
        )

    # ── rows ─────────────────────────────────────────────────────────────────────────────────────────

    def copy_rows(self, rows: Iterable[Sequence[object]]) -> None:
        """Write rows as they come: roster, line, code, subject, name, inputs, account (4), outcome (4), state."""
        self._db.copy_in(_COPY, rows)

    def decline_refused(self, roster_id: int, service: str, year: int) -> int:
        """Leave out the enterprises that refused the service for the year; returns how many."""
        return self._db.run(_DECLINE, (roster_id, service, year))

    def chunk_end(self, roster_id: int, after: int, size: int) -> int | None:
        """The last line of the next `size` rows behind a line; None where none follows."""
        row = self._db.only(
            "SELECT max(line) FROM (SELECT line FROM roster_row WHERE roster_id = %s AND line > %s ORDER BY line "
            "LIMIT %s) chunk",
            (roster_id, after, size),
        )
        return row[0] if row[0] is None else int(row[0])

    def retotal(self, roster_id: int) -> tuple[int, Decimal]:
        """Count anew what is to be paid, and store it: how many rows, how much in CNY."""
        row = self._db.only(
            "UPDATE roster SET (eligible, total) = (SELECT count(*), COALESCE(sum(amount), 0) FROM roster_row "
            "WHERE roster_id = %s AND state = 'eligible') WHERE id = %s RETURNING eligible, total",
            (roster_id, roster_id),
        )
        return int(row[0]), row[1]

    def left_out(self, roster_id: int) -> dict[RowState, int]:
        """How many rows are not paid for another reason than the rules."""
        rows = self._db.rows(
            "SELECT state, count(*) FROM roster_row WHERE roster_id = %s AND state IN ('limited', 'declined', "
            "'objected') GROUP BY state ORDER BY state",
            (roster_id,),
        )
        return {RowState(row[0]): row[1] for row in rows}

    def row(self, roster_id: int, line: int) -> RosterRow | None:
        """A row by its line."""
        row = self._db.one(f"{_ROW}WHERE r.roster_id = %s AND r.line = %s", (roster_id, line))
        return _row(row) if row else None

    def rows(self, roster_id: int, wanted: RowFilter, *, limit: int) -> list[RosterRow]:
        """Rows in their order, behind the place of the one before."""
        order, kind, beyond, direction = _ORDERS[wanted.by]
        where, given = ["r.roster_id = %s"], [roster_id]
        parameters: list[object] = list(given)
        for field, value in (("r.state", wanted.state), ("r.reason_code", wanted.reason)):
            if value is not None:
                where.append(f"{field} = %s")
                parameters.append(value)
        if wanted.words:
            where.append("(r.uscc = %s OR r.name LIKE %s)")
            parameters += [wanted.words.upper(), f"%{_escaped(wanted.words)}%"]
        if wanted.after is not None:
            place, line = wanted.after
            where.append(f"({order} {beyond} %s::{kind} OR ({order} = %s::{kind} AND r.line > %s))")
            parameters += [place, place, line]
        rows = self._db.rows(
            f"{_ROW}WHERE {' AND '.join(where)} ORDER BY {order} {direction}, r.line LIMIT %s",
            (*parameters, limit),
        )
        return [_row(row) for row in rows]

    def own(self, account_id: int, *, limit: int) -> list[OwnRow]:
        """The rows of the enterprises that an account was proved to be, those of the newest lists first."""
        rows = self._db.rows(f"{_OWN}ORDER BY w.roster_id DESC, w.line LIMIT %s", (account_id, limit))
        return [_own(row) for row in rows]

    def own_row(self, account_id: int, roster_id: int, line: int) -> OwnRow | None:
        """One of the rows of `own`."""
        row = self._db.one(f"{_OWN}AND w.roster_id = %s AND w.line = %s", (account_id, roster_id, line))
        return _own(row) if row else None

    def every_row(self, roster_id: int) -> Iterator[RosterRow]:
        """All rows by line, streamed; only within a transaction."""
        return map(_row, self._db.stream(f"{_ROW}WHERE r.roster_id = %s ORDER BY r.line", (roster_id,)))

    def rows_of_subject(self, subject: bytes, service: str, year: int) -> list[tuple[int, int, int | None]]:
        """Roster, line and case of the rows in which an enterprise is still to be paid."""
        rows = self._db.rows(
            "SELECT r.id, w.line, r.instance_id FROM roster_row w JOIN roster r ON r.id = w.roster_id "
            "WHERE w.subject = %s AND w.state = 'eligible' AND r.service = %s AND r.year = %s ORDER BY r.id",
            (subject, service, year),
        )
        return [(row[0], row[1], row[2]) for row in rows]

    def leave_out(self, roster_id: int, line: int, state: RowState, reason: str | None, at: datetime) -> bool:
        """Take a row out of what its list pays, with the award it was granted; False where it is not to be paid.

        The list's case must be locked. Raises PaymentUnderWay where its money is in a batch or with the bank.
        """
        taken = self._db.run(
            "UPDATE roster_row SET state = %s, reason_code = COALESCE(%s, reason_code) "
            "WHERE roster_id = %s AND line = %s AND state = 'eligible'",
            (state, reason, roster_id, line),
        )
        if not taken:
            return False
        self._release_row(roster_id, line, at)
        self._db.run(
            "UPDATE roster SET eligible = eligible - 1, total = total - (SELECT amount FROM roster_row "
            "WHERE roster_id = %s AND line = %s) WHERE id = %s",
            (roster_id, line, roster_id),
        )
        return True

    def _release_row(self, roster_id: int, line: int, at: datetime) -> None:
        award = self._db.one(_AWARD_OF_ROW, (roster_id, line))
        if award is None:
            return
        self._db.run(
            "UPDATE payment SET status = 'cancelled', ended_at = %s WHERE award_id = %s AND status = 'due'",
            (at, award[0]),
        )
        alive = "SELECT id FROM payment WHERE award_id = %s AND status IN ('batched', 'sent', 'paid') LIMIT 1"
        under_way = self._db.one(alive, (award[0],))
        if under_way is not None:
            raise PaymentUnderWay(payment=under_way[0])
        self._db.run("DELETE FROM award_slot WHERE award_id = %s", (award[0],))
        self._db.run("UPDATE award SET status = 'released', ended_at = %s WHERE id = %s", (at, award[0]))

    # ── refusals ─────────────────────────────────────────────────────────────────────────────────────

    def refuse(self, subject: bytes, service: str, year: int, reason: str, by: int, at: datetime) -> None:
        """Keep that an enterprise wants nothing of a service in a year; a second time changes nothing."""
        self._db.run(
            "INSERT INTO reg_refusal (subject, service, year, reason, by_id, at) VALUES (%s, %s, %s, %s, %s, %s) "
            "ON CONFLICT DO NOTHING",
            (subject, service, year, reason, by, at),
        )

    def holds_subject(self, account_id: int, subject: bytes) -> bool:
        """Whether an account has been verified for an enterprise."""
        statement = "SELECT 1 FROM account_subject WHERE account_id = %s AND subject = %s"
        return self._db.one(statement, (account_id, subject)) is not None


def _escaped(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _roster(row: Row) -> Roster:
    shared: Mapping[str, Json] | None = loads(row[14]) if row[14] else None
    return Roster(
        id=row[0], service=row[1], region=row[2], year=row[3], title=row[4], on_day=row[5],
        status=RosterStatus(row[6]), load_id=row[7], instance_id=row[8], case_no=row[9], lines=row[10],
        eligible=row[11], total=row[12], done=row[13], shared=shared, made_by=row[15], made_by_name=row[16],
        made_at=row[17],
    )  # fmt: skip


def _own(row: Row) -> OwnRow:
    return OwnRow(
        roster_id=row[0], line=row[1], service=row[2], title=row[3], year=row[4], region=row[5],
        status=RosterStatus(row[6]), is_running=row[7] == InstanceStatus.RUNNING, uscc=row[8], amount=row[9],
        reason_code=row[10], state=RowState(row[11]), payment=row[12],
    )  # fmt: skip


def _row(row: Row) -> RosterRow:
    return RosterRow(
        line=row[0], uscc=row[1], name=row[2], facts=loads(row[3]), account_kind=row[4], account_name=row[5],
        account_no=row[6], bank_name=row[7], eligible=row[8], amount=row[9], reason_code=row[10],
        rules=row[11] or (), state=RowState(row[12]), payment=row[13],
    )  # fmt: skip
