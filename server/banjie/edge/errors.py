"""Errors of the domain as HTTP answers: one table, two shapes (RFC 9457 for machines, a page for people)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from flask import Flask, Response, current_app, jsonify, request
from werkzeug.exceptions import HTTPException

from banjie.domain import calendar, clock, errors, ledger
from banjie.edge.field_messages import field_message

#: Kind of error → status. A subclass without a row takes its parent's.
STATUS: Mapping[type[errors.BanjieError], int] = {
    errors.NotFound: 404,
    errors.Forbidden: 403,
    errors.NotSignedIn: 401,
    errors.SignInRefused: 401,
    errors.RateLimited: 429,
    errors.Conflict: 409,
    errors.TaskClosed: 409,
    errors.TaskTaken: 409,
    errors.StaleVersion: 409,
    errors.InstanceEnded: 409,
    errors.AlreadyOpen: 409,
    errors.FourEyes: 403,
    errors.IdempotencyMismatch: 409,
    errors.InvalidSubmission: 422,
    errors.InvalidRequest: 400,
    errors.ContentError: 422,
    errors.EngineFault: 409,
    errors.NoValueInForce: 409,
    calendar.CalendarRange: 400,
    calendar.CalendarFault: 500,
    ledger.LedgerFault: 500,
    ledger.ClockStopped: 409,
    clock.DeadlineInput: 400,
}

#: Beyond this a number in JSON would not be read exactly everywhere.
_LARGEST_NUMBER = 2**53
_BASE = "https://banjie.example/errors/"


def status_of(error: errors.BanjieError) -> int:
    """The status of an error, by its nearest kind in the table."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def problem(error: errors.BanjieError, lang: str) -> dict[str, Any]:
    """The body of application/problem+json."""
    body: dict[str, Any] = {
        "type": _BASE + error.code,
        "title": error.message,
        "status": status_of(error),
        "code": error.code,
    }
    body.update({key: _plain(value) for key, value in error.facts.items() if key not in body})
    if isinstance(error, errors.InvalidSubmission):
        body["errors"] = [
            {
                "field": ".".join(str(part) for part in fault.path),
                "code": fault.code,
                "message": field_message(fault, lang),
            }
            for fault in error.errors
        ]
    return body


#: Makes the page that tells a person of an error, given the error and its status.
ErrorPage = Callable[[errors.BanjieError | HTTPException, int], str]
_PAGE = "banjie_error_page"


def register(app: Flask, page: ErrorPage) -> None:
    """Answer every error of the domain and of HTTP: with problem+json under /api, else with a page."""
    app.extensions[_PAGE] = page
    app.register_error_handler(errors.BanjieError, answer)
    app.register_error_handler(HTTPException, _http_error)


def wants_json() -> bool:
    """Whether a machine is asking."""
    return request.path.startswith("/api/")


def _language() -> str:
    """The language that a machine asks for, else Chinese."""
    return "en" if request.accept_languages.best_match(["zh", "en"], "zh") == "en" else "zh"


def answer(error: errors.BanjieError) -> Response:
    """The answer to an error of the domain."""
    status = status_of(error)
    if wants_json():
        response = jsonify(problem(error, _language()))
        response.content_type = "application/problem+json"
    else:
        response = _page(error, status)
    response.status_code = status
    if retry := error.facts.get("retry_after_seconds"):
        response.headers["Retry-After"] = str(retry)
    if status == 401 and wants_json():
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _http_error(error: HTTPException) -> Response:
    if error.code is not None and error.code < 400:
        return Response(error.get_response().get_data(), error.code, dict(error.get_headers()))
    status = error.code or 500
    if wants_json():
        response = jsonify(_http_problem(error, status))
        response.content_type = "application/problem+json"
    else:
        response = _page(error, status)
    response.status_code = status
    return response


def _page(error: errors.BanjieError | HTTPException, status: int) -> Response:
    page: ErrorPage = current_app.extensions[_PAGE]
    return Response(page(error, status), content_type="text/html; charset=utf-8")


def _http_problem(error: HTTPException, status: int) -> dict[str, Any]:
    """An error of HTTP; a malformed envelope (webargs) brings its messages by place and field."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": error.name,
        "status": status,
        "code": f"http_{status}",
    }
    messages = getattr(error, "data", {}).get("messages")
    if isinstance(messages, dict):
        body["code"] = "invalid_request"
        body["errors"] = [
            {"field": str(field), "code": "invalid", "message": str(told)}
            for place in messages.values()
            for field, told in (place.items() if isinstance(place, dict) else [("", place)])
        ]
    return body


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, int) and abs(value) > _LARGEST_NUMBER:
        return str(value)
    return value if isinstance(value, str | int | float | bool | list | None) else str(value)
