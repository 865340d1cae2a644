"""One's own account and notices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from banjie.domain.assignment import is_at_an_office
from banjie.domain.errors import InvalidRequest
from banjie.domain.worklist import NoticeRow
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.services import entitlements, people
from banjie.web.common.frame import done, service_title
from banjie.web.common.words import notice_word, role_word

blueprint = Blueprint("profile", __name__)


@dataclass(frozen=True, kw_only=True)
class NoticeLine:
    """A notice in words."""

    at: datetime
    text: str
    read: bool
    case_no: str
    case_url: str


@blueprint.get("/me")
@signed_in
def me() -> str:
    """Who one is here."""
    roles = sorted({role_word(held.role) for held in actor().memberships})
    return render_template("profile/me.html", roles=roles, has_phrases=is_at_an_office(actor()))


@blueprint.get("/notices")
@signed_in
def notices() -> str:
    """The newest notices."""
    rows = people.notices(runtime(), actor())
    newest = max((row.id for row in rows), default=0)
    return render_template("profile/notices.html", notices=_lines(rows), newest=newest)


@blueprint.post("/notices/read")
@signed_in
def read_all() -> Response:
    """Mark the notices that were shown as read."""
    newest = request.form.get("up_to", "")
    if not newest.isascii() or not newest.isdigit() or len(newest) > 18:
        raise InvalidRequest("The newest notice is not named.", field="up_to")
    people.read_notices(runtime(), actor(), int(newest))
    return done("profile.notices", "read")


def _lines(rows: Sequence[NoticeRow]) -> list[NoticeLine]:
    return [_line(row, str(row.facts.get("case_no") or "")) for row in rows]


def _line(row: NoticeRow, case_no: str) -> NoticeLine:
    if row.template == entitlements.NOTICE:
        return NoticeLine(
            at=row.at, text=notice_word(row.template), read=row.read_at is not None,
            case_no=service_title(str(row.facts.get("service") or "")), case_url=url_for("entitled.mine"),
        )  # fmt: skip
    comment = row.facts.get("comment")
    anchor = f"comment-{comment}" if comment else None
    url = url_for("case.case", case_no=case_no, _anchor=anchor) if case_no else ""
    return NoticeLine(
        at=row.at, text=notice_word(row.template), read=row.read_at is not None, case_no=case_no, case_url=url
    )
