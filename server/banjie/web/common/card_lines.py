"""A yellow or red card as pages show it, in the list of those that wait and beside its case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from banjie.domain.decisions import Json
from banjie.domain.ledger import ClockKind
from banjie.domain.proceedings import Proceeding, ProceedingKind, ProceedingStatus
from banjie.edge.context import actor, runtime
from banjie.persistence.cards import OpenCard
from banjie.services import cards as cards_service
from banjie.services.instances import CaseView
from banjie.services.lateness import Colour
from banjie.web.common.case_views import element_name
from banjie.web.common.frame import agency_name, service_title
from banjie.web.common.language import gettext, ngettext
from banjie.web.common.words import clock_word

_ = gettext
_DAY_SECONDS = 24 * 3600


@dataclass(frozen=True, kw_only=True)
class CardLine:
    """A card; `light` is red or yellow. `state_text` and the answer are of a closed one."""

    id: int
    light: str
    colour_text: str
    agency_name: str
    case_no: str
    case_url: str
    service_title: str
    clock_text: str
    missed_at: datetime | None
    opened_at: datetime
    since: str
    may_answer: bool
    may_revoke: bool
    is_open: bool = True
    state_text: str = ""
    answer: str = ""
    closed_by: str = ""
    closed_at: datetime | None = None


def open_card(card: OpenCard) -> CardLine:
    """A card that waits for an answer."""
    element = runtime().processes.compiled(card.definition).definition.elements.get(card.element or "")
    return CardLine(
        id=card.id,
        light=_light(card.facts),
        colour_text=_colour(card.facts),
        agency_name=agency_name(card.agency),
        case_no=card.case_no,
        case_url=url_for("case.case", case_no=card.case_no, _anchor="cards"),
        service_title=service_title(card.service),
        clock_text=_clock(card.facts, element.name if element else card.element or ""),
        missed_at=_missed_at(card.facts),
        opened_at=card.opened_at,
        since=_since(card.opened_at),
        may_answer=cards_service.answers_for(actor(), card.agency),
        may_revoke=cards_service.may_revoke(runtime(), actor(), card.agency),
    )


def case_cards(view: CaseView) -> list[CardLine]:
    """The cards of a case, the newest first, for the people who see them."""
    found = [one for one in view.proceedings if one.kind is ProceedingKind.CARD]
    return [_case_line(view, one) for one in reversed(found)]


def _case_line(view: CaseView, card: Proceeding) -> CardLine:
    agency, case_no = card.agency or "", view.instance.case_no
    words = {
        ProceedingStatus.DONE: _("answered"),
        ProceedingStatus.TAKEN_BACK: _("taken back"),
        ProceedingStatus.LAPSED: _("not answered in time; a red card took its place"),
    }
    return CardLine(
        id=card.id,
        light=_light(card.facts),
        colour_text=_colour(card.facts),
        agency_name=agency_name(agency),
        case_no=case_no,
        case_url=url_for("case.case", case_no=case_no, _anchor="cards"),
        service_title=service_title(view.instance.service),
        clock_text=_clock(card.facts, element_name(view, card.element)),
        missed_at=_missed_at(card.facts),
        opened_at=card.opened_at,
        since=_since(card.opened_at),
        may_answer=cards_service.may_answer(actor(), card),
        may_revoke=card.is_open and cards_service.may_revoke(runtime(), actor(), agency),
        is_open=card.is_open,
        state_text=words.get(card.status, ""),
        answer=card.answer or "",
        closed_by=card.closed_by_name or "",
        closed_at=card.closed_at,
    )


def _light(facts: Mapping[str, Json]) -> str:
    return "red" if facts.get("colour") == Colour.RED else "yellow"


def _colour(facts: Mapping[str, Json]) -> str:
    return _("Red card") if facts.get("colour") == Colour.RED else _("Yellow card")


def _clock(facts: Mapping[str, Json], step: str) -> str:
    return clock_word(ClockKind(str(facts["clock"])), step)


def _missed_at(facts: Mapping[str, Json]) -> datetime | None:
    due_at = facts.get("due_at")
    return datetime.fromisoformat(due_at) if isinstance(due_at, str) else None


def _since(opened_at: datetime) -> str:
    """How long a card has been waiting, in natural days."""
    days = int((runtime().now() - opened_at).total_seconds()) // _DAY_SECONDS
    if days == 0:
        return _("since less than a day")
    return ngettext("since %(count)s day", "since %(count)s days", days) % {"count": days}
