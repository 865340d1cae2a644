"""A person's task: who may take it, hold it and complete it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from banjie.domain.assignment import Actor, Place, principal_of_group
from banjie.domain.decisions import Json
from banjie.domain.errors import (
    Conflict,
    FourEyes,
    HandedOn,
    NotFound,
    StaleVersion,
    SubstitutionEnded,
    TaskClosed,
    TaskTaken,
)


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
    `owner_id` is who delegated it and gets it back; `held_for` the absent officer in whose place it is held;
    `waits` the proceeding (a return that waits) that holds it; `waiting` the task of the case that waits so, if any.
    `item` is what a multi-instance task is about; where it names a `member`, the task is that person's own.
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
    held_for: int | None = None
    waits: int | None = None
    urged_at: datetime | None = None
    waiting: int | None = None
    item: Json = None

    @property
    def candidate_principal(self) -> str:
        return principal_of_group(self.role, self.agency)

    @property
    def member(self) -> str | None:
        """The user name of the one person whose own task it is, None where it lies with a group."""
        return member_named(self.item)

    def require_of_group(self) -> None:
        """Raise Conflict where it is one person's own: a vote is not passed on, its member is replaced."""
        if self.member is not None:
            raise Conflict("A member of a panel is replaced; a vote is not passed on.", task=self.id)

    def require_open(self) -> None:
        """Raise TaskClosed, saying who completed it and when, unless the task is open."""
        if self.status is not TaskStatus.OPEN:
            raise TaskClosed(
                task=self.id, status=self.status.value, by=self.closed_by_name, at=self.closed_at
            )

    def is_asked(self, actor: Actor) -> bool:
        """Whether the actor holds the open task for an opinion only."""
        return self.owner_id is not None and self.is_held_by(actor.account_id)

    def require_not_handed_on(self) -> None:
        """Raise HandedOn while somebody is asked for an opinion."""
        if self.owner_id is not None:
            raise HandedOn(task=self.id, by=self.assignee_name)

    def is_worked_on_by(self, account_id: int) -> bool:
        """Whether the person has the open task in hand as a task of its group: not for an opinion or a vote only."""
        return self.is_held_by(account_id) and self.owner_id is None and self.member is None

    def require_workable(self) -> None:
        """Raise Conflict while an opinion is asked for, or a return that waits for its siblings holds the task."""
        self.require_not_handed_on()
        if self.waits is not None:
            raise Conflict("A return of this task waits for the other branches.", task=self.id)

    def is_held_by(self, account_id: int) -> bool:
        """Whether the task is open and the person holds it."""
        return self.status is TaskStatus.OPEN and self.assignee_id == account_id

    def require_version(self, expected: int | None) -> None:
        """Raise StaleVersion where a version was named and is not the current one."""
        if expected is not None and expected != self.version:
            raise StaleVersion(task=self.id, expected=expected, version=self.version)

    def place_of(self, actor: Actor, service: str | None) -> Place | None:
        """The absent officer's place in which the actor would work on it; None where in the actor's own right.

        What the absent officer holds, and what only the absent officer could take, is done in their place; a vote on
        a panel is not.
        """
        if self.member is not None:
            return None
        covering = [place for place in actor.places if place.covers(self.role, self.agency, service)]
        held = next(
            (place for place in covering if place.absent_id in (self.assignee_id, self.held_for)), None
        )
        if held is not None or actor.holds(self.role, self.agency):
            return held
        return covering[0] if covering else None

    def require_place(self, actor: Actor, service: str | None) -> Place | None:
        """As `place_of`; raises SubstitutionEnded where it is held in a place that the actor no longer takes."""
        place = self.place_of(actor, service)
        if self.held_for is not None and (place is None or place.absent_id != self.held_for):
            raise SubstitutionEnded(task=self.id)
        return place

    def is_candidate(self, actor: Actor, service: str | None = None) -> bool:
        """Whether the actor is one of the candidates, or the member of a panel whose seat it is.

        A substitute is one in the place of the absent officer, for the services that the substitution covers; so is
        whoever is asked for an opinion, as long as they are.
        """
        if self.member is not None and self.assignee_id == actor.account_id:
            return True
        holds = self.member is None and actor.holds(self.role, self.agency)
        return holds or self.place_of(actor, service) is not None or self.is_asked(actor)

    def require_candidate(self, actor: Actor, service: str | None = None) -> None:
        """Raise NotFound unless the actor is one of the candidates: other agencies' tasks do not exist."""
        if not self.is_candidate(actor, service):
            raise NotFound(task=self.id)

    def require_free_or_own(self, actor: Actor, service: str | None = None) -> None:
        """Raise TaskTaken, saying by whom, where another officer holds the task whose place one does not take."""
        if self.assignee_id in (None, actor.account_id):
            return
        place = self.place_of(actor, service)
        if place is None or place.absent_id != self.assignee_id:
            raise TaskTaken(task=self.id, by=self.assignee_name)


def member_named(item: Json) -> str | None:
    """The user name that an item of a multi-instance task gives as its `member`, or None.

    >>> member_named({"member": "zhao", "weight": 2})
    'zhao'
    """
    name = item.get("member") if isinstance(item, Mapping) else None
    return name if isinstance(name, str) and name else None


def require_other_person(
    task: Task, people: Collection[int], done_by: Mapping[str, frozenset[int]], not_same_as: Sequence[str]
) -> None:
    """Raise FourEyes where one of the people completed one of the named elements of this case.

    `people` are the accounts that would stand under the step: the actor's, and that of whoever's place it is
    done in. `done_by` maps element → the accounts under it so far.
    """
    for element in not_same_as:
        if not done_by.get(element, frozenset()).isdisjoint(people):
            raise FourEyes(task=task.id, element=element)
