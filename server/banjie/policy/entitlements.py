"""How those are found who may have a service and have not asked (免申即享), as its file says under `entitlement`.

What registers know fills the application that they would send; what no register knows may be taken as so for the
match, and is asked of them when they consent. ``policy/README.md`` tells how it is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from banjie.domain.registers import BY_KEY, RegisterKind
from banjie.policy.yaml_reader import Node


class Period(StrEnum):
    """How often somebody is found anew: never again, once a year, or once a month."""

    EVER = "ever"
    YEAR = "year"
    MONTH = "month"


#: What is known of a subject beside its facts; `certificate_no` is that of a person's newest certificate.
OF_SUBJECT = frozenset({"number", "name", "region", "certificate_no"})
#: What is known of a person at an employer: the last unbroken run of insured months, and what was paid in them.
OF_HIRE = frozenset({"number", "name", "insured_since", "month_from", "month_to", "months_paid"})

Constant = str | bool | int


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a field's value comes from: a fact, in the form's words where it has others, or a constant.

    With a fact and a constant the constant stands where the fact is known. None of both is no source.
    """

    fact: str | None
    words: Mapping[str, str] | None
    constant: Constant | None


#: Field key of the application → its sources, the first that gives something.
Filling = Mapping[str, tuple[Source, ...]]


@dataclass(frozen=True, kw_only=True)
class PeopleRule:
    """The repeated group that an enterprise's insured people fill.

    Only people for whom all fields of `needs` are known are tried. `result` names the output of the award that lists
    who qualifies: ID numbers, or mappings with `id_number` (and `month` where each month counts).
    """

    field: str
    result: str
    facts: Filling
    assume: Filling
    needs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class EntitlementRule:
    """How a service is matched: `facts` enter the application, `assume` only the match; the award's table decides."""

    register: RegisterKind
    period: Period
    facts: Filling
    assume: Filling
    people: PeopleRule | None
    note: str


def read_entitlement(file: Node) -> EntitlementRule | None:
    """What a service's file says under `entitlement`; None where it says nothing. Raises ContentError."""
    node = file.find_child("entitlement")
    file.raw("entitlement")
    if node is None:
        return None
    register = node.choice("register", _register)
    people = node.find_child("people")
    node.raw("people")
    rule = EntitlementRule(
        register=register, period=node.choice("period", Period), facts=_filling(node, "facts", OF_SUBJECT),
        assume=_filling(node, "assume", OF_SUBJECT), people=_people(people) if people else None,
        note=node.text("note"),
    )  # fmt: skip
    node.close()
    if rule.people is not None and register is not RegisterKind.ENTERPRISE:
        raise node.fault("people", "entitlement", "only an enterprise has people")
    return rule


def _register(word: str) -> RegisterKind:
    kind = RegisterKind(word)
    if kind not in (RegisterKind.PERSON, RegisterKind.ENTERPRISE):
        raise ValueError("subjects are persons or enterprises")
    return kind


def _people(node: Node) -> PeopleRule:
    rule = PeopleRule(
        field=node.text("field"), result=node.text("result"), facts=_filling(node, "facts", OF_HIRE),
        assume=_filling(node, "assume", OF_HIRE), needs=node.texts("needs"),
    )  # fmt: skip
    node.close()
    unknown = set(rule.needs) - {*rule.facts, *rule.assume}
    if unknown:
        raise node.fault("needs", "entitlement", f"nothing fills {min(unknown)!r}")
    return rule


def _filling(node: Node, key: str, beside: frozenset[str]) -> Filling:
    child = node.find_child(key)
    node.raw(key)
    return {field: tuple(_sources(child, field, beside)) for field in child.names()} if child else {}


def _sources(node: Node, field: str, beside: frozenset[str]) -> Iterator[Source]:
    said = node.raw(field)
    if isinstance(said, str):
        yield _known(node, field, Source(fact=said, words=None, constant=None), beside)
        return
    for one in node.children(field) if isinstance(said, list) else [node.child(field)]:
        one.raw("words")
        words = one.find_child("words")
        constant = one.raw("is")
        if constant is not None and not isinstance(constant, str | bool | int):
            raise one.fault("is", "type", "a constant is text, a whole number or a flag")
        source = Source(
            fact=one.find_text("fact"),
            words={code: words.text(code) for code in words.names()} if words else None,
            constant=constant,
        )
        one.close()
        yield _known(node, field, source, beside)


def _known(node: Node, field: str, source: Source, beside: frozenset[str]) -> Source:
    if source.fact is None and source.constant is None:
        raise node.fault(field, "entitlement", "a field comes from a fact or is a constant")
    if source.fact is not None and source.fact not in BY_KEY and source.fact not in beside:
        raise node.fault(field, "entitlement", f"no register knows {source.fact!r}")
    return source
