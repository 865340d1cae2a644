"""What officers tell one another of a case: comments, copies, and files beside the form of a step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request

from banjie.api.resource import Resource
from banjie.domain.assignment import Actor
from banjie.domain.errors import InvalidRequest
from banjie.domain.identity import mask_name
from banjie.domain.worklist import CaseRow
from banjie.edge import schemas
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.edge.schemas import notes
from banjie.persistence.copies import CopiedCase
from banjie.services import comments, copies, task_files
from banjie.services.comments import CommentView

blueprint = Resource(
    "comments_api", __name__, url_prefix="/api/v1", description="Comments, copies (抄送), files"
)


@blueprint.route("/cases/<case_no>/comments")
@signed_in
@blueprint.response(200, notes.Thread)
def thread(case_no: str) -> dict[str, Any]:
    """The comments of a case, oldest first; not for its applicant."""
    found = comments.thread(runtime(), actor(), case_no)
    return {"items": [_comment(view) for view in found.comments], "people": _people(found.people)}


@blueprint.route("/cases/<case_no>/comments", methods=["POST"])
@signed_in
@blueprint.arguments(notes.CommentRequest)
@blueprint.response(201, notes.CommentAdded)
def add(body: dict[str, Any], case_no: str) -> dict[str, int]:
    """Say something of a case. With an Idempotency-Key a repetition gets the first answer again."""
    command = comments.AddComment(
        case_no=case_no, by=actor(), words=body["words"], task_id=body["task_id"], files=body["files"],
        idempotency_key=request.headers.get("Idempotency-Key"),
    )  # fmt: skip
    return {"id": comments.add(runtime(), command)}


@blueprint.route("/cases/<case_no>/comments/<int:comment_id>/withdraw", methods=["POST"])
@signed_in
@blueprint.response(204)
def withdraw(case_no: str, comment_id: int) -> None:
    """Take one's own comment back, within ten minutes."""
    comments.withdraw(runtime(), actor(), case_no, comment_id)


@blueprint.route("/cases/<case_no>/copies")
@signed_in
@blueprint.response(200, notes.Copies)
def sent(case_no: str) -> dict[str, Any]:
    """Who has a copy of a case; whom one may send it to, where one may."""
    found = copies.sendable(runtime(), actor(), case_no)
    return {"items": found.sent, "people": _people(found.people)}


@blueprint.route("/cases/<case_no>/copies", methods=["POST"])
@signed_in
@blueprint.arguments(notes.CopyRequest)
@blueprint.response(200, notes.CopySent)
def send(body: dict[str, Any], case_no: str) -> dict[str, int]:
    """Send a case to people to read; who has it already gets no second copy."""
    return {"sent": copies.send(runtime(), actor(), case_no, body["usernames"], body["words"])}


@blueprint.route("/copies")
@signed_in
@blueprint.arguments(schemas.PageQuery, location="query")
@blueprint.response(200, notes.CopiedCases)
def mine(query: dict[str, Any]) -> dict[str, Any]:
    """The cases that were sent to one, unread first."""
    rows, following = copies.mine(runtime(), actor(), cursor=query["cursor"], limit=query["limit"])
    counted = copies.counts(runtime(), actor())
    items = [_copied(row) for row in rows]
    return {"items": items, "next": following, "total": counted.total, "unread": counted.unread}


@blueprint.route("/tasks/<int:task_id>/files", methods=["POST"])
@signed_in
@blueprint.response(201, notes.TaskFile)
def attach(task_id: int) -> dict[str, int]:
    """Add a file to a task that one holds, as multipart/form-data: `file`, `label`, and `shared` ("true" or absent)."""
    given = request.files.get("file")
    if given is None:
        raise InvalidRequest("The request holds no file.", field="file")
    file_id = task_files.attach(
        runtime(), actor(), task_id, label=request.form.get("label", ""), name=given.filename or "",
        content=given.read(), shared=request.form.get("shared") == "true",
    )  # fmt: skip
    return {"id": file_id}


@blueprint.route("/tasks/<int:task_id>/files/<int:file_id>", methods=["DELETE"])
@signed_in
@blueprint.response(204)
def remove(task_id: int, file_id: int) -> None:
    """Take one's own file from a task that one holds."""
    task_files.remove(runtime(), actor(), task_id, file_id)


def _comment(view: CommentView) -> dict[str, Any]:
    row = view.comment
    return {**{name: getattr(row, name) for name in type(row).__dataclass_fields__}, "files": view.files,
            "may_withdraw": view.may_withdraw}  # fmt: skip


def _people(people: Sequence[Actor]) -> list[dict[str, str]]:
    return [{"username": one.username, "name": one.name} for one in people]


def _copied(row: CopiedCase) -> dict[str, Any]:
    case = {name: getattr(row.case, name) for name in CaseRow.__dataclass_fields__}
    return {"by": row.by, "at": row.at, "words": row.words, "read_at": row.read_at,
            "case": {**case, "applicant": mask_name(row.case.applicant)}}  # fmt: skip
