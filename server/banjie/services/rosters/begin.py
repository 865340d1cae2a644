"""A list is brought: stored, then read by a worker; how far it is, and what it came to."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from banjie.documents import sheets_in
from banjie.domain.assignment import Actor
from banjie.domain.decisions import Json
from banjie.domain.errors import InvalidRequest, NotFound
from banjie.domain.events import NewEvent
from banjie.domain.loads import Load
from banjie.domain.rosters import COLUMNS, LOAD_KIND, READ_ROSTER, Roster, RosterUnderWay, RowState
from banjie.policy.catalogue import Mode, Service
from banjie.services.loads import ProblemPage, problem_page
from banjie.services.rosters.access import require_officer, seen_regions, seen_roster
from banjie.services.runtime import Runtime

PAGE = 50
_LONGEST_NAME = 120
_LONGEST_SOURCE = 60
#: Years that a list may be for: the one that the day lies in, and the one before.
_YEARS_BACK = 1


@dataclass(frozen=True, kw_only=True)
class BeginRoster:
    """The wish to pay a list: `source` is who made it, `as_of` the day on which it held, `name` the file's.

    `year` is the one that is paid for; `on` the day whose law decides, None: today. `skip_bad` leaves out rows that
    cannot be read, instead of refusing the list.
    """

    by: Actor
    service: str
    region: str
    year: int
    name: str
    source: str
    as_of: date
    title: str = ""
    skip_bad: bool = False


@dataclass(frozen=True, kw_only=True)
class RosterView:
    """A list, the file it came from, and the rows left out for other reasons than the rules."""

    roster: Roster
    load: Load | None
    left_out: dict[RowState, int]


def begin(rt: Runtime, command: BeginRoster, file: BinaryIO) -> int:
    """Store a list and hand it to the workers; returns its id. Its case is opened when it has been read.

    Raises NotFound for a service that is not paid by list, Forbidden for anybody but an officer of a bureau of the
    region, InvalidRequest for its region, year, source, day, size or type of file, RosterUnderWay while the same file
    is read for the region.
    """
    service = automatic_service(rt, command.service)
    if not rt.knows_region(command.region):
        raise InvalidRequest("There is no such region.", field="region")
    require_officer(rt, command.by, command.region)
    _check(rt, command)
    at, today = rt.now(), rt.today()
    name = command.name.replace("\\", "/").rsplit("/", 1)[-1].strip()[:_LONGEST_NAME] or "list"
    incoming = rt.spool.receive(file)
    try:
        sheets_in.media_of(incoming.path)
        with rt.store.begin() as uow:
            uow.upkeep.lock_name(f"roster:{service.key}:{command.region}")
            if uow.loads.is_under_way(LOAD_KIND, command.region, incoming.sha256):
                raise RosterUnderWay
            load_id = uow.loads.add(
                kind=LOAD_KIND, region=command.region, source=command.source.strip(), as_of=command.as_of, name=name,
                sha256=incoming.sha256, size=incoming.size, skip_bad=command.skip_bad,
                started_by=command.by.account_id, at=at,
            )  # fmt: skip
            roster_id = uow.rosters.add(
                service=service.key, region=command.region, year=command.year,
                title=command.title.strip()[:_LONGEST_NAME] or f"{command.year}年度{service.title}名单",
                on_day=today, load_id=load_id, made_by=command.by.account_id, at=at,
            )  # fmt: skip
            facts: dict[str, Json] = {
                "roster": roster_id,
                "region": command.region,
                "year": command.year,
                "sha256": incoming.sha256,
            }
            uow.desk.record(
                f"rosters:{command.region}",
                [NewEvent(type="roster.begun", facts=facts)],
                command.by.account_id,
                at,
            )
            rt.spool.keep(incoming, file_of(roster_id))
            uow.cases.defer([(None, READ_ROSTER, {"roster_id": roster_id})])
    finally:
        rt.spool.drop(incoming)
    return roster_id


def _check(rt: Runtime, command: BeginRoster) -> None:
    if not 0 <= rt.today().year - command.year <= _YEARS_BACK:
        raise InvalidRequest("The list is for this year or the one before.", field="year")
    if not 0 < len(command.source.strip()) <= _LONGEST_SOURCE:
        raise InvalidRequest("Name the source of the list.", field="source", most=_LONGEST_SOURCE)
    if command.as_of > rt.today():
        raise InvalidRequest("A list cannot tell of a day to come.", field="as_of")


def automatic_service(rt: Runtime, key: str) -> Service:
    """A service that is paid by list; raises NotFound."""
    service = rt.book.services.get(key)
    if service is None or service.mode is not Mode.AUTOMATIC:
        raise NotFound(service=key)
    return service


def automatic_services(rt: Runtime) -> Sequence[Service]:
    """The services that are paid by list."""
    return [service for service in rt.book.services.values() if service.mode is Mode.AUTOMATIC]


def file_of(roster_id: int) -> str:
    """The name of a list's file until it has been read."""
    return f"roster-{roster_id}"


# ── looking at it ────────────────────────────────────────────────────────────────────────────────────


def newest(rt: Runtime, actor: Actor, *, before: int | None = None, limit: int = PAGE) -> Sequence[Roster]:
    """The newest lists of the actor's regions, older than an id; raises NotFound for people who see none."""
    regions = seen_regions(rt, actor)
    with rt.store.read() as uow:
        return uow.rosters.newest(regions, before=before, limit=limit)


def view(rt: Runtime, actor: Actor, roster_id: int) -> RosterView:
    """A list with how far it is; raises NotFound."""
    with rt.store.read() as uow:
        roster = seen_roster(rt, uow, actor, roster_id)
        load = uow.loads.find(roster.load_id) if roster.load_id else None
        return RosterView(roster=roster, load=load, left_out=uow.rosters.left_out(roster_id))


def problems(
    rt: Runtime, actor: Actor, roster_id: int, *, cursor: str | None = None, limit: int = 100
) -> ProblemPage:
    """What was wrong with the rows of a list's file; raises NotFound, InvalidRequest for a cursor that is none."""
    with rt.store.read() as uow:
        roster = seen_roster(rt, uow, actor, roster_id)
    if roster.load_id is None:
        return ProblemPage(items=[], cursor=None)
    return problem_page(rt, roster.load_id, cursor=cursor, limit=limit)


def template_csv(*, english: bool = False) -> bytes:
    """An empty list, its header only; with a byte order mark, so that spreadsheets read it."""
    out = io.StringIO()
    csv.writer(out).writerow(column.title_en if english else column.title for column in COLUMNS)
    return b"\xef\xbb\xbf" + out.getvalue().encode()
