"""Trying one subject of the registers: the application that they would send, and what the award's table says to it.

A fact on which sources contradict each other is not used: nobody is invited on data that departments do not agree on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from banjie.domain.decisions import Decision, Json
from banjie.domain.effects import FACTS
from banjie.domain.entitlements import Found
from banjie.domain.registers import Certificate, FactState, InsuredMonth, RegisterKind, Said
from banjie.forms.model import LONGEST_REPEATED_LIST, Form
from banjie.persistence.entitlements import Employed
from banjie.persistence.registers import HeldSubject
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.policy.catalogue import Service
from banjie.policy.entitlements import EntitlementRule, Filling, PeopleRule, Period, Source
from banjie.services.award_claims import Asked
from banjie.services.cross_limits import AWARD, preview
from banjie.services.registers import keys_about, known_facts
from banjie.services.runtime import Runtime

APPLICATION = "application"
#: What a form asks of everybody, by kind of subject.
_NAMED = {
    RegisterKind.PERSON: {"applicant_name": "name", "id_number": "number", "region": "region"},
    RegisterKind.ENTERPRISE: {"enterprise_name": "name", "uscc": "number", "region": "region"},
}
#: People fall out until those who are left may all have it; each time at least one falls out.
_ROUNDS = 4
_MONTHS = "insured_months_total"


def period_of(rule: EntitlementRule, on: date) -> str:
    """The period in which a day lies, as a row names it.

    >>> period_of(EntitlementRule(register=RegisterKind.PERSON, period=Period.MONTH, facts={}, assume={}, people=None,
    ...                           note=""), date(2023, 7, 3))
    '2023-07'
    """
    return {Period.EVER: "ever", Period.YEAR: f"{on.year}", Period.MONTH: f"{on:%Y-%m}"}[rule.period]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Somebody as all sources have them; `region` is that of the newest."""

    kind: RegisterKind
    number: str
    name: str
    region: str
    said: Sequence[Said]

    @classmethod
    def of(cls, kind: RegisterKind, held: Sequence[HeldSubject]) -> Subject:
        newest = max(held, key=lambda one: one.as_of)
        return cls(
            kind=kind, number=newest.number, name=newest.name, region=newest.region,
            said=[said for one in held for said in one.said()],
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Around:
    """What the registers hold beside the subjects themselves: by ID number, and whom each employer employs."""

    months: Mapping[str, Sequence[InsuredMonth]]
    certificates: Mapping[str, Sequence[Certificate]]
    employed: Mapping[str, Sequence[Employed]]

    @classmethod
    def of(cls, uow: UnitOfWork, rule: EntitlementRule, numbers: Sequence[str]) -> Around:
        """Around many subjects at once."""
        people = numbers if rule.register is RegisterKind.PERSON else ()
        return cls(
            months=uow.registers.months_of(people, date.min, date.max) if people else {},
            certificates=uow.registers.certificates_of(people) if people else {},
            employed=uow.entitlements.employed_by(numbers) if rule.people else {},
        )


@dataclass(frozen=True, kw_only=True)
class _Match:
    """What all rounds of one subject share."""

    rt: Runtime
    uow: UnitOfWork
    service: Service
    rule: EntitlementRule
    form: Form
    subject: Subject
    key: bytes
    on: date
    facts: Mapping[str, Json]
    plain: Mapping[str, Json]


@dataclass
class _Fallen:
    """People, and single months of people, that may not be counted."""

    people: set[str] = field(default_factory=set)
    months: set[tuple[str, str]] = field(default_factory=set)


def match(
    rt: Runtime, uow: UnitOfWork, service: Service, rule: EntitlementRule, form: Form, subject: Subject,
    around: Around, on: date,
) -> Found | None:  # fmt: skip
    """What a subject may have of a service by the law of a day; None where it is nothing, or cannot be told.

    `form` is the service's start form. Limits across cases that are used up count as the table's no.
    """
    said, certificate_no = list(subject.said), None
    if subject.kind is RegisterKind.PERSON:
        said += _insured(subject, around.months.get(subject.number, ()))
        certified = _certified(around.certificates.get(subject.number, ()))
        said, certificate_no = [*said, *certified[0]], certified[1]
    keys = keys_about(
        enterprise=subject.kind is RegisterKind.ENTERPRISE, person=subject.kind is RegisterKind.PERSON
    )
    known = known_facts(rt, keys, said, {}, subject.region, on)
    facts: dict[str, Json] = {
        key: fact.value for key, fact in known.items() if fact.state is not FactState.CONFLICT
    }
    facts |= {
        "number": subject.number, "name": subject.name, "region": subject.region, "certificate_no": certificate_no,
    }  # fmt: skip
    trying = _Match(
        rt=rt, uow=uow, service=service, rule=rule, form=form, subject=subject, key=rt.subject_key(subject.number),
        on=on, facts=facts, plain={key: fact.plain() for key, fact in known.items()},
    )  # fmt: skip
    employed = around.employed.get(subject.number, ())
    fallen = _Fallen()
    for _ in range(_ROUNDS if rule.people else 1):
        found = _try(trying, employed, fallen)
        if isinstance(found, Found):
            return found
        if not found:
            return None
    return None


def _insured(subject: Subject, months: Sequence[InsuredMonth]) -> list[Said]:
    """The months for which a person was insured, counted where no source says how many."""
    if not months or any(one.key == _MONTHS for one in subject.said):
        return []
    newest = max(months, key=lambda one: one.as_of)
    count = len({one.month for one in months})
    return [Said(key=_MONTHS, value=count, source=newest.source, as_of=newest.as_of)]


def _certified(certificates: Sequence[Certificate]) -> tuple[list[Said], str | None]:
    """What is known of a person's newest certificate, which comes first, and its number."""
    newest = next(iter(certificates), None)
    if newest is None:
        return [], None
    values = {
        "certificate_issued_on": newest.issued_on.isoformat(), "certificate_occupation": newest.occupation,
        "certificate_level": newest.level,
    }  # fmt: skip
    said = [
        Said(key=key, value=value, source=newest.source, as_of=newest.as_of) for key, value in values.items()
    ]
    return said, newest.certificate_no


def _try(trying: _Match, employed: Sequence[Employed], fallen: _Fallen) -> Found | bool:
    """What the subject may have; True where another round with those who are left may find it."""
    rule = trying.rule
    named = {
        name: trying.facts[source]
        for name, source in _NAMED[rule.register].items()
        if name in trying.form.fields
    }
    prefill: dict[str, Json] = {**named, **_filled(rule.facts, trying.facts)}
    tried: dict[str, Json] = {**trying.service.constants, **_filled(rule.assume, trying.facts), **prefill}
    if rule.people is not None:
        people = list(_people(trying, rule.people, employed, fallen))[:LONGEST_REPEATED_LIST]
        if not people:
            return False
        prefill[rule.people.field] = [known for known, _assumed in people]
        tried[rule.people.field] = [{**assumed, **known} for known, assumed in people]
    decision = trying.rt.decide(
        f"{trying.service.process}/{AWARD}",
        {APPLICATION: tried, FACTS: trying.plain},
        trying.on,
        trying.subject.region,
    )
    if not decision.green or decision.value.get("eligible") is not True:
        return False
    if rule.people is not None and _fall_out(rule.people, decision, tried, fallen):
        return True
    taken = _taken(trying, tried, decision)
    if taken is None:
        return _found(trying, decision, prefill)
    return rule.people is not None and _fall(taken, fallen)


def _found(trying: _Match, decision: Decision, prefill: Mapping[str, Json]) -> Found:
    subject, amount = trying.subject, decision.value.get("amount")
    return Found(
        subject=trying.key, number=subject.number, name=subject.name, region=subject.region,
        period=period_of(trying.rule, trying.on), amount=None if amount is None else Decimal(str(amount)),
        receipt=decision, prefill=prefill,
    )  # fmt: skip


# ── limits ───────────────────────────────────────────────────────────────────────────────────────────


def _taken(trying: _Match, tried: Mapping[str, Json], decision: Decision) -> list[Json] | None:
    """The entries of lists that a limit stands against; empty: it is the subject's; None: all is free."""
    data: dict[str, Json] = {APPLICATION: dict(tried), AWARD: dict(decision.value)}
    asked = Asked(
        data=data, subject=trying.key, region=trying.subject.region, accepted_on=trying.on, granted_on=trying.on,
        amount=Decimal(str(decision.value.get("amount") or 0)),
    )  # fmt: skip
    refused = [one for one in preview(trying.rt, trying.uow, trying.service, asked, None) if not one.is_free]
    if not refused:
        return None
    return [
        entry
        for one in refused
        if one.entry is not None and one.limit.each is not None
        for entry in [_entry(data, one.limit.each, one.entry)]
    ]


def _entry(data: Mapping[str, Json], path: str, place: int) -> Json:
    found: Json = dict(data)
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found[place - 1] if isinstance(found, Sequence) and not isinstance(found, str) else None


def _fall(taken: Sequence[Json], fallen: _Fallen) -> bool:
    """Let the people or months of the entries fall out; whether any did."""
    before = len(fallen.people) + len(fallen.months)
    for entry in taken:
        number, month = _named(entry)
        if month:
            fallen.months.add((number, month))
        elif number:
            fallen.people.add(number)
    return len(fallen.people) + len(fallen.months) > before


def _named(entry: Json) -> tuple[str, str]:
    """The ID number and month that an entry of a result is about."""
    if isinstance(entry, Mapping):
        return str(entry.get("id_number") or ""), str(entry.get("month") or "")
    return str(entry or ""), ""


def _fall_out(rule: PeopleRule, decision: Decision, tried: Mapping[str, Json], fallen: _Fallen) -> bool:
    """Let those fall out whom the table did not take; whether there were any."""
    result = decision.value.get(rule.result)
    taken = {_named(entry)[0] for entry in result} if isinstance(result, Sequence) else set()
    people = tried[rule.field]
    asked = {_named(entry)[0] for entry in people} if isinstance(people, Sequence) else set()
    fallen.people |= asked - taken
    return not asked <= taken


# ── what registers fill ──────────────────────────────────────────────────────────────────────────────


def _filled(filling: Filling, facts: Mapping[str, Json]) -> dict[str, Json]:
    """Field key → value, of the fields for which a source gives one."""
    filled: dict[str, Json] = {}
    for name, sources in filling.items():
        value = next(_values(sources, facts), None)
        if value is not None:
            filled[name] = value
    return filled


def _values(sources: Sequence[Source], facts: Mapping[str, Json]) -> Iterator[Json]:
    for source in sources:
        if source.fact is None:
            yield source.constant
            continue
        known = facts.get(source.fact)
        if known is None or known == "":
            continue
        if source.constant is not None:
            yield source.constant
        elif source.words is None:
            yield known
        elif str(known) in source.words:
            yield source.words[str(known)]


def _people(
    trying: _Match, rule: PeopleRule, employed: Sequence[Employed], fallen: _Fallen
) -> Iterator[tuple[dict[str, Json], dict[str, Json]]]:
    """The known and the assumed fields of each person of whom enough is known."""
    for one in employed:
        if one.number in fallen.people or not one.held:
            continue
        facts = _facts_of(trying, one, fallen)
        known, assumed = _filled(rule.facts, facts), _filled(rule.assume, facts)
        if all(need in known or need in assumed for need in rule.needs):
            yield known, assumed


def _facts_of(trying: _Match, employed: Employed, fallen: _Fallen) -> dict[str, Json]:
    person = Subject.of(RegisterKind.PERSON, employed.held)
    known = known_facts(
        trying.rt, keys_about(enterprise=False, person=True), person.said, {}, person.region, trying.on
    )
    facts: dict[str, Json] = {
        key: fact.value for key, fact in known.items() if fact.state is not FactState.CONFLICT
    }
    facts |= {"number": person.number, "name": person.name}
    free = [
        month
        for month in employed.months
        if (person.number, f"{month:%Y-%m}") not in fallen.months and month <= trying.on
    ]
    run = _last_run(free)
    if run:
        facts["month_from"], facts["month_to"] = f"{run[0]:%Y-%m}", f"{run[-1]:%Y-%m}"
        facts["months_paid"] = sum((employed.months[month] for month in run), Decimal(0))
        facts["insured_since"] = _last_run([one for one in employed.months if one <= trying.on])[
            0
        ].isoformat()
    return facts


def _last_run(months: Collection[date]) -> list[date]:
    """The last months that follow each other without a gap, ascending.

    >>> [f"{one:%m}" for one in _last_run([date(2023, 5, 1), date(2023, 3, 1), date(2023, 6, 1)])]
    ['05', '06']
    """
    run: list[date] = []
    for month in sorted(months, reverse=True):
        if run and _next_month(month) != run[-1]:
            break
        run.append(month)
    return run[::-1]


def _next_month(month: date) -> date:
    year, place = divmod(month.year * 12 + month.month, 12)
    return date(year, place + 1, 1)
