"""How the limits across cases stand, before anything is granted: for a case, and for many subjects at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from banjie.domain.assignment import Actor
from banjie.domain.calendar import legal_date
from banjie.domain.decisions import Json
from banjie.domain.errors import NotFound
from banjie.domain.instances import Instance
from banjie.domain.limits import Claim, EarlierAward, SumClaim
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.policy.catalogue import Service
from banjie.policy.limits import ACCEPTED, APPLICANT, GRANTED, CrossLimit
from banjie.services.award_claims import Asked, NothingThere, claims_of
from banjie.services.runtime import Runtime
from banjie.services.sight import visible

#: The variable of the case data that holds the result of the process's own table.
AWARD = "award"


@dataclass(frozen=True, kw_only=True)
class LimitState:
    """How one limit stands for a case: `taken` of `allowed` are held by other cases, the case would take `wanted`.

    All three count grants, of a sum yuan. `entry` is the place in the list that the limit goes by, from 1. `earlier`
    is the first of the other cases, without its number where the case's region may not know it. `missing` is the path
    that should tell whose limit it is and holds nothing; then nothing else is known.
    """

    limit: CrossLimit
    entry: int | None
    allowed: Decimal
    taken: Decimal
    wanted: Decimal
    earlier: EarlierAward | None
    missing: str | None = None

    @property
    def is_free(self) -> bool:
        return self.missing is None and self.taken + self.wanted <= self.allowed


def preview(
    rt: Runtime, uow: UnitOfWork, service: Service, asked: Asked, case_id: int | None
) -> list[LimitState]:
    """How each limit of a service stands for what is asked, other cases than `case_id` counted; locks nothing."""
    states: list[LimitState] = []
    for limit in service.limits:
        try:
            claims = claims_of(rt, limit, asked)
        except NothingThere as fault:
            states.append(_unknown(limit, str(fault.facts["path"])))
        else:
            states += _states(uow, limit, claims, asked.region, case_id)
    return states


def limits(rt: Runtime, actor: Actor, case_no: str) -> list[LimitState]:
    """How the limits stand for a case, for its officers; of a running case as if it were granted now.

    Raises NotFound also for the applicant: a limit may tell of other people's cases.
    """
    with rt.store.read() as uow:
        instance = visible(rt, uow, actor, case_no)
        if actor.account_id == instance.applicant_id:
            raise NotFound(case=case_no[:40])
        service = rt.book.services.get(instance.service)
        if service is None or not service.limits:
            return []
        at = instance.ended_at or rt.now()
        asked = asked_of(instance, amount=given(instance.data) or Decimal(0), at=at)
        return preview(rt, uow, service, asked, instance.id)


def used_up(
    rt: Runtime, uow: UnitOfWork, service: Service, subjects: Collection[bytes], region: str, on: date
) -> set[bytes]:
    """Those of the subjects to whom a service could grant nothing on the day: a limit of theirs is used up.

    Only limits that count by the applicant alone can be told before there is an application.
    """
    found: set[bytes] = set()
    for limit in service.limits:
        if limit.by != (APPLICANT,):
            continue
        countable = limit if limit.on in (ACCEPTED, GRANTED) else replace(limit, on=ACCEPTED)
        claims: dict[bytes, Claim] = {}
        for subject in subjects:
            asked = Asked(
                data={}, subject=subject, region=region, accepted_on=on, granted_on=on, amount=Decimal(0)
            )
            for claim in claims_of(rt, countable, asked):
                claims[subject] = claim
        found |= uow.awards.used_up(claims)
    return found


def asked_of(instance: Instance, *, amount: Decimal, at: datetime) -> Asked:
    """What a grant to the case at the instant is about; the law of its acceptance holds, before it that of the day."""
    granted_on = legal_date(at)
    return Asked(
        data=instance.data, subject=instance.subject, region=instance.region,
        accepted_on=legal_date(instance.accepted_at) if instance.accepted_at else granted_on,
        granted_on=granted_on, amount=amount,
    )  # fmt: skip


def given(data: Mapping[str, Json]) -> Decimal | None:
    """What the table of the process gives; None where it gives nothing."""
    award = data.get(AWARD)
    if not isinstance(award, Mapping) or award.get("eligible") is not True or award.get("amount") is None:
        return None
    return Decimal(str(award["amount"]))


def told(earlier: EarlierAward | None, region: str) -> EarlierAward | None:
    """The earlier award, its case named within its own region only."""
    if earlier is None or earlier.region == region:
        return earlier
    return replace(earlier, case_no=None)


def _unknown(limit: CrossLimit, path: str) -> LimitState:
    none = Decimal(0)
    return LimitState(
        limit=limit, entry=None, allowed=none, taken=none, wanted=none, earlier=None, missing=path
    )


def _states(
    uow: UnitOfWork, limit: CrossLimit, claims: Sequence[Claim], region: str, case_id: int | None
) -> list[LimitState]:
    states: list[LimitState] = []
    before: dict[object, Decimal] = {}
    for claim, held in zip(claims, uow.awards.held(claims, case_id), strict=True):
        name: object
        if isinstance(claim, SumClaim):
            name, wanted, allowed = claim.key, claim.amount, claim.most
        else:
            name, wanted, allowed = claim.slots, Decimal(1), Decimal(len(claim.slots))
        # Entries of one application count against each other too.
        taken = held.taken + before.get(name, Decimal(0))
        before[name] = before.get(name, Decimal(0)) + wanted
        states.append(
            LimitState(
                limit=limit, entry=claim.entry, allowed=allowed, taken=taken, wanted=wanted,
                earlier=told(held.earlier, region),
            )
        )  # fmt: skip
    return states
