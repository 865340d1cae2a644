"""Requests that wait for a decision, and the pages on which process owners repair where a case stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from banjie.domain.assignment import Role
from banjie.domain.errors import BanjieError, NotFound
from banjie.domain.proceedings import LONGEST_REASON
from banjie.domain.step import Siblings
from banjie.edge.auth import roles
from banjie.edge.context import actor, runtime
from banjie.edge.errors import status_of
from banjie.services import jumps, requests
from banjie.services.extensions import Scope
from banjie.services.jumps import Jump, JumpBoard
from banjie.services.offers import Operation
from banjie.services.requests import AskedExtension
from banjie.web.case.op_sent import NOTHING_SENT, Sent, sent
from banjie.web.common.errors import ErrorView, error_view
from banjie.web.common.frame import agency_name, done, service_title
from banjie.web.common.language import gettext
from banjie.web.common.numbers import whole_number
from banjie.web.common.words import status_word

_ = gettext
blueprint = Blueprint("jumps", __name__)

Answer = Response | str | tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class ExtensionLine:
    """An extension that waits for the head."""

    url: str
    case_url: str
    case_no: str
    service_title: str
    step: str
    days: int
    what: str
    reason: str
    by: str
    until: datetime


@dataclass(frozen=True, kw_only=True)
class JumpLine:
    """A jump that waits for a second person; `is_own` where the reader has proposed it and may take it back."""

    proceeding: int
    case_no: str
    target: str
    reason: str
    by: str
    agency: str
    at: datetime
    siblings: str
    is_own: bool


@blueprint.get("/requests")
@roles(Role.HEAD, Role.PROCESS_OWNER)
def waiting() -> str:
    """What waits for the reader's decision, the soonest due first."""
    return _waiting_page()


@blueprint.get("/jumps")
@roles(Role.PROCESS_OWNER)
def board() -> Answer:
    """Where a case stands, by its number, and where it could be taken."""
    case_no = request.args.get("case_no", "").strip()[:40]
    if not case_no:
        return render_template("case/jumps.html", board=None, case_no="", missing=False)
    try:
        return _board_page(jumps.board(runtime(), actor(), case_no))
    except NotFound:
        return render_template("case/jumps.html", board=None, case_no=case_no, missing=True), 404


@blueprint.post("/jumps/<case_no>")
@roles(Role.PROCESS_OWNER)
def propose(case_no: str) -> Answer:
    """Propose to take steps of a case to another; a second person must consent."""
    typed = sent()
    try:
        tasks = [whole_number(one, "task") for one in typed.chosen.get("task", ())]
        keep = typed.text("siblings") == Siblings.KEEP
        jumps.propose(
            runtime(), actor(), case_no, tasks, typed.text("target"), typed.text("reason"),
            Siblings.KEEP if keep else Siblings.CANCEL,
        )  # fmt: skip
    except NotFound:
        raise
    except BanjieError as refused:
        status = status_of(refused)
        found = jumps.board(runtime(), actor(), case_no)
        return _board_page(found, typed=typed, refused=error_view(refused, status)), status
    return done("jumps.board", "jump_proposed", case_no=case_no)


@blueprint.post("/jumps/proposals/<int:proceeding_id>/consent")
@roles(Role.HEAD, Role.PROCESS_OWNER)
def consent(proceeding_id: int) -> Answer:
    """Consent to a jump, which is then made."""
    try:
        jumps.consent(runtime(), actor(), proceeding_id)
    except NotFound:
        raise
    except BanjieError as refused:
        return _waiting_page(error_view(refused, status_of(refused))), status_of(refused)
    return done("jumps.waiting", "jump_done")


@blueprint.post("/jumps/proposals/<int:proceeding_id>/refuse")
@roles(Role.HEAD, Role.PROCESS_OWNER)
def refuse(proceeding_id: int) -> Answer:
    """Refuse a jump, or take one's own proposal back."""
    try:
        jumps.refuse(runtime(), actor(), proceeding_id, request.form.get("reason", ""))
    except NotFound:
        raise
    except BanjieError as refused:
        return _waiting_page(error_view(refused, status_of(refused))), status_of(refused)
    return done("jumps.waiting", "jump_refused")


def _waiting_page(refused: ErrorView | None = None) -> str:
    found = requests.waiting(runtime(), actor())
    return render_template(
        "case/requests.html",
        extensions=[_extension(one) for one in found.extensions],
        jumps=[_jump(one) for one in found.jumps],
        refused=refused,
        longest=LONGEST_REASON,
    )


def _board_page(found: JumpBoard, *, typed: Sent = NOTHING_SENT, refused: ErrorView | None = None) -> str:
    return render_template(
        "case/jumps.html",
        board=found,
        case_no=found.case_no,
        missing=False,
        service_title=service_title(found.service),
        status_text=status_word(found.status, None),
        proposed=[_jump(one) for one in found.jumps],
        typed=typed,
        refused=refused,
        longest=LONGEST_REASON,
    )


def _extension(one: AskedExtension) -> ExtensionLine:
    what = {Scope.STEP: _("The limit of this step"), Scope.CASE: _("The limit of the case")}
    return ExtensionLine(
        url=url_for(
            "operations.form", case_no=one.case_no, operation=Operation.EXTENSION_DECIDE.value,
            proceeding=one.proceeding.id,
        ),
        case_url=url_for("case.case", case_no=one.case_no),
        case_no=one.case_no,
        service_title=service_title(one.service),
        step=one.element_name,
        days=one.days,
        what=what[one.scope],
        reason=one.proceeding.reason,
        by=one.proceeding.opened_by_name or "",
        until=one.until,
    )  # fmt: skip


def _jump(one: Jump) -> JumpLine:
    said = {Siblings.KEEP: _("They go on"), Siblings.CANCEL: _("They are given up")}
    return JumpLine(
        proceeding=one.proceeding.id,
        case_no=one.case_no,
        target=one.target_name,
        reason=one.proceeding.reason,
        by=one.proceeding.opened_by_name or "",
        agency=agency_name(one.proceeding.agency or ""),
        at=one.proceeding.opened_at,
        siblings=said[one.siblings],
        is_own=one.proceeding.opened_by == actor().account_id,
    )
