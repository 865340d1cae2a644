"""Addresses of static files that change with their content, so that browsers may keep them for a year."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import url_for

STATIC = Path(__file__).parent.parent / "static"


def asset(path: str) -> str:
    """The address of a file below `static/`, with the beginning of its SHA-256 as query."""
    return url_for("static", filename=path, v=_fingerprint(path))


@lru_cache(maxsize=64)
def _fingerprint(path: str) -> str | None:
    file = STATIC / path
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12] if file.is_file() else None
