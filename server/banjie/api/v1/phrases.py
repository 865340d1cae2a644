"""Stock phrases of one's own."""

from __future__ import annotations

from typing import Any

from banjie.api.resource import Resource
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.edge.schemas import notes
from banjie.services import phrases

blueprint = Resource(
    "phrases_api", __name__, url_prefix="/api/v1/phrases", description="Stock phrases (常用意见)"
)


@blueprint.route("")
@signed_in
@blueprint.response(200, notes.Phrases)
def listing() -> dict[str, Any]:
    """One's own phrases, and those of the house."""
    return {"items": phrases.own(runtime(), actor()), "house": phrases.house(runtime())}


@blueprint.route("", methods=["POST"])
@signed_in
@blueprint.arguments(notes.PhraseRequest)
@blueprint.response(201, notes.PhraseAdded)
def add(body: dict[str, Any]) -> dict[str, int]:
    """Keep a phrase; the same words again give the same id."""
    return {"id": phrases.add(runtime(), actor(), body["words"])}


@blueprint.route("/order", methods=["PUT"])
@signed_in
@blueprint.arguments(notes.PhraseOrder)
@blueprint.response(204)
def arrange(body: dict[str, Any]) -> None:
    """Put one's phrases in an order."""
    phrases.arrange(runtime(), actor(), body["ids"])


@blueprint.route("/<int:phrase_id>", methods=["PUT"])
@signed_in
@blueprint.arguments(notes.PhraseRequest)
@blueprint.response(204)
def change(body: dict[str, Any], phrase_id: int) -> None:
    """Replace the words of a phrase."""
    phrases.change(runtime(), actor(), phrase_id, body["words"])


@blueprint.route("/<int:phrase_id>", methods=["DELETE"])
@signed_in
@blueprint.response(204)
def drop(phrase_id: int) -> None:
    """Forget a phrase."""
    phrases.drop(runtime(), actor(), phrase_id)


@blueprint.route("/<int:phrase_id>/use", methods=["POST"])
@signed_in
@blueprint.response(204)
def use(phrase_id: int) -> None:
    """Count that a phrase was inserted."""
    phrases.count_use(runtime(), actor(), phrase_id)
