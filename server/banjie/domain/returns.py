"""Sending a case back, undoing one's own completion, and jumping: what is chosen from, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from banjie.domain.decisions import Json
from banjie.domain.definitions import ReturnLimit
from banjie.domain.errors import Conflict

#: A case is returned to one step so often at the most: beyond that, somebody must look at it. Locally set.
MOST_RETURNS = 20


class OtherBranches(StrEnum):
    """What becomes of the open tasks beside the one that is returned.

    They go on (KEEP), they are given up and done again (CANCEL), or the return waits until they are through (WAIT).
    """

    KEEP = "keep"
    CANCEL = "cancel"
    WAIT = "wait"


class SiblingsUndecided(Conflict):
    """Other branches would be lost; say whether they are kept, cancelled or waited for."""

    code = "siblings_undecided"


class NotPassed(Conflict):
    """The case has not come by this step, or cannot go back to it from here."""

    code = "not_passed"


class TooManyReturns(Conflict):
    """The case was returned to this step too often."""

    code = "too_many_returns"


class AlreadyTold(Conflict):
    """The applicant was told of it, so it cannot be taken back."""

    code = "already_told"


@dataclass(frozen=True, kw_only=True)
class PassedStep:
    """A task as it was completed, with what was submitted: `variable` in the case data, `values` by field key.

    `by_id` is None where the law completed it. `item` is what a multi-instance task was about.
    """

    task_id: int
    element: str
    name: str
    role: str
    agency: str
    by_id: int | None
    by_name: str | None
    at: datetime
    clock_id: int | None
    item: Json
    values: Mapping[str, Json]


@dataclass(frozen=True, kw_only=True)
class Sibling:
    """An open task beside the one that is to be returned."""

    task_id: int
    element: str
    name: str


@dataclass(frozen=True, kw_only=True)
class ReturnChoice:
    """A step to which a case may be returned: how it was last completed, and the tasks that would be lost with it."""

    passed: PassedStep
    siblings: tuple[Sibling, ...]
    limit: ReturnLimit


@dataclass(frozen=True, kw_only=True)
class OpenedSince:
    """A task that a completion opened: whether it is as it was then."""

    token: str
    is_untouched: bool
