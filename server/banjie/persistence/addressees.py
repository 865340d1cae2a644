"""Tasks that are one person's own: the members of panels, found by their user names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from banjie.domain.assignment import principal_of_person
from banjie.domain.changes import NewTask
from banjie.domain.countersign import require_eligible
from banjie.domain.errors import Conflict
from banjie.domain.instances import Instance
from banjie.domain.tasks import member_named
from banjie.persistence.database import Db

PEOPLE = """
SELECT a.username, a.id, array(SELECT DISTINCT m.agency FROM membership m WHERE m.account_id = a.id)
FROM account a WHERE a.username = ANY(%s) AND a.is_active"""


def addressed(db: Db, instance: Instance, opened: Sequence[NewTask]) -> list[NewTask]:
    """The tasks with those that name a member in that person's hands.

    Raises Conflict where nobody active has the name or works for an agency of the case, FourEyes for the applicant.
    """
    named = {task.token: name for task in opened if (name := member_named(task.item))}
    if not named:
        return list(opened)
    people = {row[0]: (int(row[1]), row[2]) for row in db.rows(PEOPLE, (sorted(set(named.values())),))}
    return [_given(instance, task, named.get(task.token), people) for task in opened]


def _given(
    instance: Instance, task: NewTask, name: str | None, people: dict[str, tuple[int, list[str]]]
) -> NewTask:
    if name is None:
        return task
    if name not in people:
        raise Conflict("Nobody who works here has this user name.", element=task.element, member=name)
    account_id, agencies = people[name]
    require_eligible(account_id, agencies, instance, member=name)
    return replace(task, assignee_id=account_id, principal=principal_of_person(account_id))
