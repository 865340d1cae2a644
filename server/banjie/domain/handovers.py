"""A task in other hands: given for good, handed over for an opinion, given by the head, and urged."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta

from banjie.domain.assignment import Actor, principal_of_person
from banjie.domain.changes import GivenTask
from banjie.domain.decisions import Json
from banjie.domain.errors import Conflict, Forbidden, FourEyes, TaskTaken
from banjie.domain.proceedings import Proceeding
from banjie.domain.tasks import Task

#: A task is urged once in so long, whoever does it.
URGED_ONCE_IN = timedelta(hours=1)


class UrgedBefore(Conflict):
    """The task was urged within the hour."""

    code = "urged_before"


class Touched(Conflict):
    """Somebody has gone on with it meanwhile, so it cannot be taken back."""

    code = "touched"


@dataclass(frozen=True, kw_only=True)
class Colleague:
    """Somebody whom a task may be given to; `role` and `agency` are the post under which."""

    account_id: int
    username: str
    name: str
    role: str
    agency: str


def principal_of(task: Task, account_id: int | None) -> str:
    """Whose inbox a task lies in that the person holds; None: nobody does, and it lies with its group."""
    return task.candidate_principal if account_id is None else principal_of_person(account_id)


def given(
    task: Task, account_id: int | None, *, owner_id: int | None = None, held_for: int | None = None
) -> GivenTask:
    """The open task in the hands of a person, or (None) with its group; a return that waits goes on waiting."""
    return GivenTask(
        task_id=task.id,
        assignee_id=account_id,
        principal=principal_of(task, account_id),
        owner_id=owner_id,
        held_for=held_for,
        waits=task.waits,
    )  # fmt: skip


def holder_of(task: Task, actor: Actor, service: str) -> int:
    """Who holds the task: the actor, or the absent officer whose place the actor takes.

    Raises TaskTaken, saying by whom, HandedOn where it is out for an opinion, Forbidden where nobody holds it, or
    SubstitutionEnded where the actor holds it in a place that they no longer take.
    """
    task.require_not_handed_on()
    if task.assignee_id is None:
        raise Forbidden("Claim the task first.", task=task.id)
    task.require_place(actor, service)
    if task.assignee_id == actor.account_id:
        return actor.account_id
    place = task.place_of(actor, service)
    if place is None or place.absent_id != task.assignee_id:
        raise TaskTaken(task=task.id, by=task.assignee_name)
    return task.assignee_id


def in_place_of(task: Task, actor: Actor, service: str) -> dict[str, Json]:
    """What the record says where the actor works on the task in an absent officer's place; else nothing."""
    place = task.place_of(actor, service)
    return {} if place is None else {"in_place_of": place.absent_id}


def last_of(proceedings: Iterable[Proceeding], task: Task) -> Proceeding | None:
    """The newest of the proceedings, given oldest first, that is about the task."""
    return next((found for found in reversed(list(proceedings)) if found.task_id == task.id), None)


def require_stranger(task: Task, account_id: int, applicant_id: int, signers: Collection[int]) -> None:
    """Raise FourEyes where the task must not come to a person: the applicant, or who did the other of two steps.

    `signers` are the accounts under the steps that another person must have done.
    """
    if account_id == applicant_id or account_id in signers:
        raise FourEyes(task=task.id)
