"""The helper's log of cases: entries are added and stay."""

from __future__ import annotations

from datetime import date, datetime

from banjie.domain.help_log import HelpEntry, HelpKind
from banjie.persistence.database import Db


class HelpLog:
    """The entries of one unit of work."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def of_case(self, instance_id: int) -> list[HelpEntry]:
        """The entries of a case, oldest first as they were written down."""
        rows = self._db.rows(
            "SELECT h.id, h.kind, h.on_day, h.words, a.display_name, h.at FROM help_entry h "
            "JOIN account a ON a.id = h.by_id WHERE h.instance_id = %s ORDER BY h.id",
            (instance_id,),
        )
        return [
            HelpEntry(id=row[0], kind=HelpKind(row[1]), on_day=row[2], words=row[3], author=row[4], at=row[5])
            for row in rows
        ]

    def add(
        self, *, instance_id: int, kind: HelpKind, on_day: date, words: str, by_id: int, at: datetime
    ) -> int:
        """Store an entry; returns its id."""
        row = self._db.only(
            "INSERT INTO help_entry (instance_id, kind, on_day, words, by_id, at) "
            "VALUES (%s, %s, %s, %s, %s, %s) RETURNING id",
            (instance_id, kind.value, on_day, words, by_id, at),
        )
        return int(row[0])
