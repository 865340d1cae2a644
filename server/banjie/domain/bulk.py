"""Bulk runs: one decision of an officer over many tasks, each of which succeeds or fails on its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from banjie.domain.decisions import Json
from banjie.domain.errors import Conflict

#: The most tasks in one run.
MOST_ITEMS = 500


class BulkKind(StrEnum):
    """What is done to each task."""

    CLAIM = "claim"
    COMPLETE = "complete"


class ItemOutcome(StrEnum):
    """How it ended for one task; SKIPPED where the run was stopped before it."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


class NotOfOneKind(Conflict):
    """The tasks of a bulk run are not of one kind: the same step of the same version of a process."""

    code = "not_of_one_kind"


class ReceiptNotGreen(Conflict):
    """A rule's receipt of the case is not green, or there is none: decide it by itself."""

    code = "receipt_not_green"


@dataclass(frozen=True, kw_only=True)
class BulkItem:
    """One task of a run, in its order; `outcome` None while it waits. `code` and `message` say why it failed."""

    position: int
    task_id: int
    version: int | None
    case_no: str
    outcome: ItemOutcome | None
    code: str | None
    message: str | None
    at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Bulk:
    """A run as stored; `submission` is what all its tasks are completed with."""

    id: int
    account_id: int
    kind: BulkKind
    submission: Mapping[str, Json]
    total: int
    created_at: datetime
    finished_at: datetime | None
    cancelled_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class BulkProgress:
    """How far a run is."""

    bulk: Bulk
    done: int
    failed: int
    skipped: int
    items: Sequence[BulkItem]

    @property
    def handled(self) -> int:
        return self.done + self.failed + self.skipped
