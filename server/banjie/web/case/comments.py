"""What officers do beside the step of a case: comment, send copies, add files."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from banjie.domain.errors import BanjieError, Conflict, Forbidden, InvalidRequest
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.services import comments, copies, files, instances, task_files, tasks
from banjie.web.case.beside import Refused
from banjie.web.case.page import case_page
from banjie.web.common.language import gettext
from banjie.web.common.task_form import IDEMPOTENCY_FIELD

_ = gettext
blueprint = Blueprint("comments", __name__)

Answer = Response | tuple[str, int]


@blueprint.post("/cases/<case_no>/comments")
@signed_in
def add(case_no: str) -> Answer:
    """Say something of the case; refused words stay in their field."""
    typed, chosen = request.form.get("words", ""), request.form.get("mention", "")
    words = f"@{chosen} {typed}" if chosen and f"@{chosen}" not in typed else typed
    try:
        instances.view(runtime(), actor(), case_no)
        kept = [
            files.upload(
                runtime(), actor(), field="comment", name=sent.filename or "", content=sent.read()
            ).id
            for sent in request.files.getlist("files")
            if sent.filename
        ]
        comment_id = comments.add(
            runtime(),
            comments.AddComment(
                case_no=case_no, by=actor(), words=words, files=kept,
                idempotency_key=request.form.get(IDEMPOTENCY_FIELD) or None,
            ),
        )  # fmt: skip
    except InvalidRequest as error:
        return _refused(case_no, Refused(part="comment", text=_comment_words(error), words=typed))
    return _to_page(case_no, f"comment-{comment_id}")


@blueprint.post("/cases/<case_no>/comments/<int:comment_id>/withdraw")
@signed_in
def withdraw(case_no: str, comment_id: int) -> Answer:
    """Take one's comment back."""
    try:
        comments.withdraw(runtime(), actor(), case_no, comment_id)
    except Conflict:
        text = _("A comment can be withdrawn within ten minutes only.")
        return _refused(case_no, Refused(part="comment", text=text), 409)
    return _to_page(case_no, f"comment-{comment_id}")


@blueprint.post("/cases/<case_no>/copies")
@signed_in
def send_copy(case_no: str) -> Answer:
    """Send the case to people to read."""
    words = request.form.get("words", "")
    try:
        copies.send(runtime(), actor(), case_no, request.form.getlist("to"), words)
    except (InvalidRequest, Forbidden) as error:
        who = error.facts.get("who")
        if isinstance(error, Forbidden) and not who:
            raise
        text = (
            _("%(who)s cannot get a copy of this case.") % {"who": who}
            if who
            else _("Choose 1 to 50 people, and say why in at most 500 characters.")
        )
        return _refused(case_no, Refused(part="copy", text=text, words=words))
    return _to_page(case_no, "copies")


@blueprint.post("/tasks/<int:task_id>/files")
@signed_in
def add_file(task_id: int) -> Answer:
    """Add a file to the step in hand."""
    case_no, sent = tasks.read(runtime(), actor(), task_id).case_no, request.files.get("file")
    label = request.form.get("label", "")
    try:
        if sent is None or not sent.filename:
            raise InvalidRequest("The request holds no file.", field="file")  # noqa: TRY301  told as the others
        task_files.attach(
            runtime(), actor(), task_id, label=label, name=sent.filename, content=sent.read(),
            shared=request.form.get("shared") == "true",
        )  # fmt: skip
    except InvalidRequest as error:
        return _refused(case_no, Refused(part="file", text=_file_words(error), words=label))
    return _to_page(case_no, "task-files")


@blueprint.post("/tasks/<int:task_id>/files/<int:file_id>/remove")
@signed_in
def remove_file(task_id: int, file_id: int) -> Answer:
    """Take one's own file from the step in hand."""
    case_no = tasks.read(runtime(), actor(), task_id).case_no
    task_files.remove(runtime(), actor(), task_id, file_id)
    return _to_page(case_no, "task-files")


def _to_page(case_no: str, place: str) -> Response:
    return redirect(url_for("case.case", case_no=case_no, _anchor=place), 303)


def _refused(case_no: str, refused: Refused, status: int = 422) -> tuple[str, int]:
    return case_page(instances.view(runtime(), actor(), case_no), refused=refused), status


def _comment_words(error: BanjieError) -> str:
    who = error.facts.get("who")
    if error.facts.get("rule") == "may_not_see":
        return _("@%(who)s may not see this case and cannot be mentioned.") % {"who": who}
    if error.facts.get("rule") == "unknown_person":
        return _("There is nobody called @%(who)s.") % {"who": who}
    if error.facts.get("field") == "words":
        return _("A comment has 1 to 2,000 characters and mentions at most 20 people.")
    return _("The files could not be taken: at most 10, each a PDF, PNG or JPEG.")


def _file_words(error: BanjieError) -> str:
    if error.facts.get("field") == "label":
        return _("Say in 1 to 60 characters what the file is.")
    return _("The file could not be taken: choose a PDF, PNG or JPEG that is not too large.")
