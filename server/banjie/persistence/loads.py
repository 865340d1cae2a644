"""Loads: how far each is, and what was wrong with its rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from banjie.domain.loads import Load, LoadProblem, LoadStatus
from banjie.persistence.database import Db, Row
from banjie.persistence.text import dumps, loads

_FIELDS = tuple(Load.__dataclass_fields__)
_LOAD = f"SELECT {', '.join(_FIELDS)} FROM load"


class Loads:
    """The loads of one unit of work."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def add(
        self, *, kind: str, region: str, source: str, as_of: date, name: str, sha256: str, size: int, skip_bad: bool,
        started_by: int | None, at: datetime,
    ) -> int:  # fmt: skip
        """Note a load that waits; returns its id."""
        row = self._db.only(
            "INSERT INTO load (kind, region, source, as_of, name, sha256, size, skip_bad, status, started_by, "
            "started_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
            (kind, region, source, as_of, name, sha256, size, skip_bad, LoadStatus.WAITING, started_by, at),
        )
        return int(row[0])

    def lock(self, load_id: int) -> Load | None:
        """A load, that nobody else runs until the transaction ends; its row stays free for progress."""
        self._db.run(
            "SELECT pg_advisory_xact_lock(hashtextextended('load:' || %s::bigint::text, 0))", (load_id,)
        )
        return self.find(load_id)

    def find(self, load_id: int) -> Load | None:
        """A load by its id."""
        row = self._db.one(f"{_LOAD} WHERE id = %s", (load_id,))
        return _load(row) if row else None

    def newest(self, regions: Sequence[str], kinds: Sequence[str], *, limit: int) -> list[Load]:
        """The newest loads of the kinds for any of the regions."""
        rows = self._db.rows(
            f"{_LOAD} WHERE region = ANY(%s) AND kind = ANY(%s) ORDER BY id DESC LIMIT %s",
            (list(regions), list(kinds), limit),
        )
        return [_load(row) for row in rows]

    def is_under_way(self, kind: str, region: str, sha256: str) -> bool:
        """Whether a load of the same file for the same region waits or is read."""
        statement = (
            "SELECT 1 FROM load WHERE kind = %s AND region = %s AND sha256 = %s "
            "AND status IN ('waiting', 'reading') LIMIT 1"
        )
        return self._db.one(statement, (kind, region, sha256)) is not None

    def report(self, load_id: int, *, lines: int, good: int, bad: int, done_bytes: int) -> None:
        """Tell how far a load is that is being read."""
        self._db.run(
            "UPDATE load SET status = 'reading', lines = %s, good = %s, bad = %s, done_bytes = %s "
            "WHERE id = %s AND status IN ('waiting', 'reading')",
            (lines, good, bad, done_bytes, load_id),
        )

    def end(
        self, load_id: int, status: LoadStatus, *, lines: int, good: int, bad: int, done_bytes: int,
        message: str | None, at: datetime,
    ) -> None:  # fmt: skip
        """Note how a load ended."""
        self._db.run(
            "UPDATE load SET status = %s, lines = %s, good = %s, bad = %s, done_bytes = %s, message = %s, "
            "ended_at = %s WHERE id = %s",
            (status, lines, good, bad, done_bytes, message, at, load_id),
        )

    def replace_problems(self, load_id: int, problems: Sequence[LoadProblem]) -> None:
        """Keep what was wrong; what an earlier attempt kept goes."""
        self._db.run("DELETE FROM load_problem WHERE load_id = %s", (load_id,))
        self._db.copy_in(
            "COPY load_problem (load_id, line, field, code, facts) FROM STDIN",
            ((load_id, one.line, one.field, one.code, dumps(one.facts)) for one in problems),
        )

    def problems(self, load_id: int, *, after: tuple[int, str], limit: int) -> list[LoadProblem]:
        """Problems in the order of (line, field), beyond one."""
        rows = self._db.rows(
            "SELECT line, field, code, facts FROM load_problem WHERE load_id = %s AND (line, field) > (%s, %s) "
            "ORDER BY line, field LIMIT %s",
            (load_id, *after, limit),
        )
        return [LoadProblem(line=row[0], field=row[1], code=row[2], facts=loads(row[3])) for row in rows]


def _load(row: Row) -> Load:
    values = dict(zip(_FIELDS, row, strict=True))
    return Load(**{**values, "status": LoadStatus(values["status"])})
