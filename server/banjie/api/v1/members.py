"""The members of a panel (会签): seated, unseated and replaced while it votes."""

from __future__ import annotations

from typing import Any

from banjie.api.resource import Resource
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.edge.schemas import members
from banjie.services import countersign
from banjie.services.countersign import Reseated

blueprint = Resource(
    "members_api", __name__, url_prefix="/api/v1", description="Members of panels (加签、减签)"
)  # fmt: skip


@blueprint.route("/tasks/<int:task_id>/members", methods=["POST"])
@signed_in
@blueprint.arguments(members.MemberRequest)
@blueprint.response(200, members.Panel)
def add(body: dict[str, Any], task_id: int) -> Reseated:
    """Seat somebody on the panel of an open task, as the head of its agency (加签)."""
    return countersign.add(
        runtime(),
        actor(),
        task_id,
        body["username"],
        body["reason"],
        weight=body["weight"],
        may_veto=body["veto"],
    )


@blueprint.route("/tasks/<int:task_id>/members/<username>/remove", methods=["POST"])
@signed_in
@blueprint.arguments(members.WhyRequest)
@blueprint.response(200, members.Panel)
def remove(body: dict[str, Any], task_id: int, username: str) -> Reseated:
    """Unseat a member who has not voted (减签)."""
    return countersign.remove(runtime(), actor(), task_id, body["reason"], member=username)


@blueprint.route("/tasks/<int:task_id>/members/<username>/replace", methods=["POST"])
@signed_in
@blueprint.arguments(members.ReplaceRequest)
@blueprint.response(200, members.Panel)
def replace(body: dict[str, Any], task_id: int, username: str) -> Reseated:
    """Seat somebody in the place of a member who has not voted, with the same weight and veto."""
    return countersign.replace(runtime(), actor(), task_id, body["by"], body["reason"], member=username)
