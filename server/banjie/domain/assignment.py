"""Who may claim, complete, approve and see: roles × agency × region."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from banjie.domain.instances import Instance


class Role(StrEnum):
    """The roles that rules of the house name; a diagram names further posts, such as `bank_officer`."""

    APPLICANT = "applicant"
    HEAD = "head"
    MANAGER = "manager"
    PROCESS_OWNER = "process_owner"
    AUDITOR = "auditor"
    ADMIN = "admin"


@dataclass(frozen=True, kw_only=True)
class Membership:
    """One role in one agency, or over one region; the part that does not apply is empty."""

    role: str
    agency: str = ""
    region: str = ""


@dataclass(frozen=True, kw_only=True)
class Place:
    """The place of an absent officer, taken by a substitute while a substitution lasts.

    `posts` are the absent's memberships in the agencies of the substitution; `services` those it covers, empty:
    all of them.
    """

    substitution: int
    absent_id: int
    absent_name: str
    posts: frozenset[Membership]
    services: frozenset[str]

    @property
    def agencies(self) -> list[str]:
        return sorted({post.agency for post in self.posts})

    def covers(self, role: str, agency: str, service: str | None) -> bool:
        """Whether a task of the role and agency, of a case of the service, falls to it; None: any service."""
        in_scope = service is None or not self.services or service in self.services
        return in_scope and any(held.role == role and held.agency == agency for held in self.posts)


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who is acting: an account with its memberships, and the places that it takes at this moment."""

    account_id: int
    name: str
    username: str
    memberships: frozenset[Membership]
    places: tuple[Place, ...] = ()

    def has(self, role: str) -> bool:
        return any(membership.role == role for membership in self.memberships)

    def holds(self, role: str, agency: str) -> bool:
        return any(held.role == role and held.agency == agency for held in self.memberships)

    @property
    def agencies(self) -> frozenset[str]:
        return frozenset(held.agency for held in self.memberships if held.agency)

    @property
    def posts(self) -> frozenset[Membership]:
        """The memberships under which tasks are offered."""
        return frozenset(held for held in self.memberships if held.agency and held.role not in HOUSE_ROLES)

    @property
    def principals(self) -> tuple[str, ...]:
        """The names under which tasks lie in the inbox, the person's own first."""
        return (principal_of_person(self.account_id), *self.group_principals)

    def principals_in(self, place: Place) -> list[str]:
        """The names under which tasks lie in the absent officer's inbox and not in the actor's own."""
        groups = {principal_of_group(post.role, post.agency) for post in place.posts}
        return [principal_of_person(place.absent_id), *sorted(groups - set(self.group_principals))]

    @property
    def group_principals(self) -> tuple[str, ...]:
        return tuple(sorted(principal_of_group(held.role, held.agency) for held in self.posts))


#: The roles under which no tasks are offered.
HOUSE_ROLES = frozenset(role.value for role in Role)


def principal_of_person(account_id: int) -> str:
    """The inbox of one person.

    >>> principal_of_person(7)
    'u:7'
    """
    return f"u:{account_id}"


def principal_of_group(role: str, agency: str) -> str:
    """The inbox of all who hold the role in the agency.

    >>> principal_of_group("bank_officer", "abc")
    'g:bank_officer@abc'
    """
    return f"g:{role}@{agency}"


def role_of_agency(kind: str) -> str:
    """The candidate role whose tasks an agency of a kind takes.

    >>> role_of_agency("bank")
    'bank_officer'
    """
    return f"{kind}_officer"


def may_see(actor: Actor, instance: Instance, region_path: Collection[str]) -> bool:
    """Whether the case exists for the actor.

    The applicant sees it; so do the people of the agencies that handle it; managers and auditors of a
    region see the cases of that region. `region_path` holds the case's region and all above it.
    """
    if actor.account_id == instance.applicant_id:
        return True
    if not actor.agencies.isdisjoint(instance.agencies.values()):
        return True
    return any(
        held.role in (Role.MANAGER, Role.AUDITOR) and held.region in region_path for held in actor.memberships
    )


def sees_by_agency(actor: Actor, instance: Instance) -> bool:
    """Whether it is only an agency's part in a case that lets the actor see it."""
    is_own = actor.account_id == instance.applicant_id
    oversees = actor.has(Role.MANAGER) or actor.has(Role.AUDITOR)
    return not is_own and not oversees and not actor.agencies.isdisjoint(instance.agencies.values())


def is_at_an_office(actor: Actor) -> bool:
    """Whether the actor works for an agency or oversees a region; the system's administrator does neither."""
    return any(
        (held.agency or held.region) and held.role not in (Role.APPLICANT, Role.ADMIN)
        for held in actor.memberships
    )


def may_cancel(actor: Actor, instance: Instance) -> bool:
    """Whether the actor may end the case without a decision: a head of an agency that handles it."""
    return any(actor.holds(Role.HEAD, agency) for agency in instance.agencies.values())


def oversight_scope(actor: Actor) -> tuple[frozenset[str], frozenset[str]]:
    """The regions (with all below them) and the agencies whose lateness the actor watches over."""
    regions = frozenset(
        held.region for held in actor.memberships if held.role in (Role.MANAGER, Role.AUDITOR) and held.region
    )
    agencies = frozenset(held.agency for held in actor.memberships if held.role == Role.HEAD and held.agency)
    return regions, agencies
