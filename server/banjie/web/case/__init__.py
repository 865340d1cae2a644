"""The page of a case, where officers work."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, Response, jsonify, redirect, request, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from banjie.domain.errors import BanjieError, InvalidSubmission
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.edge.errors import status_of
from banjie.services import copies, files, instances, tasks
from banjie.web.case.page import case_page, draft_refused, form_of, submitted
from banjie.web.common.filters import local_clock
from banjie.web.common.frame import done
from banjie.web.common.numbers import posted_version
from banjie.web.common.task_form import IDEMPOTENCY_FIELD

blueprint = Blueprint("case", __name__)


@blueprint.get("/cases/<case_no>")
@signed_in
def case(case_no: str) -> str | AnyResponse:
    """A case with the step that the reader may do; its applicant is led to the applicant's view."""
    view = instances.view(runtime(), actor(), case_no)
    if view.instance.applicant_id == actor().account_id:
        return redirect(url_for("portal.mine_case", case_no=case_no), 303)
    copies.mark_read(runtime(), actor(), view.instance.id)
    return case_page(view)


@blueprint.post("/tasks/<int:task_id>/claim")
@signed_in
def claim(task_id: int) -> AnyResponse:
    """Take a task and go to work on it."""
    tasks.claim(runtime(), actor(), task_id, posted_version())
    return done("case.case", "claimed", case_no=tasks.read(runtime(), actor(), task_id).case_no)


@blueprint.post("/tasks/<int:task_id>/release")
@signed_in
def release(task_id: int) -> AnyResponse:
    """Put a task back to the candidates."""
    tasks.release(runtime(), actor(), task_id, posted_version())
    return done("inbox.inbox" if actor().posts else "oversight.oversight", "released")


@blueprint.post("/tasks/<int:task_id>/draft")
@signed_in
def save_draft(task_id: int) -> AnyResponse | Response | tuple[Response, int]:
    """Keep what was typed so far; a script gets the time, a person the page again."""
    by_script = request.accept_mimetypes.best == "application/json"
    try:
        seen = tasks.read(runtime(), actor(), task_id)
        tasks.save_draft(runtime(), actor(), task_id, submitted(form_of(seen)).values)
    except BanjieError as error:
        if not by_script:
            raise
        return jsonify(message=draft_refused(error)), status_of(error)
    if by_script:
        return jsonify(at=local_clock(runtime().now()))
    return done("case.case", "saved", case_no=seen.case_no)


@blueprint.post("/tasks/<int:task_id>/complete")
@signed_in
def complete(task_id: int) -> AnyResponse | tuple[str, int]:
    """Finish the step; a form with faults comes back with them marked."""
    seen = tasks.read(runtime(), actor(), task_id)
    sent = submitted(form_of(seen))
    command = tasks.CompleteTask(
        task_id=task_id,
        by=actor(),
        submission=sent.values,
        expected_version=posted_version(),
        idempotency_key=request.form.get(IDEMPOTENCY_FIELD) or None,
    )
    try:
        sent.require_files()
        tasks.complete(runtime(), command)
    except InvalidSubmission as refused:
        view = instances.view(runtime(), actor(), seen.case_no)
        return case_page(view, sent=sent, errors=refused.errors), 422
    return done("inbox.inbox", "completed", undo=task_id)


@blueprint.get("/cases/<case_no>/files/<int:file_id>")
@signed_in
def file(case_no: str, file_id: int) -> Response:
    """A file of the case, always as an attachment."""
    found = files.download(runtime(), actor(), case_no, file_id)
    return send_file(BytesIO(found.content), found.media_type, as_attachment=True, download_name=found.name)
