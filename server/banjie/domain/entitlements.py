"""Who may have what they have not asked for (免申即享): how such a row stands, and how a search for them goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from banjie.domain.decisions import Decision, Json
from banjie.domain.errors import Conflict, InvalidRequest


class MatchUnderWay(Conflict):
    """The registers are being searched for this service and region already."""

    code = "match_under_way"


class AlreadyAnswered(Conflict):
    """This has been answered, or nobody may have it any more."""

    code = "already_answered"


class NotVerified(InvalidRequest):
    """Name and number do not fit what the registers hold."""

    code = "not_verified"


class EntitlementStatus(StrEnum):
    """Found; invited, by a notice or (NO_ACCOUNT) by a letter on paper; accepted or declined; stale: not any more."""

    FOUND = "found"
    INVITED = "invited"
    NO_ACCOUNT = "no_account"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    STALE = "stale"


#: Those that wait for an answer; a new run brings them up to date or finds them stale.
OPEN = (EntitlementStatus.FOUND, EntitlementStatus.INVITED, EntitlementStatus.NO_ACCOUNT)


class RunStatus(StrEnum):
    """A run goes on, has come to its end, or was given up."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class MatchRun:
    """A search of the registers for a service in a region (with those below), by the law of a day.

    `done` of `total` subjects were tried, up to the number `reached`; `found` of them may have it, `stale` rows of
    earlier runs may not any more.
    """

    id: int
    service: str
    region: str
    on: date
    status: RunStatus
    total: int
    done: int
    found: int
    stale: int
    reached: str
    started_by: int | None
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Found:
    """Somebody who may have a service, as a run found them.

    `receipt` is the decision, `prefill` the application as far as the registers know it; `amount` is what the table
    gives, in CNY.
    """

    subject: bytes
    number: str
    name: str
    region: str
    period: str
    amount: Decimal | None
    receipt: Decision
    prefill: Mapping[str, Json]


@dataclass(frozen=True, kw_only=True)
class Entitlement:
    """A stored row; `number` is the ID number or credit code."""

    id: int
    service: str
    subject: bytes
    number: str
    name: str
    region: str
    period: str
    found_on: date
    amount: Decimal | None
    receipt: Mapping[str, Json]
    prefill: Mapping[str, Json]
    status: EntitlementStatus
    invited_at: datetime | None
    answered_at: datetime | None
    instance_id: int | None
    case_no: str | None

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


@dataclass(frozen=True, kw_only=True)
class VerifiedSubject:
    """Whom an account was proved to be: a person by the ID number, or an enterprise by its credit code."""

    subject: bytes
    kind: str
    number: str
    name: str
    verified_at: datetime
