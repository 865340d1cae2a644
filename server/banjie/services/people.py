"""Signing in and out, and keeping accounts."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from banjie.domain.assignment import Actor, Membership
from banjie.domain.errors import Conflict, InvalidRequest, NotFound, RateLimited, SignInRefused
from banjie.domain.events import NewEvent
from banjie.domain.worklist import NoticeRow
from banjie.identity.passwords import new_token, token_hash
from banjie.persistence.people import Credentials, SessionRow
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services import handovers, tasks
from banjie.services.runtime import Runtime

#: So many wrong passwords in a row lock an account for so long.
MAX_FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)
#: Refused sign-ins from one address in the window; an office behind one address signs in as often as it likes.
_FAILURES_AN_ADDRESS = 100
_WINDOW = timedelta(minutes=15)
SESSION_LASTS = timedelta(hours=12)
TOKEN_LASTS = timedelta(hours=8)
_SHORTEST_PASSWORD = 10
_LONGEST_PASSWORD = 200


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """A fresh session: the token is shown once and stored only as its hash."""

    token: str
    csrf: str
    actor: Actor
    expires_at: datetime


def sign_in(rt: Runtime, username: str, password: str, *, address: str, kind: str = "web") -> SignedIn:
    """Check a password and open a session of a kind, "web" or "api".

    Raises SignInRefused for a wrong name, password or locked account alike, RateLimited after too many
    tries from one address. Failures are counted with the account's row locked.
    """
    now = rt.now()
    bucket = f"sign-in:{address}"
    with rt.store.begin() as uow:
        if uow.people.attempts(bucket, now - _WINDOW) >= _FAILURES_AN_ADDRESS:
            raise RateLimited(retry_after_seconds=int(_WINDOW.total_seconds()))
        held = uow.people.lock_credentials(username[:200])
        right = rt.passwords.verify(held.password_hash if held else None, password[:_LONGEST_PASSWORD])
        locked = held is not None and held.locked_until is not None and held.locked_until > now
        if held is not None and right and held.is_active and not locked:
            return _opened(rt, uow, held, password, kind)
        uow.people.count_attempt(bucket, now, now - _WINDOW)
        if held is not None:
            _count_failure(uow, held, now, locked=locked)
    # Raised outside: the count of failures must not roll back with the refusal.
    raise SignInRefused


def _opened(rt: Runtime, uow: UnitOfWork, held: Credentials, password: str, kind: str) -> SignedIn:
    """A fresh session for an account whose password was right."""
    now = rt.now()
    uow.people.count_failure(held.account_id, 0, None)
    if rt.passwords.needs_rehash(held.password_hash):
        uow.people.rehash(held.account_id, rt.passwords.hash(password))
    signed_in = NewEvent(type="account.signed_in", facts={"kind": kind})
    uow.desk.record(f"account:{held.account_id}", [signed_in], held.account_id, now)
    token, csrf = new_token(), secrets.token_urlsafe(24)
    expires_at = now + (SESSION_LASTS if kind == "web" else TOKEN_LASTS)
    uow.people.add_session(token_hash(token), held.account_id, kind, csrf, now, expires_at)
    actor = uow.people.actor(held.account_id, now)
    if actor is None:
        raise SignInRefused
    return SignedIn(token=token, csrf=csrf, actor=actor, expires_at=expires_at)


def _count_failure(uow: UnitOfWork, held: Credentials, now: datetime, *, locked: bool) -> None:
    """One more failure in a row; the fifth locks the account. While it is locked nothing is counted."""
    failures = held.failures + (0 if locked else 1)
    is_last = failures >= MAX_FAILURES and not locked
    until = now + LOCKED_FOR if is_last else held.locked_until
    uow.people.count_failure(held.account_id, 0 if is_last else failures, until)
    refused = NewEvent(type="account.sign_in_refused", facts={"locked": locked})
    uow.desk.record(f"account:{held.account_id}", [refused], None, now)


def session_of(rt: Runtime, token: str) -> SessionRow | None:
    """The live session of a token, None where there is none. One statement, no transaction."""
    if not token or len(token) > 200:
        return None
    with rt.store.read() as uow:
        return uow.people.session(token_hash(token), rt.now())


def sign_out(rt: Runtime, token: str) -> None:
    """End a session; ending one that has ended changes nothing."""
    with rt.store.begin() as uow:
        account_id = uow.people.end_session(token_hash(token), rt.now())
        if account_id is not None:
            uow.desk.record(
                f"account:{account_id}", [NewEvent(type="account.signed_out")], account_id, rt.now()
            )


def add_person(
    rt: Runtime, *, username: str, password: str, display_name: str, memberships: Collection[Membership],
    email: str | None = None, is_demo: bool = False,
) -> int:  # fmt: skip
    """Open an account. Raises InvalidRequest for a short password or an unknown unit, Conflict for a taken name."""
    if not _SHORTEST_PASSWORD <= len(password) <= _LONGEST_PASSWORD:
        raise InvalidRequest("The password is too short or too long.", shortest=_SHORTEST_PASSWORD)
    if not username.strip() or not display_name.strip():
        raise InvalidRequest("An account needs a name.")
    for held in memberships:
        if held.agency and held.agency not in rt.book.agencies:
            raise InvalidRequest("There is no such agency.", agency=held.agency)
        if held.region and not rt.knows_region(held.region):
            raise InvalidRequest("There is no such region.", region=held.region)
    hashed = rt.passwords.hash(password)
    now = rt.now()
    with rt.store.begin() as uow:
        account_id = uow.people.add_account(
            username=username.strip(), password_hash=hashed, display_name=display_name.strip(), email=email,
            is_demo=is_demo, memberships=memberships, at=now,
        )  # fmt: skip
        if account_id is None:
            raise Conflict("The user name is taken.", username=username)
        granted = [f"{held.role}@{held.agency or held.region}" for held in memberships]
        uow.desk.record(
            f"account:{account_id}", [NewEvent(type="account.opened", facts={"roles": granted})], None, now
        )
    return account_id


def set_active(rt: Runtime, username: str, *, active: bool) -> None:
    """Switch an account on or off. Switching off ends its sessions and puts its tasks back. Raises NotFound."""
    with rt.store.begin() as uow:
        account_id = uow.people.set_active(username, active=active)
        if account_id is None:
            raise NotFound(username=username)
        switched = NewEvent(type="account.switched_on" if active else "account.switched_off")
        uow.desk.record(f"account:{account_id}", [switched], None, rt.now())
    if not active:
        handovers.return_all(rt, account_id)
        tasks.release_all(rt, account_id)


def people(rt: Runtime) -> Sequence[tuple[str, str, bool, list[list[str]]]]:
    """User name, display name, whether active, memberships as [role, agency, region]."""
    with rt.store.read() as uow:
        return uow.people.all()


def actor_named(rt: Runtime, username: str) -> Actor:
    """An active account as an actor; raises NotFound."""
    with rt.store.read() as uow:
        actor = uow.people.actor_named(username, rt.now())
    if actor is None:
        raise NotFound(username=username)
    return actor


def notices(rt: Runtime, actor: Actor, *, limit: int = 50) -> Sequence[NoticeRow]:
    """The newest notices of a person, which are marked as read by `read_notices`."""
    with rt.store.read() as uow:
        return uow.lists.notices(actor.account_id, limit=limit)


def unread(rt: Runtime, actor: Actor) -> int:
    """How many notices wait, counted up to the cap."""
    with rt.store.read() as uow:
        return uow.lists.unread(actor.account_id)


def read_notices(rt: Runtime, actor: Actor, up_to: int) -> None:
    """Mark one's notices as read, up to an id."""
    with rt.store.begin() as uow:
        uow.desk.read_notices(actor.account_id, up_to, rt.now())


def has_demo_accounts(rt: Runtime) -> bool:
    """Whether any active account is a demonstration's, with a password that everybody knows."""
    with rt.store.read() as uow:
        return uow.people.has_demo_accounts()
