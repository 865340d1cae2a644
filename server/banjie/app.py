"""The Flask application: registers the edge, nothing else."""

from __future__ import annotations

import os

from flask import Flask, Response, request

from banjie.api import v1
from banjie.bootstrap import make_runtime, refuse_demo_accounts
from banjie.domain.errors import InvalidRequest, NotFound
from banjie.edge import auth, errors, health, lists
from banjie.edge.context import EXTENSION
from banjie.edge.json import ExactJson
from banjie.services.runtime import Runtime
from banjie.settings import Settings, SettingsError
from banjie.web import error_page, register_pages

CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_LARGEST_ID = 2**63 - 1
#: Room for the fields beside the largest file.
_BESIDE_FILES = 1 << 20


def create_app(settings: Settings | None = None, rt: Runtime | None = None) -> Flask:
    """The application on a runtime; without arguments from the environment, as a server calls it."""
    settings = settings or Settings.from_env(os.environ)
    if rt is None:
        if settings.database_url is None:
            raise SettingsError("BANJIE_DATABASE_URL is not set; `banjie up` starts the embedded database.")
        rt = make_runtime(settings, settings.database_url)
        refuse_demo_accounts(settings, rt)
    app = Flask("banjie.web", static_folder="static", template_folder="templates")
    app.json_provider_class = ExactJson
    app.json = ExactJson(app)
    app.config.update(
        BANJIE_HTTPS=settings.is_https,
        MAX_CONTENT_LENGTH=settings.upload_limit_bytes + _BESIDE_FILES,
        BANJIE_LIST_LIMIT=settings.list_limit_bytes,
        MAX_FORM_MEMORY_SIZE=2 << 20,
        MAX_FORM_PARTS=2_000,
        TRUSTED_HOSTS=None,
    )
    app.extensions[EXTENSION] = rt
    if settings.trusted_proxies:
        from werkzeug.middleware.proxy_fix import ProxyFix  # noqa: PLC0415  only behind a proxy

        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    app.add_url_rule("/healthz", "healthz", auth.public(_healthy))
    app.add_url_rule("/health", "health", auth.public(health.health))
    app.before_request(auth.identify)
    app.before_request(lists.make_room)
    app.before_request(_refuse_nul)
    app.before_request(_refuse_endless_ids)
    app.before_request(auth.refuse_forgery)
    app.after_request(_harden)
    v1.register(app)
    register_pages(app)
    errors.register(app, error_page)
    return app


def _healthy() -> Response:
    """For load balancers: this process answers; it asks nothing of the database."""
    return Response("ok", content_type="text/plain")


def _refuse_nul() -> None:
    """PostgreSQL stores no NUL; no honest form holds one."""
    parts = [request.path, *(value for _, value in request.args.items(multi=True))]
    if request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        parts += [part for pair in request.form.items(multi=True) for part in pair]
        parts += [file.filename or "" for _, file in request.files.items(multi=True)]
    if any("\x00" in part for part in parts):
        raise InvalidRequest("A text must not hold the character NUL.")


def _refuse_endless_ids() -> None:
    """No row has a number that PostgreSQL's bigint does not hold."""
    if any(isinstance(value, int) and value > _LARGEST_ID for value in (request.view_args or {}).values()):
        raise NotFound(path=request.path[:60])


def _harden(response: Response) -> Response:
    """Headers that hold for every answer."""
    response.headers.setdefault("Content-Security-Policy", CSP)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("X-Frame-Options", "DENY")
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
