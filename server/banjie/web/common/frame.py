"""What stands around every page: head line, navigation, language, who is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask, Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from banjie.domain.assignment import Actor, Role
from banjie.edge.context import runtime, session
from banjie.edge.field_messages import field_message
from banjie.policy.regions import AgencyKind
from banjie.services import clock_audit, people, registers, requests, take_backs
from banjie.services.cards import number_waiting, sees_cards
from banjie.services.payments.access import seen_agencies
from banjie.web.common.assets import asset
from banjie.web.common.filters import FILTERS
from banjie.web.common.language import current_language, gettext, ngettext
from banjie.web.common.said import said_words, warning_words

_ = gettext
_YEAR_SECONDS = 365 * 24 * 3600
#: Digits of a number of PostgreSQL's bigint that cannot overflow.
_LONGEST_ID = 18


@dataclass(frozen=True, kw_only=True)
class NavigationItem:
    """An entry of the head line; `count` of what waits there, 0 for nothing."""

    url: str
    label: str
    here: bool
    count: int = 0


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who is signed in, as the head line shows it."""

    name: str
    agency_name: str
    region_name: str


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """Nothing fires the clocks' timers; `last` is when they were last swept for, None for never."""

    last: datetime | None


@dataclass(frozen=True, kw_only=True)
class Said:
    """A sentence about what has just been done; `tone` is good, warn or bad. `undo_url` empty: it cannot be undone."""

    text: str
    tone: str
    undo_url: str = ""


def install(app: Flask) -> None:
    """Teach the templates their language, filters and frame."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        gettext, ngettext, newstyle=True
    )
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(asset=asset, csrf_token=csrf_token, field_message=field_message)
    app.context_processor(_frame)
    app.after_request(_keep_static_files)


def csrf_token() -> str:
    """The token that the forms of this session carry; empty for a visitor, whose posts change nothing."""
    held = session()
    return held.csrf if held else ""


def home_of(actor: Actor | None) -> str:
    """The page where somebody begins: officers at their inbox, overseers at the board, others at the catalogue."""
    if actor is None:
        return url_for("portal.catalogue")
    if actor.posts:
        return url_for("inbox.inbox")
    return url_for("oversight.oversight") if _oversees(actor) else url_for("portal.catalogue")


def done(
    endpoint: str, said: str, *, case_no: str | None = None, tab: str | None = None, undo: int | None = None
) -> AnyResponse:
    """Go on to a page after a change (303); `said` is the code of the sentence that the page begins with.

    `undo` is the task whose completion the page offers to take back, while that is possible.
    """
    return redirect(url_for(endpoint, said=said, case_no=case_no, tab=tab, undo=undo), 303)


def own_path(path: str | None) -> str | None:
    """The path if it is one of this site, else None: never a way out to another host."""
    if path and path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable():
        return path
    return None


def local_name(name: str, name_en: str) -> str:
    """The one of two names that fits the language of the request."""
    return name_en if current_language().code == "en" and name_en else name


def agency_name(key: str) -> str:
    """An agency's name; its key where the book no longer knows it."""
    unit = runtime().book.agencies.get(key)
    return local_name(unit.name, unit.name_en) if unit else key


def region_name(code: str) -> str:
    """A region's name; its code where the book no longer knows it."""
    place = runtime().book.regions.by_code.get(code)
    return local_name(place.name, place.name_en) if place else code


def service_title(key: str) -> str:
    """A service's title; its key where the book no longer knows it."""
    service = runtime().book.services.get(key)
    return local_name(service.title, service.title_en) if service else key


def _frame() -> dict[str, Any]:
    held = session()
    actor = held.actor if held else None
    language = current_language()
    return {
        "language": language,
        "switch_url": url_for("access.language", code=language.other_code, next=_here()),
        "home_url": home_of(actor),
        "navigation": _navigation(actor),
        "person": _person(actor) if actor else None,
        "unread": _unread(actor) if actor else 0,
        "alarm": _alarm(actor) if actor else None,
        "said": _said(request.args.get("said", ""), actor),
    }


def _here() -> str:
    return request.full_path.rstrip("?") if request.method == "GET" else "/"


def _unread(actor: Actor) -> int:
    # The page that tells of a fault must stand even where the database is the fault.
    if "unread" not in g:
        g.unread = 0 if g.get("failed") else people.unread(runtime(), actor)
    count: int = g.unread
    return count


def _alarm(actor: Actor) -> Alarm | None:
    """For those who must act on it: nothing sweeps for due timers. Asked once a page, like `_unread`."""
    if g.get("failed") or not any(actor.has(role) for role in (Role.MANAGER, Role.ADMIN)):
        return None
    if "alarm" not in g:
        found = clock_audit.sweep_pulse(runtime())
        g.alarm = Alarm(last=found.last) if found.is_dead else None
    alarm: Alarm | None = g.alarm
    return alarm


def _person(actor: Actor) -> Person:
    agency = next(iter(sorted(actor.agencies)), "")
    region = next((held.region for held in actor.memberships if held.region), "")
    return Person(
        name=actor.name,
        agency_name=agency_name(agency) if agency else "",
        region_name=region_name(region) if region else "",
    )


def _oversees(actor: Actor) -> bool:
    return any(actor.has(role) for role in (Role.HEAD, Role.MANAGER, Role.AUDITOR))


def _decides_requests(actor: Actor) -> bool:
    return actor.has(Role.HEAD) or actor.has(Role.PROCESS_OWNER)


def _answers_objections(actor: Actor) -> bool:
    """The people of the offices that publish."""
    agencies = runtime().book.agencies
    return any(key in agencies and agencies[key].kind is AgencyKind.BUREAU for key in actor.agencies)


def _sees_calendar(actor: Actor) -> bool:
    return any(actor.has(role) for role in (Role.MANAGER, Role.AUDITOR, Role.PROCESS_OWNER, Role.ADMIN))


def _navigation(actor: Actor | None) -> list[NavigationItem]:
    places: list[tuple[str, str, bool]] = [
        ("inbox.inbox", _("Inbox"), actor is not None and bool(actor.posts)),
        ("registers.held", _("Registers"), actor is not None and registers.keeps(runtime(), actor)),
        (
            "rosters.listing",
            _("Paid without application"),
            actor is not None and registers.keeps(runtime(), actor),
        ),
        ("entitlements.listing", _("Entitlements"), actor is not None and registers.keeps(runtime(), actor)),
        ("oversight.oversight", _("Oversight"), actor is not None and _oversees(actor)),
        ("oversight.cases", _("Cases"), actor is not None and _oversees(actor)),
        ("cards.cards", _("Cards"), actor is not None and sees_cards(actor)),
        ("objections.listing", _("Objections"), actor is not None and _answers_objections(actor)),
        ("payments.due", _("Payments"), actor is not None and bool(seen_agencies(runtime(), actor))),
        ("jumps.waiting", _("Requests"), actor is not None and _decides_requests(actor)),
        ("jumps.board", _("Jump"), actor is not None and actor.has(Role.PROCESS_OWNER)),
        ("oversight.calendar", _("Calendar"), actor is not None and _sees_calendar(actor)),
        ("portal.catalogue", _("Services"), True),
        ("entitled.mine", _("What I may have"), actor is not None and actor.has(Role.APPLICANT)),
        ("portal.mine", _("My cases"), actor is not None and actor.has(Role.APPLICANT)),
    ]
    return [
        NavigationItem(
            url=url_for(endpoint),
            label=label,
            here=request.endpoint == endpoint,
            count=_waiting(actor, endpoint) if actor else 0,
        )
        for endpoint, label, shown in places
        if shown
    ]


def _waiting(actor: Actor, endpoint: str) -> int:
    if endpoint == "cards.cards":
        return _waiting_cards(actor)
    return _waiting_requests(actor) if endpoint == "jumps.waiting" else 0


def _waiting_requests(actor: Actor) -> int:
    """How many requests wait for a decision; asked once a page, like `_unread`."""
    if "waiting_requests" not in g:
        g.waiting_requests = 0 if g.get("failed") else requests.count(runtime(), actor)
    count: int = g.waiting_requests
    return count


def _waiting_cards(actor: Actor) -> int:
    """How many cards wait for an answer; asked once a page, like `_unread`."""
    if "waiting_cards" not in g:
        g.waiting_cards = 0 if g.get("failed") else number_waiting(runtime(), actor)
    count: int = g.waiting_cards
    return count


def _said(code: str, actor: Actor | None) -> Said | None:
    if code in (warnings := warning_words()):
        return Said(text=warnings[code], tone="warn")
    if code not in (words := said_words()):
        return None
    return Said(text=words[code], tone="good", undo_url=_undo_url(actor) if code == "completed" else "")


def _undo_url(actor: Actor | None) -> str:
    """Where the completion is taken back that the page has just told of; empty where it no longer can be."""
    task_id = request.args.get("undo", "")
    if actor is None or not task_id.isascii() or not task_id.isdigit() or len(task_id) > _LONGEST_ID:
        return ""
    possible = take_backs.possible(runtime(), actor, [int(task_id)])
    return url_for("operations.undo", task_id=int(task_id)) if possible else ""


def _keep_static_files(response: Response) -> Response:
    """A file asked for by its fingerprint may be kept for a year; it has another address when it changes."""
    if request.endpoint == "static" and request.args.get("v"):
        response.cache_control.no_cache = None
        response.cache_control.public = True
        response.cache_control.max_age = _YEAR_SECONDS
        response.cache_control.immutable = True
    return response
