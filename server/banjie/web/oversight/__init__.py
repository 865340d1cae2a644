"""What heads, managers and auditors watch: open steps that are late or soon will be."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from banjie.domain.assignment import Role
from banjie.edge.auth import roles
from banjie.edge.context import actor, runtime
from banjie.services import procedures, recompute, reports
from banjie.web.oversight.board import board
from banjie.web.oversight.calendar_page import calendar_parts
from banjie.web.oversight.cases import case_list
from banjie.web.oversight.cases import export as export_cases

blueprint = Blueprint("oversight", __name__)


@blueprint.get("/oversight")
@roles(Role.HEAD, Role.MANAGER, Role.AUDITOR)
def oversight() -> str:
    """The load by agency and step, and the pressing steps, which one may narrow down."""
    rt = runtime()
    excluded = procedures.counts(rt, actor(), rt.now() - timedelta(days=reports.OVERTIME_DAYS))
    parts = board(reports.oversight(rt, actor()), excluded, request.args)
    return render_template("oversight/oversight.html", **parts)


@blueprint.get("/oversight/cases")
@roles(Role.HEAD, Role.MANAGER, Role.AUDITOR)
def cases() -> str:
    """The cases of one's regions and agencies, newest first, which one may narrow down."""
    return render_template("oversight/cases.html", **case_list(request.args))


@blueprint.get("/oversight/cases.csv")
@roles(Role.HEAD, Role.MANAGER, Role.AUDITOR)
def export() -> Response:
    """The same page of cases as a file for spreadsheets."""
    response = Response(export_cases(request.args), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="cases.csv"'
    return response


@blueprint.get("/oversight/calendar")
@roles(Role.MANAGER, Role.AUDITOR, Role.PROCESS_OWNER, Role.ADMIN)
def calendar() -> str:
    """The years with their notices, what the present calendar would move, and the last audit of the clocks."""
    return render_template("oversight/calendar.html", **calendar_parts(request.args))


@blueprint.post("/oversight/calendar/apply")
@roles(Role.PROCESS_OWNER, Role.ADMIN)
def apply_calendar() -> AnyResponse:
    """Put all due times right by the present calendar."""
    changed = recompute.apply_by(runtime(), actor())
    return redirect(url_for("oversight.calendar", applied=changed), 303)
