"""Comparison between departments (数据比对): what was declared set against the registers, and the record of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from banjie.domain.assignment import Actor, is_at_an_office
from banjie.domain.decisions import Json
from banjie.domain.effects import FACTS
from banjie.domain.errors import NotFound
from banjie.domain.instances import Instance
from banjie.domain.registers import BY_KEY, Fact, FactState, Said
from banjie.persistence.text import loads
from banjie.services.deeds import Deed
from banjie.services.registers import keys_about, known_facts
from banjie.services.runtime import Runtime
from banjie.services.sight import visible

#: The variable of the start form.
_APPLICATION = "application"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What was compared in a case: at which step, by whom (None: nobody yet, this is how it stands now) and when.

    `facts` in the order of the known keys, without those of which nobody says anything.
    """

    element: str | None
    by: str | None
    at: datetime
    facts: Sequence[Fact]

    @property
    def contradictions(self) -> int:
        return sum(fact.state is FactState.CONFLICT for fact in self.facts)


def compare(deed: Deed) -> Mapping[str, Json]:
    """The effect COMPARE: asks the registers, keeps a record, and gives the case data their `facts`."""
    found = _facts(deed.rt, deed.instance)
    if not found:
        return {FACTS: {}}
    deed.uow.registers.add_comparison(
        deed.instance.id, deed.element.id, deed.actor.account_id, deed.at, _recorded(found)
    )
    return {FACTS: {fact.key: fact.plain() for fact in _told(found)}}


def preview(rt: Runtime, actor: Actor, case_no: str) -> Comparison | None:
    """How the declaration stands to the registers now, before it is recorded; None where there is nothing to compare.

    Raises NotFound where the case does not exist for the actor or the actor is at no office.
    """
    with rt.store.read() as uow:
        instance = _for_office(visible(rt, uow, actor, case_no), actor)
    found = _facts(rt, instance)
    return Comparison(element=None, by=None, at=rt.now(), facts=_told(found)) if found else None


def of_case(rt: Runtime, actor: Actor, case_no: str) -> list[Comparison]:
    """What was compared in a case, the newest first. Raises as `preview`."""
    with rt.store.read() as uow:
        instance = _for_office(visible(rt, uow, actor, case_no), actor)
        rows = uow.registers.comparisons(instance.id)
    return [
        Comparison(element=row[0], by=row[1], at=row[2], facts=_told(_read(loads(row[3])))) for row in rows
    ]


def _for_office(instance: Instance, actor: Actor) -> Instance:
    """What departments know is for officers; the applicant sees what was decided from it in the receipt."""
    if not is_at_an_office(actor) or actor.account_id == instance.applicant_id:
        raise NotFound(case=instance.case_no)
    return instance


def _facts(rt: Runtime, instance: Instance) -> dict[str, Fact]:
    """The facts of a case's applicant, by key; none where the application names nobody."""
    application = instance.data.get(_APPLICATION)
    if not isinstance(application, Mapping):
        return {}
    uscc, id_number = _number(application, "uscc"), _number(application, "id_number")
    said: list[Said] = []
    if uscc:
        said += rt.registers.facts_of_enterprise(uscc)
    if id_number:
        said += rt.registers.facts_of_person(id_number)
        said += _certified(rt, application, id_number)
    # An enterprise that applies is paid on its own account, a person who names a business on theirs.
    payee = uscc if uscc and "enterprise_name" in application else id_number or uscc
    if not payee:
        return {}
    account = rt.registers.account_of(payee)
    if account is not None:
        said.append(
            Said(key="account_no", value=account.account_no, source=account.source, as_of=account.as_of)
        )
    keys = keys_about(enterprise=bool(uscc), person=bool(id_number))
    return known_facts(rt, keys, said, application, instance.region, rt.today())


def _number(application: Mapping[str, Json], field: str) -> str:
    return "".join(str(application.get(field) or "").upper().split())


def _certified(rt: Runtime, application: Mapping[str, Json], id_number: str) -> list[Said]:
    """What is known of the certificate that the application names; where it names none, of the newest."""
    held = rt.registers.certificates(id_number)
    named = str(application.get("certificate_no") or "").strip().upper()
    if named:
        held = [one for one in held if one.certificate_no == named]
    elif held:
        held = [one for one in held if one.certificate_no == held[0].certificate_no]
    return [
        Said(key=key, value=value, source=one.source, as_of=one.as_of)
        for one in held
        for key, value in (
            ("certificate_issued_on", one.issued_on.isoformat()),
            ("certificate_occupation", one.occupation),
            ("certificate_level", one.level),
        )
    ]


def _told(found: Mapping[str, Fact]) -> list[Fact]:
    return [fact for fact in found.values() if fact.state is not FactState.MISSING]


def _recorded(found: Mapping[str, Fact]) -> dict[str, Json]:
    """What a comparison keeps: each fact with all that was said of it."""
    return {
        key: {
            **fact.plain(),
            "said": [
                {"value": one.value, "source": one.source, "as_of": one.as_of.isoformat()}
                for one in fact.said
            ],
        }
        for key, fact in found.items()
    }


def _read(results: Mapping[str, Mapping[str, Json]]) -> dict[str, Fact]:
    """The facts of a record; keys that are no longer known are left out."""
    return {key: _read_fact(key, kept) for key, kept in results.items() if key in BY_KEY}


def _read_fact(key: str, kept: Mapping[str, Json]) -> Fact:
    said = kept["said"]
    source, as_of = kept["source"], kept["as_of"]
    return Fact(
        key=key, value=kept["value"], source=None if source is None else str(source),
        as_of=None if as_of is None else date.fromisoformat(str(as_of)),
        state=FactState(str(kept["state"])), declared=kept["declared"],
        said=tuple(
            Said(key=key, value=one["value"], source=str(one["source"]), as_of=date.fromisoformat(str(one["as_of"])))
            for one in (said if isinstance(said, list) else ())
        ),
    )  # fmt: skip
