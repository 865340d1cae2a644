"""The review teams of regions: who sits on them for which purpose."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from banjie.domain.review_team import Seat, TeamRole
from banjie.policy.regions import Regions
from banjie.policy.yaml_reader import Node

#: A panel has at most so many members.
_MOST = 100


@dataclass(frozen=True, kw_only=True)
class ReviewTeam:
    """The team of a region for a purpose; its members in the file's order."""

    region: str
    purpose: str
    seats: tuple[Seat, ...]


#: (region, purpose) → team.
ReviewTeams = Mapping[tuple[str, str], ReviewTeam]


def read_teams(file: Node, regions: Regions, agencies: Collection[str]) -> ReviewTeams:
    """The teams of the file. Raises ContentError naming the member and the rule.

    Rules: known regions and agencies; nobody sits on a team twice; exactly one chair; at most 100 members.
    """
    file.find("example", bool)
    teams: dict[tuple[str, str], ReviewTeam] = {}
    for region, purposes in file.child("teams").mappings():
        if region not in regions.by_code:
            raise purposes.fault("", "region", f"regions.yaml has no region {region!r}")
        for purpose in purposes.names():
            seats = tuple(_seat(node, agencies) for node in purposes.children(purpose))
            _check(purposes, purpose, seats)
            teams[region, purpose] = ReviewTeam(region=region, purpose=purpose, seats=seats)
    file.close()
    return teams


def _seat(node: Node, agencies: Collection[str]) -> Seat:
    seat = Seat(
        member=node.text("member"),
        name=node.text("name"),
        agency=node.text("agency"),
        role=node.choice("role", TeamRole),
        may_veto=node.get("may_veto", bool),
    )
    node.close()
    if seat.agency not in agencies:
        raise node.fault("agency", "agency", f"agencies.yaml has no agency {seat.agency!r}")
    return seat


def _check(node: Node, purpose: str, seats: tuple[Seat, ...]) -> None:
    names = [seat.member for seat in seats]
    double = next((name for name in names if names.count(name) > 1), None)
    if double is not None:
        raise node.fault(purpose, "double-member", f"{double!r} sits on the team twice")
    if sum(seat.role is TeamRole.CHAIR for seat in seats) != 1:
        raise node.fault(purpose, "one-chair", "a team has exactly one chair")
    if len(seats) > _MOST:
        raise node.fault(purpose, "size", f"a team has at most {_MOST} members")
