"""What departments know: asked of the registers, whoever keeps them, and looked up by officers of their region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Protocol

from banjie.domain.assignment import Actor, Membership, Role
from banjie.domain.errors import Forbidden, InvalidRequest, NotFound
from banjie.domain.events import NewEvent
from banjie.domain.identity import credit_code_fault, id_number_fault
from banjie.domain.registers import (
    BY_KEY,
    OF_ENTERPRISE,
    OF_PERSON,
    Certificate,
    Fact,
    FactKey,
    HeldAccount,
    InsuredMonth,
    RegisterKind,
    Said,
    facts,
)
from banjie.persistence.registers import HeldSubject, Holding
from banjie.persistence.unit_of_work import Store

if TYPE_CHECKING:
    from banjie.services.runtime import Runtime

#: Kind of agency whose officers and heads load and read the registers of the regions that it serves.
_KEEPER = "bureau"
_OFFICER = "bureau_officer"
_FIRST_MONTH = date(1900, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of an applicant: what sources say of the enterprise and the person, certificates, the account."""

    said: Sequence[Said]
    certificates: Sequence[Certificate]
    account: HeldAccount | None


class Registers(Protocol):
    """Where facts come from. A data-sharing platform takes the place of the tables by answering the first five.

    What a source does not know it is silent about: an unknown number gives nothing and no error.
    """

    def facts_of_enterprise(self, uscc: str) -> Sequence[Said]: ...

    def facts_of_person(self, id_number: str) -> Sequence[Said]: ...

    def account_of(self, subject_number: str) -> HeldAccount | None: ...

    def insured_months(self, id_number: str, since: date, until: date) -> Sequence[InsuredMonth]: ...

    def certificates(self, id_number: str) -> Sequence[Certificate]: ...

    def of_applicant(self, uscc: str, id_number: str, payee: str) -> Known:
        """All of an enterprise, a person and the account of a number; an empty number is nobody.

        Asked one by one; a source that can answer at once does so.
        """
        said: list[Said] = []
        if uscc:
            said += self.facts_of_enterprise(uscc)
        if id_number:
            said += self.facts_of_person(id_number)
        return Known(
            said=said, certificates=self.certificates(id_number) if id_number else [],
            account=self.account_of(payee) if payee else None,
        )  # fmt: skip


class DatabaseRegisters(Registers):
    """The registers in the tables that loads fill."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def facts_of_enterprise(self, uscc: str) -> Sequence[Said]:
        """What each source says of an enterprise, its name among it."""
        with self._store.read() as uow:
            held = uow.registers.enterprise(uscc)
        return _said_of("registered_name", held)

    def facts_of_person(self, id_number: str) -> Sequence[Said]:
        """What each source says of a person, the name among it.

        Where none says for how many months the person was insured in all, the months that are held are counted.
        """
        with self._store.read() as uow:
            held = uow.registers.person(id_number)
            said = _said_of("person_name", held)
            if all(one.key != "insured_months_total" for one in said):
                said += _counted(uow.registers.months(id_number, _FIRST_MONTH, date.max))
        return said

    def account_of(self, subject_number: str) -> HeldAccount | None:
        """The newest account of a number, of several of one day the corporate one before that of the tax department."""
        with self._store.read() as uow:
            return next(iter(uow.registers.accounts(subject_number)), None)

    def insured_months(self, id_number: str, since: date, until: date) -> Sequence[InsuredMonth]:
        """The insured months of a person whose first day lies in [since, until], ascending."""
        with self._store.read() as uow:
            return uow.registers.months(id_number, since, until)

    def certificates(self, id_number: str) -> Sequence[Certificate]:
        """A person's certificates, the newest first."""
        with self._store.read() as uow:
            return uow.registers.certificates(id_number)

    def of_applicant(self, uscc: str, id_number: str, payee: str) -> Known:
        """The same as asked one by one, in one statement."""
        with self._store.read() as uow:
            held = uow.registers.of_applicant(uscc, id_number, payee)
        person = _said_of("person_name", held.person)
        if all(one.key != "insured_months_total" for one in person):
            person += held.months
        return Known(
            said=[*_said_of("registered_name", held.enterprise), *person],
            certificates=held.certificates, account=next(iter(held.accounts), None),
        )  # fmt: skip


def _said_of(name_key: str, held: Sequence[HeldSubject]) -> list[Said]:
    """What each source says of a subject, its name last."""
    return [
        said
        for one in held
        for said in (*one.said(), Said(key=name_key, value=one.name, source=one.source, as_of=one.as_of))
    ]


def _counted(months: Sequence[InsuredMonth]) -> list[Said]:
    """The number of different months, by source."""
    sources = sorted({one.source for one in months})
    return [
        Said(
            key="insured_months_total",
            value=len({one.month for one in months if one.source == source}),
            source=source,
            as_of=max(one.as_of for one in months if one.source == source),
        )
        for source in sources
    ]


# ── who may ──────────────────────────────────────────────────────────────────────────────────────────


def regions_of(rt: Runtime, actor: Actor) -> frozenset[str]:
    """The codes of the regions whose registers the actor keeps, those below included; empty for most people."""
    served = {
        code
        for held in actor.memberships
        if _keeps(rt, held)
        for code in rt.book.agencies[held.agency].serves
    }
    return frozenset(code for code in rt.book.regions.by_code if not served.isdisjoint(rt.region_path(code)))


def keeps(rt: Runtime, actor: Actor) -> bool:
    """Whether the actor keeps the registers of any region."""
    return any(_keeps(rt, held) for held in actor.memberships)


def _keeps(rt: Runtime, held: Membership) -> bool:
    agency = rt.book.agencies.get(held.agency)
    return agency is not None and agency.kind == _KEEPER and held.role in (_OFFICER, Role.HEAD)


def require_keeper(rt: Runtime, actor: Actor) -> frozenset[str]:
    """The regions of `regions_of`; raises Forbidden where there are none."""
    regions = regions_of(rt, actor)
    if not regions:
        raise Forbidden("Only officers of a bureau keep the registers.")
    return regions


def holdings(rt: Runtime, actor: Actor) -> Sequence[Holding]:
    """What sources last brought for the actor's regions, by kind and source. Raises Forbidden."""
    regions = require_keeper(rt, actor)
    with rt.store.read() as uow:
        return uow.registers.holdings(sorted(regions))


# ── looking somebody up ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What the registers hold of one number; `kind` is person or enterprise.

    `facts` are in the order of the known keys, without those that nobody says anything of.
    """

    kind: RegisterKind
    number: str
    name: str
    region: str
    facts: Sequence[Fact]
    accounts: Sequence[HeldAccount]
    months: Sequence[InsuredMonth]
    certificates: Sequence[Certificate]


def look_up(rt: Runtime, actor: Actor, number: str) -> Entry:
    """What the registers hold of a person or an enterprise of the actor's regions; the look-up is recorded.

    The record keeps the keyed hash of the number, never the number. Raises Forbidden, InvalidRequest for what is
    neither an ID number nor a credit code, NotFound for somebody that no source has in these regions.
    """
    regions = require_keeper(rt, actor)
    number = "".join(number.upper().split())
    is_person = id_number_fault(number, rt.today()) is None
    if not is_person and credit_code_fault(number) is not None:
        raise InvalidRequest("This is neither an ID number nor a credit code.", field="number")
    kind = RegisterKind.PERSON if is_person else RegisterKind.ENTERPRISE
    with rt.store.begin() as uow:
        held = uow.registers.person(number) if is_person else uow.registers.enterprise(number)
        seen = [one for one in held if one.region in regions]
        uow.desk.record(
            "registers",
            [NewEvent(type="register.looked_up", facts={"kind": kind.value, "found": bool(seen),
                                                        "subject": rt.subject_key(number).hex()})],
            actor.account_id, rt.now(),
        )  # fmt: skip
        accounts = uow.registers.accounts(number)
        months = uow.registers.months(number, _FIRST_MONTH, date.max) if is_person else []
        certificates = uow.registers.certificates(number) if is_person else []
    if not seen:
        raise NotFound("No source has this number in your region.")
    newest = max(seen, key=lambda one: one.as_of)
    said = [said for one in seen for said in one.said()]
    keys = [key for key in BY_KEY.values() if key.kind is kind and any(one.key == key.key for one in said)]
    return Entry(
        kind=kind, number=number, name=newest.name, region=newest.region,
        facts=list(known_facts(rt, keys, said, {}, newest.region, rt.today()).values()),
        accounts=accounts, months=months, certificates=certificates,
    )  # fmt: skip


def known_facts(
    rt: Runtime, keys: Sequence[FactKey], said: Sequence[Said], declared: Mapping[str, object], region: str, on: date
) -> dict[str, Fact]:  # fmt: skip
    """The facts of the keys, stale by the parameters in force on a day in a region."""
    names = {key.stale_after for key in keys if key.stale_after}
    found = {name: rt.parameter(name, on, region) for name in names}
    days = {name: int(str(value.value)) for name, value in found.items() if hasattr(value, "value")}
    return facts(keys, said, declared, on=on, stale_days=days)  # type: ignore[arg-type]  # JSON


def keys_about(*, enterprise: bool, person: bool) -> list[FactKey]:
    """The facts that are asked for a case with a credit code, and for one with an ID number."""
    kinds = (OF_ENTERPRISE if enterprise else frozenset[RegisterKind]()) | (
        OF_PERSON if person else frozenset[RegisterKind]()
    )
    return [key for key in BY_KEY.values() if key.kind in kinds or key.kind is RegisterKind.ACCOUNT]
