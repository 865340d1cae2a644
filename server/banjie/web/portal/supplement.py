"""What an applicant does about a case under way: hand in what is missing, and remind whoever has it in hand."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, request
from werkzeug.wrappers import Response

from banjie.domain.errors import BanjieError, Conflict, FieldError, InvalidSubmission, NotFound
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.edge.errors import status_of
from banjie.services import instances, supplements, urging
from banjie.web.common.errors import error_view
from banjie.web.common.frame import done
from banjie.web.common.supplement_form import answer_form
from banjie.web.common.task_form import IDEMPOTENCY_FIELD, Posted, posted
from banjie.web.portal.follow import follow_page

blueprint = Blueprint("supplement", __name__)


@blueprint.post("/my/cases/<case_no>/supplement")
@signed_in
def answer(case_no: str) -> Response | tuple[str, int]:
    """Hand in all that was asked for; what is refused comes back with what was typed."""
    asked = supplements.open_request(runtime(), actor(), case_no)
    if asked is None:
        raise Conflict(case=case_no[:40])
    given, key = posted(answer_form(asked)), request.form.get(IDEMPOTENCY_FIELD) or None
    try:
        given.require_files()
        supplements.answer(runtime(), actor(), asked.proceeding.id, given.values, key)
    except InvalidSubmission as refused:
        return _again(case_no, given, refused.errors), 422
    return done("portal.mine_case", "handed_in", case_no=case_no)


@blueprint.post("/my/cases/<case_no>/urge")
@signed_in
def urge(case_no: str) -> Response | tuple[str, int]:
    """Remind whoever has the case in hand."""
    try:
        urging.urge_case(runtime(), actor(), case_no, request.form.get("words", ""))
    except NotFound:
        raise
    except BanjieError as refused:
        view, status = instances.view(runtime(), actor(), case_no), status_of(refused)
        return follow_page(view, for_public=False, refused=error_view(refused, status)), status
    return done("portal.mine_case", "urged", case_no=case_no)


def _again(case_no: str, given: Posted, errors: Sequence[FieldError]) -> str:
    return follow_page(
        instances.view(runtime(), actor(), case_no), for_public=False, given=given, errors=errors
    )
