"""Whole numbers out of requests."""

from __future__ import annotations

from flask import request

from banjie.domain.errors import InvalidRequest

_LONGEST = 18


def whole_number(text: str | None, field: str) -> int:
    """The number in a text of at most 18 digits; raises InvalidRequest."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > _LONGEST:
        raise InvalidRequest("This is no whole number.", field=field)
    return int(text)


def posted_version() -> int | None:
    """The version of the task that the page showed, None where it names none."""
    text = request.form.get("version")
    return whole_number(text, "version") if text else None
