"""Who is asking: cookie sessions for pages, bearer tokens for machines, and the guards of routes.

Every view names its guard; `tests/architecture` refuses a route without one.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request

from banjie.domain.errors import Forbidden, NotFound
from banjie.edge.context import actor, runtime, session
from banjie.services import people

View = TypeVar("View", bound=Callable[..., Any])

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_FIELD = "csrf_token"
CSRF_HEADER = "X-CSRF-Token"


def cookie_name(app: Flask) -> str:
    """`__Host-` binds the cookie to this host over https; browsers refuse the prefix on plain http."""
    return "__Host-banjie" if app.config["BANJIE_HTTPS"] else "banjie"


def identify() -> None:
    """Find the session of the request, by cookie or bearer token, and put it where `session()` finds it."""
    if request.endpoint and request.endpoint.startswith("static"):
        return
    header = request.headers.get("Authorization", "")
    if header.startswith("Bearer "):
        found = people.session_of(runtime(), header.removeprefix("Bearer ").strip())
        g.session = found if found and found.kind == "api" else None
        g.by_token = True
        return
    token = request.cookies.get(cookie_name(current_app))
    found = people.session_of(runtime(), token) if token else None
    g.session = found if found and found.kind == "web" else None
    g.by_token = False


def refuse_forgery() -> None:
    """Unsafe requests with a cookie must come from our own pages: by Origin, and with the session's token.

    A bearer token is never sent by a browser of its own accord, so it needs neither.
    """
    if request.method in _SAFE or g.get("by_token"):
        return
    origin = request.headers.get("Origin") or request.headers.get("Referer")
    if origin and _host(origin) != request.host:
        raise Forbidden("The request came from another site.", rule="origin")
    held = session()
    if held is None:
        return
    given = request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD) or ""
    if not hmac.compare_digest(given.encode(), held.csrf.encode()):
        raise Forbidden("The page is too old; load it again.", rule="csrf")


def _host(origin: str) -> str:
    """The host and port that an Origin or Referer names, empty where it names none."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def set_session_cookie(response: Response, token: str, *, max_age: int) -> Response:
    """Hand the session's token to the browser, out of reach of scripts."""
    response.set_cookie(
        cookie_name(current_app), token, max_age=max_age, httponly=True, secure=current_app.config["BANJIE_HTTPS"],
        samesite="Lax", path="/",
    )  # fmt: skip
    return response


def clear_session_cookie(response: Response) -> Response:
    """Take the cookie back."""
    response.delete_cookie(cookie_name(current_app), path="/")
    return response


def session_token() -> str | None:
    """The token of the browser's session, to end it."""
    return request.cookies.get(cookie_name(current_app))


def public(view: View) -> View:
    """Anybody may ask."""
    view.guard = "public"  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Only people with a session; what they may see is decided in the services."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        actor()
        return view(*args, **kwargs)

    guarded.guard = "signed_in"  # type: ignore[attr-defined]
    return cast(View, guarded)


def roles(*allowed: str) -> Callable[[View], View]:
    """Only people who hold one of the roles; for others the page does not exist."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not any(actor().has(role) for role in allowed):
                raise NotFound(page=request.path)
            return view(*args, **kwargs)

        guarded.guard = "roles:" + ",".join(allowed)  # type: ignore[attr-defined]
        return cast(View, guarded)

    return decorate
