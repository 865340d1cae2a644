"""The officer's lists: mine, to be claimed, done."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from banjie.domain.errors import InvalidRequest
from banjie.domain.worklist import Tab
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.services import tasks
from banjie.services.copies import counts
from banjie.web.common.frame import done
from banjie.web.common.numbers import posted_version, whole_number
from banjie.web.inbox.lists import lines, page_links, page_size, size_links, tab_views, undoable

blueprint = Blueprint("inbox", __name__)


@blueprint.get("/inbox")
@signed_in
def inbox() -> str:
    """One page of one tab."""
    tab, query = _tab(), request.args.get("q", "").strip()[:60]
    cursor = request.args.get("cursor")
    limit = page_size(request.args.get("limit"))
    page = tasks.inbox(runtime(), actor(), tab, query=query, cursor=cursor, limit=limit)
    tabs = tab_views(tab, page.counts)
    return render_template(
        "inbox/inbox.html",
        tabs=tabs,
        current_tab=next(view for view in tabs if view.here),
        rows=lines(page.rows),
        undoable=undoable(tab, page.rows),
        query=query,
        newest=tasks.newest(runtime()),
        copies=counts(runtime(), actor()).unread,
        page=page_links(tab, query, cursor, page, limit),
        sizes=size_links(tab, query, limit, page),
    )


@blueprint.get("/inbox/news")
@signed_in
def news() -> str:
    """How many tasks have come since the list was shown; nothing where none has."""
    since = whole_number(request.args.get("since"), "since")
    return render_template("inbox/_news.html", count=tasks.arrivals(runtime(), actor(), since))


@blueprint.post("/inbox/<int:task_id>/claim")
@signed_in
def claim(task_id: int) -> Response:
    """Claim a task from its line, and stay with the list."""
    tasks.claim(runtime(), actor(), task_id, posted_version())
    return done("inbox.inbox", "claimed", tab=Tab.CANDIDATE)


def _tab() -> Tab:
    try:
        return Tab(request.args.get("tab", Tab.MINE))
    except ValueError:
        raise InvalidRequest("There is no such list.", field="tab") from None
