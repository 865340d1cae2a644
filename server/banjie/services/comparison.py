"""Comparison between departments (数据比对): what was declared set against the registers, and the record of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from banjie.domain.assignment import Actor, is_at_an_office
from banjie.domain.decisions import Json
from banjie.domain.effects import FACTS
from banjie.domain.errors import NotFound
from banjie.domain.instances import Instance
from banjie.domain.registers import BY_KEY, MONTHS_HERE, Certificate, Fact, FactState, InsuredMonth, Said
from banjie.persistence.text import loads
from banjie.services.deeds import Deed
from banjie.services.registers import keys_about, known_facts
from banjie.services.runtime import Runtime
from banjie.services.sight import visible

#: The variable of the start form.
_APPLICATION = "application"
#: People of a list who are compared.
_MOST_LISTED = 200


@dataclass(frozen=True, kw_only=True)
class ListedPerson:
    """Somebody in a list of the application: the list's key, the row from 1, the declared name, and the facts."""

    list: str
    row: int
    name: str
    facts: Sequence[Fact]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What was compared in a case: at which step, by whom (None: nobody yet, this is how it stands now) and when.

    `facts` in the order of the known keys, without those of which nobody says anything; `people` are those whom the
    application lists and of whom a register says something.
    """

    element: str | None
    by: str | None
    at: datetime
    facts: Sequence[Fact]
    people: Sequence[ListedPerson]

    @property
    def contradictions(self) -> int:
        listed = [fact for person in self.people for fact in person.facts]
        return sum(fact.state is FactState.CONFLICT for fact in (*self.facts, *listed))


def compare(deed: Deed) -> Mapping[str, Json]:
    """The effect COMPARE: asks the registers, keeps a record, and gives the case data their `facts`."""
    found = _facts(deed.rt, deed.instance)
    people = listed(deed.rt, deed.instance)
    if not found and not people:
        return {FACTS: {}}
    results: dict[str, Json] = {
        "facts": _recorded(found),
        "people": [
            {"list": one.list, "row": one.row, "name": one.name,
             "facts": _recorded({fact.key: fact for fact in one.facts})}
            for one in people
        ],
    }  # fmt: skip
    deed.uow.registers.add_comparison(
        deed.instance.id, deed.element.id, deed.actor.account_id, deed.at, results
    )
    return {FACTS: {fact.key: fact.plain() for fact in _told(found)}}


def preview(rt: Runtime, actor: Actor, case_no: str) -> Comparison | None:
    """How the declaration stands to the registers now, before it is recorded; None where there is nothing to compare.

    Raises NotFound where the case does not exist for the actor or the actor is at no office.
    """
    with rt.store.read() as uow:
        instance = _for_office(visible(rt, uow, actor, case_no), actor)
    found, people = _facts(rt, instance), listed(rt, instance)
    if not found and not people:
        return None
    return Comparison(element=None, by=None, at=rt.now(), facts=_told(found), people=people)


def of_case(rt: Runtime, actor: Actor, case_no: str) -> list[Comparison]:
    """What was compared in a case, the newest first. Raises as `preview`."""
    with rt.store.read() as uow:
        instance = _for_office(visible(rt, uow, actor, case_no), actor)
        rows = uow.registers.comparisons(instance.id)
    return [_kept(row[0], row[1], row[2], loads(row[3])) for row in rows]


def _kept(element: str, by: str | None, at: datetime, results: Mapping[str, Any]) -> Comparison:
    """A comparison as it was recorded."""
    return Comparison(
        element=element, by=by, at=at, facts=_told(_read(results["facts"])),
        people=[
            ListedPerson(list=one["list"], row=one["row"], name=one["name"], facts=_told(_read(one["facts"])))
            for one in results["people"]
        ],
    )  # fmt: skip


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
    # An enterprise that applies is paid on its own account, a person who names a business on theirs.
    payee = uscc if uscc and "enterprise_name" in application else id_number or uscc
    if not payee:
        return {}
    known = rt.registers.of_applicant(uscc, id_number, payee)
    said = [*known.said, *_certified(application, known.certificates)]
    account = known.account
    if account is not None:
        said.append(
            Said(key="account_no", value=account.account_no, source=account.source, as_of=account.as_of)
        )
    keys = keys_about(enterprise=bool(uscc), person=bool(id_number))
    return known_facts(rt, keys, said, application, instance.region, rt.today())


def listed(rt: Runtime, instance: Instance) -> list[ListedPerson]:
    """The people whom the application lists by number and of whom a register says something; so many at the most."""
    application = instance.data.get(_APPLICATION)
    if not isinstance(application, Mapping):
        return []
    uscc = _number(application, "uscc")
    found: list[ListedPerson] = []
    for key, rows in application.items():
        for row, given in enumerate(rows if isinstance(rows, list | tuple) else (), start=1):
            number = _listed_number(given)
            if isinstance(given, Mapping) and number and len(found) < _MOST_LISTED:
                facts = _facts_of_row(rt, instance, given, number, uscc)
                name = str(given.get("name") or given.get("member_name") or "")
                if facts:
                    found.append(ListedPerson(list=key, row=row, name=name, facts=facts))
    return found


def _listed_number(given: Json) -> str:
    """The ID number in a row of a list, empty without one."""
    if not isinstance(given, Mapping):
        return ""
    return _number(given, "id_number") or _number(given, "member_id")


def _facts_of_row(
    rt: Runtime, instance: Instance, given: Mapping[str, Json], number: str, uscc: str
) -> list[Fact]:
    """What registers say of somebody in a list, set against the row; nothing that only the row says."""
    on = rt.today()
    keys = keys_about(enterprise=False, person=True)
    found = known_facts(rt, keys, rt.registers.facts_of_person(number), given, instance.region, on)
    since, until = _month(given.get("month_from")), _month(given.get("month_to"))
    if uscc and since and until and since <= until:
        months = rt.registers.insured_months(number, since, until)
        asked = (until.year - since.year) * 12 + until.month - since.month + 1
        found |= known_facts(
            rt, [BY_KEY[MONTHS_HERE]], _paid_months(months, uscc), {MONTHS_HERE: asked}, instance.region, on
        )
    return [fact for fact in found.values() if fact.said]


def _paid_months(months: Sequence[InsuredMonth], uscc: str) -> list[Said]:
    """For how many different months each source that knows the person has them with an employer; it may be none."""
    return [
        Said(
            key=MONTHS_HERE, source=source,
            value=len({one.month for one in months if one.source == source and one.uscc == uscc}),
            as_of=max(one.as_of for one in months if one.source == source),
        )
        for source in sorted({one.source for one in months})
    ]  # fmt: skip


def _month(text: Json) -> date | None:
    """The first day of a month that a form writes as 2026-08 or as one of its days."""
    try:
        return date.fromisoformat(f"{str(text)[:7]}-01") if text else None
    except ValueError:
        return None


def _number(application: Mapping[str, Json], field: str) -> str:
    return "".join(str(application.get(field) or "").upper().split())


def _certified(application: Mapping[str, Json], held: Sequence[Certificate]) -> list[Said]:
    """What is known of the certificate that the application names; where it names none, of the newest."""
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
