"""Many tasks at once: started, followed, stopped."""

from __future__ import annotations

from typing import Any

from flask import url_for

from banjie.api.resource import Resource
from banjie.domain.bulk import Bulk, BulkItem, BulkKind
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.edge.schemas import desk
from banjie.services import bulk

blueprint = Resource("bulk_api", __name__, url_prefix="/api/v1/bulk", description="Many tasks at once (批量)")


@blueprint.route("", methods=["POST"])
@signed_in
@blueprint.arguments(desk.BulkRequest)
@blueprint.response(202, desk.BulkStarted)
def start(body: dict[str, Any]) -> tuple[dict[str, int], int, dict[str, str]]:
    """Claim or complete up to 500 tasks, each by itself; the address of the run comes with the answer."""
    command = bulk.StartBulk(
        by=actor(), kind=BulkKind(body["kind"]), submission=body["submission"],
        items=[(item["task"], item["version"]) for item in body["items"]],
    )  # fmt: skip
    bulk_id = bulk.start(runtime(), command)
    return {"id": bulk_id}, 202, {"Location": url_for("bulk_api.read", bulk_id=bulk_id)}


@blueprint.route("")
@signed_in
@blueprint.response(200, desk.BulkRuns)
def listing() -> dict[str, Any]:
    """One's newest runs."""
    return {"items": [_run(one) for one in bulk.recent(runtime(), actor())]}


@blueprint.route("/<int:bulk_id>")
@signed_in
@blueprint.response(200, desk.BulkProgress)
def read(bulk_id: int) -> dict[str, Any]:
    """How far one's run is, and how each of its tasks ended."""
    found = bulk.progress(runtime(), actor(), bulk_id)
    return {
        **_run(found.bulk), "done": found.done, "failed": found.failed, "skipped": found.skipped,
        "items": [_item(item) for item in found.items],
    }  # fmt: skip


@blueprint.route("/<int:bulk_id>/stop", methods=["POST"])
@signed_in
@blueprint.response(204)
def stop(bulk_id: int) -> None:
    """Leave undone what the run has not begun."""
    bulk.stop(runtime(), actor(), bulk_id)


def _run(run: Bulk) -> dict[str, Any]:
    return {
        "id": run.id, "kind": run.kind.value, "total": run.total, "created_at": run.created_at,
        "finished_at": run.finished_at, "cancelled_at": run.cancelled_at,
    }  # fmt: skip


def _item(item: BulkItem) -> dict[str, Any]:
    return {
        "task": item.task_id, "case_no": item.case_no, "outcome": item.outcome and item.outcome.value,
        "code": item.code, "message": item.message, "at": item.at,
    }  # fmt: skip
