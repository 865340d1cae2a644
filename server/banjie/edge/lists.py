"""Room for lists: the few addresses that take files larger than what people upload with a form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from flask import current_app, request
from werkzeug.datastructures import FileStorage

from banjie.domain.errors import InvalidRequest
from banjie.edge.context import session

View = TypeVar("View", bound=Callable[..., Any])

#: Room for the fields beside the file.
_BESIDE = 1 << 20
LIMIT = "BANJIE_LIST_LIMIT"
_DIGITS_OF_A_YEAR = 4


def takes_lists(view: View) -> View:
    """The view takes a list of up to BANJIE_LIST_LIMIT_MB from whoever is signed in."""
    view.takes_lists = True  # type: ignore[attr-defined]
    return view


def make_room() -> None:
    """Let the body be as large as the address takes; before anything reads it."""
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "takes_lists", False) and session() is not None:
        request.max_content_length = current_app.config[LIMIT] + _BESIDE


def given_file() -> FileStorage:
    """The file of the request's form. Raises InvalidRequest where it holds none."""
    given = request.files.get("file")
    if given is None or not given.filename:
        raise InvalidRequest("The request holds no file.", field="file")
    return given


def given_day() -> date:
    """The day `as_of` of the request's form. Raises InvalidRequest for what is none."""
    try:
        return date.fromisoformat(request.form.get("as_of", ""))
    except ValueError:
        raise InvalidRequest("A day is written as 2026-08-31.", field="as_of") from None


def given_year() -> int:
    """The `year` of the request's form. Raises InvalidRequest for anything but four digits."""
    text = request.form.get("year", "")
    if not (text.isascii() and text.isdigit() and len(text) == _DIGITS_OF_A_YEAR):
        raise InvalidRequest("A year has four digits.", field="year")
    return int(text)
