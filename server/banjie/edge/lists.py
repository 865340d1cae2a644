"""Room for lists: the few addresses that take files larger than what people upload with a form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, request

from banjie.edge.context import session

View = TypeVar("View", bound=Callable[..., Any])

#: Room for the fields beside the file.
_BESIDE = 1 << 20
LIMIT = "BANJIE_LIST_LIMIT"


def takes_lists(view: View) -> View:
    """The view takes a list of up to BANJIE_LIST_LIMIT_MB from whoever is signed in."""
    view.takes_lists = True  # type: ignore[attr-defined]
    return view


def make_room() -> None:
    """Let the body be as large as the address takes; before anything reads it."""
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "takes_lists", False) and session() is not None:
        request.max_content_length = current_app.config[LIMIT] + _BESIDE
