"""Entitlements (免申即享): the registers are searched, officers invite, and whoever was found consents or declines.

A run is a job: it goes through the subjects of a region in chunks, each in a transaction of its own, and begins again
where it stopped. What it finds waits for an answer; what has been answered is never touched again.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from banjie.domain.assignment import Actor
from banjie.domain.decisions import Json
from banjie.domain.entitlements import (
    AlreadyAnswered,
    Entitlement,
    EntitlementStatus,
    Found,
    MatchRun,
    MatchUnderWay,
    RunStatus,
)
from banjie.domain.errors import Forbidden, InvalidRequest, NotFound
from banjie.domain.events import NewEvent
from banjie.domain.proceedings import words_hash
from banjie.forms.model import Form
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.policy.catalogue import Service
from banjie.policy.entitlements import EntitlementRule
from banjie.services import applications, cross_limits, deployments, instances
from banjie.services.entitlement_match import Around, Subject, match, period_of
from banjie.services.registers import regions_of, require_keeper
from banjie.services.runtime import Runtime
from banjie.services.subjects import STREAM

log = logging.getLogger(__name__)

#: The job of a worker.
JOB = "match_entitlements"
#: The notice that somebody may have something.
NOTICE = "entitlement_found"
_CHUNK = 200
_SHOWN = 20
#: Invitations sent at once.
MOST_INVITED = 500
LONGEST_REASON = 500


# ── searching the registers ──────────────────────────────────────────────────────────────────────────


def matchable(rt: Runtime) -> list[Service]:
    """The services that the registers can be searched for, in the order of their keys."""
    return [service for _key, service in sorted(rt.book.services.items()) if service.entitlement is not None]


def start(rt: Runtime, actor: Actor | None, service: str, region: str, *, on: date | None = None) -> int:
    """Hand a search for a service in a region (with those below) to the workers; returns the run's id.

    `actor` None is whoever is at the machine itself; `on` is the day whose law decides, today where left out. Raises
    Forbidden, NotFound for a service that nobody is looked for, InvalidRequest for an unknown region, MatchUnderWay.
    """
    rule = _rule(rt, service)
    if not rt.knows_region(region):
        raise InvalidRequest("There is no such region.", field="region")
    if actor is not None and region not in require_keeper(rt, actor):
        raise Forbidden("A bureau searches the registers of its own region.", region=region)
    deployments.start_form(rt, service)
    regions, by = _below(rt, region), actor.account_id if actor else None
    with rt.store.begin() as uow:
        total = uow.entitlements.count_subjects(rule.register, regions)
        run_id = uow.entitlements.add_run(
            service=service, region=region, on=on or rt.today(), total=total, started_by=by, at=rt.now()
        )
        if run_id is None:
            raise MatchUnderWay(service=service, region=region)
        _record(rt, uow, "entitlement.run_started", by, {"run": run_id, "service": service, "region": region})
        uow.cases.defer([(None, JOB, {"run_id": run_id})])
    return run_id


def run(rt: Runtime, run_id: int) -> MatchRun:
    """Do what is left of a run, chunk by chunk; one that has ended stays as it is. Raises NotFound."""
    while True:
        with rt.store.begin() as uow:
            going = uow.entitlements.find_run(run_id, lock=True)
            if going is None:
                raise NotFound(run=run_id)
            if going.ended_at is None:
                _chunk(rt, uow, going)
                continue
        log.info("entitlements.matched", extra={"run": run_id, "found": going.found, "stale": going.stale})
        return going


def fail(rt: Runtime, run_id: int) -> None:
    """Give up a run that failed for a reason of ours: another can be started. What was found stays."""
    with rt.store.begin() as uow:
        going = uow.entitlements.find_run(run_id, lock=True)
        if going is not None and going.ended_at is None:
            uow.entitlements.end_run(going, _below(rt, going.region), RunStatus.FAILED, rt.now())


def _chunk(rt: Runtime, uow: UnitOfWork, going: MatchRun) -> None:
    """Try the next subjects of a run, whose row is locked; end it where there are none."""
    rule, regions = _rule(rt, going.service), _below(rt, going.region)
    groups = uow.entitlements.subjects(rule.register, regions, after=going.reached, limit=_CHUNK)
    if not groups:
        uow.entitlements.end_run(going, regions, RunStatus.DONE, rt.now())
        facts: dict[str, Json] = {"run": going.id, "service": going.service, "found": going.found}
        _record(rt, uow, "entitlement.run_ended", None, facts)
        return
    subjects = [Subject.of(rule.register, held) for held in groups]
    found = _found(rt, uow, rt.book.services[going.service], rule, subjects, going.on)
    uow.entitlements.keep(going.service, found, going.id, going.on)
    uow.entitlements.advance(going.id, reached=groups[-1][0].number, done=len(groups), found=len(found))


def _found(
    rt: Runtime, uow: UnitOfWork, service: Service, rule: EntitlementRule, subjects: Sequence[Subject], on: date
) -> list[Found]:  # fmt: skip
    """Those of the subjects who may have the service: not shut out, no limit used up, and the table says yes."""
    if not service.is_open_on(on):
        return []
    form = deployments.start_form(rt, service.key)
    keys = {subject.number: rt.subject_key(subject.number) for subject in subjects}
    out = uow.entitlements.shut_out(service.key, keys.values(), period_of(rule, on), on.year)
    by_region: dict[str, list[Subject]] = {}
    for subject in subjects:
        if keys[subject.number] not in out and rt.knows_region(subject.region):
            by_region.setdefault(subject.region, []).append(subject)
    found: list[Found] = []
    around = Around.of(uow, rule, [one.number for there in by_region.values() for one in there])
    for region, there in by_region.items():
        used = cross_limits.used_up(rt, uow, service, [keys[one.number] for one in there], region, on)
        tried = (
            match(rt, uow, service, rule, form, one, around, on)
            for one in there
            if keys[one.number] not in used
        )
        found += [one for one in tried if one is not None]
    return found


def for_subject(rt: Runtime, uow: UnitOfWork, service: Service, subject: Subject, on: date) -> Found | None:
    """What one subject may have of a service now; None where it is nothing or nobody is looked for."""
    if service.entitlement is None or service.entitlement.register is not subject.kind:
        return None
    return next(iter(_found(rt, uow, service, service.entitlement, [subject], on)), None)


# ── for officers ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class EntitlementPage:
    """Some of the rows of the actor's regions; `cursor` asks for what follows, None at the end.

    `counts` are all rows of the regions, by service and status.
    """

    items: Sequence[Entitlement]
    cursor: str | None
    counts: Mapping[tuple[str, str], int]


def page(
    rt: Runtime, actor: Actor, *, service: str | None = None, status: str | None = None, region: str | None = None,
    cursor: str | None = None, limit: int = 50,
) -> EntitlementPage:  # fmt: skip
    """Who may have what in the actor's regions, the first found first. Raises Forbidden, InvalidRequest."""
    regions = sorted(require_keeper(rt, actor))
    if region is not None and region not in regions:
        raise Forbidden("A bureau sees the entitlements of its own region.", region=region[:20])
    after = _after(cursor)
    with rt.store.read() as uow:
        found = uow.entitlements.page(
            [region] if region else regions, service=service, status=status, after=after, limit=limit + 1
        )
        counts = uow.entitlements.counts(regions)
    more = len(found) > limit
    return EntitlementPage(
        items=found[:limit], cursor=str(found[limit - 1].id) if more else None, counts=counts
    )


def runs(rt: Runtime, actor: Actor) -> Sequence[MatchRun]:
    """The newest runs for the actor's regions. Raises Forbidden."""
    regions = sorted(require_keeper(rt, actor))
    with rt.store.read() as uow:
        return uow.entitlements.runs(regions, limit=_SHOWN)


def progress(rt: Runtime, actor: Actor, run_id: int) -> MatchRun:
    """How far a run of the actor's regions is. Raises Forbidden, NotFound."""
    regions = require_keeper(rt, actor)
    with rt.store.read() as uow:
        found = uow.entitlements.find_run(run_id)
    if found is None or found.region not in regions:
        raise NotFound(run=run_id)
    return found


def get(rt: Runtime, actor: Actor, entitlement_id: int) -> Entitlement:
    """A row of the actor's regions, or of whom the actor was proved to be. Raises NotFound for any other."""
    with rt.store.read() as uow:
        found = uow.entitlements.find(entitlement_id)
        own = {one.subject for one in uow.entitlements.verified(actor.account_id)}
    if found is not None and (found.subject in own or found.region in regions_of(rt, actor)):
        return found
    raise NotFound(entitlement=entitlement_id)


@dataclass(frozen=True, kw_only=True)
class Invited:
    """How many got a notice, and how many have no account and need a letter on paper."""

    told: int
    no_account: int


def invite(rt: Runtime, actor: Actor, ids: Sequence[int]) -> Invited:
    """Invite those who were found; rows that wait no more for an invitation are passed over.

    Raises Forbidden, InvalidRequest for none or too many, NotFound for a row of another region.
    """
    regions = require_keeper(rt, actor)
    if not 1 <= len(ids) <= MOST_INVITED:
        raise InvalidRequest("Choose at least one and not too many.", field="ids", most=MOST_INVITED)
    told = without = 0
    with rt.store.begin() as uow:
        for entitlement_id in sorted(set(ids)):
            row = uow.entitlements.find(entitlement_id, lock=True)
            if row is None or row.region not in regions:
                raise NotFound(entitlement=entitlement_id)
            if row.status is not EntitlementStatus.FOUND:
                continue
            accounts = uow.entitlements.accounts_of(row.subject)
            status = EntitlementStatus.INVITED if accounts else EntitlementStatus.NO_ACCOUNT
            uow.entitlements.invite(row.id, status, actor.account_id, rt.now())
            if accounts:
                uow.entitlements.tell(
                    accounts, NOTICE, {"service": row.service, "entitlement": row.id}, rt.now()
                )
            told, without = told + bool(accounts), without + (not accounts)
            _record(
                rt,
                uow,
                "entitlement.invited",
                actor.account_id,
                {"entitlement": row.id, "status": status.value},
            )
    return Invited(told=told, no_account=without)


def letters(rt: Runtime, actor: Actor, *, service: str | None = None) -> Sequence[Entitlement]:
    """Those who were invited and have no account, to be written to. Raises Forbidden."""
    regions = sorted(require_keeper(rt, actor))
    with rt.store.read() as uow:
        return uow.entitlements.page(
            regions, service=service, status=EntitlementStatus.NO_ACCOUNT.value, after=0, limit=MOST_INVITED
        )


# ── for those who were found ─────────────────────────────────────────────────────────────────────────


def mine(rt: Runtime, actor: Actor) -> Sequence[Entitlement]:
    """What those may have, or have answered, whom one's account was proved to be; nothing of anybody else."""
    with rt.store.read() as uow:
        own = [one.subject for one in uow.entitlements.verified(actor.account_id)]
        return uow.entitlements.of_subjects(own) if own else []


def accept(
    rt: Runtime, actor: Actor, entitlement_id: int, submission: Mapping[str, object], *, key: str | None = None
) -> instances.Started:  # fmt: skip
    """Consent: a case begins with the application, which has been completed by whoever was found.

    Raises NotFound for what is not one's own, AlreadyAnswered, InvalidRequest where the application names somebody
    else, and what `instances.start` raises; then nothing has begun and the row waits as before.
    """
    with rt.store.begin() as uow:
        row = _own_open(uow, actor, entitlement_id)
        service = rt.book.services[row.service]
        form = deployments.start_form(rt, row.service)
        require_named(rt, service, form, submission, row.subject)
        command = instances.StartCase(
            service=row.service, by=actor, submission=submission, idempotency_key=key
        )
        started = instances.start_in(rt, uow, command)
        take(rt, uow, actor, row, started)
        return started


def take(rt: Runtime, uow: UnitOfWork, actor: Actor, row: Entitlement, started: instances.Started) -> None:
    """Note that an open row, which is locked, was accepted with the case that began."""
    instance_id = uow.entitlements.instance_of(started.case_no)
    uow.entitlements.answer(row.id, EntitlementStatus.ACCEPTED, actor.account_id, rt.now(), instance_id)
    _record(
        rt, uow, "entitlement.accepted", actor.account_id, {"entitlement": row.id, "case_no": started.case_no}
    )


def decline(rt: Runtime, actor: Actor, entitlement_id: int, reason: str) -> None:
    """Decline: the service is not offered again this year. Raises NotFound, AlreadyAnswered, InvalidRequest."""
    words = reason.strip()
    if len(words) > LONGEST_REASON:
        raise InvalidRequest("The reason is too long.", field="reason", most=LONGEST_REASON)
    with rt.store.begin() as uow:
        row = _own_open(uow, actor, entitlement_id)
        at = rt.now()
        uow.entitlements.refuse(row.subject, row.service, row.found_on.year, words, actor.account_id, at)
        uow.entitlements.answer(row.id, EntitlementStatus.DECLINED, actor.account_id, at, None)
        facts: dict[str, Json] = {"entitlement": row.id}
        if words:
            facts["reason"] = words_hash(words)
        _record(rt, uow, "entitlement.declined", actor.account_id, facts)


def require_named(
    rt: Runtime, service: Service, form: Form, submission: Mapping[str, object], subject: bytes
) -> None:
    """Raise InvalidRequest unless an application names the subject that the account was proved to be."""
    field = applications.identity_field(service, form)
    number = submission.get(field) if field else None
    if not isinstance(number, str) or rt.subject_key("".join(number.split())) != subject:
        raise InvalidRequest("The application names somebody else.", field=field or "")


def _own_open(uow: UnitOfWork, actor: Actor, entitlement_id: int) -> Entitlement:
    """An open row of whom the actor was proved to be, locked."""
    row = uow.entitlements.find(entitlement_id, lock=True)
    if row is None or row.subject not in {one.subject for one in uow.entitlements.verified(actor.account_id)}:
        raise NotFound(entitlement=entitlement_id)
    if not row.is_open:
        raise AlreadyAnswered(entitlement=entitlement_id, status=row.status.value)
    return row


def _rule(rt: Runtime, service: str) -> EntitlementRule:
    found = rt.book.services.get(service)
    if found is None or found.entitlement is None:
        raise NotFound(service=service[:80])
    return found.entitlement


def _below(rt: Runtime, region: str) -> list[str]:
    """The codes of a region and all below it."""
    return sorted(code for code in rt.book.regions.by_code if region in rt.region_path(code))


def _after(cursor: str | None) -> int:
    if not cursor:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise InvalidRequest("This is no place in the list.", field="cursor")
    return int(cursor)


def _record(rt: Runtime, uow: UnitOfWork, event: str, by: int | None, facts: Mapping[str, Json]) -> None:
    uow.desk.record(STREAM, [NewEvent(type=event, facts=facts)], by, rt.now())
