"""What a helper did for a family or person while their case runs (帮扶记录)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class HelpKind(StrEnum):
    """What was done: a visit, a post or training offered, company to an interview, or something else."""

    VISIT = "visit"
    POST_OFFERED = "post_offered"
    TRAINING = "training"
    INTERVIEW = "interview"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class HelpEntry:
    """One entry: `on_day` is when it was done, `at` when it was written down by `author`."""

    id: int
    kind: HelpKind
    on_day: date
    words: str
    author: str
    at: datetime
