"""A panel changed while it votes: a member added (加签), removed (减签) or replaced.

The head of the agency whose step it is decides, with a reason that stands in a proceeding; the record keeps its hash.
A vote that is cast stands: its member can be neither removed nor replaced. Where the change leaves no vote open that
matters, the panel is decided by it and the case goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from banjie.domain.assignment import Actor, Role, principal_of_person
from banjie.domain.changes import Message, StoredClock
from banjie.domain.clock import elapsed
from banjie.domain.countersign import Member, member_of, require_eligible
from banjie.domain.decisions import Json
from banjie.domain.definitions import Element
from banjie.domain.errors import Conflict, Forbidden, FourEyes, InvalidRequest, NotFound
from banjie.domain.events import NewEvent
from banjie.domain.handovers import Colleague
from banjie.domain.instances import Instance
from banjie.domain.proceedings import NewProceeding, ProceedingKind, ProceedingStatus, reason_of, words_hash
from banjie.domain.step import EngineStep
from banjie.domain.tasks import Task
from banjie.engine.definitions import CompiledDefinition
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.returning import follow_up
from banjie.services.runtime import Decide, Runtime
from banjie.services.tasks import law_day
from banjie.services.walk import Placed, agency_calendar, case_change, moment


@dataclass(frozen=True, kw_only=True)
class Reseated:
    """The answer to a change of a panel: the case's status after it and the tasks it opened, by id."""

    case_no: str
    status: str
    outcome: str | None
    opened: tuple[int, ...]


def add(
    rt: Runtime,
    actor: Actor,
    task_id: int,
    username: str,
    reason: str,
    *,
    weight: int = 1,
    may_veto: bool = False,
) -> Reseated:
    """Seat somebody on the panel that an open task belongs to; asked in order, they come last.

    Locks the case. Raises NotFound, Forbidden for anybody but the head of the task's agency, TaskClosed, InstanceEnded,
    CaseHeld, InvalidRequest without a reason or for an unknown user name, FourEyes for the applicant and whoever did a
    step that somebody else must have done, Conflict for anybody of no agency of the case, or who sits on it already.
    """
    words = reason_of(reason)
    with rt.store.begin() as uow:
        panel = _panel(rt, uow, actor, task_id)
        account_id, member = _newcomer(rt, uow, panel, username, weight=weight, may_veto=may_veto)
        step = rt.engine.add_member(
            panel.compiled, panel.instance.snapshot, token=panel.task.token, member=member,
            data=panel.instance.data, decide=panel.decide, now=panel.at,
        )  # fmt: skip
        return _written(rt, uow, panel, step, "added", words, {"member": account_id})


def remove(rt: Runtime, actor: Actor, task_id: int, reason: str, *, member: str | None = None) -> Reseated:
    """Unseat the member whose open task it is, or the one of a user name on the same panel, who may still be queued.

    They are told. Locks the case. Raises as `add`, NotFound for anybody not on the panel, Conflict for one who has
    voted, for the last, and where those who stay could not meet the panel's rule.
    """
    words = reason_of(reason)
    with rt.store.begin() as uow:
        panel = _panel(rt, uow, actor, task_id)
        seated = panel.seated(member)
        step = rt.engine.remove_member(
            panel.compiled, panel.instance.snapshot, token=panel.task.token, member=seated.key,
            data=panel.instance.data, decide=panel.decide, now=panel.at,
        )  # fmt: skip
        left = _account(uow, panel, seated.key)
        return _written(rt, uow, panel, step, "removed", words, {"member": left}, tell=left)


def replace(
    rt: Runtime, actor: Actor, task_id: int, username: str, reason: str, *, member: str | None = None
) -> Reseated:
    """Seat somebody in the place of a member, with the same weight and veto, and what is left of the step's limit.

    Their task becomes a new one.
    `member` as for `remove`; they are told. Locks the case. Raises as `add` and `remove`.
    """
    words = reason_of(reason)
    with rt.store.begin() as uow:
        panel = _panel(rt, uow, actor, task_id)
        seated = panel.seated(member)
        account_id, other = _newcomer(
            rt, uow, panel, username, weight=seated.weight, may_veto=seated.may_veto
        )
        step = rt.engine.replace_member(
            panel.compiled, panel.instance.snapshot, token=panel.task.token, member=seated.key, by=other,
            data=panel.instance.data, decide=panel.decide, now=panel.at,
        )  # fmt: skip
        left = _account(uow, panel, seated.key)
        facts: dict[str, Json] = {"member": left, "by": account_id}
        placed = Placed(element=panel.element.id, limit_days=_rest(rt, uow, panel, seated.key))
        return _written(rt, uow, panel, step, "replaced", words, facts, tell=left, placed=placed)


def newcomers(rt: Runtime, actor: Actor, task_id: int) -> Sequence[Colleague]:
    """Who could be seated on the panel of an open task, by agency: its members may be among them.

    For the head of the task's agency; raises NotFound.
    """
    with rt.store.read() as uow:
        task = uow.cases.task(task_id)
        instance = uow.cases.find_by_id(task.instance_id) if task else None
        if task is None or instance is None or not actor.holds(Role.HEAD, task.agency):
            raise NotFound(task=task_id)
        found = uow.people.colleagues(sorted(set(instance.agencies.values())))
        others = rt.processes.compiled(instance.definition).definition.elements[task.element].not_same_as
        done_by = uow.cases.signers(instance.id) if others else {}
    barred = {instance.applicant_id}.union(*(done_by.get(element, ()) for element in others))
    seen = {one.account_id: one for one in reversed(found) if one.account_id not in barred}
    return sorted(seen.values(), key=lambda one: (one.agency, one.name))


@dataclass(frozen=True, kw_only=True)
class _Panel:
    """A panel of a locked case, by one of its open tasks, at the instant of the command."""

    instance: Instance
    task: Task
    compiled: CompiledDefinition
    element: Element
    clocks: Sequence[StoredClock]
    decide: Decide
    at: datetime
    by: int

    def seated(self, key: str | None) -> Member:
        """The member of a user name, None: the one whose task it is. Raises NotFound."""
        told = self.instance.data.get(self.element.variable or "")
        members = told.get("members") if isinstance(told, Mapping) else None
        for item in members if isinstance(members, Sequence) else ():
            member = member_of(item)
            if member.key == (key or self.task.member):
                return member
        raise NotFound(member=(key or "")[:80], task=self.task.id)


def _panel(rt: Runtime, uow: UnitOfWork, actor: Actor, task_id: int) -> _Panel:
    instance, task = uow.cases.lock_by_task(task_id), uow.cases.task(task_id)
    if instance is None or task is None:
        raise NotFound(task=task_id)
    if not actor.holds(Role.HEAD, task.agency):
        is_theirs = task.agency in actor.agencies or task.assignee_id == actor.account_id
        raise Forbidden(task=task_id) if is_theirs else NotFound(task=task_id)
    instance.require_not_applicant(actor.account_id)
    task.require_open()
    instance.require_free()
    compiled = rt.processes.compiled(instance.definition)
    element = compiled.definition.elements[task.element]
    if element.countersign is None:
        raise Conflict("The task is not a panel's.", task=task.id)
    clocks = uow.cases.clocks(instance.id)
    return _Panel(
        instance=instance, task=task, compiled=compiled, element=element, clocks=clocks, by=actor.account_id,
        decide=rt.decider(law_day(rt, instance), instance.region), at=moment(rt, clocks),
    )  # fmt: skip


def _newcomer(
    rt: Runtime, uow: UnitOfWork, panel: _Panel, username: str, *, weight: int, may_veto: bool
) -> tuple[int, Member]:
    """The account and the seat of somebody who may sit on the panel."""
    person = uow.people.actor_named(username.strip(), rt.now())
    if person is None:
        raise InvalidRequest("Nobody who works here has this user name.", field="username")
    require_eligible(person.account_id, person.agencies, panel.instance, member=person.username)
    if panel.element.not_same_as:
        signers = uow.cases.signers(panel.instance.id)
        for other in panel.element.not_same_as:
            if person.account_id in signers.get(other, ()):
                raise FourEyes(task=panel.task.id, element=other)
    item: dict[str, Json] = {
        "member": person.username, "name": person.name, "weight": weight, "veto": may_veto,
    }  # fmt: skip
    try:
        return person.account_id, member_of(item)
    except ValueError as error:
        raise InvalidRequest(str(error), field="weight") from None


def _account(uow: UnitOfWork, panel: _Panel, key: str) -> int | None:
    """The account of a member, None where they were not asked yet."""
    task = _task_of(uow, panel, key)
    return task.assignee_id if task else None


def _rest(rt: Runtime, uow: UnitOfWork, panel: _Panel, key: str) -> int | None:
    """How many days are left of a member's limit, in its unit; None where they have no limit of their own."""
    task = _task_of(uow, panel, key)
    token = task.token if task else None
    stored = next((one for one in panel.clocks if token and one.clock.subject.token == token), None)
    if stored is None:
        return None
    used = elapsed(stored.clock, *agency_calendar(rt, stored.agency), panel.at)
    return max(0, used.limit_days - used.used_days)


def _task_of(uow: UnitOfWork, panel: _Panel, key: str) -> Task | None:
    """The open task of a member on this panel."""
    open_tasks = uow.cases.open_tasks(panel.instance.id)
    return next((task for task in open_tasks if (task.element, task.member) == (panel.element.id, key)), None)


def _written(
    rt: Runtime, uow: UnitOfWork, panel: _Panel, step: EngineStep, what: str, words: str,
    facts: dict[str, Json], *, tell: int | None = None, placed: Placed | None = None,
) -> Reseated:  # fmt: skip
    """Write the step with its record, its reason, and a word to who has left."""
    task = panel.task
    event = NewEvent(
        type=f"countersign.member_{what}", element=task.element, task_id=task.id, agency=task.agency,
        facts={**facts, "words": words_hash(words), "trail": [passed.element for passed in step.trail]},
    )  # fmt: skip
    waiting = uow.cases.waiting_task(panel.instance.id)
    followed = None
    if waiting is not None:
        followed = follow_up(rt, uow, panel.instance, panel.compiled, step, waiting, panel.at)
    step, placed = (followed.step, followed.placed) if followed else (step, placed)
    change = case_change(
        rt, panel.instance, panel.compiled.definition, step, panel.clocks, at=panel.at, actor_id=panel.by,
        first_event=event, placed=placed,
    )  # fmt: skip
    change.proceedings.append(
        NewProceeding(
            kind=ProceedingKind.COUNTERSIGN, reason=words, status=ProceedingStatus.DONE, task_id=task.id,
            element=task.element, agency=task.agency, facts={"what": what, **facts},
        )
    )  # fmt: skip
    if followed:
        followed.add_to(change)
    if tell is not None:
        told: dict[str, Json] = {"element": task.element, "task": task.id}
        recipient = principal_of_person(tell)
        change.messages.append(Message(recipient=recipient, template="task_given_to_another", facts=told))
    written = uow.cases.apply(panel.instance, change)
    return Reseated(
        case_no=panel.instance.case_no, status=change.status.value, outcome=change.outcome,
        opened=tuple(written.tasks.values()),
    )  # fmt: skip
