"""Who takes whose place, and when."""

from __future__ import annotations

from typing import Any

from banjie.api.resource import Resource
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.edge.schemas import desk
from banjie.services import substitutes

blueprint = Resource(
    "substitutions_api", __name__, url_prefix="/api/v1/substitutions", description="Substitutions (代理)"
)


@blueprint.route("")
@signed_in
@blueprint.response(200, desk.Substitutions)
def listing() -> substitutes.Arrangements:
    """The substitutions that concern one."""
    return substitutes.arrangements(runtime(), actor())


@blueprint.route("", methods=["POST"])
@signed_in
@blueprint.arguments(desk.SubstitutionRequest)
@blueprint.response(201, desk.SubstitutionArranged)
def arrange(body: dict[str, Any]) -> dict[str, int]:
    """Arrange that somebody takes one's place; a head arranges it for officers of the agency."""
    command = substitutes.Arrange(
        by=actor(), absent=body["absent"] or actor().username, substitute=body["substitute"],
        from_at=body["from_at"], until_at=body["until_at"], reason=body["reason"],
        services=tuple(body["services"]), agencies=tuple(body["agencies"]),
    )  # fmt: skip
    return {"id": substitutes.arrange(runtime(), command)}


@blueprint.route("/<int:substitution_id>/end", methods=["POST"])
@signed_in
@blueprint.response(204)
def end(substitution_id: int) -> None:
    """End a substitution now."""
    substitutes.end(runtime(), actor(), substitution_id)
