"""What lists and pages show: plain rows, straight from the tables, with personal data masked by the caller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from banjie.domain.decisions import Json


class Tab(StrEnum):
    """The lists of an officer: mine, to be claimed, in the place of somebody absent, done."""

    MINE = "mine"
    CANDIDATE = "candidate"
    SUBSTITUTE = "substitute"
    DONE = "done"


@dataclass(frozen=True, kw_only=True)
class InboxRow:
    """One line of an inbox. `applicant` is the full name; pages mask it.

    `held_for` names the absent officer in whose place it is held, or was completed. `on_hold` tells that a
    proceeding holds its case; `urged_at` when it was last urged.
    """

    task_id: int
    case_no: str
    service: str
    element: str
    element_name: str
    applicant: str
    agency: str
    region: str
    assignee_id: int | None
    assignee: str | None
    status: str
    version: int
    opened_at: datetime
    warn_at: datetime | None
    due_at: datetime | None
    closed_at: datetime | None
    urged_at: datetime | None
    on_hold: bool
    held_for: str | None


@dataclass(frozen=True, kw_only=True)
class InboxPage:
    """A page of an inbox; `next` is the cursor of the following one, None at the end.

    `counts` are the tabs' sizes, capped: a count of `COUNT_CAP` means that many or more.
    """

    rows: Sequence[InboxRow]
    next: str | None
    counts: Mapping[Tab, int]


#: Counting further than this costs more than it tells.
COUNT_CAP = 100


@dataclass(frozen=True, kw_only=True)
class CaseRow:
    """One case in a list."""

    case_no: str
    service: str
    region: str
    applicant: str
    status: str
    outcome: str | None
    started_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class CaseFilter:
    """Which cases to list; what is empty leaves none out.

    `text` is part of a case number or of an applicant's name. `late` leaves those of which a limit was missed.
    """

    status: str = ""
    service: str = ""
    agency: str = ""
    late: bool = False
    text: str = ""

    @property
    def is_empty(self) -> bool:
        return self == CaseFilter()


@dataclass(frozen=True, kw_only=True)
class WatchedCase:
    """A case in the list; `late` where one of its limits was missed."""

    id: int
    row: CaseRow
    late: bool


@dataclass(frozen=True, kw_only=True)
class OversightRow:
    """One open step that is overdue or due soon."""

    task_id: int
    case_no: str
    service: str
    element: str
    element_name: str
    agency: str
    region: str
    assignee: str | None
    opened_at: datetime
    warn_at: datetime
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class LoadRow:
    """How many open tasks of a step an agency holds: in all, due soon, overdue."""

    agency: str
    element: str
    element_name: str
    open: int
    due_soon: int
    overdue: int


@dataclass(frozen=True, kw_only=True)
class SubmissionRow:
    """A submission as kept; `by` is empty where the law stood in for a silent office."""

    id: int
    element: str
    variable: str
    form: str
    by: str
    at: datetime
    values: Mapping[str, Json]


@dataclass(frozen=True, kw_only=True)
class DecisionRow:
    """A decision as kept; `receipt` is `domain.decisions.Decision` as JSON."""

    id: int
    element: str
    key: str
    at: datetime
    green: bool
    receipt: Mapping[str, Json]


@dataclass(frozen=True, kw_only=True)
class EventRow:
    """One fact of a case's record."""

    seq: int
    type: str
    at: datetime
    actor: str | None
    agency: str | None
    element: str | None
    task_id: int | None
    facts: Mapping[str, Json]


@dataclass(frozen=True, kw_only=True)
class AttachmentRow:
    """An uploaded file; `sha256` as hex.

    `task_id` and `element` where an officer added it to a step outside the form, `comment_id` where it came
    with a comment; `label` says what it is. The applicant sees their own files and those that are `shared`.
    """

    id: int
    field: str
    sha256: str
    name: str
    media_type: str
    size: int
    owner_id: int
    at: datetime
    owner: str
    task_id: int | None
    element: str | None
    comment_id: int | None
    label: str
    shared: bool


@dataclass(frozen=True, kw_only=True)
class NoticeRow:
    """A notice in a person's box."""

    id: int
    template: str
    facts: Mapping[str, Json]
    at: datetime
    read_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class IncidentRow:
    """A job that failed too often."""

    id: int
    job: str
    subject: str
    case_no: str | None
    message: str
    at: datetime
