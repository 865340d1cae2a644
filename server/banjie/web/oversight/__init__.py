"""What heads, managers and auditors watch: open steps that are late or soon will be."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from banjie.domain.assignment import Role
from banjie.edge.auth import roles
from banjie.edge.context import actor, runtime
from banjie.services import reports
from banjie.web.oversight.board import board

blueprint = Blueprint("oversight", __name__)


@blueprint.get("/oversight")
@roles(Role.HEAD, Role.MANAGER, Role.AUDITOR)
def oversight() -> str:
    """The load by agency and step, and the pressing steps, which one may narrow down."""
    found = reports.oversight(runtime(), actor())
    return render_template("oversight/oversight.html", **board(found, request.args))
