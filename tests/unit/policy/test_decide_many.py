"""Decisions for the rows of a list are those that each row would get by itself."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date

import pytest

from banjie.content.root import content_root
from banjie.domain.decisions import Json
from banjie.policy.book import Book
from banjie.policy.decide import Decider

TABLE = "job_stabilisation_refund/award"
DAYS = ("2018-06-01", "2019-06-03", "2020-06-01", "2021-03-01", "2023-06-24", "2023-07-03", "2024-02-01")


@pytest.fixture(scope="module")
def decider() -> Decider:
    return Decider(Book.load(content_root()))


def _rows(seed: int, count: int) -> list[dict[str, Json]]:
    """Rows as lists hold them, with values at the boundaries, of wrong kinds, and absent."""
    chance = random.Random(seed)  # noqa: S311  the same rows each time

    def some(*values: Json) -> Json:
        return chance.choice(values)

    return [
        {
            "size": some("大型", "中型", "小型", "微型", "其他", "", None, 3),
            "body": some("企业", "律师事务所", "基金会", None),
            "premium": some(0, "0.01", "1234.55", 10_000, "99999999.99", "x", None),
            "laid_off": some(0, 1, 36, 37, None),
            "year_end_staff": some(0, 964, 963, 100, None),
            "few_layoffs": some(True, False, None),
            "terminated": some(0, 1, 2, 6, 11, None),
            "average_insured": some(0, "0.4", 30, "30.5", 31, 200, "199.5", None),
            "dishonest": some(True, False, False, None),
            "polluting": some(True, False, False, None),
            "account_kind": some("corporate", "premium", None),
        }
        for _ in range(count)
    ]


@pytest.mark.parametrize("day", DAYS)
def test_many_are_decided_as_one_by_one(decider: Decider, day: str) -> None:
    rows, on = _rows(len(day) + int(day[:4]), 300), date.fromisoformat(day)

    many = decider.decide_many(
        TABLE, {f"row.{name}": [row[name] for row in rows] for name in rows[0]}, on=on, region="152201"
    )

    for line, row in enumerate(rows):
        facts: Mapping[str, Json] = {"row": row}
        one = decider.decide(TABLE, facts, on=on, region="152201")
        assert many.values[line] == one.value
        assert many.matched[line] == tuple(rule.row for rule in one.rules)
        assert [many.rules[number] for number in many.matched[line]] == list(one.rules)
        assert many.missing.get(line, ()) == one.missing
        assert many.diagnostics.get(line, ()) == one.diagnostics
        assert set(one.parameters) <= set(many.parameters)
    assert (many.version, many.engine, many.on) == (one.version, one.engine, on)


def test_a_table_that_asks_by_the_row_looks_a_parameter_up_once(decider: Decider) -> None:
    """Parameters that only some rows ask for are in the receipt that all share, and missed by those alone."""
    kinds = ["individual", "sme", "individual"]

    many = decider.decide_many(
        "guarantee_loan/loan_cap",
        {"application.loan_kind": kinds, "application.amount": [100_000, 100_000, "300000.01"]},
        on=date(2023, 7, 3), region="152201",
    )  # fmt: skip

    assert [one.key for one in many.parameters] == [
        "guarantee_loan/individual_loan_cap",
        "guarantee_loan/sme_loan_cap",
    ]
    assert [value["capped"] for value in many.values] == [False, False, True]


def test_columns_of_different_lengths_are_refused(decider: Decider) -> None:
    with pytest.raises(ValueError, match="differ in length"):
        decider.decide_many(
            TABLE, {"row.size": ["大型"], "row.premium": []}, on=date(2023, 7, 3), region="152201"
        )
