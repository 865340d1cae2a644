"""The door: signing in and out, and choosing a language."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from banjie.domain.errors import NotFound, SignInRefused
from banjie.edge.auth import clear_session_cookie, public, session_token, set_session_cookie, signed_in
from banjie.edge.context import runtime, session
from banjie.services import people
from banjie.web.common.frame import home_of, own_path
from banjie.web.common.language import COOKIE, gettext

_ = gettext
blueprint = Blueprint("access", __name__)
_YEAR_SECONDS = 365 * 24 * 3600


@blueprint.get("/sign-in")
@public
def sign_in_page() -> AnyResponse | str:
    """The form; who is signed in already goes on."""
    wanted = own_path(request.args.get("next"))
    held = session()
    if held:
        return redirect(wanted or home_of(held.actor), 303)
    return render_template("access/sign_in.html", refused=None, name="", next_path=wanted or "")


@blueprint.post("/sign-in")
@public
def sign_in() -> AnyResponse | tuple[str, int]:
    """Open a session and go on to the page that was wanted."""
    name, wanted = request.form.get("name", ""), own_path(request.form.get("next"))
    try:
        opened = people.sign_in(
            runtime(), name, request.form.get("password", ""), address=request.remote_addr or "unknown"
        )
    except SignInRefused:
        refused = _("The user name or the password is wrong, or the account is locked.")
        page = render_template(
            "access/sign_in.html", refused=refused, name=name[:100], next_path=wanted or ""
        )
        return page, 401
    response = make_response(redirect(wanted or home_of(opened.actor), 303))
    return set_session_cookie(response, opened.token, max_age=int(people.SESSION_LASTS.total_seconds()))


@blueprint.post("/sign-out")
@signed_in
def sign_out() -> Response:
    """End the session."""
    token = session_token()
    if token:
        people.sign_out(runtime(), token)
    return clear_session_cookie(make_response(redirect(url_for("access.sign_in_page"), 303)))


@blueprint.get("/language/<code>")
@public
def language(code: str) -> Response:
    """Choose the language of the pages, and go back to where one was."""
    if code not in ("zh", "en"):
        raise NotFound(language=code[:10])
    response = make_response(redirect(own_path(request.args.get("next")) or url_for("portal.catalogue"), 303))
    secure = current_app.config["BANJIE_HTTPS"]
    response.set_cookie(COOKIE, code, max_age=_YEAR_SECONDS, samesite="Lax", httponly=True, secure=secure)
    return response
