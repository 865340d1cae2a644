"""What managers, auditors and heads watch: steps that are late or soon will be, and the cases of their region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from banjie.domain.assignment import Actor, oversight_scope
from banjie.domain.errors import Forbidden, InvalidRequest
from banjie.domain.worklist import CaseFilter, LoadRow, OversightRow, WatchedCase
from banjie.persistence.overtime import OvertimeRow, overtime
from banjie.persistence.text import read_id
from banjie.services.runtime import Runtime

_MOST = 500
#: Natural days that the late steps are counted over.
OVERTIME_DAYS = 30
PAGE = 20
MOST_A_PAGE = 100


@dataclass(frozen=True, kw_only=True)
class Overtime:
    """How often an agency missed the limit of a step: while the case was in time, and when it was late as well."""

    agency: str
    element: str
    element_name: str
    case_in_time: int
    case_late: int


@dataclass(frozen=True, kw_only=True)
class Oversight:
    """The board: pressing steps (latest first, at most 500) and the load by agency and step.

    `overtime` are the steps that missed their own limit in the last OVERTIME_DAYS: a late step is a violation even
    where its case is in time.
    """

    pressing: Sequence[OversightRow]
    load: Sequence[LoadRow]
    overtime: Sequence[Overtime]
    missing_notices: Sequence[int]


@dataclass(frozen=True, kw_only=True)
class WatchedPage:
    """A page of the cases that somebody watches over; `next` is the cursor of the following one.

    Where `goes_on`, cases that fit may lie beyond, though the page is not full: a page looks through a bounded
    number of cases.
    """

    cases: Sequence[WatchedCase]
    next: str | None
    goes_on: bool


def oversight(rt: Runtime, actor: Actor) -> Oversight:
    """The board of what the actor watches over; raises Forbidden where that is nothing."""
    agencies = watched_agencies(rt, actor)
    now = rt.now()
    with rt.store.read() as uow:
        return Oversight(
            pressing=uow.lists.pressing(agencies, now, limit=_MOST),
            load=uow.lists.load(agencies, now),
            overtime=[
                _overtime(rt, row) for row in overtime(uow.db, agencies, now - timedelta(days=OVERTIME_DAYS))
            ],
            missing_notices=rt.calendars.missing_notices(rt.today()),
        )


def _overtime(rt: Runtime, row: OvertimeRow) -> Overtime:
    element = rt.processes.compiled(row.definition).definition.elements.get(row.element)
    return Overtime(
        agency=row.agency, element=row.element, element_name=element.name if element else row.element,
        case_in_time=row.case_in_time, case_late=row.case_late,
    )  # fmt: skip


def watched_agencies(rt: Runtime, actor: Actor) -> Sequence[str]:
    """The agencies that the actor watches over, by key; raises Forbidden where there is none."""
    regions, own = oversight_scope(actor)
    agencies = sorted(
        key
        for key, unit in rt.book.agencies.items()
        if key in own or not regions.isdisjoint(rt.region_path(unit.region))
    )
    if not agencies:
        raise Forbidden(page="oversight")
    return agencies


def watched_cases(
    rt: Runtime, actor: Actor, chosen: CaseFilter, *, cursor: str | None = None, limit: int = PAGE,
    oldest_first: bool = False,
) -> WatchedPage:  # fmt: skip
    """Cases of the actor's regions, with all below them, and of the agencies that the actor heads.

    The newest first, or the oldest. A text that is the whole number of such a case gives that case alone,
    whatever else was chosen. Raises Forbidden where the actor watches over nothing, InvalidRequest for a cursor
    that is not one of ours.
    """
    watched, own = oversight_scope(actor)
    if not watched and not own:
        raise Forbidden(page="cases")
    regions = sorted(code for code in rt.book.regions.by_code if not watched.isdisjoint(rt.region_path(code)))
    try:
        beyond = read_id(cursor) if cursor else None
    except ValueError:
        raise InvalidRequest("This is not a cursor of ours.", cursor=(cursor or "")[:60]) from None
    limit = max(1, min(limit, MOST_A_PAGE))
    # The database takes no text with a zero character in it.
    chosen = replace(chosen, text="".join(char for char in chosen.text if char.isprintable()).strip())
    with rt.store.read() as uow:
        named = chosen.text and uow.case_lists.numbered(chosen.text, regions, sorted(own), now=rt.now())
        if named:
            return WatchedPage(cases=[named], next=None, goes_on=False)
        cases, following = uow.case_lists.watched(
            regions, sorted(own), chosen, now=rt.now(), beyond=beyond, oldest_first=oldest_first, limit=limit
        )
    return WatchedPage(
        cases=cases, next=None if following is None else str(following),
        goes_on=following is not None and len(cases) < limit,
    )  # fmt: skip
