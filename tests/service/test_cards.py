"""Yellow and red cards: issued by the clock, answered with a reason, turned red by silence."""

from __future__ import annotations

import pytest

from banjie.domain.errors import Conflict, Forbidden, InvalidRequest, NotFound
from banjie.domain.proceedings import Proceeding, ProceedingKind, words_hash
from banjie.services import cards
from support.office import Office


def cards_of(office: Office, case_no: str) -> list[Proceeding]:
    return [one for one in office.view(case_no).proceedings if one.kind is ProceedingKind.CARD]


def missed(office: Office) -> str:
    """A case whose review (two working days from Monday) was missed on Wednesday; the case is in time."""
    case_no = office.apply()
    office.advance_to(case_no, "Review")
    office.tick("2026-09-09 17:30")
    return case_no


def test_a_missed_step_is_a_yellow_card_though_the_case_is_in_time(office: Office) -> None:
    case_no = missed(office)

    assert [(card.facts["colour"], card.element, card.agency) for card in cards_of(office, case_no)] == [
        ("yellow", "Review", office.open_task(case_no).agency)
    ]
    waiting = cards.cards(office.rt, office.actors["zhou"])
    assert [card.case_no for card in waiting.waiting] == [case_no]
    assert [(count.waiting, count.yellow, count.red) for count in waiting.counts] == [(1, 1, 0)]
    assert cards.cards(office.rt, office.actors["qian"]).waiting == []


def test_a_card_is_answered_with_a_reason_that_the_record_keeps_as_a_hash(office: Office) -> None:
    case_no = missed(office)
    card = cards_of(office, case_no)[0]

    with pytest.raises(InvalidRequest):
        cards.answer(office.rt, office.actors["zhao"], card.id, "  ")
    for stranger in ("qian", "wang", "feng"):
        with pytest.raises(NotFound):
            cards.answer(office.rt, office.actors[stranger], card.id, "不归我管")
    cards.answer(office.rt, office.actors["zhao"], card.id, "系统升级，当日无法核验")

    answered = cards_of(office, case_no)[0]
    assert (answered.status, answered.answer, answered.closed_by_name) == (
        "done", "系统升级，当日无法核验", office.actors["zhao"].name,
    )  # fmt: skip
    event = next(event for event in office.view(case_no).events if event.type == "card.answered")
    assert event.facts["words_sha256"] == words_hash("系统升级，当日无法核验")
    with pytest.raises(Conflict) as again:
        cards.answer(office.rt, office.actors["zhou"], card.id, "再答一次")
    assert again.value.facts["by"] == office.actors["zhao"].name


def test_silence_turns_a_yellow_card_red_after_three_working_days(office: Office) -> None:
    case_no = missed(office)

    office.clock.set("2026-09-14 17:29")
    assert cards.escalate(office.rt) == 0
    office.clock.set("2026-09-14 17:30")
    assert cards.escalate(office.rt) == 1
    assert cards.escalate(office.rt) == 0

    assert [(card.facts["colour"], card.status) for card in cards_of(office, case_no)] == [
        ("yellow", "lapsed"), ("red", "open"),
    ]  # fmt: skip


def test_the_promise_missed_is_a_red_card(office: Office) -> None:
    case_no = office.apply()
    office.advance_to(case_no, "Review")
    office.tick("2026-09-30 09:00")

    assert [
        card.facts["colour"] for card in cards_of(office, case_no) if card.facts["clock"] == "promised"
    ] == ["red"]


def test_a_card_outlives_its_case_and_must_be_answered_all_the_same(office: Office) -> None:
    case_no = missed(office)
    while office.view(case_no).tasks:
        office.complete(case_no)
    card = cards_of(office, case_no)[0]
    assert card.is_open

    cards.answer(office.rt, office.actors["zhou"], card.id, "人手不足，已补充")

    assert not cards_of(office, case_no)[0].is_open


def test_a_manager_takes_back_what_was_issued_wrongly(office: Office) -> None:
    case_no = missed(office)
    card = cards_of(office, case_no)[0]
    with pytest.raises(Forbidden):
        cards.revoke(office.rt, office.actors["zhou"], card.id, "自己撤")
    with pytest.raises(NotFound):
        cards.revoke(office.rt, office.actors["qian"], card.id, "别家的")

    cards.revoke(office.rt, office.actors["feng"], card.id, "停电一日，非经办人过失")

    assert cards_of(office, case_no)[0].status == "taken_back"
    assert list(cards.cards(office.rt, office.actors["feng"]).counts) == []


def test_an_applicant_is_not_shown_cards(office: Office) -> None:
    case_no = missed(office)

    assert [one.kind for one in office.view(case_no, by="wang").proceedings] == []
