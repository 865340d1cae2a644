"""Limits across cases, as a service's file says them: how often, not together with what, how much a year.

They are counted when money is granted (`services/awards`), and the database holds them against two officers who
grant at the same instant. ``policy/README.md`` tells how they are written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from banjie.domain.citations import Citation
from banjie.domain.errors import Problem
from banjie.policy.sources import Document, read_citation
from banjie.policy.yaml_reader import Node

#: Whom the case is about, by the hash that the case keeps.
APPLICANT = "applicant"
#: One entry of the list at `each`; alone where the entries are plain values.
ITEM = "item"
#: The days that a limit may count from without naming a path.
ACCEPTED, GRANTED = "accepted", "granted"


class Within(StrEnum):
    """The time over which a limit counts: for good, a calendar year, or months from the day it counts from."""

    EVER = "ever"
    CALENDAR_YEAR = "calendar_year"
    MONTHS = "months"


@dataclass(frozen=True, kw_only=True)
class CrossLimit:
    """One limit across cases.

    `group` is its name among all limits: those of several services with one group are one limit, so that the services
    exclude each other. `by` are the values that it counts for each: `applicant`, paths into the case data, or
    `item.<field>` of each entry of the list at `each`. It counts `times` (how often) or sums money up to `most`; both,
    and `months`, are a whole number or the key of a parameter. What is summed is the award, or the number at the path
    `amount`. `on` is `accepted`, `granted`, or the path of a day (for a calendar year also of a year). Where a
    parameter has no value on the day of the law there was no such limit then. Without a citation it is set locally
    and `note` says so.
    """

    key: str
    title: str
    title_en: str
    group: str
    by: tuple[str, ...]
    each: str | None
    within: Within
    months: int | str | None
    on: str
    times: int | str | None
    most: str | None
    amount: str | None
    citation: Citation | None
    note: str | None

    @property
    def parameters(self) -> tuple[str, ...]:
        """The keys of the parameters that it takes its numbers from."""
        return tuple(said for said in (self.times, self.most, self.months) if isinstance(said, str))

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths into the case data that it reads, entries of its list as ``item``."""
        said = (*self.by, self.each, self.amount, self.on)
        return tuple(path for path in said if path and path not in (APPLICANT, ACCEPTED, GRANTED))


def read_limits(service: str, file: Node, documents: Mapping[str, Document]) -> tuple[CrossLimit, ...]:
    """The limits of one service's file. Raises ContentError."""
    limits: list[CrossLimit] = []
    for node in file.children("limits"):
        limit = _limit(service, node, documents)
        if any(limit.key == other.key for other in limits):
            raise node.fault("key", "limit-key", f"{limit.key!r} stands twice")
        if any(limit.group == other.group for other in limits):
            raise node.fault("group", "limit-group", "another limit of the service has the same group")
        limits.append(limit)
    return tuple(limits)


def _limit(service: str, node: Node, documents: Mapping[str, Document]) -> CrossLimit:
    key, cited = node.text("key"), node.find_child("citation")
    node.raw("citation")
    limit = CrossLimit(
        key=key, title=node.text("title"), title_en=node.text("title_en"),
        group=node.find_text("group") or f"{service}/{key}", by=node.texts("by") or (APPLICANT,),
        each=node.find_text("each"), within=node.choice("within", Within), months=_count(node, "months"),
        on=node.find_text("on") or ACCEPTED, times=_count(node, "times"), most=node.find_text("most"),
        amount=node.find_text("amount"), citation=read_citation(cited, documents) if cited else None,
        note=node.find_text("note"),
    )  # fmt: skip
    node.close()
    for name, message in _faults(limit):
        raise node.fault(name, "limit", message)
    if limit.citation is None and not limit.note:
        raise node.fault(
            "citation", "citation-required", "a limit has a citation, or a note that it is set locally"
        )
    return limit


def _faults(limit: CrossLimit) -> Iterator[tuple[str, str]]:
    """What does not go together, as (the key at fault, message)."""
    if (limit.months is None) == (limit.within is Within.MONTHS):
        yield "months", "a number of months belongs to `within: months`, and only there"
    if (limit.times is None) == (limit.most is None):
        yield "times", "it says either how often (times) or how much (most)"
    if limit.most is not None and limit.within is Within.MONTHS:
        yield "within", "a sum counts for good or within a calendar year"
    if limit.amount is not None and limit.most is None:
        yield "amount", "only a sum has an amount"
    of_items = [path for path in (*limit.by, limit.amount or "", limit.on) if path.split(".")[0] == ITEM]
    if bool(of_items) != (limit.each is not None):
        yield "each", "`item` is an entry of the list at `each`; a limit has both or neither"
    if limit.each is not None and limit.most is not None and limit.amount is None:
        yield "amount", "what is summed for each entry is a number of its own"


def _count(node: Node, key: str) -> int | str | None:
    """A whole number from 1, or the key of a parameter."""
    said = node.raw(key)
    if said is None or (isinstance(said, int) and not isinstance(said, bool) and said > 0):
        return said
    if isinstance(said, str) and said.strip():
        return said.strip()
    raise node.fault(key, "type", "it must be a whole number from 1, or the key of a parameter")


def disagreeing(limits: Mapping[str, tuple[CrossLimit, ...]]) -> Iterator[Problem]:
    """Limits of several services (service → limits) with one group that do not count alike: they would never meet."""
    first: dict[str, tuple[str, CrossLimit]] = {}
    for service, own in sorted(limits.items()):
        for limit in own:
            other, alike = first.setdefault(limit.group, (service, limit))
            if _shape(limit) != _shape(alike):
                yield Problem(
                    file=f"policy/services/{service}.yaml", element=f"limits.{limit.key}", rule="limit-group",
                    message=f"it counts in another way than that of {other!r} with the group {limit.group!r}",
                )  # fmt: skip


def _shape(limit: CrossLimit) -> tuple[object, ...]:
    return len(limit.by), limit.within, limit.months, limit.times, limit.most
