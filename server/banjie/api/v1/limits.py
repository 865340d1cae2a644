"""How the limits across cases stand for a case."""

from __future__ import annotations

from typing import Any

from banjie.api.resource import Resource
from banjie.domain.calendar import legal_date
from banjie.domain.decisions import Basis
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.edge.schemas import limits as schemas
from banjie.services import cross_limits
from banjie.services.cross_limits import LimitState

blueprint = Resource(
    "limits", __name__, url_prefix="/api/v1/cases", description="Limits across cases (限次与互斥)"
)


@blueprint.route("/<case_no>/limits")
@signed_in
@blueprint.response(200, schemas.Limits)
def read(case_no: str) -> dict[str, Any]:
    """How often, how much, not together with what: as it would be if the case were granted now. Officers only."""
    return {"items": [_state(state) for state in cross_limits.limits(runtime(), actor(), case_no)]}


def _state(state: LimitState) -> dict[str, Any]:
    limit, cited, first = state.limit, state.limit.citation, state.earlier
    return {
        "limit": limit.key, "title": limit.title, "title_en": limit.title_en, "entry": state.entry,
        "free": state.is_free, "allowed": str(state.allowed), "taken": str(state.taken), "wanted": str(state.wanted),
        "missing": state.missing, "basis": (Basis.STATED if cited else Basis.LOCALLY_SET).value,
        "document": cited.document if cited else None, "article": cited.article if cited else None,
        "quote": cited.quote if cited else None, "note": limit.note,
        "earlier": first and {
            "case_no": first.case_no, "service": first.service, "granted_on": legal_date(first.granted_at),
        },
    }  # fmt: skip
