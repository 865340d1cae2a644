"""Yellow and red cards (黄牌、红牌): what waits for an answer, answered or taken back in place, and the counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from banjie.domain.errors import InvalidRequest, NotFound
from banjie.domain.proceedings import LONGEST_REASON
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.persistence.cards import CardCount
from banjie.services import cards as cards_service
from banjie.web.common.card_lines import open_card
from banjie.web.common.frame import agency_name, done, own_path
from banjie.web.common.language import gettext

_ = gettext
blueprint = Blueprint("cards", __name__)

Answer = Response | tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class CountLine:
    """The cards of an agency."""

    agency_name: str
    waiting: int
    yellow: int
    red: int


@dataclass(frozen=True, kw_only=True)
class Column:
    """A heading that sorts; `sorted` as `aria-sort` says it."""

    label: str
    url: str
    right: bool
    sorted: str | None


_KEYS: dict[str, Callable[[CardCount], str | int]] = {
    "agency": lambda count: agency_name(count.agency),
    "waiting": lambda count: count.waiting,
    "yellow": lambda count: count.yellow,
    "red": lambda count: count.red,
}


@blueprint.get("/oversight/cards")
@signed_in
def cards() -> str:
    """The cards that wait, the oldest first, and all that stand by agency."""
    return _page()


@blueprint.post("/oversight/cards/<int:card_id>/answer")
@signed_in
def answer(card_id: int) -> Answer:
    """Answer a card with the reason."""
    words = request.form.get("words", "")
    try:
        cards_service.answer(runtime(), actor(), card_id, words)
    except InvalidRequest:
        return _page(refused=card_id, words=words), 422
    return _back("card_answered")


@blueprint.post("/oversight/cards/<int:card_id>/revoke")
@signed_in
def revoke(card_id: int) -> Answer:
    """Take back a card that was issued wrongly."""
    words = request.form.get("words", "")
    try:
        cards_service.revoke(runtime(), actor(), card_id, words)
    except InvalidRequest:
        return _page(refused=card_id, words=words), 422
    return _back("card_revoked")


def _back(said: str) -> Response:
    path = own_path(request.form.get("next"))
    return redirect(f"{path}#cards", 303) if path else done("cards.cards", said)


def _page(*, refused: int = 0, words: str = "") -> str:
    if not cards_service.sees_cards(actor()):
        raise NotFound(page=request.path)
    found = cards_service.cards(runtime(), actor())
    names: dict[str, Any] = {"refused": refused, "words": words, "longest": LONGEST_REASON, "next_path": ""}
    return render_template(
        "oversight/cards.html",
        cards=[open_card(one) for one in found.waiting],
        **_counts(found.counts),
        **names,
    )


def _counts(counts: Sequence[CardCount]) -> dict[str, Any]:
    sort = request.args.get("sort", "waiting")
    sort = sort if sort in _KEYS else "waiting"
    order = request.args.get("order", "")
    if order not in ("ascending", "descending"):
        order = _first_order(sort)
    labels = {
        "agency": _("Agency"),
        "waiting": _("Waiting"),
        "yellow": _("Yellow cards"),
        "red": _("Red cards"),
    }
    return {
        "counts": [
            CountLine(agency_name=agency_name(one.agency), waiting=one.waiting, yellow=one.yellow, red=one.red)
            for one in sorted(counts, key=_KEYS[sort], reverse=order == "descending")
        ],
        "columns": [
            Column(
                label=label, url=url_for("cards.cards", sort=key, order=_next_order(key, sort, order)),
                right=key != "agency", sorted=order if key == sort else None,
            )
            for key, label in labels.items()
        ],
    }  # fmt: skip


def _first_order(sort: str) -> str:
    return "ascending" if sort == "agency" else "descending"


def _next_order(key: str, sort: str, order: str) -> str:
    if key != sort:
        return _first_order(key)
    return "ascending" if order == "descending" else "descending"
