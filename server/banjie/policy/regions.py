"""The region tree and the agencies that take part in cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from banjie.domain.errors import NotFound
from banjie.policy.yaml_reader import Node


class RegionLevel(StrEnum):
    """The levels of government, highest first."""

    AUTONOMOUS_REGION = "自治区"
    LEAGUE = "盟市"
    COUNTY = "旗县"


class AgencyKind(StrEnum):
    """What an agency is: 人社、担保、银行、财政、人民政府、发展改革、工业和信息化、税务、民政."""

    BUREAU = "bureau"
    GUARANTOR = "guarantor"
    BANK = "bank"
    FINANCE = "finance"
    GOVERNMENT = "government"
    DEVELOPMENT = "development"
    INDUSTRY = "industry"
    TAX = "tax"
    CIVIL_AFFAIRS = "civil_affairs"


@dataclass(frozen=True, kw_only=True)
class Region:
    """A unit of government; `code` is its code of GB/T 2260, `parent` the code of the next higher one."""

    code: str
    name: str
    name_en: str
    level: RegionLevel
    parent: str | None


@dataclass(frozen=True, kw_only=True)
class Agency:
    """An office that takes part in cases.

    `serves` are the codes of the regions whose cases it handles, those below included.
    """

    key: str
    kind: AgencyKind
    name: str
    name_en: str
    region: str
    serves: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Regions:
    """The tree, by code."""

    by_code: Mapping[str, Region]

    def get(self, code_or_name: str) -> Region:
        """The region of a code, or of a name that only one region bears. Raises NotFound."""
        found = self.by_code.get(code_or_name)
        if found is not None:
            return found
        named = [region for region in self.by_code.values() if region.name == code_or_name]
        if len(named) != 1:
            raise NotFound("There is no such region.", region=code_or_name)
        return named[0]

    def upward(self, code_or_name: str) -> Iterator[Region]:
        """The region itself, then its parents up to the root."""
        region: Region | None = self.get(code_or_name)
        while region is not None:
            yield region
            region = self.by_code[region.parent] if region.parent else None

    def children(self, code_or_name: str | None) -> tuple[Region, ...]:
        """The regions directly below one, in the file's order; those at the root for None."""
        parent = self.get(code_or_name).code if code_or_name else None
        return tuple(region for region in self.by_code.values() if region.parent == parent)

    def contains(self, outer: str, inner: str) -> bool:
        """Whether `inner` is `outer` or lies below it."""
        code = self.get(outer).code
        return any(region.code == code for region in self.upward(inner))


def read_regions(file: Node) -> Regions:
    """The tree of ``regions.yaml``. Raises ContentError where a parent is unknown or not the next level."""
    node = file.child("regions")
    by_code: dict[str, Region] = {}
    for code, child in node.mappings():
        by_code[code] = region = Region(
            code=code,
            name=child.text("name"),
            name_en=child.text("name_en"),
            level=child.choice("level", RegionLevel),
            parent=child.find_text("parent"),
        )
        child.close()
        _check_parent(region, by_code, child)
    file.close()
    return Regions(by_code=by_code)


def _check_parent(region: Region, earlier: Mapping[str, Region], node: Node) -> None:
    """Parents stand before their children, so the tree has no loop."""
    levels = list(RegionLevel)
    rank = levels.index(region.level)
    if region.parent is None:
        if rank:
            raise node.fault("parent", "region-parent", "only the highest level has no parent")
        return
    parent = earlier.get(region.parent)
    if parent is None or parent.code == region.code:
        raise node.fault("parent", "region-parent", f"no region {region.parent} stands before it")
    if levels.index(parent.level) != rank - 1:
        raise node.fault("parent", "region-parent", f"{parent.name} is not of the next higher level")


def read_agencies(file: Node, regions: Regions) -> dict[str, Agency]:
    """Agencies by key, from ``agencies.yaml``. Raises ContentError where a region is unknown."""
    file.find("example", bool)
    agencies = {key: _agency(key, node, regions) for key, node in file.child("agencies").mappings()}
    file.close()
    return agencies


def _agency(key: str, node: Node, regions: Regions) -> Agency:
    agency = Agency(
        key=key,
        kind=node.choice("kind", AgencyKind),
        name=node.text("name"),
        name_en=node.text("name_en"),
        region=node.text("region"),
        serves=node.texts("serves"),
    )
    node.close()
    for name, codes in (("region", (agency.region,)), ("serves", agency.serves)):
        for code in codes:
            if code not in regions.by_code:
                raise node.fault(name, "region", f"regions.yaml has no region {code!r}")
    return agency
