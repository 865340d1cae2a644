"""Taking an absent officer's place (代理): arranged, in force to the minute, ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from banjie.domain.assignment import HOUSE_ROLES, Actor, Role, principal_of_person
from banjie.domain.errors import Conflict, Forbidden, InvalidRequest, NotFound
from banjie.domain.events import NewEvent
from banjie.domain.proceedings import reason_of, words_hash
from banjie.domain.substitutions import Substitution, require_no_clash, require_period
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.runtime import Runtime

_SHOWN = 100


@dataclass(frozen=True, kw_only=True)
class Arrange:
    """The wish that `substitute` take the place of `absent` in [from_at, until_at), both user names.

    Seconds are cut off. `services` and `agencies` are the scope; empty: all.
    """

    by: Actor
    absent: str
    substitute: str
    from_at: datetime
    until_at: datetime
    reason: str
    services: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()


def arrange(rt: Runtime, command: Arrange) -> int:
    """Arrange a substitution, by the absent officer or the head of an agency of theirs; returns its id.

    What lies in the absent officer's inbox already falls to the substitute too. Raises NotFound for unknown people,
    Forbidden, InvalidRequest for a wrong period, scope or substitute, SubstitutionClash. Locks both accounts.
    """
    now, reason = rt.now(), reason_of(command.reason)
    from_at, until_at = _minute(command.from_at), _minute(command.until_at)
    require_period(from_at, until_at, now)
    with rt.store.begin() as uow:
        absent, substitute = _person(rt, uow, command.absent), _person(rt, uow, command.substitute)
        _require_may_arrange(command.by, absent)
        agencies = _require_scope(rt, absent, substitute, command)
        uow.substitutions.lock_people([absent.account_id, substitute.account_id])
        require_no_clash(
            uow.substitutions.live_of(absent.account_id), uow.substitutions.live_of(substitute.account_id),
            absent.account_id, substitute.account_id, (from_at, until_at), command.services, agencies,
        )  # fmt: skip
        new_id = uow.substitutions.add(
            absent_id=absent.account_id, substitute_id=substitute.account_id, from_at=from_at, until_at=until_at,
            services=command.services, agencies=agencies, reason=reason, by=command.by.account_id, at=now,
        )  # fmt: skip
        arranged = NewEvent(
            type="substitution.arranged",
            facts={
                "substitution": new_id, "substitute": substitute.account_id, "from_at": from_at.isoformat(),
                "until_at": until_at.isoformat(), "services": list(command.services), "agencies": list(agencies),
                "reason_sha256": words_hash(reason),
            },
        )  # fmt: skip
        uow.desk.record(f"account:{absent.account_id}", [arranged], command.by.account_id, now)
    return new_id


def end(rt: Runtime, actor: Actor, substitution_id: int) -> None:
    """End an arrangement now, by the absent officer, the substitute, or a head of an agency of the absent.

    What the substitute holds in their place goes back to the absent officer. Raises NotFound, Forbidden, Conflict
    where it has ended.
    """
    with rt.store.begin() as uow:
        found = uow.substitutions.lock(substitution_id)
        if found is None:
            raise NotFound(substitution=substitution_id)
        if actor.account_id not in (found.absent_id, found.substitute_id):
            absent = uow.people.actor(found.absent_id, rt.now())
            if absent is None or not _is_head_of(actor, absent):
                raise NotFound(substitution=substitution_id)
        if found.ended_at is not None:
            raise Conflict("The substitution has ended.", substitution=substitution_id, at=found.ended_at)
        _mark_ended(rt, uow, found, actor.account_id)
    _give_back(rt, found)


def end_due(rt: Runtime) -> int:
    """End the arrangements whose period is over, one transaction each; returns how many. For the sweep."""
    with rt.store.read() as uow:
        over = uow.substitutions.over(rt.now())
    ended = 0
    for substitution_id in over:
        with rt.store.begin() as uow:
            found = uow.substitutions.lock(substitution_id)
            if found is None or found.ended_at is not None:
                continue
            _mark_ended(rt, uow, found, None)
        _give_back(rt, found)
        ended += 1
    return ended


@dataclass(frozen=True, kw_only=True)
class Arrangements:
    """What concerns somebody: where they are absent, where they substitute, and, for heads, in their agencies."""

    absent: Sequence[Substitution]
    substituting: Sequence[Substitution]
    in_agencies: Sequence[Substitution]


def arrangements(rt: Runtime, actor: Actor) -> Arrangements:
    """The live arrangements in which the actor takes part, and the newest of the agencies that the actor heads."""
    heads = sorted(held.agency for held in actor.memberships if held.role == Role.HEAD and held.agency)
    with rt.store.read() as uow:
        mine = uow.substitutions.live_of(actor.account_id)
        led = uow.substitutions.of_agencies(heads, limit=_SHOWN) if heads else []
    return Arrangements(
        absent=[one for one in mine if one.absent_id == actor.account_id],
        substituting=[one for one in mine if one.substitute_id == actor.account_id],
        in_agencies=led,
    )


def colleagues(rt: Runtime, actor: Actor) -> Sequence[tuple[str, str]]:
    """User name and name of the active people of the actor's agencies, the actor among them, by name."""
    with rt.store.read() as uow:
        return uow.people.of_agencies(sorted(actor.agencies))


# ── rules ────────────────────────────────────────────────────────────────────────────────────────────


def _minute(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise InvalidRequest("An instant needs an offset.", instant=instant)
    try:
        return instant.astimezone(UTC).replace(second=0, microsecond=0)
    except OverflowError:
        raise InvalidRequest("No calendar has this instant.", instant=instant) from None


def _person(rt: Runtime, uow: UnitOfWork, username: str) -> Actor:
    found = uow.people.actor_named(username.strip(), rt.now())
    if found is None:
        raise NotFound(username=username[:60])
    return found


def _is_head_of(actor: Actor, officer: Actor) -> bool:
    return any(actor.holds(Role.HEAD, agency) for agency in officer.agencies)


def _require_may_arrange(actor: Actor, absent: Actor) -> None:
    if actor.account_id != absent.account_id and not _is_head_of(actor, absent):
        raise Forbidden(
            "Only the officer or the head of the agency arranges a substitution.", absent=absent.username
        )


def _require_scope(rt: Runtime, absent: Actor, substitute: Actor, command: Arrange) -> tuple[str, ...]:
    """The agencies of the scope; the substitute must work in each of them."""
    if substitute.account_id == absent.account_id:
        raise InvalidRequest("Nobody is their own substitute.", field="substitute")
    posts = {held.agency for held in absent.posts}
    if not posts:
        raise InvalidRequest("There is no post in which somebody could stand in.", field="absent")
    for service in command.services:
        if service not in rt.book.services:
            raise InvalidRequest("There is no such service.", field="services", service=service[:60])
    strange = set(command.agencies) - posts
    if strange:
        raise InvalidRequest(
            "The officer has no post in this agency.", field="agencies", agency=min(strange)[:60]
        )
    # The head of one agency arranges nothing for the posts of another.
    own = command.by.account_id == absent.account_id
    led = posts if own else {agency for agency in posts if command.by.holds(Role.HEAD, agency)}
    if not led.issuperset(command.agencies or led) or not led:
        raise Forbidden("A head arranges it for the posts of their own agency.", absent=absent.username)
    agencies = tuple(sorted(command.agencies or led))
    serving = {held.agency for held in substitute.memberships if held.role not in _NO_OFFICERS}
    missing = sorted(set(agencies) - serving)
    if missing:
        raise InvalidRequest(
            "The substitute does not work in the agency of the post.", field="substitute", agency=missing[0]
        )
    return agencies


_NO_OFFICERS = HOUSE_ROLES - {Role.HEAD.value}


def _mark_ended(rt: Runtime, uow: UnitOfWork, found: Substitution, by: int | None) -> None:
    uow.substitutions.end(found.id, by, rt.now())
    ended = NewEvent(
        type="substitution.ended", facts={"substitution": found.id, "substitute": found.substitute_id}
    )
    uow.desk.record(f"account:{found.absent_id}", [ended], by, rt.now())


def _give_back(rt: Runtime, found: Substitution) -> None:
    """Put what the substitute holds in the place back into the absent officer's inbox, one transaction a task.

    Back to its group where the absent officer holds the post no longer.
    """
    with rt.store.read() as uow:
        held = uow.substitutions.held_in_place(found.substitute_id, found.absent_id)
    for task_id in held:
        with rt.store.begin() as uow:
            instance, task = uow.cases.lock_by_task(task_id), uow.cases.task(task_id)
            if instance is None or task is None or task.held_for != found.absent_id:
                continue
            if not task.is_held_by(found.substitute_id):
                continue
            released = NewEvent(
                type="task.released", element=task.element, task_id=task.id, agency=task.agency,
                facts={"reason": "substitution_ended"},
            )  # fmt: skip
            absent = uow.people.actor(found.absent_id, rt.now())
            fit = absent is not None and absent.holds(task.role, task.agency)
            uow.desk.hold(
                instance,
                task.id,
                found.absent_id if fit else None,
                principal_of_person(found.absent_id) if fit else task.candidate_principal,
                released,
                None,
                rt.now(),
            )
