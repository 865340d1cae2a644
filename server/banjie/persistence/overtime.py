"""Steps that missed their own limit, told apart by whether their case was late as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from banjie.persistence.database import Db

#: Bounded by the index on `missed_at`: only what was missed since the instant is looked at.
_OVERTIME = """
SELECT c.agency, c.element, max(i.definition), count(*) FILTER (WHERE NOT w.late), count(*) FILTER (WHERE w.late)
FROM clock c JOIN instance i ON i.id = c.instance_id, LATERAL (
    SELECT EXISTS (SELECT 1 FROM clock k WHERE k.instance_id = c.instance_id AND k.kind IN ('statutory', 'promised')
                   AND k.missed_at IS NOT NULL AND k.due_at <= c.due_at) AS late
) w
WHERE c.missed_at > %s AND c.kind = 'step' AND c.element IS NOT NULL AND c.agency = ANY(%s)
GROUP BY c.agency, c.element ORDER BY 4 DESC, 5 DESC, c.agency, c.element"""


@dataclass(frozen=True, kw_only=True)
class OvertimeRow:
    """How often an agency missed the limit of a step: while the case was in time, and when it was late as well.

    `definition` is the newest version of the process that any of them ran on.
    """

    agency: str
    element: str
    definition: str
    case_in_time: int
    case_late: int


def overtime(db: Db, agencies: Sequence[str], since: datetime) -> list[OvertimeRow]:
    """By agency and step, those with the most late steps in cases in time first."""
    return [
        OvertimeRow(agency=row[0], element=row[1], definition=row[2], case_in_time=row[3], case_late=row[4])
        for row in db.rows(_OVERTIME, (since, list(agencies)))
    ]
