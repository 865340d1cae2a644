"""Money for all rows of a list at once: awards and slots by one statement each, rows in the way told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from banjie.persistence.database import Db

#: The slot is the hash of the text of `domain.limits.slot_text`, around the subject.
_SLOT = "sha256(convert_to(%s || encode(subject, 'hex') || %s, 'UTF8'))"

_OPEN = "r.roster_id = %s AND r.state = %s AND r.line BETWEEN %s AND %s AND r.eligible AND r.amount > 0"

#: Rows that hold the slot themselves, from an earlier run, are not in their own way.
_REFUSE = f"""
UPDATE roster_row r SET state = %s, reason_code = 'limit_reached'
WHERE {_OPEN} AND EXISTS (
    SELECT 1 FROM award_slot s JOIN award a ON a.id = s.award_id
    WHERE s.slot = {_SLOT.replace("subject", "r.subject")}
      AND (a.roster_id, a.line) IS DISTINCT FROM (r.roster_id, r.line))
"""

#: Rows that have their award already are passed over, so that a second run goes on where the first was killed. The
#: index tells, not a look at the table that is being filled: its plan would be made for an empty one.
_AWARDS = f"""
WITH made AS (
    INSERT INTO award (service, subject, payee, region, fund, year, amount, status, instance_id, roster_id, line,
                       granted_by, granted_at, facts)
    SELECT %s, r.subject, r.name, %s, %s, %s, r.amount, 'granted', %s, r.roster_id, r.line, %s, %s, '{{}}'
    FROM roster_row r WHERE {_OPEN}
    ON CONFLICT (roster_id, line) WHERE status <> 'released' DO NOTHING RETURNING amount
)
SELECT count(*), COALESCE(sum(amount), 0) FROM made
"""

_NEWEST = "a.roster_id = %s AND a.line BETWEEN %s AND %s AND a.granted_at = %s AND a.status = 'granted'"

_SLOTS = f"""
INSERT INTO award_slot (slot, award_id)
SELECT {_SLOT.replace("subject", "a.subject")} AS slot, a.id FROM award a WHERE {_NEWEST}
ORDER BY slot ON CONFLICT DO NOTHING
"""

#: Somebody took a row's slot between the first statement and now.
_OVERTAKEN = f"""
WITH short AS MATERIALIZED (
    SELECT a.id, a.line, a.amount FROM award a LEFT JOIN award_slot s ON s.award_id = a.id
    WHERE {_NEWEST} GROUP BY a.id HAVING count(s.slot) < %s
), given_up AS (
    UPDATE award a SET status = 'released', ended_at = %s FROM short WHERE a.id = short.id
), freed AS (
    DELETE FROM award_slot s USING short WHERE s.award_id = short.id
), told AS (
    UPDATE roster_row r SET state = %s, reason_code = 'limit_reached' FROM short
    WHERE r.roster_id = %s AND r.line = short.line
)
SELECT count(*), COALESCE(sum(amount), 0) FROM short
"""


@dataclass(frozen=True, kw_only=True)
class RosterSlot:
    """One limit of a list: the text of a row's slot is `before`, the subject in hexadecimal, `after`."""

    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class RosterGrant:
    """Rows of a list to be granted: those in the state `state` from line `first` to `last`, both included.

    Rows that a limit stands against go to the state `refused`. `year` is the budget's.
    """

    roster_id: int
    instance_id: int
    service: str
    region: str
    fund: str
    year: int
    granted_by: int
    at: datetime
    slots: Sequence[RosterSlot]
    state: str
    refused: str
    first: int
    last: int


@dataclass(frozen=True, kw_only=True)
class RosterGranted:
    """How many rows were granted, their sum in yuan, and how many a limit stood against."""

    granted: int
    total: Decimal
    refused: int


def grant_many(db: Db, wanted: RosterGrant) -> RosterGranted:
    """Grant rows of a list; nothing is granted twice, however often it runs.

    Waits for officers who grant the same subjects at this moment; whoever comes second has it not. The case of the
    list must be locked, or the job be the only one that works on it.
    """
    lines = (wanted.first, wanted.last)
    newest = (wanted.roster_id, *lines, wanted.at)
    open_rows = (wanted.roster_id, wanted.state, *lines)
    # The planner takes a table that was empty a moment ago for empty: a loop over what the statement itself inserts
    # would take the square of the rows (50,000 took 90 seconds).
    db.run("SET LOCAL enable_nestloop = off")
    refused = sum(
        db.run(_REFUSE, (wanted.refused, *open_rows, slot.before, slot.after)) for slot in wanted.slots
    )
    made, total = db.only(
        _AWARDS,
        (
            wanted.service, wanted.region, wanted.fund, wanted.year, wanted.instance_id, wanted.granted_by,
            wanted.at, *open_rows,
        ),
    )  # fmt: skip
    taken = sum(db.run(_SLOTS, (slot.before, slot.after, *newest)) for slot in wanted.slots)
    if taken == made * len(wanted.slots):
        return RosterGranted(granted=made, total=total, refused=refused)
    overtaken, amount = db.only(
        _OVERTAKEN, (*newest, len(wanted.slots), wanted.at, wanted.refused, wanted.roster_id)
    )
    return RosterGranted(granted=made - overtaken, total=total - amount, refused=refused + overtaken)
