"""The policy files themselves: they load, cite what is written, and decide as their examples say."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache

import pytest

from banjie.content.root import content_root
from banjie.domain.decisions import Basis, ParameterValue
from banjie.policy.book import Book
from banjie.policy.decide import Decider
from banjie.policy.examples import Example, failing_examples, read_examples
from banjie.policy.parameters import Unit
from banjie.services.content_check import check

COUNTY = "152201"
ELSEWHERE = "150502"
LIMITS = ("review_limit", "guarantor_limit", "bank_limit")


@cache
def book() -> Book:
    return Book.load(content_root())


@cache
def decider() -> Decider:
    return Decider(book())


def value(name: str, on: date, region: str = COUNTY) -> Decimal | bool | str | None:
    found = book().find_parameter(f"guarantee_loan/{name}", on=on, region=region)
    return found.value if isinstance(found, ParameterValue) else None


def test_whole_content_breaks_no_rule() -> None:
    assert check(content_root()) == []


@pytest.mark.parametrize("example", read_examples(content_root()), ids=lambda example: example.name)
def test_example_is_decided_as_written(example: Example) -> None:
    assert failing_examples(decider(), [example]) == []


def test_every_table_has_an_example_for_each_rule() -> None:
    tables = {key: decider().table(key) for key in decider().keys}
    held: dict[str, set[int]] = {key: set() for key in tables}

    for example in read_examples(content_root()):
        decision = decider().decide(example.decision, example.facts, on=example.on, region=example.region)
        held[example.decision] |= {rule.row for rule in decision.rules}

    for key, table in tables.items():
        assert held[key] == {rule.index for rule in table.model.table(table.decision).rules}, key


@pytest.mark.parametrize(
    ("day", "cap", "share"),
    [
        (date(2019, 1, 30), None, None),
        (date(2019, 6, 1), Decimal(150000), Decimal(25)),
        (date(2020, 5, 8), Decimal(150000), Decimal(25)),
        (date(2020, 5, 9), Decimal(200000), Decimal(15)),
        (date(2020, 6, 1), Decimal(200000), Decimal(15)),
        (date(2023, 7, 3), Decimal(200000), Decimal(15)),
    ],
)
def test_caps_and_shares_are_those_in_force_on_the_day(
    day: date, cap: Decimal | None, share: Decimal | None
) -> None:
    assert value("individual_loan_cap", day) == cap
    assert value("sme_new_hire_ratio", day) == share


def test_step_limits_begin_on_the_day_of_the_leagues_notice() -> None:
    before = [value(name, date(2023, 6, 24)) for name in LIMITS]
    after = [value(name, date(2023, 6, 25)) for name in LIMITS]

    assert before == [None, None, None]
    assert after == [Decimal(2), Decimal(3), Decimal(5)]


def test_step_limits_of_one_league_hold_in_no_other() -> None:
    assert [value(name, date(2023, 7, 3), ELSEWHERE) for name in LIMITS] == [None, None, None]


def test_counter_guarantee_exemption_begins_on_15_april_2020() -> None:
    assert value("counter_guarantee_individual_max", date(2020, 4, 14)) is None
    assert value("counter_guarantee_individual_max", date(2020, 4, 15)) == Decimal(100000)


def test_an_extension_without_a_stated_length_is_set_locally_and_cites_the_permission() -> None:
    found = book().parameter("guarantee_loan/security_extension_limit", on=date(2023, 7, 3), region=COUNTY)

    assert (found.basis, found.citation and found.citation.article) == (Basis.LOCALLY_SET, "一（三）6")


def test_every_ground_on_which_time_is_not_counted_cites_the_law() -> None:
    assert {ground.citation.article for ground in book().grounds.values()} == {"第四十五条"}


def test_every_local_or_recommended_value_says_why() -> None:
    periods = [period for parameter in book().parameters.values() for period in parameter.periods]

    assert all(period.note for period in periods if period.basis is not Basis.STATED)


def test_every_deadline_counts_working_days() -> None:
    limits = [p for key, p in book().parameters.items() if key.endswith("_limit")]

    assert limits
    assert {parameter.unit for parameter in limits} == {Unit.WORKING_DAYS}
