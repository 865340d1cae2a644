"""JSON at the door: exact numbers in and out, and nothing that a database or a parser would choke on."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import orjson
from flask.json.provider import JSONProvider
from werkzeug.exceptions import BadRequest

from banjie.persistence.text import dumps

#: Deeper than any form nests, and far from what a parser or PostgreSQL refuses.
MOST_LEVELS = 50
#: Whole numbers beyond 64 bits and decimals beyond this exponent are no amounts of anybody.
MOST_WHOLE = 2**63 - 1
MOST_EXPONENT = 30


class ExactJson(JSONProvider):
    """Numbers become Decimal or int.

    Refused with a 400 that names the rule: NaN, endless numbers, NUL, lone surrogates, deep nesting.
    """

    def dumps(self, obj: Any, **_kwargs: Any) -> str:
        return dumps(obj)

    def loads(self, s: str | bytes, **_kwargs: Any) -> Any:
        text = s.encode(errors="replace") if isinstance(s, str) else s
        try:
            orjson.loads(text)  # stricter than the standard library, and bounded in depth
            value = json.loads(text, parse_float=Decimal)
        except (ValueError, RecursionError):
            raise BadRequest("The body is not JSON that we take.") from None
        _refuse_extremes(value)
        return value


def _refuse_extremes(value: object) -> None:
    """Walk the value without recursion; raises BadRequest."""
    waiting: list[tuple[object, int]] = [(value, 1)]
    while waiting:
        item, level = waiting.pop()
        if level > MOST_LEVELS:
            raise BadRequest(f"The body nests deeper than {MOST_LEVELS} levels.")
        if isinstance(item, str):
            if "\x00" in item:
                raise BadRequest("A text must not hold the character NUL.")
        elif isinstance(item, dict):
            waiting += ((key, level) for key in item)
            waiting += ((inner, level + 1) for inner in item.values())
        elif isinstance(item, list):
            waiting += ((inner, level + 1) for inner in item)
        elif isinstance(item, Decimal):
            if (
                not item.is_finite()
                or abs(item.adjusted()) > MOST_EXPONENT
                or len(item.as_tuple().digits) > 2 * MOST_EXPONENT
            ):
                raise BadRequest("A number is too great, too small or too long.")
        elif isinstance(item, int) and abs(item) > MOST_WHOLE:
            raise BadRequest("A number is too great, too small or too long.")
