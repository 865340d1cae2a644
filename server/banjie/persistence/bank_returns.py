"""The bank's answers: staged whole, compared with their batch, then written by one statement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from banjie.domain.payments import BankReturn, Batch, ReturnFault, ReturnRow
from banjie.persistence.database import Db, Row

_STAGE = """
CREATE TEMPORARY TABLE return_row (
    line       bigint NOT NULL,
    payment_id bigint NOT NULL,
    account_no text NOT NULL,
    amount     numeric(14, 2) NOT NULL,
    result     text NOT NULL,
    code       text NOT NULL,
    words      text NOT NULL,
    reference  text NOT NULL,
    paid_on    date
) ON COMMIT DROP"""

_COPY = "COPY return_row (line, payment_id, account_no, amount, result, code, words, reference, paid_on) FROM STDIN"

#: What is wrong with a line, the gravest first. An answer that was read before may be there again, unchanged.
_FAULTS = """
SELECT line, field, code FROM (
    SELECT r.line,
        CASE WHEN p.id IS NULL OR r.nth > 1 THEN 'payment' WHEN r.amount <> p.amount THEN 'amount'
             WHEN r.account_no <> upper(regexp_replace(p.account_no, '[^0-9A-Za-z]', '', 'g')) THEN 'account'
             ELSE 'result' END AS field,
        CASE WHEN p.id IS NULL THEN 'unknown_payment' WHEN r.nth > 1 THEN 'doubled'
             WHEN r.amount <> p.amount THEN 'wrong_amount'
             WHEN r.account_no <> upper(regexp_replace(p.account_no, '[^0-9A-Za-z]', '', 'g')) THEN 'wrong_account'
             WHEN p.status <> 'sent' AND p.status <> r.result THEN 'answered_otherwise' END AS code
    FROM (SELECT *, row_number() OVER (PARTITION BY payment_id ORDER BY line) AS nth FROM return_row) r
    LEFT JOIN payment p ON p.id = r.payment_id AND p.batch_id = %s
) told WHERE code IS NOT NULL ORDER BY line LIMIT %s"""

_APPLY = """
WITH answered AS (
    UPDATE payment p SET status = r.result, ended_at = %s, paid_on = r.paid_on, reference = NULLIF(r.reference, ''),
        refusal_code = NULLIF(r.code, ''), refusal_words = NULLIF(r.words, '')
    FROM return_row r WHERE p.id = r.payment_id AND p.batch_id = %s AND p.status = 'sent'
    RETURNING p.award_id, p.status, p.amount
), awarded AS (
    UPDATE award a SET status = 'paid', ended_at = %s FROM answered d
    WHERE a.id = d.award_id AND d.status = 'paid'
)
SELECT count(*) FILTER (WHERE status = 'paid'), COALESCE(sum(amount) FILTER (WHERE status = 'paid'), 0),
       count(*) FILTER (WHERE status = 'refused'), COALESCE(sum(amount) FILTER (WHERE status = 'refused'), 0)
FROM answered"""

_RETURN = """
SELECT r.id, r.name, r.sha256, r.paid, r.paid_total, r.refused, r.at, COALESCE(a.display_name, '')
FROM payment_return r LEFT JOIN account a ON a.id = r.by_id
"""


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What a return file newly answered."""

    paid: int
    paid_total: Decimal
    refused: int
    refused_total: Decimal


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """An order that the bank has answered while the step that waits for it is still open."""

    payment_id: int
    instance_id: int
    roster_id: int | None
    token: str


class BankReturns:
    """The return files of one unit of work."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def stage(self, rows: Iterable[ReturnRow]) -> None:
        """Lay out the rows of a file for this transaction, as they come."""
        self._db.run(_STAGE)
        self._db.copy_in(
            _COPY,
            (
                (one.line, one.payment_id, one.account_no, one.amount, one.result.value, one.code, one.words,
                 one.reference, one.paid_on)
                for one in rows
            ),
        )  # fmt: skip
        self._db.run("ANALYZE return_row")

    def faults(self, batch_id: int, *, limit: int) -> list[ReturnFault]:
        """What does not fit the batch of what is staged, by line."""
        rows = self._db.rows(_FAULTS, (batch_id, limit))
        return [ReturnFault(line=row[0], field=row[1], code=row[2]) for row in rows]

    def apply(self, batch_id: int, at: datetime) -> Answered:
        """Write what is staged to the orders of a batch and their awards; answers that were read before stay."""
        row = self._db.only(_APPLY, (at, batch_id, at))
        return Answered(paid=row[0], paid_total=row[1], refused=row[2], refused_total=row[3])

    def add(self, batch_id: int, sha256: str, name: str, answered: Answered, by: int, at: datetime) -> int:
        """Store that a file was read; a second one of the same hash is refused by the table."""
        row = self._db.only(
            "INSERT INTO payment_return (batch_id, sha256, name, paid, paid_total, refused, by_id, at) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
            (batch_id, sha256, name, answered.paid, answered.paid_total, answered.refused, by, at),
        )
        return int(row[0])

    def find(self, batch_id: int, sha256: str) -> BankReturn | None:
        """The file of a hash that was read for a batch."""
        row = self._db.one(f"{_RETURN}WHERE r.batch_id = %s AND r.sha256 = %s", (batch_id, sha256))
        return _return(row) if row else None

    def of(self, batch_id: int) -> list[BankReturn]:
        """The files that were read for a batch, the newest first."""
        rows = self._db.rows(f"{_RETURN}WHERE r.batch_id = %s ORDER BY r.id DESC", (batch_id,))
        return [_return(row) for row in rows]

    def close_batch(self, batch: Batch, at: datetime) -> bool:
        """Mark a batch as settled where the bank has answered for every order; False where some are open."""
        return bool(
            self._db.run(
                "UPDATE payment_batch b SET status = 'settled', ended_at = %s WHERE id = %s AND status = 'sent' "
                "AND NOT EXISTS (SELECT 1 FROM payment p WHERE p.batch_id = b.id AND p.status = 'sent')",
                (at, batch.id),
            )
        )

    def waiting(self, batch_id: int, *, after: int, limit: int) -> list[Waiting]:
        """The answered orders of single cases whose step is still open, by id, behind an id."""
        rows = self._db.rows(
            "SELECT p.id, p.instance_id, p.token FROM payment p "
            "JOIN task t ON t.instance_id = p.instance_id AND t.token = p.token AND t.status = 'open' "
            "WHERE p.batch_id = %s AND p.roster_id IS NULL AND p.status IN ('paid', 'refused') AND p.id > %s "
            "ORDER BY p.id LIMIT %s",
            (batch_id, after, limit),
        )
        return [Waiting(payment_id=row[0], instance_id=row[1], roster_id=None, token=row[2]) for row in rows]

    def rosters(self, batch_id: int) -> list[Waiting]:
        """The rosters with orders in a batch whose step is still open, one entry each; `payment_id` is any of them."""
        rows = self._db.rows(
            "SELECT p.payment_id, p.instance_id, p.roster_id, p.token FROM ("
            "SELECT min(id) AS payment_id, instance_id, roster_id, token FROM payment WHERE batch_id = %s "
            "AND roster_id IS NOT NULL GROUP BY instance_id, roster_id, token) p "
            "JOIN task t ON t.instance_id = p.instance_id AND t.token = p.token AND t.status = 'open' "
            "ORDER BY p.roster_id",
            (batch_id,),
        )
        return [
            Waiting(payment_id=row[0], instance_id=row[1], roster_id=row[2], token=row[3]) for row in rows
        ]


def _return(row: Row) -> BankReturn:
    return BankReturn(
        id=row[0],
        name=row[1],
        sha256=row[2],
        paid=row[3],
        paid_total=row[4],
        refused=row[5],
        at=row[6],
        by=row[7],
    )
