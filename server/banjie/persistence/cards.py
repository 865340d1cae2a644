"""Cards across cases: what waits for an answer, and how many were issued."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from banjie.domain.decisions import Json
from banjie.persistence.database import Db, Row
from banjie.persistence.text import loads

_OPEN = """
SELECT p.id, i.case_no, i.service, i.region, p.element, p.agency, p.opened_at, p.facts,
       i.definition
FROM proceeding p JOIN instance i ON i.id = p.instance_id
WHERE p.kind = 'card' AND p.status = 'open'"""

_COUNTS = """
SELECT agency, sum(waiting), sum(yellow), sum(red) FROM (
    SELECT agency, 1 AS waiting, 0 AS yellow, 0 AS red FROM proceeding
    WHERE kind = 'card' AND status = 'open' AND agency = ANY(%s)
    UNION ALL
    SELECT agency, 0, (facts::jsonb ->> 'colour' = 'yellow')::int, (facts::jsonb ->> 'colour' = 'red')::int
    FROM proceeding WHERE kind = 'card' AND agency = ANY(%s) AND opened_at >= %s AND status <> 'taken_back'
) one GROUP BY agency ORDER BY agency"""


@dataclass(frozen=True, kw_only=True)
class OpenCard:
    """A card that waits for an answer."""

    id: int
    case_no: str
    service: str
    region: str
    element: str | None
    agency: str
    opened_at: datetime
    facts: Mapping[str, Json]
    definition: str


@dataclass(frozen=True, kw_only=True)
class CardCount:
    """An agency's cards: those that wait, and those of a period that stand."""

    agency: str
    waiting: int
    yellow: int
    red: int


class Cards:
    """The cards of one unit of work."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def waiting(self, agencies: Sequence[str], *, limit: int) -> list[OpenCard]:
        """The open cards of the agencies, the oldest first."""
        rows = self._db.rows(
            f"{_OPEN} AND p.agency = ANY(%s) ORDER BY p.id LIMIT %s", (list(agencies), limit)
        )
        return [_card(row) for row in rows]

    def number_waiting(self, agencies: Sequence[str], *, cap: int) -> int:
        """How many cards of the agencies are open, counted up to the cap.

        Each agency's are read in the order of the index: told only to stop at the cap, the planner would take a scan
        of the whole table for the cheapest way to find so many rows.
        """
        row = self._db.only(
            "SELECT count(*) FROM (SELECT 1 FROM unnest(%s::text[]) AS mine(agency) CROSS JOIN LATERAL ("
            "SELECT 1 FROM proceeding WHERE agency = mine.agency AND kind = 'card' AND status = 'open' "
            "ORDER BY id LIMIT %s) one LIMIT %s) x",
            (sorted(set(agencies)), cap, cap),
        )
        return int(row[0])

    def open_yellow(self) -> list[OpenCard]:
        """All open yellow cards."""
        rows = self._db.rows(f"{_OPEN} AND p.facts::jsonb ->> 'colour' = 'yellow' ORDER BY p.id")
        return [_card(row) for row in rows]

    def counts(self, agencies: Sequence[str], since: datetime) -> list[CardCount]:
        """The agencies' cards issued since an instant, counted; agencies without any are left out."""
        rows = self._db.rows(_COUNTS, (list(agencies), list(agencies), since))
        return [CardCount(agency=row[0], waiting=row[1], yellow=row[2], red=row[3]) for row in rows]


def _card(row: Row) -> OpenCard:
    return OpenCard(
        id=row[0], case_no=row[1], service=row[2], region=row[3], element=row[4], agency=row[5], opened_at=row[6],
        facts=loads(row[7]), definition=row[8],
    )  # fmt: skip
