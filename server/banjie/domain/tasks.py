"""A person's task: who may take it, hold it and complete it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from banjie.domain.assignment import Actor, principal_of_group
from banjie.domain.decisions import Json
from banjie.domain.errors import Conflict, FourEyes, NotFound, StaleVersion, TaskClosed, TaskTaken


class TaskStatus(StrEnum):
    """Open, or how it closed."""

    OPEN = "open"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@dataclass(kw_only=True)
class Task:
    """One open or closed user task of one instance.

    `token` is the engine's id of the activation. `role` and `agency` name the candidates. `version`
    grows with every change and is what `If-Match` compares. `closed_by_name` is filled when read for an
    answer. `clock_id` is the step clock that gives `due_at` and `warn_at`; None where no limit is in force, and
    the times are None too while that clock is paused. `opened_from` is the task whose completion opened it.
    `owner_id` is who delegated it and gets it back; `waits` the proceeding (a return that waits) that holds it.
    `item` is what a multi-instance task is about.
    """

    id: int
    instance_id: int
    token: str
    element: str
    name: str
    role: str
    agency: str
    assignee_id: int | None
    assignee_name: str | None
    status: TaskStatus
    version: int
    opened_at: datetime
    closed_at: datetime | None
    closed_by: int | None
    closed_by_name: str | None
    due_at: datetime | None
    warn_at: datetime | None
    clock_id: int | None
    opened_from: int | None = None
    owner_id: int | None = None
    waits: int | None = None
    urged_at: datetime | None = None
    item: Json = None

    @property
    def candidate_principal(self) -> str:
        return principal_of_group(self.role, self.agency)

    def require_open(self) -> None:
        """Raise TaskClosed, saying who completed it and when, unless the task is open."""
        if self.status is not TaskStatus.OPEN:
            raise TaskClosed(
                task=self.id, status=self.status.value, by=self.closed_by_name, at=self.closed_at
            )

    def require_workable(self) -> None:
        """Raise Conflict while a proceeding, such as a return that waits for its siblings, holds the task."""
        if self.waits is not None:
            raise Conflict("A return of this task waits for the other branches.", task=self.id)

    def is_held_by(self, account_id: int) -> bool:
        """Whether the task is open and the person holds it."""
        return self.status is TaskStatus.OPEN and self.assignee_id == account_id

    def require_version(self, expected: int | None) -> None:
        """Raise StaleVersion where a version was named and is not the current one."""
        if expected is not None and expected != self.version:
            raise StaleVersion(task=self.id, expected=expected, version=self.version)

    def require_candidate(self, actor: Actor) -> None:
        """Raise NotFound unless the actor is one of the candidates: other agencies' tasks do not exist."""
        if not actor.holds(self.role, self.agency):
            raise NotFound(task=self.id)

    def require_free_or_own(self, actor: Actor) -> None:
        """Raise TaskTaken, saying by whom, where another officer holds the task."""
        if self.assignee_id not in (None, actor.account_id):
            raise TaskTaken(task=self.id, by=self.assignee_name)


def require_other_person(
    task: Task, actor: Actor, done_by: dict[str, int], not_same_as: tuple[str, ...]
) -> None:
    """Raise FourEyes where the actor completed one of the named elements of this case.

    `done_by` maps element → account id of who completed it last.
    """
    for element in not_same_as:
        if done_by.get(element) == actor.account_id:
            raise FourEyes(task=task.id, element=element)
