"""Who deals with lists: the officers and the head of the bureau that serves the region; overseers look on."""

from __future__ import annotations

from collections.abc import Sequence

from banjie.domain.assignment import Actor, oversight_scope, role_of_agency
from banjie.domain.errors import Forbidden, NotFound
from banjie.domain.rosters import Roster
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.policy.regions import AgencyKind
from banjie.services.registers import regions_of
from banjie.services.runtime import Runtime

OFFICER = role_of_agency(AgencyKind.BUREAU)


def seen_regions(rt: Runtime, actor: Actor) -> Sequence[str]:
    """The regions whose lists the actor sees, sorted; raises NotFound where there are none."""
    watched, _ = oversight_scope(actor)
    under = {code for code in rt.book.regions.by_code if not watched.isdisjoint(rt.region_path(code))}
    regions = sorted(under | regions_of(rt, actor))
    if not regions:
        raise NotFound(page="batches")
    return regions


def require_officer(rt: Runtime, actor: Actor, region: str) -> None:
    """Raise Forbidden unless the actor is an officer of a bureau that serves the region."""
    path = set(rt.region_path(region))
    for held in actor.memberships:
        agency = rt.book.agencies.get(held.agency or "")
        if held.role == OFFICER and agency is not None and not path.isdisjoint(agency.serves):
            return
    raise Forbidden("Only an officer of the bureau does this.", region=region)


def seen_roster(rt: Runtime, uow: UnitOfWork, actor: Actor, roster_id: int) -> Roster:
    """A list that the actor sees; raises NotFound."""
    roster = uow.rosters.find(roster_id)
    if roster is None or roster.region not in seen_regions(rt, actor):
        raise NotFound(roster=roster_id)
    return roster
