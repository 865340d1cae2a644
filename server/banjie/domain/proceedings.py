"""Proceedings: what is opened on a case beside its diagram, and must be answered, granted or closed.

A supplement, an extension, an excluded procedure, a suspension, a return that waits for its siblings, a jump, a
card. What people write stands here; the record keeps only its hash, so that it can be checked and, one day, erased.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from banjie.domain.decisions import Json
from banjie.domain.errors import Conflict, InvalidRequest

#: Characters of a reason, an opinion or an answer.
LONGEST_REASON = 500


class ProceedingKind(StrEnum):
    """What was opened."""

    SUPPLEMENT = "supplement"
    SUPPLEMENT_GRANT = "supplement_grant"
    EXTENSION = "extension"
    EXCLUDED = "excluded"
    SUSPENSION = "suspension"
    RETURN = "return"
    TAKE_BACK = "take_back"
    JUMP = "jump"
    TRANSFER = "transfer"
    DELEGATION = "delegation"
    REASSIGNMENT = "reassignment"
    URGE = "urge"
    COUNTERSIGN = "countersign"
    CARD = "card"
    WITHDRAWAL = "withdrawal"
    CANCELLATION = "cancellation"


class ProceedingStatus(StrEnum):
    """Open, or how it was closed: DONE where nothing is to be granted, LAPSED where its time ran out."""

    OPEN = "open"
    GRANTED = "granted"
    REFUSED = "refused"
    DONE = "done"
    LAPSED = "lapsed"
    TAKEN_BACK = "taken_back"


class CaseHeld(Conflict):
    """The case is held: a supplement, an excluded procedure or a suspension is open."""

    code = "case_held"


class LimitPassed(Conflict):
    """The limit has passed."""

    code = "limit_passed"


class SupplementAskedBefore(Conflict):
    """What is missing was asked for before; a head of the agency must grant a second request."""

    code = "supplement_asked_before"


class ExtendedBefore(Conflict):
    """The limit was extended before, or an extension is asked for already."""

    code = "extended_before"


class NotExtensible(Conflict):
    """No text lets this limit be extended."""

    code = "not_extensible"


@dataclass(frozen=True, kw_only=True)
class Proceeding:
    """A proceeding as stored.

    `reason` is what was written when it was opened, `answer` when it was closed; `facts` and `answer_facts`
    are what the kind needs (missing items, days asked for). `due_at` is when it lapses, if ever. `opened_by`
    and `closed_by` are account ids, None for the system; the names are filled in.
    """

    id: int
    instance_id: int
    kind: ProceedingKind
    status: ProceedingStatus
    task_id: int | None
    clock_id: int | None
    element: str | None
    agency: str | None
    opened_by: int | None
    opened_by_name: str | None
    opened_at: datetime
    due_at: datetime | None
    ground: str | None
    citation: str | None
    reason: str
    document: str | None
    facts: Mapping[str, Json]
    closed_by: int | None
    closed_by_name: str | None
    closed_at: datetime | None
    answer: str | None
    answer_facts: Mapping[str, Json]

    @property
    def is_open(self) -> bool:
        return self.status is ProceedingStatus.OPEN

    def require_open(self) -> None:
        """Raise Conflict, saying how, when and by whom it was closed, unless it is open."""
        if not self.is_open:
            raise Conflict(
                "This was decided or closed before.", proceeding=self.id, status=self.status.value,
                by=self.closed_by_name, at=self.closed_at,
            )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class NewProceeding:
    """A proceeding to be stored, opened at the instant and by the actor of its change.

    Where `holds`, the case is held until it is closed. Where `due_at` is set, a timer is armed for it. One
    whose `status` is not OPEN is closed in the same breath (a reason kept for the record).
    """

    kind: ProceedingKind
    reason: str
    status: ProceedingStatus = ProceedingStatus.OPEN
    task_id: int | None = None
    clock_id: int | None = None
    element: str | None = None
    agency: str | None = None
    due_at: datetime | None = None
    ground: str | None = None
    citation: str | None = None
    document: str | None = None
    facts: Mapping[str, Json] = field(default_factory=dict)
    holds: bool = False


@dataclass(frozen=True, kw_only=True)
class ClosedProceeding:
    """A proceeding to be closed at the instant and by the actor of its change; its timer is taken down.

    Where it held the case, the case is free again.
    """

    id: int
    status: ProceedingStatus
    answer: str | None = None
    facts: Mapping[str, Json] = field(default_factory=dict)


def reason_of(text: str, what: str = "reason") -> str:
    """The text without blanks around it; raises InvalidRequest, naming `what`, where it is empty or too long."""
    plain = text.strip()
    if not plain or len(plain) > LONGEST_REASON:
        raise InvalidRequest("Give a reason.", field=what, longest=LONGEST_REASON)
    return plain


def words_hash(text: str) -> str:
    """What the record keeps of words: their SHA-256 as hexadecimal text."""
    return hashlib.sha256(text.encode()).hexdigest()
