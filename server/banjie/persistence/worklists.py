"""Lists and boards, straight into rows. Each costs in proportion to what it shows, never to history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from banjie.domain.changes import compact, search_words
from banjie.domain.worklist import (
    COUNT_CAP,
    AttachmentRow,
    CaseRow,
    DecisionRow,
    EventRow,
    InboxRow,
    IncidentRow,
    LoadRow,
    NoticeRow,
    OversightRow,
    SubmissionRow,
    Tab,
)
from banjie.persistence.database import Db
from banjie.persistence.text import loads

_LINE = """t.id, i.case_no, i.service, t.element, t.name, i.applicant_name, t.agency, i.region, t.assignee_id,
       holder.display_name, t.status, t.version, t.opened_at, t.warn_at, t.due_at, t.closed_at, t.urged_at,
       i.hold IS NOT NULL, placed.display_name"""

_HOLDERS = """
LEFT JOIN account holder ON holder.id = t.assignee_id
LEFT JOIN account placed ON placed.id = COALESCE(t.closed_for, t.held_for)"""

# The index finds all that have the text's pairs of characters; of those, it leaves the ones that hold the text.
_HOLDS = """(strpos(lower(regexp_replace(i.applicant_name, '\\s', '', 'g')), %s) > 0
       OR strpos(lower(i.case_no), %s) > 0)"""
_FOUND = f" AND t.search @@ %s::tsquery AND {_HOLDS}"

# The first page of each principal is read in the order of the primary key and merged: what others have in
# their inboxes costs nothing.
INBOX = f"""
SELECT {_LINE}
FROM (
    SELECT first.due, first.task_id FROM unnest(%s::text[]) AS mine(principal)
    CROSS JOIN LATERAL (
        SELECT due, task_id FROM inbox WHERE principal = mine.principal AND (due, task_id) > (%s, %s)
        ORDER BY due, task_id LIMIT %s
    ) first
    ORDER BY first.due, first.task_id LIMIT %s
) box
JOIN task t ON t.id = box.task_id
JOIN instance i ON i.id = t.instance_id{_HOLDERS}
ORDER BY box.due, box.task_id"""

# In an absent officer's place: their tasks in the agencies of the substitution, of its services (none: all of them).
_IN_PLACE = """FROM inbox b JOIN task bt ON bt.id = b.task_id JOIN instance bi ON bi.id = bt.instance_id
        WHERE b.principal = mine.principal AND (b.due, b.task_id) > (%s, %s)
          AND bt.agency = ANY(%s) AND (cardinality(%s::text[]) = 0 OR bi.service = ANY(%s))
        ORDER BY b.due, b.task_id LIMIT %s"""

#: As INBOX; it walks what lies under the principals until a page is full.
INBOX_IN_PLACE = INBOX.replace(
    "SELECT due, task_id FROM inbox WHERE principal = mine.principal AND (due, task_id) > (%s, %s)\n"
    "        ORDER BY due, task_id LIMIT %s",
    f"SELECT b.due, b.task_id {_IN_PLACE}",
)
COUNT_IN_PLACE = f"""
SELECT count(*) FROM (SELECT 1 FROM unnest(%s::text[]) AS mine(principal)
    CROSS JOIN LATERAL (SELECT 1 {_IN_PLACE}) found LIMIT %s) counted"""

SEARCH = f"""
SELECT {_LINE}
FROM task t
JOIN inbox box ON box.task_id = t.id
JOIN instance i ON i.id = t.instance_id{_HOLDERS}
WHERE t.status = 'open' AND t.search @@ %s::tsquery AND {_HOLDS} AND box.principal = ANY(%s)
  AND (box.due, t.id) > (%s, %s)
ORDER BY box.due, t.id LIMIT %s"""

DONE = f"""
SELECT {_LINE}
FROM task t
JOIN instance i ON i.id = t.instance_id{_HOLDERS}
WHERE t.closed_by = %s AND t.status = 'completed' AND (t.closed_at, t.id) < (%s, %s){_FOUND}
ORDER BY t.closed_at DESC, t.id DESC LIMIT %s"""

# Each count is read in the order of its index: told only to stop at the cap, the planner would take a scan of the
# whole table for the cheapest way to find so many rows, and pay for what others have.
COUNTS = """
SELECT (SELECT count(*) FROM (SELECT 1 FROM inbox WHERE principal = %s ORDER BY due, task_id LIMIT %s) x),
       (SELECT count(*) FROM (SELECT 1 FROM unnest(%s::text[]) AS mine(principal) CROSS JOIN LATERAL (
            SELECT 1 FROM inbox WHERE principal = mine.principal ORDER BY due, task_id LIMIT %s) y LIMIT %s) x),
       (SELECT count(*) FROM (SELECT 1 FROM task WHERE closed_by = %s AND status = 'completed'
            ORDER BY closed_at DESC, id DESC LIMIT %s) x)"""

CASE = """SELECT i.case_no, i.service, i.region, i.applicant_name, i.status, i.outcome, i.started_at,
       i.accepted_at, i.ended_at FROM instance i """

# The newest cases of each agency, in the order of task_agency_case, merged: older history costs nothing.
CASES_OF_AGENCIES = f"""
{CASE.replace("SELECT ", "SELECT i.id, ", 1)}
WHERE i.id IN (
    SELECT DISTINCT mine.instance_id FROM unnest(%s::text[]) AS held(agency)
    CROSS JOIN LATERAL (
        SELECT DISTINCT instance_id FROM task WHERE agency = held.agency AND instance_id < %s
        ORDER BY instance_id DESC LIMIT %s
    ) mine
    ORDER BY mine.instance_id DESC LIMIT %s
)
ORDER BY i.id DESC"""

OVERSIGHT = """
SELECT t.id, i.case_no, i.service, t.element, t.name, t.agency, i.region, holder.display_name, t.opened_at,
       t.warn_at, t.due_at
FROM task t
JOIN instance i ON i.id = t.instance_id
LEFT JOIN account holder ON holder.id = t.assignee_id
WHERE t.status = 'open' AND t.warn_at <= %s AND t.agency = ANY(%s)
ORDER BY t.due_at, t.id LIMIT %s"""

LOAD = """
SELECT t.agency, t.element, min(t.name), count(*),
       count(*) FILTER (WHERE t.warn_at <= %s AND t.due_at > %s), count(*) FILTER (WHERE t.due_at <= %s)
FROM task t
WHERE t.status = 'open' AND t.agency = ANY(%s)
GROUP BY t.agency, t.element ORDER BY count(*) FILTER (WHERE t.due_at <= %s) DESC, t.agency, t.element"""

#: Above every id.

BEYOND = 2**62


class Worklists:
    """The lists of one reader."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def inbox(
        self, principals: Sequence[str], *, after: tuple[datetime | str, int] | None, limit: int
    ) -> list[InboxRow]:
        """Open tasks that lie under the principals, soonest due first, after (due, task id)."""
        due, task_id = after or ("-infinity", 0)
        rows = self._db.rows(INBOX, (list(principals), due, task_id, limit, limit))
        return [InboxRow(**dict(zip(_INBOX_FIELDS, row, strict=True))) for row in rows]

    def inbox_in_place(
        self,
        principals: Sequence[str],
        agencies: Sequence[str],
        services: Sequence[str],
        *,
        after: tuple[datetime | str, int] | None,
        limit: int,
    ) -> list[InboxRow]:
        """As `inbox`, of tasks of the agencies and, where any are named, cases of the services only."""
        due, task_id = after or ("-infinity", 0)
        scope = (list(agencies), list(services), list(services))
        rows = self._db.rows(INBOX_IN_PLACE, (list(principals), due, task_id, *scope, limit, limit))
        return [InboxRow(**dict(zip(_INBOX_FIELDS, row, strict=True))) for row in rows]

    def count_in_place(
        self, principals: Sequence[str], agencies: Sequence[str], services: Sequence[str]
    ) -> int:
        """How many tasks `inbox_in_place` has, counted up to the cap."""
        scope = (list(agencies), list(services), list(services))
        row = self._db.only(COUNT_IN_PLACE, (list(principals), "-infinity", 0, *scope, COUNT_CAP, COUNT_CAP))
        return int(row[0])

    def search(
        self, principals: Sequence[str], text: str, *, after: tuple[datetime | str, int] | None, limit: int
    ) -> list[InboxRow]:
        """As `inbox`, of tasks whose case number or applicant's name holds the text."""
        due, task_id = after or ("-infinity", 0)
        rows = self._db.rows(SEARCH, (*_wanted(text), list(principals), due, task_id, limit))
        return [InboxRow(**dict(zip(_INBOX_FIELDS, row, strict=True))) for row in rows]

    def done(
        self, account_id: int, text: str, *, before: tuple[datetime | str, int] | None, limit: int
    ) -> list[InboxRow]:
        """Tasks that the person completed, newest first, before (closed at, task id); holding a text, if any."""
        closed_at, task_id = before or ("infinity", 0)
        statement = DONE if text else DONE.replace(_FOUND, "")
        rows = self._db.rows(
            statement, (account_id, closed_at, task_id, *(_wanted(text) if text else ()), limit)
        )
        return [InboxRow(**dict(zip(_INBOX_FIELDS, row, strict=True))) for row in rows]

    def counts(self, account_id: int, own: str, groups: Sequence[str]) -> dict[Tab, int]:
        """The sizes of the three tabs, each counted up to the cap."""
        row = self._db.only(
            COUNTS, (own, COUNT_CAP, list(groups), COUNT_CAP, COUNT_CAP, account_id, COUNT_CAP)
        )
        return {Tab.MINE: row[0], Tab.CANDIDATE: row[1], Tab.DONE: row[2]}

    def under(self, principal: str) -> list[int]:
        """The ids of all open tasks under a principal."""
        rows = self._db.rows("SELECT task_id FROM inbox WHERE principal = %s ORDER BY task_id", (principal,))
        return [row[0] for row in rows]

    def newest(self) -> int:
        """The highest task id of all, 0 where there is none; a look at the end of the primary key."""
        row = self._db.only("SELECT coalesce(max(id), 0) FROM task", ())
        return int(row[0])

    def newer_than(self, groups: Sequence[str], task_id: int) -> int:
        """How many tasks have come under the principals since the given one, counted up to the cap."""
        row = self._db.only(
            "SELECT count(*) FROM (SELECT 1 FROM unnest(%s::text[]) AS mine(principal) CROSS JOIN LATERAL ("
            "SELECT 1 FROM inbox WHERE principal = mine.principal AND task_id > %s ORDER BY due LIMIT %s) y "
            "LIMIT %s) x",
            (list(groups), task_id, COUNT_CAP, COUNT_CAP),
        )
        return int(row[0])

    def cases_of_applicant(
        self, account_id: int, *, before: int | None, limit: int
    ) -> list[tuple[int, CaseRow]]:
        """The applicant's cases with their ids, newest first, ids below `before`."""
        rows = self._db.rows(
            CASE.replace("SELECT ", "SELECT i.id, ", 1)
            + "WHERE i.applicant_id = %s AND i.id < %s ORDER BY i.id DESC LIMIT %s",
            (account_id, before or BEYOND, limit),
        )
        return [(row[0], CaseRow(**dict(zip(_CASE_FIELDS, row[1:], strict=True)))) for row in rows]

    def cases_of_agencies(
        self, agencies: Sequence[str], *, before: int | None, limit: int
    ) -> list[tuple[int, CaseRow]]:
        """Cases in which one of the agencies had a task, with their ids, newest first."""
        rows = self._db.rows(CASES_OF_AGENCIES, (list(agencies), before or BEYOND, limit, limit))
        return [(row[0], CaseRow(**dict(zip(_CASE_FIELDS, row[1:], strict=True)))) for row in rows]

    def pressing(self, agencies: Sequence[str], now: datetime, *, limit: int) -> list[OversightRow]:
        """Open steps of the agencies that are overdue or warned about, the latest first."""
        rows = self._db.rows(OVERSIGHT, (now, list(agencies), limit))
        return [OversightRow(**dict(zip(_OVERSIGHT_FIELDS, row, strict=True))) for row in rows]

    def load(self, agencies: Sequence[str], now: datetime) -> list[LoadRow]:
        """Open, due-soon and overdue tasks by agency and step, the most overdue first."""
        rows = self._db.rows(LOAD, (now, now, now, list(agencies), now))
        return [LoadRow(**dict(zip(_LOAD_FIELDS, row, strict=True))) for row in rows]

    def submissions(self, instance_id: int) -> list[SubmissionRow]:
        """What was submitted in a case, oldest first."""
        rows = self._db.rows(
            """SELECT s.id, s.element, s.variable, s.form, COALESCE(a.display_name, ''), s.at, s."values"
            FROM submission s LEFT JOIN account a ON a.id = s.by_id WHERE s.instance_id = %s ORDER BY s.id""",
            (instance_id,),
        )
        return [
            SubmissionRow(id=row[0], element=row[1], variable=row[2], form=row[3], by=row[4], at=row[5],
                          values=loads(row[6]))
            for row in rows
        ]  # fmt: skip

    def decisions(self, instance_id: int) -> list[DecisionRow]:
        """The decisions of a case, oldest first."""
        rows = self._db.rows(
            "SELECT id, element, key, at, green, receipt FROM decision WHERE instance_id = %s ORDER BY id",
            (instance_id,),
        )
        return [
            DecisionRow(id=row[0], element=row[1], key=row[2], at=row[3], green=row[4], receipt=loads(row[5]))
            for row in rows
        ]

    def events(self, instance_id: int) -> list[EventRow]:
        """The record of a case, in order."""
        rows = self._db.rows(
            "SELECT e.seq, e.type, e.at, a.display_name, e.agency, e.element, e.task_id, e.facts FROM event e "
            "LEFT JOIN account a ON a.id = e.actor_id WHERE e.instance_id = %s ORDER BY e.id",
            (instance_id,),
        )
        return [
            EventRow(seq=row[0], type=row[1], at=row[2], actor=row[3], agency=row[4], element=row[5], task_id=row[6],
                     facts=loads(row[7]))
            for row in rows
        ]  # fmt: skip

    def attachments(self, instance_id: int) -> list[AttachmentRow]:
        """The files of a case, oldest first."""
        return self._attachments("WHERE f.instance_id = %s ORDER BY f.id", (instance_id,))

    def attachment(self, attachment_id: int) -> tuple[int | None, AttachmentRow] | None:
        """The instance it belongs to, if any, and the file."""
        row = self._db.one("SELECT instance_id FROM attachment WHERE id = %s", (attachment_id,))
        found = self._attachments("WHERE f.id = %s", (attachment_id,))
        return (row[0], found[0]) if row and found else None

    def _attachments(self, where: str, parameters: tuple[object, ...]) -> list[AttachmentRow]:
        rows = self._db.rows(
            "SELECT f.id, f.field, encode(f.sha256, 'hex'), f.name, f.media_type, f.size, f.owner_id, f.at, "
            "a.display_name, f.task_id, t.element, f.comment_id, f.label, f.shared FROM attachment f "
            "JOIN account a ON a.id = f.owner_id LEFT JOIN task t ON t.id = f.task_id " + where,
            parameters,
        )
        return [AttachmentRow(**dict(zip(_ATTACHMENT_FIELDS, row, strict=True))) for row in rows]

    def draft(self, task_id: int) -> dict[str, object] | None:
        """The saved draft of an open task."""
        row = self._db.one("SELECT draft FROM task WHERE id = %s AND status = 'open'", (task_id,))
        return loads(row[0]) if row and row[0] else None

    def notices(self, account_id: int, *, limit: int) -> list[NoticeRow]:
        """The newest notices of a person."""
        rows = self._db.rows(
            "SELECT id, template, facts, at, read_at FROM notice WHERE account_id = %s ORDER BY id DESC LIMIT %s",
            (account_id, limit),
        )
        return [
            NoticeRow(id=row[0], template=row[1], facts=loads(row[2]), at=row[3], read_at=row[4])
            for row in rows
        ]

    def unread(self, account_id: int) -> int:
        """How many notices wait, counted up to the cap."""
        row = self._db.only(
            "SELECT count(*) FROM (SELECT 1 FROM notice WHERE account_id = %s AND read_at IS NULL LIMIT %s) x",
            (account_id, COUNT_CAP),
        )
        return int(row[0])

    def incidents(self) -> list[IncidentRow]:
        """Incidents that nobody has resolved, newest first."""
        rows = self._db.rows(
            "SELECT n.id, n.job, n.subject, i.case_no, n.message, n.at FROM incident n "
            "LEFT JOIN instance i ON i.id = n.instance_id WHERE n.resolved_at IS NULL ORDER BY n.id DESC LIMIT 200"
        )
        return [
            IncidentRow(id=row[0], job=row[1], subject=row[2], case_no=row[3], message=row[4], at=row[5])
            for row in rows
        ]


def _wanted(text: str) -> tuple[str, str, str]:
    """The parameters of a search: the pairs of the text, each quoted so that none is an operator, and itself."""
    pairs = [word.replace("\\", "\\\\").replace("'", "''") for word in search_words([text]).split()]
    return " & ".join(f"'{pair}'" for pair in pairs), compact(text), compact(text)


_INBOX_FIELDS = tuple(InboxRow.__dataclass_fields__)
_CASE_FIELDS = tuple(CaseRow.__dataclass_fields__)
_OVERSIGHT_FIELDS = tuple(OversightRow.__dataclass_fields__)
_LOAD_FIELDS = tuple(LoadRow.__dataclass_fields__)
_ATTACHMENT_FIELDS = tuple(AttachmentRow.__dataclass_fields__)
