"""Yellow and red cards: what waits, answered or taken back."""

from __future__ import annotations

from typing import Any

from banjie.api.resource import Resource
from banjie.domain.errors import NotFound
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.edge.schemas import desk
from banjie.persistence.cards import OpenCard
from banjie.services import cards

blueprint = Resource("cards_api", __name__, url_prefix="/api/v1/cards", description="Cards (红黄牌)")


@blueprint.route("")
@signed_in
@blueprint.response(200, desk.Cards)
def listing() -> dict[str, Any]:
    """The cards of the agencies that one answers for or watches over; for nobody else."""
    if not cards.sees_cards(actor()):
        raise NotFound(page="cards")
    found = cards.cards(runtime(), actor())
    return {"items": [_card(one) for one in found.waiting], "counts": found.counts}


@blueprint.route("/<int:card_id>/answer", methods=["POST"])
@signed_in
@blueprint.arguments(desk.CardWords)
@blueprint.response(204)
def answer(body: dict[str, Any], card_id: int) -> None:
    """Say why the limit was missed, as an officer or the head of the agency."""
    cards.answer(runtime(), actor(), card_id, body["reason"])


@blueprint.route("/<int:card_id>/revoke", methods=["POST"])
@signed_in
@blueprint.arguments(desk.CardWords)
@blueprint.response(204)
def revoke(body: dict[str, Any], card_id: int) -> None:
    """Take back what was issued wrongly, as a manager of the region."""
    cards.revoke(runtime(), actor(), card_id, body["reason"])


def _card(card: OpenCard) -> dict[str, Any]:
    return {
        "id": card.id, "colour": card.facts["colour"], "case_no": card.case_no, "service": card.service,
        "agency": card.agency, "element": card.element, "clock": card.facts["clock"],
        "due_at": card.facts["due_at"], "issued_at": card.opened_at,
        "may_answer": cards.answers_for(actor(), card.agency),
        "may_revoke": cards.may_revoke(runtime(), actor(), card.agency),
    }  # fmt: skip
