"""What is kept for a while only: loose files, answers, attempts, sessions. And what an account has lying loose."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from banjie.persistence.database import Db


class Passing(Enum):
    """Rows that pass away, as (table, which of them by an instant, its order)."""

    ANSWERS = ("answered", "at < %s", "at")
    ATTEMPTS = ("attempt", "since < %s", "since")
    SESSIONS = ("session", "expires_at < %s", "expires_at")


class Upkeep:
    """Writes of one unit of work."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def lock_name(self, name: str) -> None:
        """Let nobody else hold the same name until the transaction ends."""
        self._db.one("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))

    def loose(self, owner_id: int) -> tuple[int, int]:
        """How many files, and how many bytes, an account has uploaded that no case has taken."""
        row = self._db.only(
            "SELECT count(*), coalesce(sum(size), 0) FROM attachment WHERE owner_id = %s AND instance_id IS NULL",
            (owner_id,),
        )
        return int(row[0]), int(row[1])

    def is_loose(self, owner_id: int, field: str, sha256: bytes, name: str) -> bool:
        """Whether the account has uploaded this very file for the field before and no case has taken it."""
        return (
            self._db.one(
                "SELECT 1 FROM attachment WHERE owner_id = %s AND instance_id IS NULL AND field = %s "
                "AND sha256 = %s AND name = %s LIMIT 1",
                (owner_id, field, sha256, name),
            )
            is not None
        )

    def drop_loose(self, before: datetime, limit: int) -> list[bytes]:
        """Forget the oldest files that no case has taken since an instant; the SHA-256 of each."""
        rows = self._db.rows(
            "DELETE FROM attachment WHERE id = ANY(ARRAY(SELECT id FROM attachment WHERE instance_id IS NULL "
            "AND at < %s ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)) AND instance_id IS NULL RETURNING sha256",
            (before, limit),
        )
        return [bytes(row[0]) for row in rows]

    def is_used(self, sha256: bytes) -> bool:
        """Whether any upload names the file of this hash."""
        return self._db.one("SELECT 1 FROM attachment WHERE sha256 = %s LIMIT 1", (sha256,)) is not None

    def drop(self, what: Passing, before: datetime, limit: int) -> int:
        """Forget the oldest rows from before an instant, so many at the most; returns how many went."""
        table, which, order = what.value
        return self._db.run(
            f"DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} WHERE {which} "
            f"ORDER BY {order} LIMIT %s FOR UPDATE SKIP LOCKED))",
            (before, limit),
        )
