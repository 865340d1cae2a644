"""What managers and heads watch: open steps that are late or soon will be, by agency and step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from banjie.domain.assignment import Actor, oversight_scope
from banjie.domain.errors import Forbidden
from banjie.domain.worklist import LoadRow, OversightRow
from banjie.services.runtime import Runtime

_MOST = 500


@dataclass(frozen=True, kw_only=True)
class Oversight:
    """The board: pressing steps (latest first, at most 500) and the load by agency and step."""

    pressing: Sequence[OversightRow]
    load: Sequence[LoadRow]
    missing_notices: Sequence[int]


def oversight(rt: Runtime, actor: Actor) -> Oversight:
    """The board of what the actor watches over; raises Forbidden where that is nothing."""
    regions, own = oversight_scope(actor)
    agencies = sorted(
        key
        for key, unit in rt.book.agencies.items()
        if key in own or not regions.isdisjoint(rt.region_path(unit.region))
    )
    if not agencies:
        raise Forbidden(page="oversight")
    now = rt.now()
    with rt.store.read() as uow:
        return Oversight(
            pressing=uow.lists.pressing(agencies, now, limit=_MOST),
            load=uow.lists.load(agencies, now),
            missing_notices=rt.calendars.missing_notices(rt.today()),
        )
