"""Objections to what offices have published: those of an office, those of a case, and their answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from banjie.domain.errors import InvalidRequest
from banjie.domain.publicity import PUBLICITY, Objection, ObjectionStatus, receipt_no
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.services import objections, publicity
from banjie.services.instances import CaseView
from banjie.web.common.frame import agency_name, done, own_path
from banjie.web.common.language import gettext
from banjie.web.common.publicity_lines import PageLinks, PublicityLine, publicity_line

_ = gettext
blueprint = Blueprint("objections", __name__)

Answer = Response | tuple[str, int]
_DECISIONS = {"uphold": True, "dismiss": False}


@dataclass(frozen=True, kw_only=True)
class ObjectionLine:
    """An objection as officers read it; `handled_by` and `answer` are of an answered one."""

    id: int
    receipt: str
    no: str
    publicity_url: str
    case_no: str
    case_url: str
    agency_name: str
    about: str
    name: str
    contact: str
    reason: str
    at: datetime
    is_open: bool
    status_text: str
    answer: str
    handled_by: str
    handled_at: datetime | None
    may_answer: bool


@dataclass(frozen=True, kw_only=True)
class CasePublicity:
    """What a case has published, the newest first, and the objections to it, open ones first."""

    published: list[PublicityLine]
    objections: list[ObjectionLine]


@blueprint.get("/objections")
@signed_in
def listing() -> str:
    """The objections that one's offices answer."""
    return _page()


@blueprint.post("/objections/<int:objection_id>/answer")
@signed_in
def answer(objection_id: int) -> Answer:
    """Uphold or dismiss an objection, with the answer."""
    words, decision = request.form.get("words", ""), request.form.get("decision", "")
    if decision not in _DECISIONS:
        return _page(refused=objection_id, words=words), 422
    try:
        objections.handle(runtime(), actor(), objection_id, upheld=_DECISIONS[decision], answer=words)
    except InvalidRequest:
        return _page(refused=objection_id, words=words), 422
    path = own_path(request.form.get("next"))
    return redirect(f"{path}#publicity", 303) if path else done("objections.listing", "objection_answered")


def case_publicity(view: CaseView) -> CasePublicity | None:
    """What officers see of a case's publicity; None for a case that has published nothing."""
    if PUBLICITY not in view.instance.data:
        return None
    rt, case_no = runtime(), view.instance.case_no
    return CasePublicity(
        published=[publicity_line(one) for one in publicity.of_case(rt, actor(), case_no)],
        objections=[_line(one) for one in objections.of_case(rt, actor(), case_no)],
    )


def _page(*, refused: int = 0, words: str = "") -> str:
    cursor, asked = request.args.get("cursor"), request.args.get("status", "open")
    status = ObjectionStatus(asked) if asked in set(ObjectionStatus) else None
    found = objections.of_offices(runtime(), actor(), status=status, cursor=cursor)
    return render_template(
        "case/objections.html",
        objections=[_line(one) for one in found.rows],
        status=status.value if status else "all",
        statuses=[
            ("open", _("Not answered yet")),
            ("upheld", _("Upheld")),
            ("dismissed", _("Dismissed")),
            ("all", _("All")),
        ],
        refused=refused,
        words=words,
        next_path="",
        page=PageLinks(
            shown=len(found.rows),
            first_url=url_for("objections.listing", status=asked) if cursor else None,
            next_url=url_for("objections.listing", status=asked, cursor=found.next) if found.next else None,
        ),
    )  # fmt: skip


def _line(one: Objection) -> ObjectionLine:
    words = {
        ObjectionStatus.OPEN: _("Not answered yet"),
        ObjectionStatus.UPHELD: _("Upheld"),
        ObjectionStatus.DISMISSED: _("Dismissed"),
    }
    is_open = one.status is ObjectionStatus.OPEN
    about = _("The publicity as a whole") if one.line is None else _("Line %(line)s") % {"line": one.line}
    return ObjectionLine(
        id=one.id, receipt=receipt_no(one.no, one.id), no=one.no,
        publicity_url=url_for("publicity.one", no=one.no), case_no=one.case_no,
        case_url=url_for("case.case", case_no=one.case_no, _anchor="publicity"),
        agency_name=agency_name(one.agency), about=about, name=one.name, contact=one.contact, reason=one.reason,
        at=one.at, is_open=is_open, status_text=words[one.status], answer=one.answer or "",
        handled_by=one.handled_by or "", handled_at=one.handled_at,
        may_answer=is_open and one.agency in actor().agencies,
    )  # fmt: skip
