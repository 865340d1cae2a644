"""Limits across cases as files say them, and the days on which they are free again."""

from __future__ import annotations

from datetime import date

import pytest

from banjie.domain.errors import ContentError
from banjie.domain.limits import free_again
from banjie.policy.limits import CrossLimit, disagreeing, read_limits
from banjie.policy.yaml_reader import Node

ONCE: dict[str, object] = {
    "key": "once", "title": "限一次", "title_en": "Once", "within": "ever", "times": 1, "note": "本地设定",
}  # fmt: skip


def limits(*given: dict[str, object]) -> tuple[CrossLimit, ...]:
    return read_limits("service", Node({"limits": list(given)}, file="service.yaml"), {})


def test_a_limit_counts_the_applicant_from_acceptance_unless_it_says_otherwise() -> None:
    [limit] = limits(ONCE)
    assert (limit.by, limit.on, limit.group) == (("applicant",), "accepted", "service/once")


@pytest.mark.parametrize(
    "change",
    [
        {"months": 12},
        {"within": "months"},
        {"times": None},
        {"times": 0},
        {"times": True},
        {"most": "p/most"},
        {"times": None, "most": "p/most", "within": "months", "months": 12},
        {"each": "application.people"},
        {"by": ["item.id_number"]},
        {"amount": "application.amount"},
        {"times": None, "most": "p/most", "each": "application.people", "by": ["item.id_number"]},
        {"note": None},
        {"unknown": 1},
    ],
)
def test_what_does_not_go_together_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ContentError):
        limits({**ONCE, **change})


def test_two_limits_of_a_service_have_two_names() -> None:
    with pytest.raises(ContentError):
        limits(ONCE, ONCE)
    with pytest.raises(ContentError):
        limits({**ONCE, "group": "a"}, {**ONCE, "key": "other", "group": "a"})


def test_limits_of_one_group_count_alike() -> None:
    shared = limits({**ONCE, "group": "a"})
    yearly = limits({**ONCE, "group": "a", "within": "calendar_year"})
    assert list(disagreeing({"one": shared, "two": shared})) == []
    assert [problem.rule for problem in disagreeing({"one": shared, "two": yearly})] == ["limit-group"]


@pytest.mark.parametrize(
    ("day", "months", "free"),
    [
        (date(2026, 3, 15), 12, date(2027, 3, 16)),
        (date(2026, 1, 31), 1, date(2026, 3, 1)),
        (date(2024, 2, 29), 12, date(2025, 3, 1)),
        (date(2026, 12, 31), 2, date(2027, 3, 1)),
        (date(2026, 12, 1), 1, date(2027, 1, 2)),
    ],
)
def test_months_end_on_the_same_day_or_the_last_of_the_month(day: date, months: int, free: date) -> None:
    assert free_again(day, months) == free
