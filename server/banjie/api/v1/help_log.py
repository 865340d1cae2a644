"""The helper's log of a case."""

from __future__ import annotations

from typing import Any

from banjie.api.resource import Resource
from banjie.domain.errors import NotFound
from banjie.domain.help_log import HelpKind
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.edge.schemas import help_log as schemas
from banjie.services import help_log

blueprint = Resource(
    "help_log_api", __name__, url_prefix="/api/v1/cases", description="The helper's log (帮扶记录)"
)


@blueprint.route("/<case_no>/help")
@signed_in
@blueprint.response(200, schemas.HelpBook)
def read(case_no: str) -> dict[str, Any]:
    """What officers did for the applicant, oldest first; not for the applicant."""
    found = help_log.read(runtime(), actor(), case_no)
    if found is None:
        raise NotFound(help_log=case_no[:40])
    return {"items": found.entries, "may_add": found.may_add}


@blueprint.route("/<case_no>/help", methods=["POST"])
@signed_in
@blueprint.arguments(schemas.HelpRequest)
@blueprint.response(201, schemas.HelpAdded)
def add(body: dict[str, Any], case_no: str) -> dict[str, int]:
    """Write down what was done, while the case runs."""
    command = help_log.AddHelp(
        case_no=case_no, by=actor(), kind=HelpKind(body["kind"]), on_day=body["on_day"], words=body["words"]
    )
    return {"id": help_log.add(runtime(), command)}
