"""Bulk runs and how each of their tasks ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from banjie.domain.bulk import Bulk, BulkItem, BulkKind, ItemOutcome
from banjie.domain.decisions import Json
from banjie.persistence.database import Db, Row
from banjie.persistence.text import dumps, loads

_BULK = "SELECT id, account_id, kind, submission, total, created_at, finished_at, cancelled_at FROM bulk "
_ITEM = "SELECT position, task_id, version, case_no, outcome, code, message, at FROM bulk_item "


class Bulks:
    """The runs of one unit of work."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def add(
        self,
        account_id: int,
        kind: BulkKind,
        submission: Mapping[str, Json],
        items: Sequence[tuple[int, int | None, str]],
        at: datetime,
    ) -> int:
        """Store a run of (task id, version seen, case number); returns its id."""
        row = self._db.only(
            "INSERT INTO bulk (account_id, kind, submission, total, created_at) "
            "VALUES (%s, %s, %s, %s, %s) RETURNING id",
            (account_id, kind.value, dumps(submission), len(items), at),
        )
        rows = [
            {"position": position, "task_id": task_id, "version": version, "case_no": case_no}
            for position, (task_id, version, case_no) in enumerate(items, start=1)
        ]
        self._db.run(
            "INSERT INTO bulk_item (bulk_id, position, task_id, version, case_no) "
            "SELECT %s, r.position, r.task_id, r.version, r.case_no FROM jsonb_to_recordset(%s::jsonb) "
            "AS r(position integer, task_id bigint, version integer, case_no text)",
            (row[0], dumps(rows)),
        )
        return int(row[0])

    def find(self, bulk_id: int) -> Bulk | None:
        """A run by its id."""
        row = self._db.one(_BULK + "WHERE id = %s", (bulk_id,))
        return _bulk(row) if row else None

    def of(self, account_id: int, *, limit: int) -> list[Bulk]:
        """The newest runs of a person."""
        rows = self._db.rows(_BULK + "WHERE account_id = %s ORDER BY id DESC LIMIT %s", (account_id, limit))
        return [_bulk(row) for row in rows]

    def items(self, bulk_id: int) -> list[BulkItem]:
        """All items of a run, in order."""
        return [
            _item(row) for row in self._db.rows(_ITEM + "WHERE bulk_id = %s ORDER BY position", (bulk_id,))
        ]

    def waiting(self, bulk_id: int) -> list[BulkItem]:
        """The items not handled yet, in order."""
        statement = _ITEM + "WHERE bulk_id = %s AND outcome IS NULL ORDER BY position"
        return [_item(row) for row in self._db.rows(statement, (bulk_id,))]

    def settle(
        self,
        bulk_id: int,
        position: int,
        outcome: ItemOutcome,
        code: str | None,
        message: str | None,
        at: datetime,
    ) -> bool:
        """Note how an item ended; one that is settled stays as it is. False where the run was stopped meanwhile.

        The commit does not wait for the disk: what a crash forgets is done again, which does nothing twice.
        """
        row = self._db.only(
            "WITH settled AS (UPDATE bulk_item SET outcome = %s, code = %s, message = %s, at = %s "
            "WHERE bulk_id = %s AND position = %s AND outcome IS NULL) "
            "SELECT cancelled_at IS NULL, set_config('synchronous_commit', 'off', true) FROM bulk WHERE id = %s",
            (outcome.value, code, message, at, bulk_id, position, bulk_id),
        )
        return bool(row[0])

    def cancel(self, bulk_id: int, at: datetime) -> bool:
        """Stop a run that is not finished: what waits is skipped. False where it is finished or stopped."""
        stopped = self._db.run(
            "UPDATE bulk SET cancelled_at = %s WHERE id = %s AND finished_at IS NULL AND cancelled_at IS NULL",
            (at, bulk_id),
        )
        return bool(stopped)

    def skip_rest(self, bulk_id: int, at: datetime) -> None:
        """Settle all that waits as skipped."""
        self._db.run(
            "UPDATE bulk_item SET outcome = 'skipped', at = %s WHERE bulk_id = %s AND outcome IS NULL",
            (at, bulk_id),
        )

    def finish(self, bulk_id: int, at: datetime) -> None:
        """Mark a run as finished."""
        self._db.run("UPDATE bulk SET finished_at = %s WHERE id = %s AND finished_at IS NULL", (at, bulk_id))

    def alike(
        self, principals: Sequence[str], element: str, definition: str, *, limit: int,
        services: Sequence[str] = (), agencies: Sequence[str] = (),
    ) -> list[int]:  # fmt: skip
        """The open tasks of an element of a version under the principals, soonest due first.

        Of services and agencies only, where any are named.
        """
        rows = self._db.rows(
            "SELECT b.task_id FROM inbox b JOIN task t ON t.id = b.task_id JOIN instance i ON i.id = t.instance_id "
            "WHERE b.principal = ANY(%s) AND t.element = %s AND i.definition = %s "
            "AND (cardinality(%s::text[]) = 0 OR i.service = ANY(%s)) "
            "AND (cardinality(%s::text[]) = 0 OR t.agency = ANY(%s)) ORDER BY b.due, b.task_id LIMIT %s",
            (list(principals), element, definition, *[list(services)] * 2, *[list(agencies)] * 2, limit),
        )
        return [row[0] for row in rows]

    def greens(self, instance_ids: Sequence[int]) -> dict[int, bool]:
        """Case → whether the newest receipt of each of its rules is green; cases without receipts are left out.

        A receipt that says `eligible` false is not, however sound: what the rules speak against is decided alone.
        """
        rows = self._db.rows(
            "SELECT instance_id, bool_and(green AND receipt::jsonb -> 'value' ->> 'eligible' IS DISTINCT FROM 'false') "
            "FROM (SELECT DISTINCT ON (instance_id, key) instance_id, green, receipt "
            "FROM decision WHERE instance_id = ANY(%s) ORDER BY instance_id, key, id DESC) newest GROUP BY instance_id",
            (list(instance_ids),),
        )
        return {row[0]: row[1] for row in rows}


def _bulk(row: Row) -> Bulk:
    return Bulk(
        id=row[0], account_id=row[1], kind=BulkKind(row[2]), submission=loads(row[3]), total=row[4],
        created_at=row[5], finished_at=row[6], cancelled_at=row[7],
    )  # fmt: skip


def _item(row: Row) -> BulkItem:
    return BulkItem(
        position=row[0], task_id=row[1], version=row[2], case_no=row[3],
        outcome=ItemOutcome(row[4]) if row[4] else None, code=row[5], message=row[6], at=row[7],
    )  # fmt: skip
