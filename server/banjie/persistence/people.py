"""Accounts, memberships, sessions and failed attempts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from banjie.domain.assignment import HOUSE_ROLES, Actor, Membership, Place
from banjie.domain.handovers import Colleague
from banjie.persistence.database import Db, Row


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What signing in needs to know of an account."""

    account_id: int
    password_hash: str
    is_active: bool
    failures: int
    locked_until: datetime | None


@dataclass(frozen=True, kw_only=True)
class SessionRow:
    """A live session: who, and the token that its forms must carry."""

    actor: Actor
    csrf: str
    kind: str
    expires_at: datetime


# Whose places an account takes at an instant, with the posts that go with them.
_PLACES = """
       (SELECT json_agg(json_build_array(u.id, u.absent_id, w.display_name, u.services, (
            SELECT json_agg(json_build_array(m.role, m.agency, m.region)) FROM membership m
            WHERE m.account_id = u.absent_id AND m.agency <> ''
              AND (cardinality(u.agencies) = 0 OR m.agency = ANY(u.agencies)))) ORDER BY u.id)
        FROM substitution u JOIN account w ON w.id = u.absent_id
        WHERE u.substitute_id = a.id AND u.ended_at IS NULL AND u.from_at <= %s AND u.until_at > %s)"""

SESSION = f"""
SELECT a.id, a.display_name, a.username, s.csrf, s.kind, s.expires_at,
       (SELECT array_agg(ARRAY[m.role, m.agency, m.region]) FROM membership m WHERE m.account_id = a.id),{_PLACES}
FROM session s JOIN account a ON a.id = s.account_id
WHERE s.token_hash = %s AND s.expires_at > %s AND a.is_active"""

ACTOR = f"""
SELECT a.id, a.display_name, a.username,
       (SELECT array_agg(ARRAY[m.role, m.agency, m.region]) FROM membership m WHERE m.account_id = a.id),{_PLACES}
FROM account a WHERE a.{{column}} = %s AND a.is_active"""


_ACTOR_NAMED, _ACTOR_BY_ID = ACTOR.format(column="username"), ACTOR.format(column="id")


class People:
    """The people of one unit of work."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def lock_credentials(self, username: str) -> Credentials | None:
        """The credentials of an account, its row locked so that failures are counted one by one."""
        row = self._db.one(
            "SELECT id, password_hash, is_active, failures, locked_until FROM account "
            "WHERE username = %s FOR NO KEY UPDATE",
            (username,),
        )
        if row is None:
            return None
        return Credentials(
            account_id=row[0], password_hash=row[1], is_active=row[2], failures=row[3], locked_until=row[4]
        )

    def count_failure(self, account_id: int, failures: int, locked_until: datetime | None) -> None:
        """Store the number of failures in a row and until when the account is locked."""
        self._db.run(
            "UPDATE account SET failures = %s, locked_until = %s WHERE id = %s",
            (failures, locked_until, account_id),
        )

    def rehash(self, account_id: int, password_hash: str) -> None:
        """Replace the hash of a password."""
        self._db.run("UPDATE account SET password_hash = %s WHERE id = %s", (password_hash, account_id))

    def add_account(
        self,
        *,
        username: str,
        password_hash: str,
        display_name: str,
        email: str | None,
        is_demo: bool,
        memberships: Collection[Membership],
        at: datetime,
    ) -> int | None:
        """Store an account with its memberships; None where the name is taken."""
        row = self._db.one(
            "INSERT INTO account (username, password_hash, display_name, email, is_demo, created_at) "
            "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (username) DO NOTHING RETURNING id",
            (username, password_hash, display_name, email, is_demo, at),
        )
        if row is None:
            return None
        for held in memberships:
            self._db.run(
                "INSERT INTO membership (account_id, role, agency, region) VALUES (%s, %s, %s, %s)",
                (row[0], held.role, held.agency, held.region),
            )
        return int(row[0])

    def set_active(self, username: str, *, active: bool) -> int | None:
        """Switch an account on or off, ending its sessions; returns its id, None where there is none."""
        row = self._db.one(
            "UPDATE account SET is_active = %s WHERE username = %s RETURNING id", (active, username)
        )
        if row is None:
            return None
        self._db.run("DELETE FROM session WHERE account_id = %s", (row[0],))
        return int(row[0])

    def actor_named(self, username: str, now: datetime) -> Actor | None:
        """An active account as an actor, with the places it takes now."""
        return _actor(self._db.one(_ACTOR_NAMED, (now, now, username)))

    def actor(self, account_id: int, now: datetime) -> Actor | None:
        """An active account as an actor, by id, with the places it takes now."""
        return _actor(self._db.one(_ACTOR_BY_ID, (now, now, account_id)))

    def all(self) -> Sequence[tuple[str, str, bool, list[list[str]]]]:
        """User name, display name, whether active, memberships as [role, agency, region]; by user name."""
        return [
            (row[0], row[1], row[2], row[3] or [])
            for row in self._db.rows(
                "SELECT a.username, a.display_name, a.is_active, (SELECT array_agg(ARRAY[m.role, m.agency, m.region]) "
                "FROM membership m WHERE m.account_id = a.id) FROM account a ORDER BY a.username"
            )
        ]

    def has_demo_accounts(self) -> bool:
        """Whether any active account is a demonstration's."""
        return self._db.one("SELECT 1 FROM account WHERE is_demo AND is_active LIMIT 1") is not None

    def of_agencies(self, agencies: Sequence[str]) -> list[tuple[str, str]]:
        """User name and display name of the active people of the agencies, by name."""
        rows = self._db.rows(
            "SELECT DISTINCT a.username, a.display_name FROM account a JOIN membership m ON m.account_id = a.id "
            "WHERE m.agency = ANY(%s) AND a.is_active ORDER BY a.display_name, a.username",
            (list(agencies),),
        )
        return [(row[0], row[1]) for row in rows]

    def colleagues(self, agencies: Sequence[str], role: str | None = None) -> list[Colleague]:
        """The active officers of agencies, or those of one role, a line a post; by agency and name."""
        only = " AND m.role = %s" if role else " AND m.role <> ALL(%s)"
        rows = self._db.rows(
            "SELECT a.id, a.username, a.display_name, m.role, m.agency FROM membership m "
            f"JOIN account a ON a.id = m.account_id WHERE m.agency = ANY(%s) AND a.is_active{only} "
            "ORDER BY m.agency, a.display_name, a.id",
            (list(agencies), role or sorted(HOUSE_ROLES)),
        )
        return [
            Colleague(account_id=row[0], username=row[1], name=row[2], role=row[3], agency=row[4])
            for row in rows
        ]

    def holders(self, role: str, agency: str) -> list[tuple[int, str | None]]:
        """Account id and e-mail address of the active people who hold a role in an agency."""
        rows = self._db.rows(
            "SELECT a.id, a.email FROM account a JOIN membership m ON m.account_id = a.id "
            "WHERE m.role = %s AND m.agency = %s AND a.is_active ORDER BY a.id",
            (role, agency),
        )
        return [(row[0], row[1]) for row in rows]

    def contact(self, account_id: int) -> tuple[int, str | None] | None:
        """Account id and e-mail address."""
        row = self._db.one("SELECT id, email FROM account WHERE id = %s", (account_id,))
        return (row[0], row[1]) if row else None

    def add_session(
        self, token_hash: bytes, account_id: int, kind: str, csrf: str, at: datetime, expires_at: datetime
    ) -> None:
        """Store a session by the hash of its token; sessions of the account that have expired go."""
        self._db.run("DELETE FROM session WHERE account_id = %s AND expires_at <= %s", (account_id, at))
        self._db.run(
            "INSERT INTO session (token_hash, account_id, kind, csrf, created_at, expires_at) "
            "VALUES (%s, %s, %s, %s, %s, %s)",
            (token_hash, account_id, kind, csrf, at, expires_at),
        )

    def session(self, token_hash: bytes, now: datetime) -> SessionRow | None:
        """A live session with its actor, in one statement."""
        row = self._db.one(SESSION, (now, now, token_hash, now))
        if row is None:
            return None
        actor = Actor(
            account_id=row[0],
            name=row[1],
            username=row[2],
            memberships=_memberships(row[6]),
            places=_places(row[7]),
        )
        return SessionRow(actor=actor, csrf=row[3], kind=row[4], expires_at=row[5])

    def end_session(self, token_hash: bytes, now: datetime) -> int | None:
        """Forget a live session; returns the id of its account, None where there is no such session."""
        row = self._db.one(
            "DELETE FROM session WHERE token_hash = %s AND expires_at > %s RETURNING account_id",
            (token_hash, now),
        )
        return int(row[0]) if row else None

    def attempts(self, bucket: str, since: datetime) -> int:
        """How many attempts a bucket holds whose counting began no earlier than `since`."""
        row = self._db.one("SELECT count FROM attempt WHERE bucket = %s AND since >= %s", (bucket, since))
        return int(row[0]) if row else 0

    def count_attempt(self, bucket: str, now: datetime, since: datetime) -> int:
        """Count one attempt in a bucket whose counting began no earlier than `since`; returns the count."""
        row = self._db.only(
            "INSERT INTO attempt (bucket, count, since) VALUES (%s, 1, %s) ON CONFLICT (bucket) DO UPDATE SET "
            "count = CASE WHEN attempt.since < %s THEN 1 ELSE attempt.count + 1 END, "
            "since = CASE WHEN attempt.since < %s THEN excluded.since ELSE attempt.since END RETURNING count",
            (bucket, now, since, since),
        )
        return int(row[0])


def _actor(row: Row | None) -> Actor | None:
    if row is None:
        return None
    return Actor(
        account_id=row[0],
        name=row[1],
        username=row[2],
        memberships=_memberships(row[3]),
        places=_places(row[4]),
    )


def _places(rows: Sequence[Sequence[Any]] | None) -> tuple[Place, ...]:
    return tuple(
        Place(
            substitution=row[0], absent_id=row[1], absent_name=row[2], services=frozenset(row[3]),
            posts=frozenset(held for held in _memberships(row[4]) if held.role not in HOUSE_ROLES),
        )
        for row in rows or ()
    )  # fmt: skip


def _memberships(rows: Sequence[Sequence[str]] | None) -> frozenset[Membership]:
    return frozenset(
        Membership(role=role, agency=agency, region=region) for role, agency, region in rows or ()
    )
