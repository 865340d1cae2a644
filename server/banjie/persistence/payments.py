"""Orders to pay and the batches they go to the bank in. A million of them is written by one statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from banjie.domain.awards import PaymentStatus
from banjie.domain.payments import Batch, BatchStatus, DueGroup, FileFormat, Payment, Pot, Reconciliation, Sum
from banjie.persistence.database import Db, Row

_PAYMENT = """
SELECT p.id, p.award_id, p.instance_id, p.roster_id, p.token, i.case_no, a.service, p.agency, p.fund, p.region, p.year,
       p.attempt, p.amount, p.payee, p.account_no, p.bank_name, p.status, b.no, p.made_at, p.paid_on, p.reference,
       p.refusal_code, p.refusal_words, p.ended_at
FROM payment p JOIN award a ON a.id = p.award_id JOIN instance i ON i.id = p.instance_id
LEFT JOIN payment_batch b ON b.id = p.batch_id
"""

_BATCH = """
SELECT b.id, b.no, b.fund, b.region, b.year, b.agency, b.status, b.count, b.total, b.made_by, m.display_name, b.made_at,
       b.checked_by, c.display_name, b.checked_at, x.display_name, b.exported_at, b.file_format, b.file_sha256,
       b.reason, b.ended_at
FROM payment_batch b JOIN account m ON m.id = b.made_by LEFT JOIN account c ON c.id = b.checked_by
LEFT JOIN account x ON x.id = b.exported_by
"""

#: What a batch may take: due orders of a pot whose case nobody holds up.
_POT = (
    "agency = %s AND fund = %s AND region = %s AND year = %s AND status = 'due' "
    "AND NOT EXISTS (SELECT 1 FROM instance i WHERE i.id = payment.instance_id AND i.hold IS NOT NULL)"
)

#: The first so many due orders of a pot; whoever comes second waits here and finds them taken.
_TAKE = f"""
WITH taken AS (
    UPDATE payment SET status = 'batched', batch_id = %s
    WHERE {_POT} AND id < COALESCE((SELECT id FROM payment WHERE {_POT} ORDER BY id OFFSET %s LIMIT 1), %s)
    RETURNING amount
) SELECT count(*), COALESCE(sum(amount), 0) FROM taken"""

_TAKE_NAMED = f"""
WITH taken AS (
    UPDATE payment SET status = 'batched', batch_id = %s WHERE {_POT} AND id = ANY(%s) RETURNING amount
) SELECT count(*), COALESCE(sum(amount), 0) FROM taken"""

#: One order for each award of the roster that is granted and has no live one; those of a step are made once.
_ORDER_ROSTER = """
WITH ordered AS (
    INSERT INTO payment (award_id, instance_id, roster_id, token, agency, fund, region, year, attempt, amount, payee,
                         account_no, bank_name, status, made_at)
    SELECT a.id, a.instance_id, a.roster_id, %s, %s, a.fund, a.region, a.year, 1 + COALESCE(before.orders, 0),
           a.amount, COALESCE(r.account_name, r.name), r.account_no, COALESCE(r.bank_name, ''), 'due', %s
    FROM award a JOIN roster_row r ON r.roster_id = a.roster_id AND r.line = a.line
    LEFT JOIN (SELECT award_id, count(*) AS orders FROM payment WHERE roster_id = %s GROUP BY award_id) before
        ON before.award_id = a.id
    WHERE a.roster_id = %s AND a.status = 'granted' AND r.account_no IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM payment p WHERE p.award_id = a.id AND p.roster_id = %s
                      AND (p.token = %s OR p.status NOT IN ('refused', 'cancelled')))
    ORDER BY a.line
    RETURNING amount
) SELECT count(*), COALESCE(sum(amount), 0) FROM ordered"""

#: The planner knows nothing of rows that were written a moment ago; row by row it would look for them forever.
_ROW_BY_ROW = "SELECT set_config('enable_nestloop', %s, true)"

_LAST_ID = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class PaymentFilter:
    """Which orders to list: of these agencies; empty or None stands for any. `after` is the id to go on behind."""

    agencies: Sequence[str]
    statuses: Sequence[PaymentStatus] = ()
    fund: str | None = None
    region: str | None = None
    year: int | None = None
    batch_id: int | None = None
    words: str = ""
    after: int = 0


@dataclass(frozen=True, kw_only=True)
class BankLine:
    """What the bank is told of one order."""

    id: int
    payee: str
    account_no: str
    bank_name: str
    amount: Decimal
    service: str


class Payments:
    """The orders and batches of one unit of work."""

    def __init__(self, db: Db) -> None:
        self._db = db

    # ── orders ───────────────────────────────────────────────────────────────────────────────────────

    def order_roster(self, roster_id: int, *, agency: str, token: str, at: datetime) -> Sum:
        """Order the payment of every granted award of a roster without a live order; answers what was ordered.

        `token` is the activation of the step that waits for the money; an award is ordered once for it. Awards whose
        row has no account are left out.
        """
        self._db.run(_ROW_BY_ROW, ("off",))
        row = self._db.only(_ORDER_ROSTER, (token, agency, at, *[roster_id] * 3, token))
        self._db.run(_ROW_BY_ROW, ("on",))
        return Sum(count=row[0], total=row[1])

    def order_again(
        self, payment: Payment, *, payee: str, account_no: str, bank_name: str, at: datetime
    ) -> int | None:
        """Order once more what the bank refused, to another account; None where an order for it lives already."""
        row = self._db.one(
            "INSERT INTO payment (award_id, instance_id, roster_id, token, agency, fund, region, year, attempt, "
            "amount, payee, account_no, bank_name, status, made_at) "
            "SELECT p.award_id, p.instance_id, p.roster_id, p.token, p.agency, p.fund, p.region, p.year, "
            "1 + (SELECT count(*) FROM payment o WHERE o.award_id = p.award_id), p.amount, %s, %s, %s, 'due', %s "
            "FROM payment p JOIN award a ON a.id = p.award_id "
            "WHERE p.id = %s AND p.status = 'refused' AND a.status = 'granted' ON CONFLICT DO NOTHING RETURNING id",
            (payee, account_no, bank_name, at, payment.id),
        )
        return int(row[0]) if row else None

    def due_groups(self, agencies: Sequence[str]) -> list[DueGroup]:
        """The due orders by agency and pot, with their sums."""
        rows = self._db.rows(
            "SELECT agency, fund, region, year, count(*), sum(amount) FROM payment "
            "WHERE agency = ANY(%s) AND status = 'due' GROUP BY agency, fund, region, year "
            "ORDER BY agency, year DESC, fund, region",
            (list(agencies),),
        )
        return [
            DueGroup(
                agency=row[0], pot=Pot(fund=row[1], region=row[2], year=row[3]), count=row[4], total=row[5]
            )
            for row in rows
        ]

    def due_sum(self, agency: str, pot: Pot, ids: Sequence[int] | None) -> Sum:
        """How many orders of a pot a batch may take, and how much: of those named, or of all."""
        only = " AND id = ANY(%s)" if ids is not None else ""
        row = self._db.only(
            f"SELECT count(*), COALESCE(sum(amount), 0) FROM payment WHERE {_POT}{only}",
            (agency, pot.fund, pot.region, pot.year, *([list(ids)] if ids is not None else [])),
        )
        return Sum(count=row[0], total=row[1])

    def listed(self, wanted: PaymentFilter, *, limit: int) -> list[Payment]:
        """The orders that fit, by id."""
        return [
            _payment(row)
            for row in self._db.rows(
                f"{_PAYMENT}WHERE p.agency = ANY(%s) AND (cardinality(%s::text[]) = 0 OR p.status = ANY(%s)) "
                "AND (%s::text IS NULL OR p.fund = %s) AND (%s::text IS NULL OR p.region = %s) "
                "AND (%s::integer IS NULL OR p.year = %s) AND (%s::bigint IS NULL OR p.batch_id = %s) "
                "AND (%s = '' OR i.case_no = %s OR strpos(p.payee, %s) > 0) AND p.id > %s ORDER BY p.id LIMIT %s",
                (
                    list(wanted.agencies), *[[status.value for status in wanted.statuses]] * 2,
                    *[wanted.fund] * 2, *[wanted.region] * 2, *[wanted.year] * 2, *[wanted.batch_id] * 2,
                    *[wanted.words] * 3, wanted.after, limit,
                ),
            )
        ]  # fmt: skip

    def of_case(self, instance_id: int) -> list[Payment]:
        """The orders of a case, the newest first; for a roster its hundred newest."""
        rows = self._db.rows(
            f"{_PAYMENT}WHERE p.instance_id = %s ORDER BY p.id DESC LIMIT 100", (instance_id,)
        )
        return [_payment(row) for row in rows]

    def find(self, payment_id: int) -> Payment | None:
        """An order by its id."""
        row = self._db.one(f"{_PAYMENT}WHERE p.id = %s", (payment_id,))
        return _payment(row) if row else None

    def of_roster(self, instance_id: int, roster_id: int) -> dict[PaymentStatus, Sum]:
        """The newest order of each award of a roster, by how it stands."""
        rows = self._db.rows(
            "SELECT status, count(*), sum(amount) FROM (SELECT DISTINCT ON (award_id) status, amount FROM payment "
            "WHERE instance_id = %s AND roster_id = %s ORDER BY award_id, attempt DESC) newest GROUP BY status",
            (instance_id, roster_id),
        )
        return {PaymentStatus(row[0]): Sum(count=row[1], total=row[2]) for row in rows}

    # ── batches ──────────────────────────────────────────────────────────────────────────────────────

    def add_batch(self, pot: Pot, agency: str, by: int, at: datetime, prefix: str) -> tuple[int, str]:
        """Store an empty batch; its id and number, which is the prefix and a serial number."""
        batch_id = int(self._db.only("SELECT nextval(pg_get_serial_sequence('payment_batch', 'id'))")[0])
        no = f"{prefix}{batch_id:06d}"
        self._db.run(
            "INSERT INTO payment_batch (id, no, fund, region, year, agency, status, count, total, made_by, made_at) "
            "OVERRIDING SYSTEM VALUE VALUES (%s, %s, %s, %s, %s, %s, %s, 0, 0, %s, %s)",
            (batch_id, no, pot.fund, pot.region, pot.year, agency, BatchStatus.MADE.value, by, at),
        )
        return batch_id, no

    def take(self, batch_id: int, pot: Pot, agency: str, ids: Sequence[int] | None, *, most: int) -> Sum:
        """Put due orders of a pot into a batch: those named, or the first so many; answers what was taken.

        Orders of a case that is held up are left.
        """
        of = (agency, pot.fund, pot.region, pot.year)
        if ids is None:
            row = self._db.only(_TAKE, (batch_id, *of, *of, most, _LAST_ID))
        else:
            row = self._db.only(_TAKE_NAMED, (batch_id, *of, list(ids)))
        self._db.run(
            "UPDATE payment_batch SET count = %s, total = %s WHERE id = %s", (row[0], row[1], batch_id)
        )
        return Sum(count=row[0], total=row[1])

    def lock_batch(self, no: str) -> Batch | None:
        """A batch, its row locked until the transaction ends."""
        row = self._db.one(f"{_BATCH}WHERE b.no = %s FOR UPDATE OF b", (no,))
        return _batch(row) if row else None

    def held_case(self, batch_id: int) -> str | None:
        """The number of a case with orders in a batch that is held up, the first one; None where all are free."""
        row = self._db.one(
            "SELECT i.case_no FROM instance i WHERE i.hold IS NOT NULL AND EXISTS (SELECT 1 FROM payment p "
            "WHERE p.instance_id = i.id AND p.batch_id = %s) ORDER BY i.id LIMIT 1",
            (batch_id,),
        )
        return str(row[0]) if row else None

    def batch(self, no: str) -> Batch | None:
        """A batch by its number."""
        row = self._db.one(f"{_BATCH}WHERE b.no = %s", (no,))
        return _batch(row) if row else None

    def batch_by_id(self, batch_id: int) -> Batch | None:
        """A batch by its id."""
        row = self._db.one(f"{_BATCH}WHERE b.id = %s", (batch_id,))
        return _batch(row) if row else None

    def batches(self, agencies: Sequence[str], *, before: int | None, limit: int) -> list[Batch]:
        """The batches of agencies, the newest first, those older than an id."""
        rows = self._db.rows(
            f"{_BATCH}WHERE b.agency = ANY(%s) AND b.id < %s ORDER BY b.id DESC LIMIT %s",
            (list(agencies), before or _LAST_ID, limit),
        )
        return [_batch(row) for row in rows]

    def check(self, batch_id: int, by: int, at: datetime) -> None:
        """Approve a batch; the table refuses its maker."""
        self._db.run(
            "UPDATE payment_batch SET status = 'checked', checked_by = %s, checked_at = %s WHERE id = %s",
            (by, at, batch_id),
        )

    def send_back(self, batch_id: int, by: int, reason: str, at: datetime) -> None:
        """Undo a batch: its orders are due again; the table refuses its maker."""
        self._db.run(
            "UPDATE payment_batch SET status = 'sent_back', checked_by = %s, checked_at = %s, reason = %s, "
            "ended_at = %s WHERE id = %s",
            (by, at, reason, at, batch_id),
        )
        self._db.run(
            "UPDATE payment SET status = 'due', batch_id = NULL WHERE batch_id = %s AND status = 'batched'",
            (batch_id,),
        )

    def mark_sent(self, batch_id: int, by: int, at: datetime, kind: FileFormat, sha256: str) -> None:
        """Note that the file was made: the batch and its orders are with the bank."""
        self._db.run(
            "UPDATE payment_batch SET status = 'sent', exported_by = %s, exported_at = %s, file_format = %s, "
            "file_sha256 = %s WHERE id = %s",
            (by, at, kind.value, sha256, batch_id),
        )
        self._db.run(
            "UPDATE payment SET status = 'sent' WHERE batch_id = %s AND status = 'batched'", (batch_id,)
        )

    def bank_lines(self, batch_id: int) -> Iterator[BankLine]:
        """The orders of a batch for the bank, by id, streamed; only within a transaction."""
        rows = self._db.stream(
            "SELECT p.id, p.payee, p.account_no, p.bank_name, p.amount, a.service FROM payment p "
            "JOIN award a ON a.id = p.award_id WHERE p.batch_id = %s ORDER BY p.id",
            (batch_id,),
        )
        for row in rows:
            yield BankLine(
                id=row[0], payee=row[1], account_no=row[2], bank_name=row[3], amount=row[4], service=row[5]
            )

    def reconciliation(self, batch: Batch) -> Reconciliation:
        """What became of the orders of a batch."""
        rows = self._db.rows(
            "SELECT status, count(*), sum(amount) FROM payment WHERE batch_id = %s GROUP BY status",
            (batch.id,),
        )
        by = {PaymentStatus(row[0]): Sum(count=row[1], total=row[2]) for row in rows}
        waiting = [by.get(status, Sum()) for status in (PaymentStatus.BATCHED, PaymentStatus.SENT)]
        return Reconciliation(
            ordered=Sum(count=batch.count, total=batch.total),
            paid=by.get(PaymentStatus.PAID, Sum()),
            refused=by.get(PaymentStatus.REFUSED, Sum()),
            open=Sum(
                count=sum(one.count for one in waiting), total=sum((one.total for one in waiting), Decimal(0))
            ),
        )


def _pot(row: Row, first: int) -> Pot:
    return Pot(fund=row[first], region=row[first + 1], year=row[first + 2])


def _payment(row: Row) -> Payment:
    return Payment(
        id=row[0], award_id=row[1], instance_id=row[2], roster_id=row[3], token=row[4], case_no=row[5], service=row[6],
        agency=row[7], pot=_pot(row, 8), attempt=row[11], amount=row[12], payee=row[13], account_no=row[14],
        bank_name=row[15], status=PaymentStatus(row[16]), batch_no=row[17], made_at=row[18], paid_on=row[19],
        reference=row[20], refusal_code=row[21], refusal_words=row[22], ended_at=row[23],
    )  # fmt: skip


def _batch(row: Row) -> Batch:
    return Batch(
        id=row[0], no=row[1], pot=_pot(row, 2), agency=row[5], status=BatchStatus(row[6]), count=row[7], total=row[8],
        made_by=row[9], made_by_name=row[10], made_at=row[11], checked_by=row[12], checked_by_name=row[13],
        checked_at=row[14], exported_by_name=row[15], exported_at=row[16],
        file_format=FileFormat(row[17]) if row[17] else None, file_sha256=row[18], reason=row[19], ended_at=row[20],
    )  # fmt: skip
