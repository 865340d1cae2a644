"""Substitution (代理): somebody takes an absent officer's place, for a period, within a scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from banjie.domain.errors import Conflict, InvalidRequest

#: The longest period in one arrangement.
LONGEST = timedelta(days=366)


class SubstitutionClash(Conflict):
    """Another arrangement of the same time stands against this one."""

    code = "substitution_clash"


@dataclass(frozen=True, kw_only=True)
class Substitution:
    """An arrangement as stored: in force in [from_at, until_at), unless `ended_at` came before.

    `services` and `agencies` are its scope; empty: all of the absent officer's.
    """

    id: int
    absent_id: int
    absent_name: str
    substitute_id: int
    substitute_name: str
    from_at: datetime
    until_at: datetime
    services: tuple[str, ...]
    agencies: tuple[str, ...]
    reason: str
    created_by: int
    created_by_name: str
    ended_at: datetime | None

    def overlaps(self, from_at: datetime, until_at: datetime) -> bool:
        return self.from_at < until_at and from_at < self.until_at

    def shares_scope(self, services: tuple[str, ...], agencies: tuple[str, ...]) -> bool:
        """Whether one task could fall under both."""
        return _meet(self.services, services) and _meet(self.agencies, agencies)


def _meet(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    return not left or not right or not set(left).isdisjoint(right)


def require_period(from_at: datetime, until_at: datetime, now: datetime) -> None:
    """Raise InvalidRequest unless the period is not empty, not over, and not longer than a year."""
    if until_at <= from_at or until_at <= now or until_at - from_at > LONGEST:
        raise InvalidRequest(
            "A substitution lasts from one minute to a later one, ends in the future, and lasts a year at the most.",
            from_at=from_at, until_at=until_at,
        )  # fmt: skip


def require_no_clash(
    of_absent: list[Substitution],
    of_substitute: list[Substitution],
    absent_id: int,
    substitute_id: int,
    period: tuple[datetime, datetime],
    services: tuple[str, ...],
    agencies: tuple[str, ...],
) -> None:
    """Raise SubstitutionClash where somebody would have two substitutes for one task, or a substitute one of their own.

    `of_absent` and `of_substitute` are the live arrangements in which either takes part, on any side.
    """
    for other in (*of_absent, *of_substitute):
        if not other.overlaps(*period):
            continue
        if other.absent_id == absent_id and other.shares_scope(services, agencies):
            raise SubstitutionClash(rule="one substitute for a task", substitution=other.id)
        if other.absent_id == substitute_id or other.substitute_id == absent_id:
            raise SubstitutionClash(rule="a substitute has no substitute", substitution=other.id)
