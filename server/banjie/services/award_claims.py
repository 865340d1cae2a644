"""What a grant takes of the limits across cases, read from the case data by what the service's file says.

Values are compared as `Runtime.subject_key` makes them alike, and only its keyed hashes enter the names of rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from banjie.domain.decisions import Json, MissingValue
from banjie.domain.errors import EngineFault
from banjie.domain.limits import (
    EVER,
    Claim,
    SlotClaim,
    SpanClaim,
    SumClaim,
    free_again,
    slot_of,
    span_slot_of,
    sum_key_of,
)
from banjie.policy.limits import ACCEPTED, APPLICANT, GRANTED, ITEM, CrossLimit, Within
from banjie.services.runtime import Runtime


class NothingThere(EngineFault):
    """What a limit counts by is not in the case data."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a grant is about: the case data, whose case it is, in which region, when accepted and granted, how much.

    `subject` None where the start form asks for no number. The law of `accepted_on` holds.
    """

    data: Mapping[str, Json]
    subject: bytes | None
    region: str
    accepted_on: date
    granted_on: date
    amount: Decimal


def claims_of(rt: Runtime, limit: CrossLimit, asked: Asked) -> list[Claim]:
    """What a grant takes of one limit, one claim an entry of its list; none where no limit was in force on the day.

    Raises NothingThere, naming the path that holds nothing.
    """
    numbers = _numbers(rt, limit, asked)
    if numbers is None:
        return []
    return [
        _claim(rt, limit, asked, numbers, item, place)
        for place, item in _entries(limit.each, asked.data, limit)
    ]


@dataclass(frozen=True, kw_only=True)
class _Numbers:
    """The numbers of a limit as in force: how often, how many months, how much."""

    times: int
    months: int
    most: Decimal


def _numbers(rt: Runtime, limit: CrossLimit, asked: Asked) -> _Numbers | None:
    """None where a parameter has no value on the day: the texts had no such limit then."""
    found: list[Decimal] = []
    for said in (limit.times, limit.months, limit.most):
        if isinstance(said, str):
            value = rt.parameter(said, asked.accepted_on, asked.region)
            if isinstance(value, MissingValue):
                return None
            found.append(Decimal(value.value))
        else:
            found.append(Decimal(said or 0))
    return _Numbers(times=int(found[0]), months=int(found[1]), most=found[2])


def _entries(
    path: str | None, data: Mapping[str, Json], limit: CrossLimit
) -> Iterator[tuple[int | None, Json]]:
    """The entries of the list at the path with their places, from 1; one without a place where there is no list."""
    if path is None:
        yield None, None
        return
    listed = _at(data, path)
    if listed is None:
        return
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        raise NothingThere(limit=limit.key, path=path)
    yield from enumerate(listed, start=1)


def _claim(
    rt: Runtime, limit: CrossLimit, asked: Asked, numbers: _Numbers, item: Json, entry: int | None
) -> Claim:
    parts = [_part(rt, limit, path, asked, item) for path in limit.by]
    if limit.within is Within.MONTHS:
        since = _day(limit, asked, item)
        slots = tuple(span_slot_of(limit.group, parts, number) for number in range(1, numbers.times + 1))
        until = free_again(since, numbers.months)
        return SpanClaim(limit=limit.key, entry=entry, slots=slots, since=since, until=until)
    period = EVER if limit.within is Within.EVER else str(_year(limit, asked, item))
    if limit.most is not None:
        amount = asked.amount if limit.amount is None else _amount(limit, limit.amount, asked, item)
        key = sum_key_of(limit.group, period, parts)
        return SumClaim(limit=limit.key, entry=entry, key=key, amount=amount, most=numbers.most)
    slots_of_year = tuple(
        slot_of(limit.group, period, parts, number) for number in range(1, numbers.times + 1)
    )
    return SlotClaim(limit=limit.key, entry=entry, slots=slots_of_year)


def _part(rt: Runtime, limit: CrossLimit, path: str, asked: Asked, item: Json) -> str:
    if path == APPLICANT:
        if asked.subject is None:
            raise NothingThere(limit=limit.key, path=path)
        return asked.subject.hex()
    return rt.subject_key(_text(_value(limit, path, asked, item))).hex()


def _text(value: Json) -> str:
    """A value as it is compared: numbers without idle zeros."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | Decimal):
        return format(Decimal(value).normalize(), "f")
    return str(value)


def _day(limit: CrossLimit, asked: Asked, item: Json) -> date:
    if limit.on == ACCEPTED:
        return asked.accepted_on
    if limit.on == GRANTED:
        return asked.granted_on
    said = str(_value(limit, limit.on, asked, item))
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise NothingThere(limit=limit.key, path=limit.on) from None


def _year(limit: CrossLimit, asked: Asked, item: Json) -> int:
    """The year of the day that a limit counts from, or the year that stands at its path."""
    if limit.on not in (ACCEPTED, GRANTED):
        said = _text(_value(limit, limit.on, asked, item))
        if len(said) == len("2026") and said.isdecimal():
            return int(said)
    return _day(limit, asked, item).year


def _amount(limit: CrossLimit, path: str, asked: Asked, item: Json) -> Decimal:
    said = _value(limit, path, asked, item)
    if isinstance(said, bool) or not isinstance(said, int | Decimal):
        raise NothingThere(limit=limit.key, path=path)
    return Decimal(said)


def _value(limit: CrossLimit, path: str, asked: Asked, item: Json) -> Json:
    first, _, rest = path.partition(".")
    value = (_at(item, rest) if rest else item) if first == ITEM else _at(asked.data, path)
    if value is None or value == "" or isinstance(value, Mapping):
        raise NothingThere(limit=limit.key, path=path)
    return value


def _at(value: Json, path: str) -> Json:
    for name in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value
