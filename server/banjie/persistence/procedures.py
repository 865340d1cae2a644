"""How often and how long time was not counted, by ground and officer, for oversight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from banjie.persistence.database import Db

_COUNTS = """
SELECT p.ground, p.agency, COALESCE(a.display_name, ''), p.opened_at, p.closed_at
FROM proceeding p LEFT JOIN account a ON a.id = p.opened_by
WHERE p.kind = 'excluded' AND p.agency = ANY(%s) AND p.opened_at >= %s ORDER BY p.opened_at DESC LIMIT %s"""


@dataclass(frozen=True, kw_only=True)
class ProcedureRow:
    """One excluded procedure; `closed_at` None while it goes on."""

    ground: str
    agency: str
    officer: str
    opened_at: datetime
    closed_at: datetime | None


class Procedures:
    """The excluded procedures of one unit of work."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def since(self, agencies: Sequence[str], since: datetime, *, limit: int) -> list[ProcedureRow]:
        """Those of the agencies that began at an instant or later, the newest first."""
        return [
            ProcedureRow(ground=row[0], agency=row[1], officer=row[2], opened_at=row[3], closed_at=row[4])
            for row in self._db.rows(_COUNTS, (list(agencies), since, limit))
        ]
