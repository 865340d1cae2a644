"""The list of cases of regions and agencies. What a page reads has a bound, however much history there is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from banjie.domain.changes import compact
from banjie.domain.worklist import CaseFilter, CaseRow, WatchedCase
from banjie.persistence.database import Db, Row
from banjie.persistence.worklists import BEYOND

#: So many cases are looked through for one page where a filter leaves some out.
WINDOW = 1_000

# The cases of each region and agency are read in the order of its index and merged. Filters look through what the
# merge gives and no further: a filter that fits little would else read all history.
_NEAR = """
    SELECT first.id FROM unnest(%s::text[]) AS place(region) CROSS JOIN LATERAL (
        SELECT id FROM instance WHERE region = place.region AND id {beyond} %s ORDER BY id {order} LIMIT %s
    ) first
    UNION
    SELECT first.id FROM unnest(%s::text[]) AS held(agency) CROSS JOIN LATERAL (
        SELECT DISTINCT instance_id AS id FROM task WHERE agency = held.agency AND instance_id {beyond} %s
        ORDER BY instance_id {order} LIMIT %s
    ) first
    ORDER BY id {order} LIMIT %s"""

# A pause that began after the limit was missed leaves the case late; one that began before holds the limit.
_ROW = """
SELECT i.id, i.case_no, i.service, i.region, i.applicant_name, i.status, i.outcome, i.started_at, i.accepted_at,
       i.ended_at, late.is_late
FROM {{source}} JOIN instance i ON i.id = near.id
CROSS JOIN LATERAL (SELECT EXISTS (
    SELECT 1 FROM clock c WHERE c.instance_id = i.id AND (c.missed_at IS NOT NULL
        OR (c.stopped_at IS NULL AND c.due_at <= %s AND NOT EXISTS (
            SELECT 1 FROM interval v WHERE v.clock_id = c.id AND v.end_at IS NULL AND v.kind = 'not_counted'))))
    AS is_late) late"""

_CASES = _ROW.replace("{{source}}", f"({_NEAR}) near") + " WHERE {filters} ORDER BY i.id {order} LIMIT %s"

_NUMBERED = _ROW.replace(
    "{{source}}",
    "(SELECT id FROM instance n WHERE n.case_no = %s AND (n.region = ANY(%s) OR EXISTS "
    "(SELECT 1 FROM task t WHERE t.instance_id = n.id AND t.agency = ANY(%s)))) near",
)


class CaseLists:
    """The list of one reader."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def watched(
        self,
        regions: Sequence[str],
        agencies: Sequence[str],
        chosen: CaseFilter,
        *,
        now: datetime,
        beyond: int | None,
        oldest_first: bool,
        limit: int,
    ) -> tuple[list[WatchedCase], int | None]:
        """Cases of regions, and those of which an agency had a task, beyond an id; and the id to go on from.

        The newest first, or the oldest. With a filter a page may hold fewer cases than the limit, even none, and
        yet have an id to go on from: then as many cases as a page looks through have been looked through.
        """
        words = {"order": "ASC", "beyond": ">"} if oldest_first else {"order": "DESC", "beyond": "<"}
        start = beyond if beyond is not None else 0 if oldest_first else BEYOND
        window = limit + 1 if chosen.is_empty else WINDOW
        where, values = _filters(chosen)
        rows = self._db.rows(
            _CASES.format(filters=where, **words),
            (list(regions), start, window, list(agencies), start, window, window, now, *values, limit + 1),
        )
        found = [_watched(row) for row in rows]
        if len(found) > limit:
            return found[:limit], found[limit - 1].id
        if chosen.is_empty:
            return found, None
        seen = self._db.only(
            f"SELECT count(*), {'max' if oldest_first else 'min'}(id) FROM ({_NEAR.format(**words)}) near",
            (list(regions), start, window, list(agencies), start, window, window),
        )
        return found, int(seen[1]) if seen[0] == window else None

    def numbered(
        self, case_no: str, regions: Sequence[str], agencies: Sequence[str], *, now: datetime
    ) -> WatchedCase | None:
        """The case of a number, if it is of one of the regions or one of the agencies had a task of it."""
        row = self._db.one(_NUMBERED, (case_no, list(regions), list(agencies), now))
        return _watched(row) if row else None


def _watched(row: Row) -> WatchedCase:
    shown = CaseRow(**dict(zip(_CASE_FIELDS, row[1:10], strict=True)))
    return WatchedCase(id=row[0], row=shown, late=row[10])


def _filters(chosen: CaseFilter) -> tuple[str, list[object]]:
    """The condition of a filter, and its parameters in order."""
    parts: list[str] = []
    values: list[object] = []
    for column, wanted in (("i.status", chosen.status), ("i.service", chosen.service)):
        if wanted:
            parts.append(f"{column} = %s")
            values.append(wanted)
    if chosen.agency:
        parts.append("EXISTS (SELECT 1 FROM task t WHERE t.instance_id = i.id AND t.agency = %s)")
        values.append(chosen.agency)
    if chosen.late:
        parts.append("late.is_late")
    if chosen.text:
        parts.append(
            "(strpos(lower(i.case_no), %s) > 0 "
            "OR strpos(lower(regexp_replace(i.applicant_name, '\\s', '', 'g')), %s) > 0)"
        )
        values += [compact(chosen.text)] * 2
    return " AND ".join(parts) or "true", values


_CASE_FIELDS = tuple(CaseRow.__dataclass_fields__)
