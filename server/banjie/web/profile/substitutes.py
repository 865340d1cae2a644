"""Who takes whose place (代理): arranged for oneself or, by a head, for an officer; ended early."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from banjie.domain.assignment import Role, is_at_an_office
from banjie.domain.calendar import LEGAL_ZONE
from banjie.domain.errors import BanjieError, Forbidden, InvalidRequest, NotFound
from banjie.domain.proceedings import LONGEST_REASON
from banjie.domain.substitutions import Substitution, SubstitutionClash
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.services import substitutes
from banjie.web.common.frame import agency_name, done, service_title
from banjie.web.common.language import gettext, ngettext

_ = gettext
blueprint = Blueprint("substitutes", __name__)

Answer = Response | str | tuple[str, int]
_HOUR, _DAY = 60, 24 * 60


@dataclass(frozen=True, kw_only=True)
class PlaceLine:
    """An arrangement in words; `state` is now, later or over; `end_url` where the reader may end it."""

    absent: str
    substitute: str
    from_at: datetime
    until_at: datetime
    state: str
    state_text: str
    scope: tuple[str, ...]
    reason: str
    by: str
    end_url: str


@dataclass(frozen=True, kw_only=True)
class PlaceGroup:
    """Arrangements under a heading."""

    id: str
    title: str
    lines: tuple[PlaceLine, ...]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """An entry of a list to choose from."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What was typed, to be tried again."""

    absent: str
    substitute: str
    from_at: str
    until_at: str
    reason: str
    services: tuple[str, ...]


@blueprint.get("/me/substitutes")
@signed_in
def mine() -> str:
    """What is arranged, and the form for more."""
    _require_office()
    now = runtime().now().astimezone(LEGAL_ZONE).replace(second=0, microsecond=0, tzinfo=None)
    empty = Typed(
        absent=actor().username, substitute="", from_at=now.isoformat(timespec="minutes"), until_at="",
        reason="", services=(),
    )  # fmt: skip
    return _page(empty)


@blueprint.post("/me/substitutes")
@signed_in
def arrange() -> Answer:
    """Arrange a substitution; what is refused comes back with the reason."""
    _require_office()
    form = request.form
    typed = Typed(
        absent=form.get("absent", "") or actor().username, substitute=form.get("substitute", ""),
        from_at=form.get("from_at", ""), until_at=form.get("until_at", ""), reason=form.get("reason", ""),
        services=tuple(form.getlist("services")),
    )  # fmt: skip
    try:
        command = substitutes.Arrange(
            by=actor(), absent=typed.absent, substitute=typed.substitute,
            from_at=_beijing(typed.from_at, "from_at"), until_at=_beijing(typed.until_at, "until_at"),
            reason=typed.reason, services=typed.services,
        )  # fmt: skip
        substitutes.arrange(runtime(), command)
    except (InvalidRequest, SubstitutionClash, NotFound, Forbidden) as error:
        return _page(typed, refused=_refusal(error)), 422
    return done("substitutes.mine", "arranged")


@blueprint.post("/me/substitutes/<int:substitution_id>/end")
@signed_in
def end(substitution_id: int) -> Response:
    """End an arrangement now."""
    substitutes.end(runtime(), actor(), substitution_id)
    return done("substitutes.mine", "substitution_over")


def _require_office() -> None:
    if not is_at_an_office(actor()):
        raise NotFound(page=request.path)


def _page(typed: Typed, *, refused: str = "") -> str:
    people = substitutes.colleagues(runtime(), actor())
    heads = actor().has(Role.HEAD)
    return render_template(
        "profile/substitutes.html",
        groups=_groups(),
        may_arrange=bool(actor().posts) or heads,
        absent_people=_choices(people, typed.absent) if heads else [],
        people=_choices([one for one in people if heads or one[0] != actor().username], typed.substitute),
        services=[
            Choice(value=key, label=service_title(key), chosen=key in typed.services)
            for key in sorted(runtime().book.services)
        ],
        typed=typed,
        refused=refused,
        longest=LONGEST_REASON,
    )


def _choices(people: Sequence[tuple[str, str]], chosen: str) -> list[Choice]:
    return [
        Choice(value=username, label=f"{name} · {username}", chosen=username == chosen)
        for username, name in people
    ]


def _groups() -> list[PlaceGroup]:
    found = substitutes.arrangements(runtime(), actor())
    groups = [
        ("absent", _("Where somebody takes my place"), found.absent),
        ("substituting", _("Where I take somebody's place"), found.substituting),
    ]
    if actor().has(Role.HEAD):
        groups.append(("agencies", _("In my agencies"), found.in_agencies))
    return [
        PlaceGroup(id=key, title=title, lines=tuple(_line(one) for one in of)) for key, title, of in groups
    ]


def _line(one: Substitution) -> PlaceLine:
    now = runtime().now()
    is_over = one.ended_at is not None or one.until_at <= now
    state = "over" if is_over else "later" if one.from_at > now else "now"
    return PlaceLine(
        absent=one.absent_name,
        substitute=one.substitute_name,
        from_at=one.from_at,
        until_at=one.ended_at or one.until_at,
        state=state,
        state_text=_state_text(one, state, now),
        scope=(*map(agency_name, one.agencies), *map(service_title, one.services)),
        reason=one.reason,
        by=one.created_by_name,
        end_url="" if is_over else url_for("substitutes.end", substitution_id=one.id),
    )


def _state_text(one: Substitution, state: str, now: datetime) -> str:
    if state == "over":
        return _("ended")
    if state == "later":
        return _("begins in %(length)s") % {"length": _length(now, one.from_at)}
    return _("%(length)s to go") % {"length": _length(now, one.until_at)}


def _length(start: datetime, end: datetime) -> str:
    """Whole days, else whole hours, else minutes begun."""
    minutes = -(-int((end - start).total_seconds()) // 60)
    if minutes >= _DAY:
        count = minutes // _DAY
        return ngettext("%(count)s day", "%(count)s days", count) % {"count": count}
    if minutes >= _HOUR:
        count = minutes // _HOUR
        return ngettext("%(count)s hour", "%(count)s hours", count) % {"count": count}
    return ngettext("%(count)s min", "%(count)s min", minutes) % {"count": minutes}


def _beijing(text: str, field: str) -> datetime:
    """The instant that a field names in Beijing time; raises InvalidRequest."""
    try:
        return datetime.strptime(text[:16], "%Y-%m-%dT%H:%M").replace(tzinfo=LEGAL_ZONE)
    except ValueError:
        raise InvalidRequest("This is no date and time.", field=field) from None


def _refusal(error: BanjieError) -> str:
    """Why an arrangement was refused."""
    if isinstance(error, SubstitutionClash):
        if error.facts.get("rule") == "one substitute for a task":
            return _("In this time somebody takes the place already; a task has one substitute.")
        return _(
            "In this time the substitute is absent too, or the absent officer takes somebody's place: "
            "a substitute has no substitute."
        )
    if isinstance(error, Forbidden):
        return _("Only the officer or the head of the agency arranges a substitution.")
    if isinstance(error, NotFound):
        return _("Choose who takes the place.")
    words = {
        "from_at": _("Say from when, to the minute."),
        "until_at": _("Say until when, to the minute."),
        "substitute": _("The substitute must be another officer of the same agency."),
        "absent": _("The absent officer has no post in which somebody could stand in."),
        "services": _("There is no such service."),
        "reason": _("Give a reason of at most 500 characters."),
    }
    return words.get(
        str(error.facts.get("field")), _("It ends after it begins, in the future, and within a year.")
    )
