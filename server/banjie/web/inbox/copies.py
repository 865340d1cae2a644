"""The cases that were sent to one to read (抄送我的)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template, request, url_for

from banjie.domain.identity import mask_name
from banjie.domain.worklist import Tab
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.persistence.copies import CopiedCase
from banjie.services import copies, tasks
from banjie.web.common.frame import service_title
from banjie.web.common.words import status_word
from banjie.web.inbox.lists import PageLinks, tab_views

blueprint = Blueprint("copies", __name__)


@dataclass(frozen=True, kw_only=True)
class CopyLine:
    """A copy in the list."""

    url: str
    case_no: str
    service_title: str
    status_text: str
    applicant_masked: str
    by: str
    at: datetime
    words: str
    read: bool


@blueprint.get("/copies")
@signed_in
def mine() -> str:
    """The unread first, then the newest."""
    cursor = request.args.get("cursor")
    rows, following = copies.mine(runtime(), actor(), cursor=cursor)
    counts = tasks.inbox(runtime(), actor(), Tab.MINE, limit=1).counts
    return render_template(
        "inbox/copies.html",
        tabs=[tab for tab in tab_views(None, counts) if actor().posts],
        copies=[_line(row) for row in rows],
        unread=copies.counts(runtime(), actor()).unread,
        page=PageLinks(
            shown=len(rows),
            first_url=url_for("copies.mine") if cursor else None,
            next_url=url_for("copies.mine", cursor=following) if following else None,
        ),
    )


def _line(row: CopiedCase) -> CopyLine:
    return CopyLine(
        url=url_for("case.case", case_no=row.case.case_no),
        case_no=row.case.case_no,
        service_title=service_title(row.case.service),
        status_text=status_word(row.case.status, row.case.outcome),
        applicant_masked=mask_name(row.case.applicant),
        by=row.by,
        at=row.at,
        words=row.words,
        read=row.read_at is not None,
    )
