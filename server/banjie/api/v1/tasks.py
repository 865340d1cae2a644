"""Tasks: list, read, claim, release, complete."""

from __future__ import annotations

from typing import Any

from flask import request

from banjie.api.resource import Resource
from banjie.domain.errors import InvalidRequest
from banjie.domain.worklist import InboxRow, Tab
from banjie.edge import schemas
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.services import tasks

blueprint = Resource("tasks", __name__, url_prefix="/api/v1/tasks", description="Tasks (待办)")


def expected_version() -> int | None:
    """The version in If-Match, None where the header is absent; raises InvalidRequest."""
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    plain = header.strip().removeprefix("W/").strip('"')
    if not (plain.isascii() and plain.isdigit() and len(plain) < 10):
        raise InvalidRequest('If-Match is a task\'s version, as in "7".', header="If-Match")
    return int(plain)


@blueprint.route("")
@signed_in
@blueprint.arguments(schemas.TasksQuery, location="query")
@blueprint.response(200, schemas.TaskPage)
def listing(query: dict[str, Any]) -> dict[str, Any]:
    """One tab of one's inbox, soonest due first."""
    page = tasks.inbox(
        runtime(),
        actor(),
        Tab(query["tab"]),
        query=query["query"],
        cursor=query["cursor"],
        limit=query["limit"],
    )
    return {
        "items": [_row(row) for row in page.rows],
        "next": page.next,
        "counts": {tab.value: count for tab, count in page.counts.items()},
    }


@blueprint.route("/<int:task_id>")
@signed_in
@blueprint.response(200, schemas.TaskDetail)
def read(task_id: int) -> tuple[dict[str, Any], int, dict[str, str]]:
    """A task with its form's key and its draft; the ETag is its version."""
    seen = tasks.read(runtime(), actor(), task_id)
    body = {**vars(seen.task), "case_no": seen.case_no, "assignee": seen.task.assignee_name, "form": seen.form,
            "draft": seen.draft}  # fmt: skip
    return body, 200, {"ETag": f'"{seen.task.version}"'}


@blueprint.route("/<int:task_id>/claim", methods=["POST"])
@signed_in
@blueprint.response(200, schemas.Claimed)
def claim(task_id: int) -> dict[str, int]:
    """Take a task."""
    return {"id": task_id, "version": tasks.claim(runtime(), actor(), task_id, expected_version())}


@blueprint.route("/<int:task_id>/release", methods=["POST"])
@signed_in
@blueprint.response(200, schemas.Claimed)
def release(task_id: int) -> dict[str, int]:
    """Put a task back to its group."""
    return {"id": task_id, "version": tasks.release(runtime(), actor(), task_id, expected_version())}


@blueprint.route("/<int:task_id>/draft", methods=["PUT"])
@signed_in
@blueprint.arguments(schemas.SubmissionRequest)
@blueprint.response(204)
def save_draft(body: dict[str, Any], task_id: int) -> None:
    """Keep what was typed so far with a task that one holds."""
    tasks.save_draft(runtime(), actor(), task_id, body["submission"])


@blueprint.route("/<int:task_id>/complete", methods=["POST"])
@signed_in
@blueprint.arguments(schemas.SubmissionRequest)
@blueprint.response(200, schemas.Completed)
def complete(body: dict[str, Any], task_id: int) -> tasks.Completed:
    """Finish a task. If-Match names the version seen; with an Idempotency-Key a repetition is answered alike."""
    return tasks.complete(
        runtime(),
        tasks.CompleteTask(
            task_id=task_id, by=actor(), submission=body["submission"], expected_version=expected_version(),
            idempotency_key=request.headers.get("Idempotency-Key"),
        ),
    )  # fmt: skip


def _row(row: InboxRow) -> dict[str, Any]:
    return {**{name: getattr(row, name) for name in InboxRow.__dataclass_fields__}, "id": row.task_id,
            "name": row.element_name}  # fmt: skip
