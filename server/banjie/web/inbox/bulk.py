"""Many tasks at once (批量): chosen in a list, looked at, claimed or completed together, and followed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from banjie.domain.bulk import MOST_ITEMS, BulkKind
from banjie.domain.decisions import Json
from banjie.domain.errors import InvalidRequest
from banjie.domain.worklist import Tab
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.services import bulk
from banjie.services.bulk import Selection
from banjie.web.common.frame import done
from banjie.web.common.numbers import whole_number
from banjie.web.common.task_form import NOTHING, Posted, posted
from banjie.web.inbox.bulk_form import bulk_form
from banjie.web.inbox.bulk_views import chosen_page, result_file, run_lines, run_page

blueprint = Blueprint("bulk", __name__)

#: Names that the page of a selection sends beside the form of the step.
_BESIDE = frozenset({"task", "chosen", "tab"})
Answer = AnyResponse | str | tuple[str, int]


@blueprint.post("/bulk/choose")
@signed_in
def choose() -> Answer:
    """What was chosen, before it is completed together; of several steps one is to be chosen first."""
    items = _items("task")
    if not items:
        return done("inbox.inbox", "none_chosen", tab=_tab())
    ids = [task_id for task_id, _version in items]
    if request.form.get("all"):
        ids = bulk.alike(runtime(), actor(), ids[0])
    kinds = bulk.kinds(runtime(), actor(), ids)
    if not kinds:
        return done("inbox.inbox", "none_left", tab=_tab())
    if len(kinds) > 1:
        return render_template("inbox/bulk_kinds.html", kinds=kinds, tab=_tab(), back_url=_back())
    return _selection(bulk.select(runtime(), actor(), kinds[0].tasks), asked=len(ids))


@blueprint.post("/bulk/claim")
@signed_in
def claim() -> Answer:
    """Claim what was chosen; the run begins at once."""
    items = _items("task")
    if not items:
        return done("inbox.inbox", "none_chosen", tab=_tab())
    return _started(BulkKind.CLAIM, items, {})


@blueprint.post("/bulk/complete")
@signed_in
def complete() -> Answer:
    """Complete what is ticked, each with the same form; faults that all share come back with the form."""
    chosen = bulk.select(runtime(), actor(), [task_id for task_id, _version in _items("chosen")])
    items = _items("task")
    ticked = {task_id for task_id, _version in items}
    form = bulk_form(runtime().processes.form(chosen.definition, chosen.form)).form if chosen.form else None
    sent = posted(form, beside=_BESIDE) if form else NOTHING
    submission = cast("dict[str, Json]", dict(sent.values))
    wanted = replace(chosen, candidates=[one for one in chosen.candidates if one.task.id in ticked])
    if not wanted.candidates:
        return _selection(chosen, ticked=ticked, sent=sent, none=True), 422
    faults = bulk.common_faults(runtime(), wanted, submission)
    if faults:
        page = chosen_page(chosen, ticked=ticked, sent=sent, errors=faults)
        return render_template("inbox/bulk_choose.html", **_names(page=page)), 422
    return _started(BulkKind.COMPLETE, items, submission)


@blueprint.get("/bulk")
@signed_in
def runs() -> str:
    """One's newest runs."""
    return render_template("inbox/bulk_runs.html", runs=run_lines(bulk.recent(runtime(), actor())))


@blueprint.get("/bulk/<int:bulk_id>")
@signed_in
def run(bulk_id: int) -> str:
    """How far one's run is, and how each of its tasks ended."""
    found = bulk.progress(runtime(), actor(), bulk_id)
    others = [one for one in bulk.recent(runtime(), actor()) if one.id != bulk_id]
    return render_template("inbox/bulk_run.html", run=run_page(found), runs=run_lines(others))


@blueprint.get("/bulk/<int:bulk_id>/progress")
@signed_in
def progress(bulk_id: int) -> Response:
    """The part of the page that a script asks for while the run lasts; at its end the whole page is due."""
    found = run_page(bulk.progress(runtime(), actor(), bulk_id))
    response = Response(
        render_template("inbox/_bulk_run.html", run=found), content_type="text/html; charset=utf-8"
    )
    if not found.running:
        response.headers["HX-Refresh"] = "true"
    return response


@blueprint.post("/bulk/<int:bulk_id>/stop")
@signed_in
def stop(bulk_id: int) -> AnyResponse:
    """Leave undone what the run has not begun."""
    bulk.stop(runtime(), actor(), bulk_id)
    return redirect(url_for("bulk.run", bulk_id=bulk_id), 303)


@blueprint.get("/bulk/<int:bulk_id>/result.csv")
@signed_in
def result(bulk_id: int) -> Response:
    """How each task ended, as a file for spreadsheets."""
    content = result_file(bulk.progress(runtime(), actor(), bulk_id))
    response = Response(content, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="bulk-{bulk_id}.csv"'
    return response


def _selection(
    chosen: Selection,
    *,
    asked: int | None = None,
    ticked: set[int] | None = None,
    sent: Posted | None = None,
    none: bool = False,
) -> str:
    page = chosen_page(chosen, ticked=ticked, sent=sent)
    left_out = asked - len(page.lines) if asked else 0
    return render_template("inbox/bulk_choose.html", **_names(page=page, none=none, left_out=left_out))


def _names(**names: object) -> dict[str, object]:
    return {"none": False, "left_out": 0, "most": MOST_ITEMS, "tab": _tab(), "back_url": _back(), **names}


def _started(
    kind: BulkKind, items: Sequence[tuple[int, int | None]], submission: dict[str, Json]
) -> AnyResponse:
    command = bulk.StartBulk(by=actor(), kind=kind, items=items, submission=submission)
    return redirect(url_for("bulk.run", bulk_id=bulk.start(runtime(), command)), 303)


def _items(name: str) -> list[tuple[int, int | None]]:
    """The tasks that a form names, each as ``id`` or ``id~version``, once each; raises InvalidRequest."""
    found: dict[int, int | None] = {}
    for value in request.form.getlist(name):
        task_id, _tilde, version = value.partition("~")
        found.setdefault(whole_number(task_id, name), whole_number(version, name) if version else None)
    if len(found) > MOST_ITEMS:
        raise InvalidRequest("Choose at least one task and not too many.", field=name, most=MOST_ITEMS)
    return list(found.items())


def _tab() -> str:
    given = request.form.get("tab", "")
    return given if given in set(Tab) else Tab.MINE.value


def _back() -> str:
    return url_for("inbox.inbox", tab=_tab())
