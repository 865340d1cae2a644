"""What managers, auditors and heads watch: steps that are late or soon will be, and the cases of their region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from banjie.domain.assignment import Actor, oversight_scope
from banjie.domain.errors import Forbidden, InvalidRequest
from banjie.domain.worklist import CaseFilter, LoadRow, OversightRow, WatchedCase
from banjie.persistence.text import read_id
from banjie.services.runtime import Runtime

_MOST = 500
PAGE = 20
MOST_A_PAGE = 100


@dataclass(frozen=True, kw_only=True)
class Oversight:
    """The board: pressing steps (latest first, at most 500) and the load by agency and step."""

    pressing: Sequence[OversightRow]
    load: Sequence[LoadRow]
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
            missing_notices=rt.calendars.missing_notices(rt.today()),
        )


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
