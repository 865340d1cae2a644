"""Days that are hard to count: festivals, pauses, limits at their close, years without a notice.

The days are counted by hand in the comments, by the official calendar of 2026: 14 and 28 February, 20 September are
worked; 15 to 23 February, 25 to 27 September are not.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from banjie.domain.calendar import LEGAL_ZONE
from banjie.domain.clock import ClockKind, ClockState
from banjie.domain.errors import FourEyes, InstanceEnded
from banjie.domain.instances import InstanceStatus
from banjie.domain.proceedings import LimitPassed
from banjie.domain.supplements import ItemKind, MissingItem
from banjie.services import extensions, procedures, supplements, tasks
from banjie.services.instances import ClockView
from support.office import Office

PHONE = MissingItem(kind=ItemKind.FIELD, key="phone", title="")


def clock(office: Office, case_no: str, kind: ClockKind, element: str | None = None) -> ClockView:
    return next(
        one
        for one in office.view(case_no).clocks
        if one.stored.clock.kind is kind and element in (None, one.stored.clock.subject.element)
    )


def due(office: Office, case_no: str, kind: ClockKind, element: str | None = None) -> str:
    at = clock(office, case_no, kind, element).stored.due.at
    return at.astimezone(LEGAL_ZONE).strftime("%m-%d %H:%M")


def applied(office: Office, moment: str) -> str:
    office.tick(moment)
    return office.apply(amount=80_000)


def ask(office: Office, case_no: str, moment: str) -> int:
    office.tick(moment)
    task = office.open_task(case_no)
    tasks.claim(office.rt, office.actors["zhao"], task.id)
    return supplements.ask(office.rt, office.actors["zhao"], task.id, [PHONE], "请补正")


def answer(office: Office, proceeding: int, moment: str) -> None:
    office.tick(moment)
    supplements.answer(office.rt, office.actors["wang"], proceeding, {"phone": "13900000099"})


def in_review(office: Office, moment: str = "2026-09-07 10:00") -> str:
    """A case accepted at a moment, its review held by zhao."""
    case_no = applied(office, moment)
    office.complete(case_no, "Accept")
    tasks.claim(office.rt, office.actors["zhao"], office.open_task(case_no).id)
    return case_no


def events(office: Office, case_no: str, kind: str) -> list[str]:
    return [
        event.at.astimezone(LEGAL_ZONE).strftime("%m-%d %H:%M")
        for event in office.view(case_no).events
        if event.type == kind
    ]


# ── deemed acceptance ────────────────────────────────────────────────────────────────────────────────


def test_a_silent_office_has_accepted_from_the_day_of_receipt(office: Office) -> None:
    # Received on Monday the 7th; the 8th, 9th, 10th, 11th and 14th count.
    case_no = applied(office, "2026-09-07 10:00")
    assert due(office, case_no, ClockKind.ACCEPTANCE) == "09-14 17:30"
    office.tick("2026-09-11 17:30")
    assert "09-11 17:30" in events(office, case_no, "deadline.warned")
    office.tick("2026-09-14 17:29:59")
    assert office.open_elements(case_no) == ["Accept"]

    office.tick("2026-09-15 09:00")

    view = office.view(case_no)
    assert view.instance.accepted_at == datetime(2026, 9, 7, 10, tzinfo=LEGAL_ZONE)
    assert office.open_elements(case_no) == ["Review"]
    promised = clock(office, case_no, ClockKind.PROMISED).stored
    assert promised.clock.start == view.instance.accepted_at
    # Eleven days from the 7th: 8 to 11, 14 to 18, Sunday the 20th and Monday the 21st.
    assert due(office, case_no, ClockKind.PROMISED) == "09-21 17:30"
    # The review begins now: the 16th and 17th.
    assert due(office, case_no, ClockKind.STEP, "Review") == "09-17 17:30"
    assert clock(office, case_no, ClockKind.ACCEPTANCE).state is ClockState.STOPPED
    assert events(office, case_no, "instance.accepted") == []
    [deemed] = [event for event in view.events if event.type == "instance.deemed_accepted"]
    assert deemed.facts["citation"] == "licensing-law 第三十二条第一款第四项"
    assert deemed.actor is None


def test_after_a_supplement_silence_accepts_from_the_day_of_the_answer(office: Office) -> None:
    case_no = applied(office, "2026-09-07 10:00")
    proceeding = ask(office, case_no, "2026-09-08 15:00")
    answer(office, proceeding, "2026-09-09 12:00")
    # The 8th and 9th are not counted: the 10th, 11th, 14th, 15th and 16th.
    assert due(office, case_no, ClockKind.ACCEPTANCE) == "09-16 17:30"

    office.tick("2026-09-16 17:30")

    assert office.view(case_no).instance.accepted_at == datetime(2026, 9, 9, 12, tzinfo=LEGAL_ZONE)
    # From the 9th: 10, 11, 14 to 18, 20, 21, 22, 23.
    assert due(office, case_no, ClockKind.PROMISED) == "09-23 17:30"


def test_a_request_that_was_taken_back_leaves_the_day_of_receipt(office: Office) -> None:
    case_no = applied(office, "2026-09-07 10:00")
    proceeding = ask(office, case_no, "2026-09-08 15:00")
    office.tick("2026-09-09 12:00")
    supplements.withdraw(office.rt, office.actors["zhao"], proceeding, "材料已在卷")

    office.tick("2026-09-16 17:30")

    assert office.view(case_no).instance.accepted_at == datetime(2026, 9, 7, 10, tzinfo=LEGAL_ZONE)


def test_what_was_paused_after_the_receipt_stays_paused_in_the_clock_dated_back(office: Office) -> None:
    case_no = applied(office, "2026-09-07 10:00")
    office.tick("2026-09-08 09:00")
    task, zhao = office.open_task(case_no), office.actors["zhao"]
    tasks.claim(office.rt, zhao, task.id)
    hearing = procedures.start_excluded(office.rt, zhao, task.id, "hearing", "听告字3号", 5, "听证")
    office.tick("2026-09-10 09:00")
    procedures.end_excluded(office.rt, zhao, hearing, "听证笔录", "听证结束")
    # The 8th, 9th and 10th are not counted: the 11th, 14th, 15th, 16th and 17th.
    assert due(office, case_no, ClockKind.ACCEPTANCE) == "09-17 17:30"

    office.tick("2026-09-17 17:30")

    assert office.view(case_no).instance.accepted_at == datetime(2026, 9, 7, 10, tzinfo=LEGAL_ZONE)
    # From the 7th: 11, 14 to 18, 20 to 24.
    assert due(office, case_no, ClockKind.PROMISED) == "09-24 17:30"


def test_a_late_acceptance_by_hand_counts_from_the_receipt_and_a_late_refusal_is_none(office: Office) -> None:
    case_no = applied(office, "2026-09-07 10:00")
    office.clock.set("2026-09-14 17:30")  # the timer has not fired yet
    with pytest.raises(LimitPassed):
        office.complete(case_no, submission={"decision": "not_accept", "reasons": "不属于本机关受理范围"})

    office.complete(case_no, "Accept")

    assert office.view(case_no).instance.accepted_at == datetime(2026, 9, 7, 10, tzinfo=LEGAL_ZONE)
    assert events(office, case_no, "instance.deemed_accepted") == ["09-14 17:30"]


def test_nothing_is_asked_for_once_the_application_counts_as_accepted(office: Office) -> None:
    case_no = applied(office, "2026-09-07 10:00")
    tasks.claim(office.rt, office.actors["zhao"], office.open_task(case_no).id)
    office.clock.set("2026-09-14 17:30")

    with pytest.raises(LimitPassed):
        supplements.ask(office.rt, office.actors["zhao"], office.open_task(case_no).id, [PHONE], "请补正")


# ── supplements ──────────────────────────────────────────────────────────────────────────────────────


def test_a_pause_over_the_spring_festival_gives_back_no_days_that_were_none(office: Office) -> None:
    # Received on Thursday 12 February 2026: the 13th, 14th, 24th, 25th and 26th.
    case_no = applied(office, "2026-02-12 10:00")
    assert due(office, case_no, ClockKind.ACCEPTANCE) == "02-26 17:30"

    proceeding = ask(office, case_no, "2026-02-13 15:00")
    answer(office, proceeding, "2026-02-18 12:00")

    # Of the pause only the 13th and 14th were working days, so two are given back: the 27th, and Saturday the 28th.
    assert due(office, case_no, ClockKind.ACCEPTANCE) == "02-28 17:30"
    assert due(office, case_no, ClockKind.STEP, "Accept") == "02-28 17:30"


@pytest.mark.parametrize(
    ("moment", "ends"), [("2026-09-09 23:59", "09-16 17:30"), ("2026-09-10 08:00", "09-17 17:30")]
)
def test_an_answer_before_midnight_counts_on_a_day_earlier_than_one_of_the_next_morning(
    office: Office, moment: str, ends: str
) -> None:
    # Paused through the 9th: 10, 11, 14, 15, 16. Through the 10th: 11, 14, 15, 16, 17.
    case_no = applied(office, "2026-09-07 10:00")
    proceeding = ask(office, case_no, "2026-09-08 15:00")

    answer(office, proceeding, moment)

    assert due(office, case_no, ClockKind.ACCEPTANCE) == ends


def test_the_applicants_limit_ends_at_its_close(office: Office) -> None:
    # Fifteen days from the 8th: 9, 10, 11, 14 to 18, 20, 21 to 24, 28 and 29.
    case_no = applied(office, "2026-09-07 10:00")
    proceeding = ask(office, case_no, "2026-09-08 15:00")
    office.tick("2026-09-29 17:29:59")
    assert office.view(case_no).instance.status is InstanceStatus.RUNNING
    office.clock.set("2026-09-29 17:30")
    with pytest.raises(LimitPassed):
        supplements.answer(office.rt, office.actors["wang"], proceeding, {"phone": "13900000099"})

    office.tick(seconds=0)

    assert office.view(case_no).instance.outcome == "supplement_lapsed"
    with pytest.raises(InstanceEnded):
        supplements.answer(office.rt, office.actors["wang"], proceeding, {"phone": "13900000099"})


def test_an_answer_in_the_last_second_is_in_time(office: Office) -> None:
    case_no = applied(office, "2026-09-07 10:00")
    proceeding = ask(office, case_no, "2026-09-08 15:00")

    answer(office, proceeding, "2026-09-29 17:29:59")
    office.tick("2026-09-29 17:30")

    assert office.view(case_no).instance.status is InstanceStatus.RUNNING


# ── pauses ───────────────────────────────────────────────────────────────────────────────────────────


def test_two_pauses_back_to_back_on_one_day_give_back_that_day_once(office: Office) -> None:
    # The review of two days begins on the 7th: the 8th and 9th.
    case_no = in_review(office)
    zhao, task = office.actors["zhao"], office.open_task(case_no)
    assert due(office, case_no, ClockKind.STEP, "Review") == "09-09 17:30"
    office.tick("2026-09-08 10:00")
    hearing = procedures.start_excluded(office.rt, zhao, task.id, "hearing", "听告字3号", 1, "听证")
    office.tick("2026-09-08 11:00")
    procedures.end_excluded(office.rt, zhao, hearing, "听证笔录", "听证结束")

    appraisal = procedures.start_excluded(office.rt, zhao, task.id, "appraisal", "委托书", 1, "鉴定")
    office.tick("2026-09-08 15:00")
    procedures.end_excluded(office.rt, zhao, appraisal, "鉴定意见", "鉴定结束")

    # Only the 8th is not counted: the 9th and 10th.
    assert due(office, case_no, ClockKind.STEP, "Review") == "09-10 17:30"
    assert clock(office, case_no, ClockKind.STEP, "Review").elapsed.not_counted_days == 1


def test_a_pause_that_ends_and_begins_again_in_one_instant_leaves_no_gap(office: Office) -> None:
    case_no = in_review(office)
    zhao = office.actors["zhao"]
    office.tick("2026-09-08 10:00")
    first = procedures.suspend(office.rt, zhao, case_no, "鉴定", "appraisal", "委托书")
    office.tick("2026-09-09 10:00")
    procedures.resume(office.rt, zhao, first, "继续")
    second = procedures.suspend(office.rt, zhao, case_no, "听证", "hearing", "听告字3号")
    office.tick("2026-09-10 10:00")
    procedures.resume(office.rt, zhao, second, "继续")

    # The 8th, 9th and 10th are not counted: the 11th and 14th.
    assert due(office, case_no, ClockKind.STEP, "Review") == "09-14 17:30"


def test_a_pause_after_the_limit_heals_nothing(office: Office) -> None:
    case_no = in_review(office)
    office.tick("2026-09-10 10:00")
    zhao = office.actors["zhao"]
    assert clock(office, case_no, ClockKind.STEP, "Review").state is ClockState.RED

    proceeding = procedures.suspend(office.rt, zhao, case_no, "鉴定", "appraisal", "委托书")
    assert clock(office, case_no, ClockKind.STEP, "Review").state is ClockState.RED
    office.tick("2026-09-14 10:00")
    procedures.resume(office.rt, zhao, proceeding, "继续")

    review = clock(office, case_no, ClockKind.STEP, "Review")
    assert (review.state, review.stored.missed) == (ClockState.RED, True)
    assert due(office, case_no, ClockKind.STEP, "Review") == "09-09 17:30"
    office.tick("2026-09-15 10:00")
    assert events(office, case_no, "deadline.missed") == ["09-10 10:00"]
    # The promise was in time, and is given the three days 10, 11 and 14: from the 21st to the 24th.
    assert due(office, case_no, ClockKind.PROMISED) == "09-24 17:30"


def test_a_case_suspended_without_a_ground_is_warned_of_and_missed_all_the_same(office: Office) -> None:
    case_no = in_review(office)
    procedures.suspend(office.rt, office.actors["zhou"], case_no, "等待上级意见")

    office.tick("2026-09-08 17:30")
    office.tick("2026-09-09 17:30")

    assert "09-08 17:30" in events(office, case_no, "deadline.warned")
    assert "09-09 17:30" in events(office, case_no, "deadline.missed")


def test_a_step_is_warned_of_by_its_new_limit_after_a_pause(office: Office) -> None:
    case_no = in_review(office)
    zhao = office.actors["zhao"]
    office.tick("2026-09-08 10:00")
    proceeding = procedures.suspend(office.rt, zhao, case_no, "鉴定", "appraisal", "委托书")
    office.tick("2026-09-11 09:00")
    assert events(office, case_no, "deadline.warned") == []
    procedures.resume(office.rt, zhao, proceeding, "继续")

    # Paused from the 8th through the 11th: the 14th and 15th, warned of on the 14th.
    office.tick("2026-09-14 17:29:59")
    assert events(office, case_no, "deadline.warned") == []
    office.tick("2026-09-14 17:30")
    assert events(office, case_no, "deadline.warned") == ["09-14 17:30"]


def test_a_pause_into_a_year_without_notice_makes_the_limit_provisional(office: Office) -> None:
    # 22, 23, 24, 25 and 28 December 2026 are official.
    case_no = applied(office, "2026-12-21 10:00")
    assert not clock(office, case_no, ClockKind.ACCEPTANCE).stored.due.provisional
    proceeding = ask(office, case_no, "2026-12-22 10:00")

    answer(office, proceeding, "2027-01-04 10:00")

    # Paused from 22 December through 4 January: the 5th, 6th, 7th, 8th and 11th, if there is no festival.
    resumed = clock(office, case_no, ClockKind.ACCEPTANCE).stored.due
    assert (resumed.provisional, resumed.day.isoformat()) == (True, "2027-01-11")


def test_a_provisional_limit_stays_marked_while_it_is_paused(office: Office) -> None:
    case_no = applied(office, "2026-12-28 10:00")
    ask(office, case_no, "2026-12-29 10:00")

    held = clock(office, case_no, ClockKind.ACCEPTANCE).stored.due

    assert (held.provisional, held.held) == (True, True)


# ── extensions ───────────────────────────────────────────────────────────────────────────────────────


def test_an_extension_is_asked_for_and_granted_until_the_second_before_the_close(office: Office) -> None:
    # The investigation of three days begins on the 7th and ends on the 10th.
    case_no = in_review(office)
    office.complete(case_no, approved_amount=80_000)
    task, qian = office.open_task(case_no), office.actors["qian"]
    tasks.claim(office.rt, qian, task.id)
    office.tick("2026-09-10 17:29:59")

    proceeding = extensions.ask(office.rt, qian, task.id, 1, "需办理抵押登记")
    extensions.decide(office.rt, office.actors["wu"], proceeding, grant=True, words="同意")
    office.tick("2026-09-10 17:30")

    assert due(office, case_no, ClockKind.STEP, "Investigate") == "09-11 17:30"
    assert events(office, case_no, "deadline.missed") == []


def test_at_the_close_of_the_last_day_it_is_too_late_to_ask(office: Office) -> None:
    case_no = in_review(office)
    office.complete(case_no, approved_amount=80_000)
    task, qian = office.open_task(case_no), office.actors["qian"]
    tasks.claim(office.rt, qian, task.id)
    office.clock.set("2026-09-10 17:30")

    with pytest.raises(LimitPassed):
        extensions.ask(office.rt, qian, task.id, 1, "需办理抵押登记")


def test_an_extension_and_a_pause_add_up(office: Office) -> None:
    case_no = in_review(office)
    office.complete(case_no, approved_amount=80_000)
    task, qian = office.open_task(case_no), office.actors["qian"]
    tasks.claim(office.rt, qian, task.id)
    proceeding = extensions.ask(office.rt, qian, task.id, 2, "需办理抵押登记")
    extensions.decide(office.rt, office.actors["wu"], proceeding, grant=True, words="同意")
    office.tick("2026-09-08 10:00")
    held = procedures.start_excluded(office.rt, qian, task.id, "appraisal", "委托书", 3, "评估抵押物")
    office.tick("2026-09-10 10:00")
    procedures.end_excluded(office.rt, qian, held, "鉴定意见", "结束")

    # Five days after the 10th, for the 8th, 9th and 10th are not counted: 11, 14, 15, 16, 17.
    assert due(office, case_no, ClockKind.STEP, "Investigate") == "09-17 17:30"


def test_nobody_asks_about_an_application_of_their_own(office: Office) -> None:
    case_no = applied(office, "2026-09-07 10:00")
    task = office.open_task(case_no)
    both = replace(
        office.actors["wang"],
        memberships=office.actors["wang"].memberships | office.actors["zhao"].memberships,
    )
    with pytest.raises(FourEyes):
        supplements.ask(office.rt, both, task.id, [PHONE], "请补正")
