"""Stock phrases: each officer's own, in the officer's order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from banjie.persistence.database import Db


@dataclass(frozen=True, kw_only=True)
class PhraseRow:
    """A phrase of one's own; `uses` counts how often it was inserted."""

    id: int
    words: str
    position: int
    uses: int


_FIELDS = tuple(PhraseRow.__dataclass_fields__)


class Phrases:
    """The phrases of one unit of work. Writers hold the lock of `lock`."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def lock(self, account_id: int) -> None:
        """Let one change at a time touch a person's phrases: their number and order are counted."""
        self._db.run(
            "SELECT pg_advisory_xact_lock(hashtextextended('phrase:' || %s::text, 0))", (account_id,)
        )

    def of(self, account_id: int) -> list[PhraseRow]:
        """A person's phrases, by position."""
        rows = self._db.rows(
            "SELECT id, words, position, uses FROM phrase WHERE account_id = %s ORDER BY position, id",
            (account_id,),
        )
        return [PhraseRow(**dict(zip(_FIELDS, row, strict=True))) for row in rows]

    def add(self, account_id: int, words: str) -> int:
        """Store a phrase after all others; returns its id, that of the same words where they are there."""
        row = self._db.only(
            "INSERT INTO phrase (account_id, words, position) "
            "VALUES (%s, %s, (SELECT coalesce(max(position), 0) + 1 FROM phrase WHERE account_id = %s)) "
            "ON CONFLICT (account_id, words) DO UPDATE SET words = excluded.words RETURNING id",
            (account_id, words, account_id),
        )
        return int(row[0])

    def change(self, account_id: int, phrase_id: int, words: str) -> bool:
        """Replace the words of a person's phrase; False where there is no such phrase."""
        return bool(
            self._db.run(
                "UPDATE phrase SET words = %s WHERE id = %s AND account_id = %s",
                (words, phrase_id, account_id),
            )
        )

    def drop(self, account_id: int, phrase_id: int) -> None:
        """Forget a person's phrase, if it is there."""
        self._db.run("DELETE FROM phrase WHERE id = %s AND account_id = %s", (phrase_id, account_id))

    def arrange(self, account_id: int, ids: Sequence[int]) -> None:
        """Put a person's phrases in the order of the ids."""
        self._db.run(
            "UPDATE phrase SET position = named.place "
            "FROM unnest(%s::bigint[]) WITH ORDINALITY AS named(id, place) "
            "WHERE phrase.id = named.id AND account_id = %s",
            (list(ids), account_id),
        )

    def count_use(self, account_id: int, phrase_id: int) -> bool:
        """Count one use of a person's phrase; False where there is no such phrase."""
        return bool(
            self._db.run(
                "UPDATE phrase SET uses = uses + 1 WHERE id = %s AND account_id = %s", (phrase_id, account_id)
            )
        )
