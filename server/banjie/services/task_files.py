"""Files that officers add to a step outside its form. The applicant sees those that are shared, no other."""

from __future__ import annotations

from banjie.domain.assignment import Actor
from banjie.domain.changes import CaseChange
from banjie.domain.decisions import Json
from banjie.domain.errors import Conflict, InvalidRequest, NotFound, TaskTaken
from banjie.domain.events import NewEvent
from banjie.domain.instances import Instance
from banjie.domain.tasks import Task
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services import files
from banjie.services.runtime import Runtime
from banjie.services.tasks import locked_task

LONGEST_LABEL = 60
MOST_FILES = 20


def attach(
    rt: Runtime, actor: Actor, task_id: int, *, label: str, name: str, content: bytes, shared: bool = False
) -> int:
    """Add a file to a task that one holds; returns its id, the same for the same file under the same label.

    Raises NotFound, TaskClosed, TaskTaken, InvalidRequest for the label, the kind or the size, Conflict where
    there are too many. Locks the case.
    """
    label = " ".join(label.split())
    if not label or len(label) > LONGEST_LABEL or not label.isprintable():
        raise InvalidRequest(
            "Say in 1 to 60 characters what the file is.", field="label", longest=LONGEST_LABEL
        )
    # Checked before anything is stored, and again once the case is locked.
    with rt.store.begin() as uow:
        _held(uow, actor, task_id)
    kept = files.upload(rt, actor, field="task", name=name, content=content)
    with rt.store.begin() as uow:
        instance, task = _held(uow, actor, task_id)
        same = uow.comments.paper_like(task_id, actor.account_id, bytes.fromhex(kept.sha256), label)
        if same is not None:
            return same
        if uow.comments.count_papers(task_id) >= MOST_FILES:
            raise Conflict("There are too many files on this step.", limit=MOST_FILES)
        bound = uow.comments.bind(
            [kept.id], owner_id=actor.account_id, instance_id=instance.id, task_id=task_id, label=label,
            shared=shared,
        )  # fmt: skip
        if bound != 1:
            raise Conflict("The file has been used meanwhile; send it again.", file=kept.id)
        facts: dict[str, Json] = {"file": kept.id, "sha256": kept.sha256, "shared": shared}
        _record(rt, uow, instance, task, actor, "file.attached", facts)
    return kept.id


def remove(rt: Runtime, actor: Actor, task_id: int, file_id: int) -> None:
    """Take one's own file from a task that one holds; removing it again changes nothing.

    Raises NotFound for a file of somebody else or of another task, TaskClosed, TaskTaken. Locks the case.
    """
    with rt.store.begin() as uow:
        instance, task = _held(uow, actor, task_id)
        paper = uow.comments.paper(file_id)
        if paper is None:
            return
        if paper.task_id != task_id or paper.owner_id != actor.account_id or not paper.label:
            raise NotFound(file=file_id)
        uow.comments.drop_paper(file_id)
        _record(rt, uow, instance, task, actor, "file.removed", {"file": file_id})


def _held(uow: UnitOfWork, actor: Actor, task_id: int) -> tuple[Instance, Task]:
    instance, task = locked_task(uow, actor, task_id)
    if not task.is_held_by(actor.account_id):
        raise TaskTaken("Claim the task before you add files to it.", task=task_id, by=task.assignee_name)
    task.require_not_handed_on()
    return instance, task


def _record(
    rt: Runtime, uow: UnitOfWork, instance: Instance, task: Task, actor: Actor, kind: str, facts: dict[str, Json]
) -> None:  # fmt: skip
    change = CaseChange.of(instance, at=rt.now(), actor_id=actor.account_id)
    change.events.append(
        NewEvent(type=kind, element=task.element, task_id=task.id, agency=task.agency, facts=facts)
    )
    uow.cases.apply(instance, change)
