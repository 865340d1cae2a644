"""Who takes whose place, and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from banjie.domain.substitutions import Substitution
from banjie.persistence.database import Db, Row

_SELECT = """
SELECT u.id, u.absent_id, absent.display_name, u.substitute_id, substitute.display_name, u.from_at, u.until_at,
       u.services, u.agencies, u.reason, u.created_by, creator.display_name, u.ended_at
FROM substitution u
JOIN account absent ON absent.id = u.absent_id
JOIN account substitute ON substitute.id = u.substitute_id
JOIN account creator ON creator.id = u.created_by
"""


class Substitutions:
    """The arrangements of one unit of work."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def lock_people(self, account_ids: Sequence[int]) -> None:
        """Lock the accounts in the order of their ids: two arrangements about one person wait for each other."""
        self._db.rows(
            "SELECT id FROM account WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", (list(account_ids),)
        )

    def live_of(self, account_id: int) -> list[Substitution]:
        """The arrangements not ended in which the account takes part, on either side, soonest first."""
        rows = self._db.rows(
            f"{_SELECT}WHERE u.ended_at IS NULL AND (u.absent_id = %s OR u.substitute_id = %s) "
            "ORDER BY u.from_at, u.id",
            (account_id, account_id),
        )
        return [_substitution(row) for row in rows]

    def of_agencies(self, agencies: Sequence[str], *, limit: int) -> list[Substitution]:
        """The newest arrangements for officers of the agencies."""
        rows = self._db.rows(
            f"{_SELECT}WHERE EXISTS (SELECT 1 FROM membership m "
            "WHERE m.account_id = u.absent_id AND m.agency = ANY(%s)) ORDER BY u.id DESC LIMIT %s",
            (list(agencies), limit),
        )
        return [_substitution(row) for row in rows]

    def lock(self, substitution_id: int) -> Substitution | None:
        """An arrangement, its row locked until the transaction ends."""
        row = self._db.one(f"{_SELECT}WHERE u.id = %s FOR NO KEY UPDATE OF u", (substitution_id,))
        return _substitution(row) if row else None

    def add(
        self, *, absent_id: int, substitute_id: int, from_at: datetime, until_at: datetime, services: Sequence[str],
        agencies: Sequence[str], reason: str, by: int, at: datetime,
    ) -> int:  # fmt: skip
        """Store an arrangement; returns its id."""
        row = self._db.only(
            "INSERT INTO substitution (absent_id, substitute_id, from_at, until_at, services, agencies, reason, "
            "created_by, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
            (absent_id, substitute_id, from_at, until_at, list(services), list(agencies), reason, by, at),
        )
        return int(row[0])

    def end(self, substitution_id: int, by: int | None, at: datetime) -> None:
        """Mark an arrangement as ended."""
        self._db.run(
            "UPDATE substitution SET ended_at = %s, ended_by = %s WHERE id = %s AND ended_at IS NULL",
            (at, by, substitution_id),
        )

    def over(self, now: datetime) -> list[int]:
        """Arrangements whose period is over and that are not marked as ended, in the order of their ids."""
        rows = self._db.rows(
            "SELECT id FROM substitution WHERE ended_at IS NULL AND until_at <= %s ORDER BY id", (now,)
        )
        return [row[0] for row in rows]

    def held_in_place(self, substitute_id: int, absent_id: int) -> list[int]:
        """The open tasks that somebody holds in another's place."""
        rows = self._db.rows(
            "SELECT t.id FROM inbox b JOIN task t ON t.id = b.task_id WHERE b.principal = %s AND t.held_for = %s "
            "ORDER BY t.id",
            (f"u:{substitute_id}", absent_id),
        )
        return [row[0] for row in rows]


def _substitution(row: Row) -> Substitution:
    return Substitution(
        id=row[0], absent_id=row[1], absent_name=row[2], substitute_id=row[3], substitute_name=row[4], from_at=row[5],
        until_at=row[6], services=tuple(row[7]), agencies=tuple(row[8]), reason=row[9], created_by=row[10],
        created_by_name=row[11], ended_at=row[12],
    )  # fmt: skip
