"""Awards and what they take of the limits across cases; the constraints of the tables hold what is taken.

Every transaction takes rows in one order: slots by number and name, then spans, then sums, each by name; so that two
that want the same rows wait for each other and never stand against each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from banjie.domain.awards import AwardStatus, PaymentUnderWay
from banjie.domain.decisions import Json
from banjie.domain.limits import Claim, EarlierAward, Refused, SlotClaim, SpanClaim, SumClaim
from banjie.persistence.database import Db, Row
from banjie.persistence.text import dumps

#: An award with the first slots that it wants: one row a slot that it got, one row with none where it got none.
_NEW = """
WITH made AS (
    INSERT INTO award (service, subject, payee, region, fund, year, amount, status, instance_id, granted_by,
                       granted_at, facts)
    VALUES (%s, %s, %s, %s, %s, %s, %s, 'granted', %s, %s, %s, %s) RETURNING id
), got AS (
    INSERT INTO award_slot (slot, award_id)
    SELECT wanted.slot, made.id FROM made, unnest(%s::bytea[]) AS wanted (slot) ORDER BY wanted.slot
    ON CONFLICT DO NOTHING RETURNING slot
)
SELECT made.id, got.slot FROM made LEFT JOIN got ON true
"""

_SLOTS = """
INSERT INTO award_slot (slot, award_id)
SELECT slot, %s FROM unnest(%s::bytea[]) AS wanted (slot) ORDER BY slot
ON CONFLICT DO NOTHING RETURNING slot
"""

_SPAN = """
INSERT INTO award_span (award_id, slot, during) VALUES (%s, %s, daterange(%s, %s)) ON CONFLICT DO NOTHING
"""

_SUM_ROWS = """
INSERT INTO award_sum (key, used, most)
SELECT key, 0, most FROM unnest(%s::bytea[], %s::numeric[]) AS wanted (key, most) ORDER BY key
ON CONFLICT DO NOTHING
"""

_ADD = """
UPDATE award_sum SET used = used + %s, most = %s WHERE key = %s AND used + %s <= %s
"""

_GIVE_BACK = """
UPDATE award_sum s SET used = s.used - g.amount
FROM (SELECT key, sum(amount) AS amount FROM award_part WHERE award_id = ANY(%s) GROUP BY key) g WHERE s.key = g.key
"""

_UNDER_WAY = """
SELECT p.id FROM payment p WHERE p.award_id = ANY(%s) AND p.status IN ('batched', 'sent', 'paid') LIMIT 1
"""

_HOLDERS = """
SELECT a.id, a.instance_id, i.case_no, a.service, a.region, a.granted_at, {weight}
FROM {table} h JOIN award a ON a.id = h.award_id JOIN instance i ON i.id = a.instance_id
WHERE {which} AND {others} ORDER BY a.id
"""


@dataclass(frozen=True, kw_only=True)
class NewAward:
    """Money to be granted to a case. `amount` in yuan; `year` is the budget's; `facts` say by which values."""

    service: str
    subject: bytes
    payee: str
    region: str
    fund: str
    year: int
    amount: Decimal
    instance_id: int
    granted_by: int
    granted_at: datetime
    facts: Mapping[str, Json]


@dataclass(frozen=True, kw_only=True)
class LiveAward:
    """The award of a case that was not released."""

    id: int
    amount: Decimal
    status: AwardStatus


@dataclass(frozen=True, kw_only=True)
class Held:
    """How much of a claim others hold: rows of it, or yuan; and the earliest of them."""

    taken: Decimal
    earlier: EarlierAward | None


class Awards:
    """The awards of one unit of work."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def live(self, instance_id: int) -> LiveAward | None:
        """The award of a case that was not released; a list's awards are not meant."""
        row = self._db.one(
            "SELECT id, amount, status FROM award "
            "WHERE instance_id = %s AND roster_id IS NULL AND status <> 'released'",
            (instance_id,),
        )
        return LiveAward(id=row[0], amount=row[1], status=AwardStatus(row[2])) if row else None

    def grant(
        self, new: NewAward, claims: Sequence[Claim], instead_of: LiveAward | None = None
    ) -> int | Refused:
        """Store an award and take its limits, in the place of the case's earlier one where that is given.

        The case's row must be locked. Where a limit is used up the answer says which, and the transaction must be
        rolled back. Raises PaymentUnderWay where the earlier award is paid or with the bank.
        """
        if instead_of is not None:
            self._drop(instead_of, new.granted_at)
        earlier_id = instead_of.id if instead_of else None
        slots = [one for one in claims if isinstance(one, SlotClaim)]
        award_id, refused = self._take_slots(new, earlier_id, slots)
        refused = (
            refused
            or self._take_spans(award_id, earlier_id, [one for one in claims if isinstance(one, SpanClaim)])
            or self._take_sums(award_id, earlier_id, [one for one in claims if isinstance(one, SumClaim)])
        )
        if earlier_id is not None and refused is None:
            # Last, and without waiting for anybody: who waits for one of these rows is let go by the commit.
            self._db.run("DELETE FROM award_slot WHERE award_id = %s", (earlier_id,))
        return refused or award_id

    def newest_is_green(self, instance_id: int, elements: Sequence[str]) -> bool:
        """Whether the newest receipt of the elements in a case is green; not where there is none."""
        row = self._db.one(
            "SELECT green FROM decision WHERE instance_id = %s AND element = ANY(%s) ORDER BY id DESC LIMIT 1",
            (instance_id, list(elements)),
        )
        return row is not None and bool(row[0])

    def release(self, instance_id: int, at: datetime) -> int:
        """Release what a case was granted and not paid; returns how many awards. See `release`."""
        return release(self._db, instance_id, at)

    def held(self, claims: Sequence[Claim], except_case: int | None) -> list[Held]:
        """For each claim what awards of other cases hold of it now; nothing is locked."""
        return [self._held(claim, except_case) for claim in claims]

    def used_up(self, claims: Mapping[bytes, Claim]) -> set[bytes]:
        """The subjects (subject → what an award would take of one limit) for whom nothing is left of it.

        The claims must be of one kind, and spans of the same days.
        """
        slots = {subject: one for subject, one in claims.items() if isinstance(one, SlotClaim)}
        spans = {subject: one for subject, one in claims.items() if isinstance(one, SpanClaim)}
        sums = {subject: one for subject, one in claims.items() if isinstance(one, SumClaim)}
        return self._slotted(slots) | self._spanned(spans) | self._summed(sums)

    def _slotted(self, claims: Mapping[bytes, SlotClaim]) -> set[bytes]:
        wanted = [slot for one in claims.values() for slot in one.slots]
        rows = self._db.rows("SELECT slot FROM award_slot WHERE slot = ANY(%s)", (wanted,)) if wanted else ()
        taken = {row[0] for row in rows}
        return {subject for subject, one in claims.items() if taken.issuperset(one.slots)}

    def _summed(self, claims: Mapping[bytes, SumClaim]) -> set[bytes]:
        keys = [one.key for one in claims.values()]
        rows = self._db.rows("SELECT key, used FROM award_sum WHERE key = ANY(%s)", (keys,)) if keys else ()
        used = {row[0]: row[1] for row in rows}
        return {subject for subject, one in claims.items() if used.get(one.key, 0) >= one.most}

    def _spanned(self, spans: Mapping[bytes, SpanClaim]) -> set[bytes]:
        if not spans:
            return set()
        first = next(iter(spans.values()))
        rows = self._db.rows(
            "SELECT slot FROM award_span WHERE slot = ANY(%s) AND during && daterange(%s, %s)",
            ([slot for one in spans.values() for slot in one.slots], first.since, first.until),
        )
        taken = {row[0] for row in rows}
        return {subject for subject, one in spans.items() if taken.issuperset(one.slots)}

    # ── taking ───────────────────────────────────────────────────────────────────────────────────────

    def _drop(self, award: LiveAward, at: datetime) -> None:
        """Release the case's earlier award with its spans; its slots go last, its sums with the new ones'."""
        self._db.run(
            "UPDATE payment SET status = 'cancelled', ended_at = %s WHERE award_id = %s AND status = 'due'",
            (at, award.id),
        )
        if award.status is AwardStatus.PAID or self._db.one(_UNDER_WAY, ([award.id],)):
            raise PaymentUnderWay(award=award.id)
        self._db.run("UPDATE award SET status = 'released', ended_at = %s WHERE id = %s", (at, award.id))

    def _take_slots(
        self, new: NewAward, earlier_id: int | None, claims: Sequence[SlotClaim]
    ) -> tuple[int, Refused | None]:
        """Store the award with the slots that it takes; those of the earlier one are handed on to it."""
        own = self._slots_of(earlier_id)
        needed = Counter(claim.slots for claim in claims)
        row = _slots_at(0, needed)
        award_id, got = self._store(new, [slot for slot in row if slot not in own])
        keep: list[bytes] = []
        number = 0
        while row:
            kept = [slot for slot in row if slot in own]
            needed.subtract(row[slot] for slot in (*kept, *got))
            keep += kept
            number += 1
            row = _slots_at(number, needed)
            wanted = [slot for slot in row if slot not in own]
            got = [bytes(one[0]) for one in self._db.rows(_SLOTS, (award_id, wanted))] if wanted else []
        if keep:
            self._db.run("UPDATE award_slot SET award_id = %s WHERE slot = ANY(%s)", (award_id, keep))
        missing = next((claim for claim in claims if needed[claim.slots]), None)
        return award_id, self._refused(missing, award_id) if missing else None

    def _store(self, new: NewAward, slots: Sequence[bytes]) -> tuple[int, list[bytes]]:
        """The id of the new award, and which of the slots it got."""
        rows = self._db.rows(_NEW, (*_values(new), list(slots)))
        return int(rows[0][0]), [bytes(row[1]) for row in rows if row[1] is not None]

    def _slots_of(self, award_id: int | None) -> set[bytes]:
        if award_id is None:
            return set()
        rows = self._db.rows("SELECT slot FROM award_slot WHERE award_id = %s", (award_id,))
        return {bytes(row[0]) for row in rows}

    def _take_spans(
        self, award_id: int, earlier_id: int | None, claims: Sequence[SpanClaim]
    ) -> Refused | None:
        wanted = sorted(claims, key=lambda claim: (claim.slots, claim.since))
        for slot in sorted({slot for claim in wanted for slot in claim.slots}):
            # Two that insert spans against each other would each wait for the other: one of them comes first.
            self._db.one("SELECT pg_advisory_xact_lock(%s)", (slot,))
        if earlier_id is not None:
            self._db.run("DELETE FROM award_span WHERE award_id = %s", (earlier_id,))
        for claim in wanted:
            days = (claim.since, claim.until)
            if not any(self._db.run(_SPAN, (award_id, slot, *days)) for slot in claim.slots):
                return self._refused(claim, award_id)
        return None

    def _take_sums(self, award_id: int, earlier_id: int | None, claims: Sequence[SumClaim]) -> Refused | None:
        joined = _joined(claims)
        keys = sorted(joined)
        if not keys and earlier_id is None:
            return None
        if keys:
            self._db.run(_SUM_ROWS, (keys, [joined[key].most for key in keys]))
        lock_sums(self._db, keys, [] if earlier_id is None else [earlier_id])
        if earlier_id is not None:
            give_back(self._db, [earlier_id])
        for key in keys:
            claim = joined[key]
            if not self._db.run(_ADD, (claim.amount, claim.most, key, claim.amount, claim.most)):
                return self._refused(claim, award_id)
            self._db.run(
                "INSERT INTO award_part (award_id, key, amount) VALUES (%s, %s, %s)",
                (award_id, key, claim.amount),
            )
        return None

    # ── who came first ───────────────────────────────────────────────────────────────────────────────

    def _refused(self, claim: Claim, award_id: int) -> Refused:
        statement, parameters = _holders(claim, "a.id <> %s")
        row = self._db.one(f"{statement}LIMIT 1", (*parameters, award_id))
        return Refused(claim=claim, earlier=_earlier(row) if row else None)

    def _held(self, claim: Claim, except_case: int | None) -> Held:
        statement, parameters = _holders(claim, "a.instance_id IS DISTINCT FROM %s")
        rows = self._db.rows(statement, (*parameters, except_case))
        taken = sum((row[6] for row in rows), Decimal(0))
        return Held(taken=taken, earlier=_earlier(rows[0]) if rows else None)


def release(db: Db, instance_id: int, at: datetime) -> int:
    """Release every award of a case that is not paid and give back what it took; returns how many.

    The case's row must be locked. Raises PaymentUnderWay where money of one is in a batch or with the bank.
    """
    released = [
        row[0]
        for row in db.rows(
            "UPDATE award SET status = 'released', ended_at = %s WHERE instance_id = %s AND status = 'granted' "
            "RETURNING id",
            (at, instance_id),
        )
    ]
    if not released:
        return 0
    under_way = db.one(_UNDER_WAY, (released,))
    if under_way is not None:
        raise PaymentUnderWay(payment=under_way[0])
    db.run("DELETE FROM award_slot WHERE award_id = ANY(%s)", (released,))
    db.run("DELETE FROM award_span WHERE award_id = ANY(%s)", (released,))
    lock_sums(db, [], released)
    give_back(db, released)
    return len(released)


def lock_sums(db: Db, keys: Sequence[bytes], awards: Sequence[int]) -> None:
    """Lock the sums named and those that the awards are part of, in the order of their names."""
    db.rows(
        "SELECT key FROM award_sum WHERE key = ANY(%s) OR key IN (SELECT key FROM award_part WHERE award_id = ANY(%s)) "
        "ORDER BY key FOR UPDATE",
        (list(keys), list(awards)),
    )


def give_back(db: Db, awards: Sequence[int]) -> None:
    """Take the parts of the awards out of their sums, which must be locked."""
    db.run(_GIVE_BACK, (list(awards),))
    db.run("DELETE FROM award_part WHERE award_id = ANY(%s)", (list(awards),))


def _slots_at(number: int, needed: Mapping[tuple[bytes, ...], int]) -> dict[bytes, tuple[bytes, ...]]:
    """The slots with a number of the claims that still need one, each with all slots of its claim."""
    return {rows[number]: rows for rows, need in needed.items() if need and number < len(rows)}


def _joined(claims: Sequence[SumClaim]) -> dict[bytes, SumClaim]:
    """One claim a sum: entries of one application that fall on the same sum are added up."""
    joined: dict[bytes, SumClaim] = {}
    for claim in claims:
        before = joined.get(claim.key)
        amount = claim.amount + (before.amount if before else Decimal(0))
        joined[claim.key] = SumClaim(
            limit=claim.limit, entry=claim.entry, key=claim.key, amount=amount, most=claim.most
        )
    return joined


def _holders(claim: Claim, others: str) -> tuple[str, tuple[object, ...]]:
    """The statement that tells which awards hold how much of a claim, the earliest first, and its parameters.

    `others` is a condition on the award `a`, whose parameter comes last.
    """
    if isinstance(claim, SlotClaim):
        return (
            _HOLDERS.format(weight="1", table="award_slot", which="h.slot = ANY(%s)", others=others),
            (list(claim.slots),),
        )
    if isinstance(claim, SpanClaim):
        which = "h.slot = ANY(%s) AND h.during && daterange(%s, %s)"
        return (
            _HOLDERS.format(weight="1", table="award_span", which=which, others=others),
            (list(claim.slots), claim.since, claim.until),
        )
    return (
        _HOLDERS.format(weight="h.amount", table="award_part", which="h.key = %s", others=others),
        (claim.key,),
    )


def _values(new: NewAward) -> tuple[object, ...]:
    return (
        new.service, new.subject, new.payee, new.region, new.fund, new.year, new.amount, new.instance_id,
        new.granted_by, new.granted_at, dumps(new.facts),
    )  # fmt: skip


def _earlier(row: Row) -> EarlierAward:
    return EarlierAward(
        award_id=row[0], instance_id=row[1], case_no=row[2], service=row[3], region=row[4], granted_at=row[5]
    )
