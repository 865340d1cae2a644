"""Writing down in the helper's log what was done for an applicant."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from banjie.domain.errors import InvalidRequest
from banjie.domain.help_log import HelpKind
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.services import help_log, instances
from banjie.web.case.beside import Refused
from banjie.web.case.page import case_page
from banjie.web.common.language import gettext

_ = gettext
blueprint = Blueprint("help_log", __name__)


@blueprint.post("/cases/<case_no>/help")
@signed_in
def add(case_no: str) -> Response | tuple[str, int]:
    """Write an entry down; refused words stay in their field."""
    words = request.form.get("words", "")
    try:
        kind, on_day = _kind(request.form.get("kind", "")), _day(request.form.get("on_day", ""))
        command = help_log.AddHelp(case_no=case_no, by=actor(), kind=kind, on_day=on_day, words=words)
        help_log.add(runtime(), command)
    except InvalidRequest:
        text = _("Choose what was done and a day since the case began, and say it in 1 to 1,000 characters.")
        refused = Refused(part="help", text=text, words=words)
        return case_page(instances.view(runtime(), actor(), case_no), refused=refused), 422
    return redirect(url_for("case.case", case_no=case_no, _anchor="help"), 303)


def _kind(text: str) -> HelpKind:
    if text not in set(HelpKind):
        raise InvalidRequest("There is no such kind of help.", field="kind")
    return HelpKind(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidRequest("That is no day.", field="on_day") from None
