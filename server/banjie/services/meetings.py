"""Seating a review team: its meeting is convened, and its panel votes by the rules of the case's region."""

from __future__ import annotations

from collections.abc import Mapping

from banjie.domain.countersign import item_of
from banjie.domain.decisions import Json
from banjie.domain.errors import ContentError, EngineFault, Problem
from banjie.domain.review_team import ATTENDEES, Base, Convened, Seat, TeamRules, read_share
from banjie.domain.review_team import convene as seated
from banjie.policy.review_teams import ReviewTeam
from banjie.services.deeds import Deed

#: The constant of a service that names the team its cases go to.
TEAM = "review_team"
#: The variable of the case data that holds the meeting.
MEETING = "meeting"

QUORUM, NEEDED = "common/team_quorum", "common/team_needed"
BASE, CHAIR_VETO = "common/team_base", "common/team_chair_veto"


def convene(deed: Deed) -> Mapping[str, Json]:
    """The meeting, as the panel behind it takes it: `members` and `needed`, beside what was submitted.

    Raises InvalidSubmission at `attendees`, naming the numbers, where too few attend; EngineFault where the case's
    service names no team or the region has none; NoValueInForce; ContentError for a rule that cannot be read.
    """
    team, rules = _team(deed), _rules(deed)
    attending = deed.values.get(ATTENDEES)
    names = [str(name) for name in attending] if isinstance(attending, list | tuple) else []
    return {MEETING: {**deed.values, **_told(team, rules, seated(team.seats, names, rules))}}


def _team(deed: Deed) -> ReviewTeam:
    application = deed.instance.data.get("application")
    purpose = application.get(TEAM) if isinstance(application, Mapping) else None
    if not isinstance(purpose, str):
        raise EngineFault("The service names no review team.", element=deed.element.id)
    team = deed.rt.book.find_team(purpose, region=deed.instance.region)
    if team is None:
        raise EngineFault(
            "No review team is known.", element=deed.element.id, team=purpose, region=deed.instance.region
        )
    return team


def _rules(deed: Deed) -> TeamRules:
    try:
        return TeamRules(
            quorum=read_share(str(deed.value(QUORUM))),
            needed=read_share(str(deed.value(NEEDED))),
            base=Base(str(deed.value(BASE))),
            chair_veto=bool(deed.value(CHAIR_VETO)),
        )
    except ValueError as error:
        raise ContentError(
            [Problem(file="policy/common/parameters", element="team_*", rule="team-rule", message=str(error))]
        ) from None


def _told(team: ReviewTeam, rules: TeamRules, meeting: Convened) -> dict[str, Json]:
    """What the case data keep of the meeting; the rules as they stood, for its record."""
    seats = {seat.member: seat for seat in meeting.present}
    return {
        "members": [
            {**item_of(member), "agency": seats[member.key].agency, "role": seats[member.key].role.value}
            for member in meeting.members
        ],
        "absent": [_absent(seat) for seat in meeting.absent],
        "team_size": len(team.seats),
        "quorum": meeting.quorum,
        "needed": meeting.needed,
        "rules": {
            "quorum": str(rules.quorum),
            "needed": str(rules.needed),
            "base": rules.base.value,
            "chair_veto": rules.chair_veto,
        },
    }


def _absent(seat: Seat) -> dict[str, Json]:
    return {"member": seat.member, "name": seat.name, "agency": seat.agency, "role": seat.role.value}
