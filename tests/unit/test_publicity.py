"""Days of a publicity, and the instant at which objecting ends and closing begins."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banjie.content.root import content_root
from banjie.domain.calendar import LEGAL_ZONE
from banjie.domain.ledger import LimitUnit
from banjie.domain.publicity import (
    ObjectionsOpen,
    Publicity,
    PublicityOver,
    PublicityRuns,
    PublicityStatus,
    Start,
    period,
)
from banjie.policy.calendars import load_calendars

NATIONAL = load_calendars(content_root() / "policy" / "calendars", 2026).calendar_for()
WORKING, NATURAL = LimitUnit.WORKING_DAYS, LimitUnit.NATURAL_DAYS


@pytest.mark.parametrize(
    ("published", "days", "unit", "start", "first", "last"),
    [
        # Mid-Autumn is 25 to 27 September 2026, National Day 1 to 7 October, 10 October is a make-up day.
        ("2026-09-24T10:00", 5, WORKING, Start.NEXT_DAY, "2026-09-25", "2026-10-09"),
        ("2026-09-24T10:00", 5, WORKING, Start.SAME_DAY, "2026-09-24", "2026-10-08"),
        ("2026-09-25T10:00", 5, WORKING, Start.SAME_DAY, "2026-09-25", "2026-10-09"),
        ("2026-09-28T23:59", 5, WORKING, Start.NEXT_DAY, "2026-09-29", "2026-10-10"),
        ("2026-09-30T00:00", 1, WORKING, Start.NEXT_DAY, "2026-10-01", "2026-10-08"),
        ("2026-09-07T10:00", 7, NATURAL, Start.NEXT_DAY, "2026-09-08", "2026-09-14"),
        ("2026-09-07T10:00", 7, NATURAL, Start.SAME_DAY, "2026-09-07", "2026-09-14"),
        ("2026-09-29T10:00", 3, NATURAL, Start.NEXT_DAY, "2026-09-30", "2026-10-08"),
    ],
)
def test_the_days_of_a_publicity(
    published: str, days: int, unit: LimitUnit, start: Start, first: str, last: str
) -> None:
    at = datetime.fromisoformat(published).replace(tzinfo=LEGAL_ZONE)

    span = period(at, days, unit, start, NATIONAL)

    assert (span.starts_on.isoformat(), span.ends_on.isoformat()) == (first, last)
    assert span.closes_at == datetime.combine(span.ends_on, datetime.min.time(), LEGAL_ZONE) + timedelta(
        days=1
    )


@given(st.integers(0, 300), st.integers(1, 20), st.sampled_from(Start))
def test_so_many_working_days_lie_within_it(day: int, days: int, start: Start) -> None:
    published = datetime(2026, 1, 1, 9, tzinfo=LEGAL_ZONE) + timedelta(days=day)

    span = period(published, days, WORKING, start, NATIONAL)

    within = (span.ends_on - span.starts_on).days + 1
    working = [one for one in range(within) if NATIONAL.is_working_day(span.starts_on + timedelta(days=one))]
    assert len(working) == days
    assert NATIONAL.is_working_day(span.ends_on)


CLOSES = datetime(2026, 9, 15, tzinfo=LEGAL_ZONE)


def publicity(status: PublicityStatus = PublicityStatus.RUNNING) -> Publicity:
    return Publicity(
        id=1, no="GS-1", instance_id=1, roster_id=None, service="s", region="152201", agency="bureau", title="名单",
        remark="", starts_on=date(2026, 9, 8), ends_on=date(2026, 9, 14), closes_at=CLOSES, entries=1,
        total=Decimal(1), status=status, published_at=CLOSES, closed_at=None,
    )  # fmt: skip


def test_at_the_end_of_the_last_day_objecting_ends_and_closing_begins() -> None:
    before = CLOSES - timedelta(microseconds=1)

    publicity().require_open(before)
    publicity().require_closable(CLOSES, open_objections=0)
    with pytest.raises(PublicityOver):
        publicity().require_open(CLOSES)
    with pytest.raises(PublicityRuns):
        publicity().require_closable(before, open_objections=0)
    with pytest.raises(ObjectionsOpen):
        publicity().require_closable(CLOSES, open_objections=1)
    assert not publicity(PublicityStatus.CLOSED).is_open(before)
