"""The applicant's side: the catalogue, applying, one's own cases, and following a case by its number."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from banjie.domain.assignment import Role
from banjie.domain.errors import InvalidSubmission, NotFound
from banjie.edge.auth import public, roles, signed_in
from banjie.edge.context import actor, runtime
from banjie.services import instances
from banjie.web.common.frame import done
from banjie.web.common.language import gettext
from banjie.web.common.task_form import IDEMPOTENCY_FIELD, posted
from banjie.web.portal.apply import application_form, application_page
from banjie.web.portal.follow import follow_page, own_cases
from banjie.web.portal.services import catalogue_groups, known_service, service_page

_ = gettext
blueprint = Blueprint("portal", __name__)

#: Characters of what is searched for.
LONGEST_QUERY = 60


@blueprint.get("/")
@public
def catalogue() -> str:
    """What one may apply for."""
    query = request.args.get("q", "").strip()[:LONGEST_QUERY]
    return render_template("portal/catalogue.html", groups=catalogue_groups(query), query=query)


@blueprint.get("/services/<key>")
@public
def service(key: str) -> str:
    """A service: who may ask, what is needed, how long it takes, on what ground."""
    return render_template("portal/service.html", service=service_page(known_service(key)))


@blueprint.get("/services/<key>/apply")
@roles(Role.APPLICANT)
def apply(key: str) -> str:
    """The empty application."""
    return application_page(known_service(key))


@blueprint.post("/services/<key>/apply")
@roles(Role.APPLICANT)
def send(key: str) -> AnyResponse | tuple[str, int]:
    """Open a case; a form with faults comes back with them marked."""
    found = known_service(key)
    sent = posted(application_form(found))
    command = instances.StartCase(
        service=key,
        by=actor(),
        submission=sent.values,
        idempotency_key=request.form.get(IDEMPOTENCY_FIELD) or None,
    )
    try:
        sent.require_files()
        started = instances.start(runtime(), command)
    except InvalidSubmission as refused:
        return application_page(found, sent=sent, errors=refused.errors), 422
    return done("portal.mine_case", "joined" if started.joined else "applied", case_no=started.case_no)


@blueprint.get("/my/cases")
@signed_in
def mine() -> str:
    """One's own cases, newest first."""
    cursor = request.args.get("cursor")
    rows, following = instances.my_cases(runtime(), actor(), cursor=cursor)
    return render_template("portal/mine.html", **own_cases(rows, cursor, following))


@blueprint.get("/my/cases/<case_no>")
@signed_in
def mine_case(case_no: str) -> str:
    """One's own case, in plain words."""
    return follow_page(instances.view(runtime(), actor(), case_no), for_public=False)


@blueprint.post("/my/cases/<case_no>/withdraw")
@signed_in
def withdraw(case_no: str) -> AnyResponse:
    """Take the application back."""
    instances.withdraw(runtime(), actor(), case_no, request.form.get("reason", ""))
    return done("portal.mine_case", "withdrawn", case_no=case_no)


@blueprint.get("/follow")
@public
def lookup() -> str:
    """Asks for the number of a case."""
    return render_template("portal/lookup.html", refused=None, case_no=request.args.get("case_no", "")[:40])


@blueprint.post("/follow")
@public
def follow() -> str | tuple[str, int]:
    """A case for anybody who knows its number and the last four characters of the applicant's ID number."""
    case_no = request.form.get("case_no", "").strip()[:40]
    try:
        found = instances.follow(
            runtime(), case_no, request.form.get("last_four", "")[:10], request.remote_addr or "unknown"
        )
    except NotFound:
        refused = _("No case has this number together with these four characters.")
        return render_template("portal/lookup.html", refused=refused, case_no=case_no), 404
    return follow_page(found, for_public=True)


@blueprint.get("/diagrams/<version>")
@public
def diagram(version: str) -> Response:
    """The drawing of a deployed process; it shows the law's procedure and nothing of any case."""
    response = Response(runtime().processes.diagram(version), content_type="application/xml; charset=utf-8")
    response.cache_control.private = True
    response.cache_control.max_age = 3600
    return response
