"""Dated, regional values of the law, and which of them holds on a day in a region.

The rule of look-up: the case's own region first, then the regions above it; at most one value of a region
holds a day. No value on the day means that there is none: a neighbour's value is never taken. What one
version of a policy inherits from another is settled when the file is written, not at look-up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from banjie.domain.citations import Citation
from banjie.domain.decisions import Basis, MissingValue, ParameterValue
from banjie.policy.regions import Regions
from banjie.policy.sources import Document, read_citation
from banjie.policy.yaml_reader import Node

PlainValue: TypeAlias = Decimal | bool | str


class Unit(StrEnum):
    """What a value counts; it decides the value's type."""

    CNY = "CNY"
    PERCENT = "percent"
    PERSONS = "persons"
    TIMES = "times"
    YEARS = "years"
    MONTHS = "months"
    WORKING_DAYS = "working_days"
    NATURAL_DAYS = "natural_days"
    FLAG = "flag"
    LEVEL = "level"


class SinceBasis(StrEnum):
    """Where the first day comes from: the text or its date, or a conclusion that needs confirmation."""

    STATED = "stated"
    INFERRED = "inferred"


@dataclass(frozen=True, kw_only=True)
class Period:
    """A value over a period, both ends included; `until` None is open.

    `value` None means that the text changed the parameter without giving a number: no value holds then,
    and none is looked for in the regions above.
    """

    region: str
    since: date
    until: date | None
    since_basis: SinceBasis
    value: PlainValue | None
    basis: Basis
    citation: Citation | None
    note: str | None

    def holds_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)

    def ended_before(self, day: date) -> bool:
        return self.until is not None and self.until < day


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A parameter by its key ``process/name``; `periods` in the file's order."""

    key: str
    title: str
    title_en: str
    unit: Unit
    note: str | None
    periods: tuple[Period, ...]

    def on(self, day: date, region: str, regions: Regions) -> ParameterValue | MissingValue:
        """The value in force on the day in the region. Raises NotFound for a region that is not in the tree."""
        ended = False
        for place in regions.upward(region):
            own = [period for period in self.periods if period.region == place.code]
            found = next((period for period in own if period.holds_on(day)), None)
            if found is not None:
                if found.value is None:
                    break
                return self._value(found, found.value, region_ended=ended)
            ended = ended or any(period.ended_before(day) for period in own)
        return MissingValue(key=self.key, region=region, on=day)

    def _value(self, period: Period, value: PlainValue, *, region_ended: bool) -> ParameterValue:
        return ParameterValue(
            key=self.key,
            value=value,
            unit=self.unit.value,
            region=period.region,
            since=period.since,
            until=period.until,
            basis=period.basis,
            citation=period.citation,
            note=period.note,
            confirm=region_ended or period.since_basis is SinceBasis.INFERRED,
        )


def read_parameter(key: str, file: Node, documents: Mapping[str, Document], regions: Regions) -> Parameter:
    """The parameter of one file. Raises ContentError naming the value and the rule it breaks.

    Rules: at least one value; known regions; no two values of a region share a day; the value fits the
    unit; a stated value has a citation that holds, a locally set one a note.
    """
    unit = file.choice("unit", Unit)
    periods: list[Period] = []
    for node in file.children("values"):
        period = _period(node, unit, documents)
        if period.region not in regions.by_code:
            raise node.fault("region", "region", f"regions.yaml has no region {period.region!r}")
        if any(_overlap(period, other) for other in periods):
            raise node.fault("since", "no-overlap", "another value of the region holds on some of its days")
        periods.append(period)
    if not periods:
        raise file.fault("values", "required", "it has no value")
    parameter = Parameter(
        key=key,
        title=file.text("title"),
        title_en=file.text("title_en"),
        unit=unit,
        note=file.find_text("note"),
        periods=tuple(periods),
    )
    file.close()
    return parameter


def _period(node: Node, unit: Unit, documents: Mapping[str, Document]) -> Period:
    cited = node.find_child("citation")
    period = Period(
        region=node.text("region"),
        since=node.get("since", date),
        until=node.find("until", date),
        since_basis=node.choice("since_basis", SinceBasis) if "since_basis" in node else SinceBasis.STATED,
        value=_typed(node, unit),
        basis=node.choice("basis", Basis),
        citation=read_citation(cited, documents) if cited else None,
        note=node.find_text("note"),
    )
    node.raw("since_basis")
    node.raw("citation")
    node.close()
    if period.until is not None and period.until < period.since:
        raise node.fault("until", "period", "it ends before it begins")
    if period.basis is Basis.STATED and period.citation is None:
        raise node.fault("citation", "citation-required", "a stated value names its source")
    if (period.basis is not Basis.STATED or period.value is None) and period.note is None:
        raise node.fault("note", "note-required", "a value that no text states says why it is so")
    return period


def _typed(node: Node, unit: Unit) -> PlainValue | None:
    raw = node.raw("value")
    if raw is None:
        return None
    if unit is Unit.FLAG:
        return node.get("value", bool)
    if unit is Unit.LEVEL:
        return node.text("value")
    value = raw if isinstance(raw, Decimal) else Decimal(node.get("value", int))
    if value < 0:
        raise node.fault("value", "not-negative", f"{value} {unit} is negative")
    whole = unit not in (Unit.CNY, Unit.PERCENT)
    if whole and value != value.to_integral_value():
        raise node.fault("value", "whole", f"{unit} are counted in whole numbers")
    return value


def _overlap(one: Period, other: Period) -> bool:
    if one.region != other.region:
        return False
    return not (one.ended_before(other.since) or other.ended_before(one.since))
