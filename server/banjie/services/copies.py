"""Copies (抄送): a case shown to people of the offices who have no step in it. They read; they do nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256

from banjie.domain.assignment import Actor, Role, is_at_an_office, principal_of_person
from banjie.domain.changes import CaseChange, Message
from banjie.domain.errors import Forbidden, InvalidRequest, NotFound
from banjie.domain.events import NewEvent
from banjie.domain.instances import Instance
from banjie.persistence.copies import CopiedCase, CopyRow
from banjie.persistence.text import read_id
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.runtime import Runtime
from banjie.services.sight import require_colleague, sees

LONGEST_WORDS = 500
MOST_AT_ONCE = 50
_MOST_OFFERED = 200


@dataclass(frozen=True, kw_only=True)
class Sendable:
    """To whom the reader may send the case, by name, and who has it; `people` is empty where the reader may not."""

    people: Sequence[Actor]
    sent: Sequence[CopyRow]
    may_send: bool


@dataclass(frozen=True, kw_only=True)
class CopyCounts:
    """How many copies a person has, and how many of them unread; both counted up to the cap."""

    total: int
    unread: int


def send(rt: Runtime, actor: Actor, case_no: str, usernames: Collection[str], words: str) -> int:
    """Send a case to people to read; returns how many did not have it yet. Each gets a notice, once. Locks the case.

    The holder of one of its tasks may, and the head of an agency that handles it. Raises NotFound, Forbidden
    for others and for people outside the case's agencies and region (saying who), InvalidRequest for a name
    that nobody has, for nobody and for words that are too long.
    """
    words, names = words.strip(), sorted({name.strip() for name in usernames if name.strip()})
    if not 1 <= len(names) <= MOST_AT_ONCE:
        raise InvalidRequest("Name 1 to 50 people.", field="usernames", limit=MOST_AT_ONCE)
    if len(words) > LONGEST_WORDS:
        raise InvalidRequest("The words are too long.", field="words", longest=LONGEST_WORDS)
    with rt.store.begin() as uow:
        instance, at = uow.cases.lock(case_no), rt.now()
        if instance is None or not sees(rt, uow, actor, instance):
            raise NotFound(case=case_no[:40])
        if not _may_send(uow, actor, instance):
            raise Forbidden("Only who holds a task of the case or heads one of its agencies may send it on.")
        people = [person.account_id for person in _named(rt, uow, instance, actor, names)]
        fresh = uow.copies.add(instance.id, people, actor.account_id, words, at)
        if not fresh:
            return 0
        change = CaseChange.of(instance, at=at, actor_id=actor.account_id)
        change.events.append(
            NewEvent(
                type="case.copied",
                facts={"to": list(fresh), "sha256": sha256(words.encode()).hexdigest()},
            )
        )
        change.messages += [
            Message(recipient=principal_of_person(one), template="copied", facts={}) for one in fresh
        ]
        uow.cases.apply(instance, change)
    return len(fresh)


def sendable(rt: Runtime, actor: Actor, case_no: str) -> Sendable:
    """Who has a case as a copy and to whom it may be sent. Raises NotFound, Forbidden for the applicant."""
    with rt.store.read() as uow:
        instance = require_colleague(rt, uow, actor, uow.cases.find(case_no), case_no)
        sent, may = uow.copies.of_case(instance.id), _may_send(uow, actor, instance)
        people: Sequence[Actor] = ()
        if may:
            people = uow.comments.actors_concerned(
                _agencies(rt, instance), rt.region_path(instance.region), limit=_MOST_OFFERED
            )
    has = {row.account_id for row in sent} | {actor.account_id}
    offered = [one for one in people if one.account_id not in has and _may_get(rt, one, instance)]
    return Sendable(people=offered, sent=sent, may_send=may)


def mine(
    rt: Runtime, actor: Actor, *, cursor: str | None = None, limit: int = 20
) -> tuple[Sequence[CopiedCase], str | None]:
    """The cases that were sent to the actor, unread first, then the newest, and the next cursor.

    Raises InvalidRequest for a cursor that is not one of ours. Somebody who has left all offices has none.
    """
    if not is_at_an_office(actor):
        return (), None
    after = _read_cursor(cursor) if cursor else None
    with rt.store.read() as uow:
        rows = uow.copies.mine(actor.account_id, after=after, limit=limit + 1)
    shown = rows[:limit]
    last = shown[-1] if len(rows) > limit else None
    return shown, f"{int(last.read_at is not None)}~{last.id}" if last else None


def counts(rt: Runtime, actor: Actor) -> CopyCounts:
    """How many copies the actor has."""
    with rt.store.read() as uow:
        total, unread = uow.copies.counts(actor.account_id)
    return CopyCounts(total=total, unread=unread)


def mark_read(rt: Runtime, actor: Actor, instance_id: int) -> None:
    """Note that the actor has opened a case; nothing where it was never sent to them."""
    with rt.store.begin() as uow:
        uow.copies.mark_read(instance_id, actor.account_id, rt.now())


def _may_send(uow: UnitOfWork, actor: Actor, instance: Instance) -> bool:
    if any(actor.holds(Role.HEAD, agency) for agency in instance.agencies.values()):
        return True
    return any(task.is_worked_on_by(actor.account_id) for task in uow.cases.open_tasks(instance.id))


def _named(
    rt: Runtime, uow: UnitOfWork, instance: Instance, actor: Actor, names: Sequence[str]
) -> list[Actor]:
    known = uow.comments.actors_named(names)
    for name in names:
        if name not in known:
            raise InvalidRequest(f"There is nobody called {name[:60]}.", field="usernames", who=name[:60])
        if known[name].account_id == actor.account_id:
            raise InvalidRequest("You have the case yourself.", field="usernames", who=name)
        if not _may_get(rt, known[name], instance):
            raise Forbidden(
                f"{name} belongs to no agency or region of this case and cannot get a copy.", who=name
            )
    return [known[name] for name in names]


def _may_get(rt: Runtime, person: Actor, instance: Instance) -> bool:
    """Whether a person is of an agency that handles the case or serves its region, or oversees that region."""
    if person.account_id == instance.applicant_id or not is_at_an_office(person):
        return False
    path = rt.region_path(instance.region)
    if not person.agencies.isdisjoint(_agencies(rt, instance)):
        return True
    return any(held.region in path for held in person.memberships if held.role in _OVERSEERS)


_OVERSEERS = frozenset({Role.MANAGER, Role.AUDITOR, Role.PROCESS_OWNER, Role.HEAD})


def _agencies(rt: Runtime, instance: Instance) -> set[str]:
    """The agencies of a case and all others that serve its region."""
    path = rt.region_path(instance.region)
    serving = {unit.key for unit in rt.book.agencies.values() if not set(unit.serves).isdisjoint(path)}
    return serving | set(instance.agencies.values())


def _read_cursor(cursor: str) -> tuple[bool, int]:
    is_read, _, copy_id = cursor.partition("~")
    try:
        return {"0": False, "1": True}[is_read], read_id(copy_id)
    except (KeyError, ValueError):
        raise InvalidRequest("This is not a cursor of ours.", cursor=cursor[:60]) from None
