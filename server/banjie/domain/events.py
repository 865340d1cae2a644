"""The record: facts named `subject.verb_past`, each chained to the one before by its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from banjie.domain.decisions import Json

#: What the first event of every stream is chained to.
GENESIS = bytes(32)


@dataclass(frozen=True, kw_only=True)
class NewEvent:
    """A fact about to be recorded; `facts` hold ids and codes, no personal data."""

    type: str
    element: str | None = None
    task_id: int | None = None
    agency: str | None = None
    facts: Mapping[str, Json] = field(default_factory=dict)


def link(
    previous: bytes, *, stream: str, seq: int, kind: str, at: datetime, actor_id: int | None, body: str
) -> bytes:
    """The hash of an event, over its predecessor's hash and everything that the record says of it.

    `body` is the canonical text of the rest (element, task, agency, facts), stored as it was hashed.
    """
    line = f"{stream}\n{seq}\n{kind}\n{at.astimezone(UTC).isoformat()}\n{actor_id or ''}\n{body}"
    return hashlib.sha256(previous + line.encode()).digest()
