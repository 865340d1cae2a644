"""What one command changes in a case: plain values between the walk and the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from banjie.domain.awards import NewPayment
from banjie.domain.clock import Due
from banjie.domain.decisions import Decision, Json
from banjie.domain.events import NewEvent
from banjie.domain.instances import Instance, InstanceStatus
from banjie.domain.ledger import Clock, ClockKind, Interval
from banjie.domain.proceedings import ClosedProceeding, NewProceeding


@dataclass(frozen=True, kw_only=True)
class StoredClock:
    """A clock as read: its row, its agency, and the due time stored with it.

    `warned` and `missed` tell whether the warning was given and the lateness recorded.
    """

    id: int
    clock: Clock
    due: Due
    agency: str
    warned: bool
    missed: bool


@dataclass(frozen=True, kw_only=True)
class NewClock:
    """A clock to be stored; `agency` is whose calendar and hours it runs on."""

    clock: Clock
    due: Due
    agency: str

    @property
    def key(self) -> tuple[ClockKind, str | None]:
        return (self.clock.kind, self.clock.subject.token)


@dataclass(frozen=True, kw_only=True)
class ChangedClock:
    """A running clock whose ledger has changed.

    `written` are the intervals that are new or changed, `dropped` the starts of those that are gone.
    `due` is set where the due time moves: the clock's timer is then taken down, and the open tasks on it move
    with it (while it is held they have no due time). `calendar` and `hours` are what `due` was computed with.
    `missed` where it stops after its limit and its lateness is recorded with the change.
    """

    id: int
    stopped_at: datetime | None
    written: tuple[Interval, ...]
    dropped: tuple[datetime, ...]
    due: Due | None = None
    calendar: str | None = None
    hours: str | None = None
    missed: bool = False


@dataclass(frozen=True, kw_only=True)
class NewTask:
    """A task to be opened.

    Its step clock is either a stored one (`clock_id`) or the new one with the token `clock_token`.
    `search` are the words under which the inbox finds it. `opened_from` is the task whose completion opened it;
    `draft` what its form begins with, field key → value.
    """

    token: str
    element: str
    name: str
    role: str
    agency: str
    principal: str
    assignee_id: int | None
    due_at: datetime | None
    warn_at: datetime | None
    clock_id: int | None
    clock_token: str | None
    item: Json
    search: str
    opened_from: int | None = None
    draft: Mapping[str, Json] | None = None


@dataclass(frozen=True, kw_only=True)
class GivenTask:
    """An open task put into other hands.

    `assignee_id` holds it from now on, None: nobody; `principal` is whose inbox it lies in. `owner_id` is who
    delegated it and gets it back, `held_for` the
    absent officer in whose place it is held. `waits` is the proceeding that keeps it from being worked on.
    """

    task_id: int
    assignee_id: int | None
    principal: str
    owner_id: int | None = None
    held_for: int | None = None
    waits: int | None = None


@dataclass(frozen=True, kw_only=True)
class ClosedTaskRow:
    """A task to be closed, by its token; not `completed` where the diagram cancelled it.

    `completed_by` None: the law completed it; of a panel's task that was cancelled, who decided without it.
    `completed_for` is the officer in whose place somebody did.
    """

    token: str
    completed_by: int | None = None
    completed_for: int | None = None
    completed: bool = False


@dataclass(frozen=True, kw_only=True)
class NewSubmission:
    """A submission as validated; `values` by field key. `by` None: the law stood in for a silent office."""

    element: str
    variable: str
    form: str
    by: int | None
    values: Mapping[str, Json]
    task_id: int | None = None
    by_for: int | None = None


@dataclass(frozen=True, kw_only=True)
class NewDecision:
    """A decision with its receipt, taken at an element."""

    element: str
    decision: Decision


@dataclass(frozen=True, kw_only=True)
class NewTimer:
    """Something to happen at an instant: to a clock, or to a waiting timer event of the diagram.

    `kind` is "clock" or "event"; a clock's timer names the clock by id or by the key of a new one. The timer of a
    proceeding is armed by the writer from its `due_at`.
    """

    kind: str
    fire_at: datetime
    clock_id: int | None = None
    clock_key: tuple[ClockKind, str | None] | None = None
    element: str | None = None
    token: str | None = None


@dataclass(frozen=True, kw_only=True)
class Message:
    """Something to tell: `recipient` is a principal (of a group or of a person), `head:<agency>` or `applicant`."""

    recipient: str
    template: str
    facts: Mapping[str, Json]


@dataclass(kw_only=True)
class CaseChange:
    """All that one command writes to one case, in one go.

    `answer` is an idempotency key, the hash of its request and the answer, which the writer stores with the
    ids of the opened tasks. An `OpenedEvent` is recorded with the id that its task is given. The timers of
    stopped or moved clocks, those of closed proceedings and all timers of the diagram's own events, where
    `renews_events`, are taken down by the writer; `timers` are those to arm. `payments` are orders to make, `jobs`
    what is handed to the workers: name and arguments.
    `ends_publicity`: the case leaves a publicity that was not closed, so that nothing of it is shown any longer.
    """

    at: datetime
    actor_id: int | None
    status: InstanceStatus
    outcome: str | None
    accepted_at: datetime | None
    ended_at: datetime | None
    data: Mapping[str, Json]
    snapshot: bytes
    closed: list[ClosedTaskRow] = field(default_factory=list)
    opened: list[NewTask] = field(default_factory=list)
    clocks: list[NewClock] = field(default_factory=list)
    changed_clocks: list[ChangedClock] = field(default_factory=list)
    submissions: list[NewSubmission] = field(default_factory=list)
    decisions: list[NewDecision] = field(default_factory=list)
    timers: list[NewTimer] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    events: list[NewEvent | OpenedEvent] = field(default_factory=list)
    given: list[GivenTask] = field(default_factory=list)
    proceedings: list[NewProceeding] = field(default_factory=list)
    closed_proceedings: list[ClosedProceeding] = field(default_factory=list)
    payments: list[NewPayment] = field(default_factory=list)
    jobs: list[tuple[str, Mapping[str, Json]]] = field(default_factory=list)
    ends_publicity: bool = False
    answer: tuple[str, bytes, Mapping[str, Json]] | None = None
    renews_events: bool = True

    @classmethod
    def of(cls, instance: Instance, *, at: datetime, actor_id: int | None) -> CaseChange:
        """A change that leaves the case as it stands, timers of the diagram included; to be added to."""
        return cls(
            at=at, actor_id=actor_id, status=instance.status, outcome=instance.outcome,
            accepted_at=instance.accepted_at, ended_at=instance.ended_at, data=instance.data,
            snapshot=instance.snapshot, renews_events=False,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class OpenedEvent:
    """The record of a task's opening, whose id is known only when it is written."""

    token: str
    element: str
    agency: str
    facts: Mapping[str, Json]


@dataclass(frozen=True, kw_only=True)
class Written:
    """What the database named: task ids by token, new clock ids by key, ids of new proceedings in their order."""

    tasks: Mapping[str, int]
    clocks: Mapping[tuple[ClockKind, str | None], int]
    proceedings: tuple[int, ...] = ()


#: A search text may hold at most this many words.
MAX_SEARCH_WORDS = 200


def search_words(texts: Sequence[str]) -> str:
    """The words under which texts are found: pairs of neighbouring characters, so that two suffice.

    >>> search_words(["张三丰", "A-7"])
    '- -7 a a- 三 三丰 丰 张 张三 7'
    """
    words: set[str] = set()
    for text in texts:
        plain = compact(text)
        words.update(plain[index : index + 2] for index in range(len(plain) - 1))
        words.update(plain)
    return " ".join(sorted(words, key=lambda word: (word.isdigit(), word))[:MAX_SEARCH_WORDS])


def compact(text: str) -> str:
    """A text as searching compares it: in small letters, without blanks.

    >>> compact("Zhang San")
    'zhangsan'
    """
    return "".join(text.lower().split())
