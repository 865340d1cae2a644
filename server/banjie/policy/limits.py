"""Limits across cases, as a service's file says them: how often, not together with what, how much a year.

They are counted when money is granted (`services/awards`), and the database holds them against two officers who
grant at the same instant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from banjie.domain.citations import Citation
from banjie.policy.sources import Document, read_citation
from banjie.policy.yaml_reader import Node


class Within(StrEnum):
    """The time over which a limit counts: for good, a calendar year, or months from the day it counts from."""

    EVER = "ever"
    CALENDAR_YEAR = "calendar_year"
    MONTHS = "months"


@dataclass(frozen=True, kw_only=True)
class CrossLimit:
    """One limit across cases.

    What is limited is told by `group` (services with one group share it: they exclude each other) and `by`: paths into
    the case data, `applicant` for whom the case is about, `item.<field>` for each entry of the list at `each`. It
    counts `times` (how often) or sums the money of awards up to `most`; both are a whole number or the key of a
    parameter. `on` is the path of the day that it counts from, None: the day of acceptance; `months` belongs to MONTHS.
    Without a citation it is set locally and `note` says so.
    """

    key: str
    title: str
    title_en: str
    group: str
    by: tuple[str, ...]
    each: str | None
    within: Within
    months: int | None
    on: str | None
    times: int | str | None
    most: str | None
    citation: Citation | None
    note: str | None


def read_limits(service: str, file: Node, documents: Mapping[str, Document]) -> tuple[CrossLimit, ...]:
    """The limits of one service's file. Raises ContentError."""
    return tuple(_limit(service, node, documents) for node in file.children("limits"))


def _limit(service: str, node: Node, documents: Mapping[str, Document]) -> CrossLimit:
    within = node.choice("within", Within)
    months = node.find("months", int)
    if (months is None) == (within is Within.MONTHS):
        raise node.fault("months", "months", "a number of months belongs to `within: months`, and only there")
    cited = node.find_child("citation")
    limit = CrossLimit(
        key=node.text("key"), title=node.text("title"), title_en=node.text("title_en"),
        group=node.find_text("group") or service, by=node.texts("by"), each=node.find_text("each"),
        within=within, months=months, on=node.find_text("on"), times=_times(node),
        most=node.find_text("most"), citation=read_citation(cited, documents) if cited else None,
        note=node.find_text("note"),
    )  # fmt: skip
    node.close()
    if (limit.times is None) == (limit.most is None):
        raise node.fault("times", "limit", "it says either how often (times) or how much (most)")
    if limit.citation is None and not limit.note:
        raise node.fault(
            "citation", "citation-required", "a limit has a citation, or a note that it is set locally"
        )
    return limit


def _times(node: Node) -> int | str | None:
    """A whole number from 1, or the key of a parameter."""
    said = node.raw("times") if "times" in node else None
    if (
        said is None
        or (isinstance(said, int) and not isinstance(said, bool) and said > 0)
        or isinstance(said, str)
    ):
        return said
    raise node.fault("times", "type", "it must be a whole number from 1, or the key of a parameter")
