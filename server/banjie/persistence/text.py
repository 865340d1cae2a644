"""JSON as the tables hold it: text, numbers exact, Chinese unescaped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson

#: Every number with fewer digits fits a bigint.
_DIGITS_OF_AN_ID = 19
_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


def dumps(value: object) -> str:
    """JSON text; a Decimal keeps all its digits, an instant is written in ISO 8601."""
    return orjson.dumps(value, default=_exact, option=_OPTIONS).decode()


def canonical(value: object) -> str:
    """JSON text with sorted keys: the same value always gives the same text."""
    return orjson.dumps(value, default=_exact, option=_OPTIONS | orjson.OPT_SORT_KEYS).decode()


def loads(text: str) -> Any:
    """The value of a JSON text; numbers with a point become Decimal."""
    return json.loads(text, parse_float=Decimal)


def read_id(text: str) -> int:
    """The number of a row, as people and cursors write it; raises ValueError for what cannot be one."""
    if not (text.isascii() and text.isdigit() and len(text) < _DIGITS_OF_AN_ID):
        raise ValueError(text[:_DIGITS_OF_AN_ID])
    return int(text)


def _exact(value: object) -> object:
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f") if value.is_finite() else "null")
    if isinstance(value, datetime | date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple | frozenset | set):
        return list(value)
    raise TypeError(type(value).__name__)
