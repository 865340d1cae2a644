"""JSON at the door: exact numbers in and out, and nothing that a database or a parser would choke on."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import orjson
from flask.json.provider import JSONProvider
from werkzeug.exceptions import BadRequest

from banjie.persistence.text import dumps


class ExactJson(JSONProvider):
    """Numbers become Decimal or int; NaN, NUL, lone surrogates and deep nesting are refused with a 400."""

    def dumps(self, obj: Any, **_kwargs: Any) -> str:
        return dumps(obj)

    def loads(self, s: str | bytes, **_kwargs: Any) -> Any:
        text = s.encode() if isinstance(s, str) else s
        if b"\\u0000" in text:
            raise BadRequest("A text must not hold the character NUL.")
        try:
            orjson.loads(text)  # stricter than the standard library, and bounded in depth
            return json.loads(text, parse_float=Decimal)
        except (ValueError, RecursionError):
            raise BadRequest("The body is not JSON that we take.") from None
