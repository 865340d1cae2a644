"""Copies (抄送): who was sent which case to read, by whom, and whether it was opened."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from banjie.domain.worklist import COUNT_CAP, CaseRow
from banjie.persistence.database import Db


@dataclass(frozen=True, kw_only=True)
class CopyRow:
    """A copy; `to` and `by` are names."""

    id: int
    account_id: int
    to: str
    by: str
    at: datetime
    words: str
    read_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class CopiedCase:
    """A case in the list of those that were sent to a person."""

    id: int
    by: str
    at: datetime
    words: str
    read_at: datetime | None
    case: CaseRow


_FIELDS = tuple(CopyRow.__dataclass_fields__)
_CASE_FIELDS = tuple(CaseRow.__dataclass_fields__)

# In the order of the index copy_account: unread first, then the newest.
MINE = """
SELECT c.id, s.display_name, c.at, c.words, c.read_at, i.case_no, i.service, i.region, i.applicant_name,
       i.status, i.outcome, i.started_at, i.accepted_at, i.ended_at
FROM copy c
JOIN account s ON s.id = c.by_id
JOIN instance i ON i.id = c.instance_id
WHERE c.account_id = %s {only}
ORDER BY (c.read_at IS NOT NULL), c.id DESC LIMIT %s"""


class Copies:
    """The copies of one unit of work."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def has(self, instance_id: int, account_id: int) -> bool:
        """Whether the case was sent to the person."""
        row = self._db.one(
            "SELECT 1 FROM copy WHERE instance_id = %s AND account_id = %s", (instance_id, account_id)
        )
        return row is not None

    def add(
        self, instance_id: int, account_ids: Collection[int], by_id: int, words: str, at: datetime
    ) -> list[int]:
        """Send a case to people; returns the ids of those who did not have it yet, in order."""
        rows = self._db.rows(
            "INSERT INTO copy (instance_id, account_id, by_id, at, words) "
            "SELECT %s, id, %s, %s, %s FROM unnest(%s::bigint[]) AS id "
            "ON CONFLICT (instance_id, account_id) DO NOTHING RETURNING account_id",
            (instance_id, by_id, at, words, sorted(account_ids)),
        )
        return sorted(row[0] for row in rows)

    def of_case(self, instance_id: int) -> list[CopyRow]:
        """To whom a case was sent, oldest first."""
        rows = self._db.rows(
            "SELECT c.id, c.account_id, r.display_name, s.display_name, c.at, c.words, c.read_at FROM copy c "
            "JOIN account r ON r.id = c.account_id JOIN account s ON s.id = c.by_id "
            "WHERE c.instance_id = %s ORDER BY c.id",
            (instance_id,),
        )
        return [CopyRow(**dict(zip(_FIELDS, row, strict=True))) for row in rows]

    def mine(self, account_id: int, *, after: tuple[bool, int] | None, limit: int) -> Sequence[CopiedCase]:
        """What was sent to a person, unread first, then the newest; after (is read, id)."""
        only = ""
        place: tuple[object, ...] = ()
        if after is not None:
            # `false` sorts before `true`, ids go down: one row comparison cannot say both.
            only = "AND ((c.read_at IS NOT NULL) > %s OR ((c.read_at IS NOT NULL) = %s AND c.id < %s))"
            place = (after[0], after[0], after[1])
        rows = self._db.rows(MINE.format(only=only), (account_id, *place, limit))
        return [
            CopiedCase(id=row[0], by=row[1], at=row[2], words=row[3], read_at=row[4],
                       case=CaseRow(**dict(zip(_CASE_FIELDS, row[5:], strict=True))))
            for row in rows
        ]  # fmt: skip

    def counts(self, account_id: int) -> tuple[int, int]:
        """How many copies a person has, and how many of them are unread, both counted up to the cap.

        The unread ones come first in the order of the index: so many entries of it tell both.
        """
        row = self._db.only(
            "SELECT count(*), count(*) FILTER (WHERE read_at IS NULL) FROM (SELECT read_at FROM copy "
            "WHERE account_id = %s ORDER BY (read_at IS NOT NULL), id DESC LIMIT %s) newest",
            (account_id, COUNT_CAP),
        )
        return int(row[0]), int(row[1])

    def mark_read(self, instance_id: int, account_id: int, at: datetime) -> None:
        """Note that a person has opened the case that was sent to them."""
        self._db.run(
            "UPDATE copy SET read_at = %s WHERE instance_id = %s AND account_id = %s AND read_at IS NULL",
            (at, instance_id, account_id),
        )
