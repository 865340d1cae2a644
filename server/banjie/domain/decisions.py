"""Decisions and their receipts: what was decided, by which rules, from which values, on which day's law."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from banjie.domain.citations import Citation

Scalar: TypeAlias = str | bool | int | Decimal | None
Json: TypeAlias = "Scalar | Sequence[Json] | Mapping[str, Json]"


class Basis(StrEnum):
    """Why a value may be used."""

    STATED = "stated"
    RECOMMENDED = "recommended"
    LOCALLY_SET = "locally_set"


@dataclass(frozen=True, kw_only=True)
class ParameterValue:
    """A value of the law as it holds on a day in a region.

    `value` is a Decimal, bool or string. `since` and `until` are both included; `until` None is open.
    `confirm` is true where the texts leave doubt and an officer must confirm the value.
    """

    key: str
    value: Decimal | bool | str
    unit: str
    region: str
    since: date
    until: date | None
    basis: Basis
    citation: Citation | None
    note: str | None = None
    confirm: bool = False


@dataclass(frozen=True, kw_only=True)
class MissingValue:
    """A parameter for which no text has a value on the day; said to the officer, never guessed."""

    key: str
    region: str
    on: date


@dataclass(frozen=True, kw_only=True)
class MatchedRule:
    """A rule of a table that held: its id, 1-based row, and the texts of its annotation columns by name."""

    id: str
    row: int
    annotations: Mapping[str, str]
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A result with its receipt.

    `key` is ``process/table``; `version` the SHA-256 of the table's text; `inputs` the values it saw by
    input name; `value` the outputs by name, empty when nothing could be decided.
    `green` is true only when a rule matched, every parameter had a value, and no diagnostic was raised.
    """

    key: str
    version: str
    on: date
    region: str
    inputs: Mapping[str, Json]
    value: Mapping[str, Json]
    rules: tuple[MatchedRule, ...]
    parameters: tuple[ParameterValue, ...]
    missing: tuple[MissingValue, ...]
    diagnostics: tuple[str, ...]
    engine: str

    @property
    def green(self) -> bool:
        return bool(self.rules) and not self.missing and not self.diagnostics
