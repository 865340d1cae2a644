"""Money is granted: what the rules and the officer gave, held against the limits across cases (ADR 0012)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from banjie.domain.awards import LimitReached, NotAwarded
from banjie.domain.calendar import legal_date
from banjie.domain.decisions import Basis, Json
from banjie.domain.effects import GRANT
from banjie.domain.errors import EngineFault, FieldError, InvalidSubmission
from banjie.domain.instances import Instance
from banjie.domain.limits import EVER, Claim, Refused, slot_text
from banjie.forms.codes import FieldCode
from banjie.persistence.awards import LiveAward, NewAward
from banjie.persistence.roster_awards import RosterGrant, RosterGranted, RosterSlot, grant_many
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.policy.catalogue import Service
from banjie.policy.limits import APPLICANT, CrossLimit, Within
from banjie.services.award_claims import claims_of
from banjie.services.cross_limits import AWARD, asked_of, given, told
from banjie.services.deeds import Deed
from banjie.services.runtime import Runtime

#: The field in which an officer writes what is granted.
APPROVED = "approved_amount"
APPROVE = "approve"
_CENT = Decimal("0.01")


def grant(deed: Deed) -> Mapping[str, Json]:
    """Grant what the officer approved: store the award, take its limits, and say so in the case data.

    A decision other than to approve grants nothing, and releases what the case was granted before. An approval anew
    stands in the place of the one before. Raises InvalidSubmission where the amount is not above zero, in whole cents
    and at most what the rules give, NotAwarded where they give nothing, LimitReached with the case that came first,
    and PaymentUnderWay where the earlier award is with the bank or paid.
    """
    uow, instance = deed.uow, deed.instance
    # Whatever is granted to a case stands in its data; where nothing does, nothing is looked for.
    earlier = uow.awards.live(instance.id) if instance.data.get(GRANT) is not None else None
    if deed.values.get("decision") != APPROVE:
        if earlier is None:
            return {}
        uow.awards.release(instance.id, deed.at)
        return {GRANT: None}
    service = deed.rt.book.services[instance.service]
    amount = _amount(deed)
    asked = asked_of(instance, amount=amount, at=deed.at)
    new = _new_award(deed, service, amount)
    claims = [claim for limit in service.limits for claim in claims_of(deed.rt, limit, asked)]
    award_id = _granted(uow, service, new, claims, earlier)
    return {GRANT: {
        "award": award_id, "amount": amount, "payee": new.payee, "fund": new.fund,
        "limits": sorted({claim.limit for claim in claims}),
    }}  # fmt: skip


def grant_roster(
    rt: Runtime, uow: UnitOfWork, *, roster_id: int, instance: Instance, year: int, granted_by: int, at: datetime,
    state: str, refused: str, lines: tuple[int, int],
) -> RosterGranted:  # fmt: skip
    """Grant the rows of a list in a state, from a line to a line, both included; see `roster_awards.grant_many`.

    `year` is the year that is paid for: the rows' limits within a calendar year count in it. Rows that a limit stands
    against go to the state `refused`. Raises EngineFault for a limit that no list can have.
    """
    service = rt.book.services[instance.service]
    wanted = RosterGrant(
        roster_id=roster_id, instance_id=instance.id, service=service.key, region=instance.region,
        fund=_fund(service), year=legal_date(at).year, granted_by=granted_by, at=at,
        slots=[_roster_slot(limit, year) for limit in service.limits], state=state, refused=refused,
        first=lines[0], last=lines[1],
    )  # fmt: skip
    return grant_many(uow.db, wanted)


def _roster_slot(limit: CrossLimit, year: int) -> RosterSlot:
    if limit.by != (APPLICANT,) or limit.times != 1 or limit.within is Within.MONTHS:
        raise EngineFault("A list has limits of once an applicant only.", limit=limit.key)
    subject = "\0"
    text = slot_text(limit.group, EVER if limit.within is Within.EVER else str(year), [subject], 1)
    before, _, after = text.partition(subject)
    return RosterSlot(before=before, after=after)


# ── granting ─────────────────────────────────────────────────────────────────────────────────────────


def _amount(deed: Deed) -> Decimal:
    """What is granted: what the officer wrote, else what the rules give."""
    most = given(deed.instance.data)
    if most is None or not _is_green(deed):
        raise NotAwarded(case_no=deed.instance.case_no)
    written = deed.values.get(APPROVED)
    amount = most if written is None else Decimal(str(written))
    if amount <= 0:
        raise _refusal(FieldCode.TOO_SMALL, least=_CENT)
    if amount != amount.quantize(_CENT):
        raise _refusal(FieldCode.TOO_MANY_DECIMALS, most=2)
    if amount > most:
        raise _refusal(FieldCode.TOO_GREAT, most=most)
    return amount


def _is_green(deed: Deed) -> bool:
    """Whether the newest receipt of the step that gave the award is green."""
    elements = deed.rt.processes.compiled(deed.instance.definition).definition.elements
    tables = [one.id for one in elements.values() if one.variable == AWARD and one.decision]
    return deed.uow.awards.newest_is_green(deed.instance.id, tables)


def _refusal(code: FieldCode, **facts: object) -> InvalidSubmission:
    return InvalidSubmission([FieldError(path=(APPROVED,), code=code.value, facts=facts)])


def _new_award(deed: Deed, service: Service, amount: Decimal) -> NewAward:
    instance = deed.instance
    if instance.subject is None:
        raise EngineFault("Nobody is known to grant to.", case_no=instance.case_no)
    return NewAward(
        service=service.key, subject=instance.subject, payee=instance.applicant_name, region=instance.region,
        fund=_fund(service), year=legal_date(deed.at).year, amount=amount, instance_id=instance.id,
        granted_by=deed.actor.account_id, granted_at=deed.at, facts={"element": deed.element.id, "task": deed.task.id},
    )  # fmt: skip


def _fund(service: Service) -> str:
    if service.fund is None:
        raise EngineFault("The service names no fund.", service=service.key)
    return service.fund


def _granted(
    uow: UnitOfWork, service: Service, new: NewAward, claims: Sequence[Claim], earlier: LiveAward | None
) -> int:
    taken = uow.awards.grant(new, claims, earlier)
    if isinstance(taken, Refused):
        raise _limit_reached(service, taken, new.region)
    return taken


def _limit_reached(service: Service, refused: Refused, region: str) -> LimitReached:
    """The refusal with the limit, where it stands, and who came first as far as the region may know."""
    limit = next(one for one in service.limits if one.key == refused.claim.limit)
    facts: dict[str, object] = {
        "limit": limit.key,
        "limit_title": limit.title,
        "limit_title_en": limit.title_en,
    }
    if refused.claim.entry is not None:
        facts["entry"] = refused.claim.entry
    facts["basis"] = (Basis.STATED if limit.citation else Basis.LOCALLY_SET).value
    if limit.citation:
        facts.update(document=limit.citation.document, article=limit.citation.article)
    first = told(refused.earlier, region)
    if first is not None:
        facts["granted_on"] = legal_date(first.granted_at)
        if first.case_no:
            facts["case_no"] = first.case_no
    return LimitReached(**facts)
