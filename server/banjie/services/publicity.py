"""Publicity: an office publishes what it means to grant, everybody reads it, and it is closed when it is over.

Names of people are masked before they are stored; entries are shown while they can be objected to, and no longer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from banjie.domain.assignment import Actor
from banjie.domain.decisions import Json
from banjie.domain.errors import Conflict, InvalidRequest, NotFound
from banjie.domain.identity import mask_credit_code, mask_name
from banjie.domain.instances import Instance
from banjie.domain.ledger import LimitUnit
from banjie.domain.publicity import (
    PUBLICITY,
    Entry,
    NewPublicity,
    ObjectionHolds,
    Publicity,
    PublicityStatus,
    Start,
    period,
)
from banjie.persistence.text import read_id
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.policy.catalogue import ApplicantKind, Mode
from banjie.services.deeds import Deed
from banjie.services.runtime import Runtime
from banjie.services.sight import visible
from banjie.services.walk import agency_calendar

PAGE = 50
MOST_A_PAGE = 200
#: Characters of what is searched for.
LONGEST_QUERY = 60

DAYS, START = "common/publicity_days", "common/publicity_start"
_CONFIRM = "confirm"
#: Where the amount stands that is meant to be granted, the last word first: variable and field.
_AMOUNTS = (
    ("grant", "amount"),
    ("second_review", "approved_amount"),
    ("first_review", "approved_amount"),
    ("award", "amount"),
)


# ── what the steps do ────────────────────────────────────────────────────────────────────────────────


def publish(deed: Deed) -> Mapping[str, Json]:
    """Publish the case: its number and days join what was submitted, `closes_at` being what the diagram waits for.

    What the case had published before and not closed is revoked. Raises NoValueInForce, CalendarRange.
    """
    days = deed.parameter(DAYS)
    calendar, _ = agency_calendar(deed.rt, deed.task.agency)
    span = period(
        deed.at, int(days.value), LimitUnit(days.unit), Start(str(deed.value(START))), calendar
    )  # fmt: skip
    roster_id, entries, number, total = _published(deed)
    earlier = deed.uow.publicity.running_of(deed.instance.id) if PUBLICITY in deed.instance.data else None
    if earlier is not None:
        deed.uow.publicity.close(earlier.id, PublicityStatus.REVOKED, deed.at)
    no = deed.uow.publicity.insert(
        NewPublicity(
            instance_id=deed.instance.id, roster_id=roster_id, service=deed.instance.service,
            region=deed.instance.region, agency=deed.task.agency, title=str(deed.values.get("title") or ""),
            remark=str(deed.values.get("remark") or ""), period=span, parameter=DAYS, entries=number, total=total,
            published_by=deed.actor.account_id, published_at=deed.at,
        ),
        entries,
    )  # fmt: skip
    return {
        PUBLICITY: {
            **deed.values, "no": no, "starts_on": span.starts_on.isoformat(), "ends_on": span.ends_on.isoformat(),
            "closes_at": span.closes_at.isoformat(), "entries": number,
        }
    }  # fmt: skip


def close(deed: Deed) -> Mapping[str, Json]:
    """End the case's publicity as the officer decides: confirmed or revoked.

    Raises PublicityRuns before its last day has ended, ObjectionsOpen while objections wait, also to what the case
    published before it went back, ObjectionHolds where it
    would be confirmed although an objection to it was upheld; in a roster the row is set aside instead.
    """
    running = deed.uow.publicity.running_with_objections(deed.instance.id)
    if running is None:
        raise Conflict("Nothing of this case is published.", case_no=deed.instance.case_no)
    found = running.publicity
    found.require_closable(deed.at, open_objections=running.open)
    confirmed = deed.values.get("decision") == _CONFIRM
    if confirmed and found.roster_id is None and running.upheld:
        raise ObjectionHolds(no=found.no)
    status = PublicityStatus.CLOSED if confirmed else PublicityStatus.REVOKED
    deed.uow.publicity.close(found.id, status, deed.at)
    return {}


def _published(deed: Deed) -> tuple[int | None, list[Entry], int, Decimal]:
    """The roster, the entries, how many there are, and their sum; a roster's rows are its entries."""
    by_list = deed.rt.book.services[deed.instance.service].mode is Mode.AUTOMATIC
    roster = deed.uow.publicity.roster_of(deed.instance.id) if by_list else None
    if roster is not None:
        return roster.id, [], roster.eligible, Decimal(str(roster.total))
    entry = _entry(deed.rt, deed.instance)
    return None, [entry], 1, entry.amount or Decimal(0)


def _entry(rt: Runtime, instance: Instance) -> Entry:
    """The one line of a case that somebody applied for: a person's name masked, an enterprise's in full."""
    application = instance.data.get("application")
    given = application if isinstance(application, Mapping) else {}
    is_person = rt.book.services[instance.service].applicant is ApplicantKind.PERSON
    name = mask_name(instance.applicant_name.strip()) if is_person else instance.applicant_name
    code = "" if is_person else mask_credit_code(str(given.get("uscc") or ""))
    return Entry(line=1, name=name, detail=code, amount=_amount(instance.data))


def _amount(data: Mapping[str, Json]) -> Decimal | None:
    for variable, field in _AMOUNTS:
        held = data.get(variable)
        value = held.get(field) if isinstance(held, Mapping) else None
        if isinstance(value, int | Decimal | str) and not isinstance(value, bool) and value != "":
            return Decimal(str(value))
    return None


# ── what everybody reads ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class PublicityPage:
    """One page of publicities, those that run first; `next` is the cursor of the page behind it."""

    rows: Sequence[Publicity]
    next: str | None


@dataclass(frozen=True, kw_only=True)
class PublicityView:
    """A publicity as everybody reads it; no entries once it is over. `is_open`: objections are taken."""

    publicity: Publicity
    entries: Sequence[Entry]
    next: str | None
    is_open: bool
    days_left: int


def listed(
    rt: Runtime, *, region: str = "", query: str = "", cursor: str | None = None, limit: int = PAGE
) -> PublicityPage:
    """The publicities of a region and those below it, or of all; revoked ones are not shown.

    Raises InvalidRequest for an unknown region or a cursor that is not one of ours.
    """
    if region and not rt.knows_region(region):
        raise InvalidRequest("There is no such region.", field="region")
    limit = max(1, min(limit, MOST_A_PAGE))
    regions = None
    if region:
        regions = [code for code in rt.book.regions.by_code if region in rt.region_path(code)]
    with rt.store.read() as uow:
        found = uow.publicity.listed(
            rt.now(), regions, query.strip()[:LONGEST_QUERY], after=_read_place(cursor), limit=limit + 1
        )
    shown = found[:limit]
    more = f"{shown[-1][0][0]}~{shown[-1][0][1]}" if len(found) > limit else None
    return PublicityPage(rows=[one for _, one in shown], next=more)


def look(
    rt: Runtime, no: str, *, query: str = "", cursor: str | None = None, limit: int = PAGE
) -> PublicityView:
    """A publicity by its number, with a page of its entries whose names contain the query.

    Raises NotFound, also for a revoked one; InvalidRequest for a cursor that is not one of ours.
    """
    limit = max(1, min(limit, MOST_A_PAGE))
    now = rt.now()
    with rt.store.read() as uow:
        found = require(uow, no)
        is_open = found.is_open(now)
        entries = (
            uow.publicity.entries(
                found, after=_read_line(cursor), query=query.strip()[:LONGEST_QUERY], limit=limit + 1
            )
            if is_open
            else []
        )
    shown = [_as_published(found, entry) for entry in entries[:limit]]
    left = max(0, (found.ends_on - rt.today()).days + 1) if is_open else 0
    return PublicityView(
        publicity=found, entries=shown, next=str(shown[-1].line) if len(entries) > limit else None,
        is_open=is_open, days_left=left,
    )  # fmt: skip


def of_case(rt: Runtime, actor: Actor, case_no: str) -> list[Publicity]:
    """What a case has published, the newest first. Raises NotFound for a case that is not one's own."""
    with rt.store.read() as uow:
        return uow.publicity.of_case(visible(rt, uow, actor, case_no).id)


def require(uow: UnitOfWork, no: str) -> Publicity:
    """A publicity that the public may know of. Raises NotFound."""
    found = uow.publicity.find(no[:60])
    if found is None or found.status is PublicityStatus.REVOKED:
        raise NotFound(publicity=no[:60])
    return found


def _as_published(publicity: Publicity, entry: Entry) -> Entry:
    return entry if publicity.roster_id is None else replace(entry, detail=mask_credit_code(entry.detail))


def _read_place(cursor: str | None) -> tuple[int, int] | None:
    if not cursor:
        return None
    runs, _, publicity_id = cursor.partition("~")
    try:
        return ("0", "1").index(runs), read_id(publicity_id)
    except ValueError:
        raise InvalidRequest("This is not a cursor of ours.", cursor=cursor[:60]) from None


def _read_line(cursor: str | None) -> int:
    try:
        return read_id(cursor) if cursor else 0
    except ValueError:
        raise InvalidRequest("This is not a cursor of ours.", cursor=(cursor or "")[:60]) from None
