"""Supplement: asked for once and all at once; the clocks wait; answered in the portal or at the window."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from banjie.domain.assignment import Place
from banjie.domain.clock import ClockState, IntervalKind, Party
from banjie.domain.errors import (
    BanjieError,
    Conflict,
    Forbidden,
    IdempotencyMismatch,
    InvalidRequest,
    InvalidSubmission,
    NotFound,
    StaleVersion,
    TaskClosed,
    TaskTaken,
)
from banjie.domain.proceedings import CaseHeld, ProceedingStatus, SupplementAskedBefore
from banjie.domain.supplements import ItemKind, MissingItem
from banjie.services import files, instances, notices, supplements, tasks
from support.office import Office

PHONE = MissingItem(kind=ItemKind.FIELD, key="phone", title="")
LICENSE = MissingItem(kind=ItemKind.MATERIAL, key="license", title="", note="请加盖公章")
LETTER = MissingItem(kind=ItemKind.OTHER, key="", title="经营情况说明")
WORDS = "材料不齐，请一次补齐"


def asked(
    office: Office, *items: MissingItem, case_no: str | None = None, by: str = "zhao"
) -> tuple[str, int]:
    """A case whose officer has asked for the items, and the proceeding."""
    case_no = case_no or office.apply()
    task = office.open_task(case_no)
    tasks.claim(office.rt, office.actors[by], task.id)
    return case_no, supplements.ask(office.rt, office.actors[by], task.id, items or (PHONE,), WORDS)


def answered(
    office: Office, proceeding: int, values: dict[str, Any] | None = None, *, by: str = "wang"
) -> supplements.Answered:
    return supplements.answer(office.rt, office.actors[by], proceeding, values or {"phone": "13900000099"})


def uploaded(office: Office, by: str = "wang") -> str:
    pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    return str(files.upload(office.rt, office.actors[by], field="license", name="执照.pdf", content=pdf).id)


def types(office: Office, case_no: str) -> list[str]:
    return [event.type for event in office.view(case_no).events]


def test_asking_holds_the_case_and_stops_its_clocks_on_the_ground_of_the_law(office: Office) -> None:
    case_no, _ = asked(office)

    view = office.view(case_no)
    assert {clock.state for clock in view.clocks} == {ClockState.PAUSED}
    last = view.clocks[0].stored.clock.intervals[-1]
    assert (last.kind, last.party, last.ground) == (IntervalKind.NOT_COUNTED, Party.APPLICANT, "supplement")
    assert last.citation == "licensing-law 第三十二条第一款第四项"
    assert view.tasks[0].due_at is None
    with pytest.raises(CaseHeld):
        office.complete(case_no)


def test_the_applicant_is_told_and_sees_what_is_missing_without_the_officers_name(office: Office) -> None:
    case_no, proceeding = asked(office, PHONE, LICENSE, LETTER)
    notices.deliver(office.rt, office.view(case_no).instance.id)

    request = supplements.open_request(office.rt, office.actors["wang"], case_no)

    assert request is not None
    assert (request.may_answer, request.may_withdraw) == (True, False)
    assert [(item.name, item.title, item.note) for item in request.items] == [
        ("phone", "手机号码", ""), ("material:license", "营业执照", "请加盖公章"), ("other:3", "经营情况说明", ""),
    ]  # fmt: skip
    assert (request.proceeding.id, request.proceeding.opened_by_name) == (proceeding, None)
    with office.rt.store.read() as uow:
        told = uow.lists.notices(office.actors["wang"].account_id, limit=10)
    assert [notice.template for notice in told] == ["supplement_asked"]


def test_the_answer_changes_only_what_was_asked_for_and_keeps_what_was_there_before(office: Office) -> None:
    case_no, proceeding = asked(office, PHONE, LICENSE, LETTER)
    before = office.view(case_no).instance.data["application"]
    file_id = uploaded(office)

    answered(
        office, proceeding,
        {"phone": "13900000099", "material:license": [file_id], "other:3": "按月营业额约三万元"},
    )  # fmt: skip

    view = office.view(case_no)
    assert view.instance.data["application"] == {**before, "phone": "13900000099"}  # type: ignore[dict-item]
    assert [(row.variable, row.values["phone"]) for row in view.submissions] == [
        ("application", before["phone"]), ("application_supplement", "13900000099"),  # type: ignore[index,call-overload]
    ]  # fmt: skip
    assert file_id in {str(file.id) for file in view.attachments}
    assert ClockState.PAUSED not in {clock.state for clock in view.clocks}
    office.complete(case_no)
    assert office.open_elements(case_no) == ["Review"]


def test_words_of_people_are_only_hashed_in_the_record(office: Office) -> None:
    case_no, proceeding = asked(office, LETTER)
    answered(office, proceeding, {"other:1": "按月营业额约三万元"})

    facts = str([event.facts for event in office.view(case_no).events])
    assert WORDS not in facts
    assert "三万元" not in facts
    assert "经营情况说明" not in facts


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"phone": "13900000099"}, ["material:license"]),
        ({"material:license": ["1"]}, ["phone"]),
        ({"phone": "not a phone", "material:license": ["1"]}, ["phone"]),
        ({"phone": "13900000099", "material:license": "1"}, ["material:license"]),
        ({"phone": "13900000099", "material:license": ["1"], "amount": 9}, ["amount"]),
    ],
)
def test_an_answer_that_is_partial_wrong_or_more_than_asked_is_refused_by_field(
    office: Office, values: dict[str, Any], fields: list[str]
) -> None:
    case_no, proceeding = asked(office, PHONE, LICENSE)

    with pytest.raises(InvalidSubmission) as refused:
        answered(office, proceeding, values)

    assert refused.value.facts["fields"] == fields
    assert office.view(case_no).instance.hold == proceeding


def test_a_file_of_somebody_else_answers_nothing(office: Office) -> None:
    _, proceeding = asked(office, LICENSE)
    foreign = uploaded(office, by="liu")

    with pytest.raises(InvalidRequest):
        answered(office, proceeding, {"material:license": [foreign]})


def test_an_officer_of_the_agency_answers_at_the_window_and_is_on_record(office: Office) -> None:
    case_no, proceeding = asked(office)

    said = answered(office, proceeding, by="zhao")

    assert said.on_behalf
    view = office.view(case_no)
    assert view.submissions[-1].by == "赵敏"
    event = next(event for event in view.events if event.type == "supplement.answered")
    assert (event.actor, event.facts["on_behalf"]) == ("赵敏", True)


@pytest.mark.parametrize(("by", "refusal"), [("liu", NotFound), ("qian", NotFound), ("feng", Forbidden)])
def test_nobody_else_answers(office: Office, by: str, refusal: type[BanjieError]) -> None:
    _, proceeding = asked(office)

    with pytest.raises(refusal):
        answered(office, proceeding, by=by)


def test_the_officer_who_asked_is_told_of_the_answer(office: Office) -> None:
    case_no, proceeding = asked(office)
    answered(office, proceeding)
    notices.deliver(office.rt, office.view(case_no).instance.id)

    with office.rt.store.read() as uow:
        told = uow.lists.notices(office.actors["zhao"].account_id, limit=10)
    assert "supplement_answered" in [notice.template for notice in told]


def test_an_answer_sent_twice_with_its_key_is_answered_alike_and_without_it_refused(office: Office) -> None:
    case_no, proceeding = asked(office)
    values = {"phone": "13900000099"}
    wang = office.actors["wang"]
    first = supplements.answer(office.rt, wang, proceeding, values, "k-1")

    second = supplements.answer(office.rt, wang, proceeding, values, "k-1")

    assert (first.case_no, first.repeated, second.case_no, second.repeated) == (case_no, False, case_no, True)
    with pytest.raises(IdempotencyMismatch):
        supplements.answer(office.rt, wang, proceeding, {"phone": "13900000098"}, "k-1")
    with pytest.raises(Conflict):
        supplements.answer(office.rt, wang, proceeding, values)
    assert types(office, case_no).count("supplement.answered") == 1


def test_a_second_request_is_refused_until_a_head_grants_it(office: Office) -> None:
    case_no, proceeding = asked(office)
    answered(office, proceeding)
    task = office.open_task(case_no)
    zhao, zhou = office.actors["zhao"], office.actors["zhou"]

    with pytest.raises(SupplementAskedBefore) as refused:
        supplements.ask(office.rt, zhao, task.id, [LICENSE], WORDS)
    assert (refused.value.code, refused.value.facts["by"]) == ("supplement_asked_before", "赵敏")
    with pytest.raises(Forbidden):
        supplements.grant_second(office.rt, zhao, case_no, "另需执照")
    supplements.grant_second(office.rt, zhou, case_no, "另需执照")
    with pytest.raises(Conflict):
        supplements.grant_second(office.rt, zhou, case_no, "再次")

    second = supplements.ask(office.rt, zhao, task.id, [LICENSE], WORDS)
    answered(office, second, {"material:license": [uploaded(office)]})
    with pytest.raises(SupplementAskedBefore):
        supplements.ask(office.rt, zhao, task.id, [LICENSE], WORDS)


def test_nothing_is_granted_before_the_first_request(office: Office) -> None:
    with pytest.raises(Conflict):
        supplements.grant_second(office.rt, office.actors["zhou"], office.apply(), "另需执照")


def test_a_request_taken_back_lets_the_clocks_count_on_and_may_be_made_again(office: Office) -> None:
    case_no, proceeding = asked(office)
    due = office.view(case_no).clocks[0].stored.due

    supplements.withdraw(office.rt, office.actors["zhao"], proceeding, "材料已在卷")

    view = office.view(case_no)
    assert ClockState.PAUSED not in {clock.state for clock in view.clocks}
    assert (due.held, view.clocks[0].stored.due.held) == (True, False)
    with office.rt.store.read() as uow:
        row = uow.cases.proceeding(proceeding)
    assert row is not None
    assert (row.status, row.answer) == (ProceedingStatus.TAKEN_BACK, "材料已在卷")
    with pytest.raises(Conflict):
        answered(office, proceeding)
    asked(office, case_no=case_no)


@pytest.mark.parametrize("by", ["wang", "feng"])
def test_only_who_asked_or_the_head_takes_it_back(office: Office, by: str) -> None:
    _, proceeding = asked(office)

    with pytest.raises(Forbidden):
        supplements.withdraw(office.rt, office.actors[by], proceeding, "不需要")
    supplements.withdraw(office.rt, office.actors["zhou"], proceeding, "不需要")


def test_without_an_answer_the_application_counts_as_withdrawn(office: Office) -> None:
    case_no, proceeding = asked(office)
    with office.rt.store.read() as uow:
        due_at = uow.cases.proceeding(proceeding).due_at  # type: ignore[union-attr]
    assert due_at is not None

    office.tick(due_at)

    view = office.view(case_no)
    assert (view.instance.status.value, view.instance.outcome) == ("withdrawn", "supplement_lapsed")
    assert view.tasks == []
    assert {clock.state for clock in view.clocks} == {ClockState.STOPPED}
    notices.deliver(office.rt, view.instance.id)
    with office.rt.store.read() as uow:
        told = uow.lists.notices(office.actors["wang"].account_id, limit=10)
    assert "supplement_lapsed" in [notice.template for notice in told]


def test_at_a_later_step_it_is_asked_for_by_that_steps_officer(office: Office) -> None:
    case_no = office.apply()
    office.advance_to(case_no, "Investigate")

    _, proceeding = asked(office, case_no=case_no, by="qian")

    with pytest.raises(Forbidden):
        answered(office, proceeding, by="zhao")
    answered(office, proceeding, by="qian")
    office.complete(case_no)


def test_asking_needs_the_task_in_hand(office: Office) -> None:
    case_no = office.apply()
    task = office.open_task(case_no)
    rt, people = office.rt, office.actors

    for by, refusal in (("zhao", Conflict), ("qian", NotFound), ("wang", NotFound), ("zhou", NotFound)):
        with pytest.raises(refusal):
            supplements.ask(rt, people[by], task.id, [PHONE], WORDS)
    version = tasks.claim(rt, people["zhao"], task.id)
    with pytest.raises(StaleVersion):
        supplements.ask(rt, people["zhao"], task.id, [PHONE], WORDS, version + 1)
    supplements.ask(rt, people["zhao"], task.id, [PHONE], WORDS, version)
    with pytest.raises(CaseHeld) as refused:
        supplements.ask(rt, people["zhao"], task.id, [PHONE], WORDS)
    assert (refused.value.facts["by"], refused.value.facts["at"]) == ("赵敏", rt.now())


def test_a_task_in_other_hands_or_closed_asks_nothing(office: Office) -> None:
    case_no = office.apply()
    office.advance_to(case_no, "BankAccept")
    task = office.open_task(case_no)
    tasks.claim(office.rt, office.actors["li"], task.id)
    with pytest.raises(TaskTaken):
        supplements.ask(office.rt, office.actors["sun"], task.id, [PHONE], WORDS)
    office.complete(case_no, by="li")
    with pytest.raises(TaskClosed):
        supplements.ask(office.rt, office.actors["li"], task.id, [PHONE], WORDS)


@pytest.mark.parametrize(
    "items",
    [
        [], [PHONE, PHONE], [MissingItem(kind=ItemKind.FIELD, key="no_such", title="")],
        [MissingItem(kind=ItemKind.FIELD, key="region", title="")],
        [MissingItem(kind=ItemKind.MATERIAL, key="no_such", title="")],
        [MissingItem(kind=ItemKind.OTHER, key="", title=" ")],
        [LETTER] * 51,
    ],
)  # fmt: skip
def test_items_that_do_not_exist_are_refused(office: Office, items: list[MissingItem]) -> None:
    task = office.open_task(office.apply())
    tasks.claim(office.rt, office.actors["zhao"], task.id)

    with pytest.raises(InvalidRequest):
        supplements.ask(office.rt, office.actors["zhao"], task.id, items, WORDS)


def test_what_may_be_asked_for_is_offered_with_the_reason_why_not(office: Office) -> None:
    case_no = office.apply()
    task, zhao = office.open_task(case_no), office.actors["zhao"]
    assert supplements.choices(office.rt, zhao, task.id).refusal == "conflict"
    tasks.claim(office.rt, zhao, task.id)

    offered = supplements.choices(office.rt, zhao, task.id)

    assert offered.may_ask
    assert {"phone", "amount"} <= {one.key for one in offered.fields}
    assert not {"region", "id_number", "loan_kind"} & {one.key for one in offered.fields}
    assert "license" in [one.key for one in offered.materials]
    supplements.ask(office.rt, zhao, task.id, [PHONE], WORDS)
    assert supplements.choices(office.rt, zhao, task.id).refusal == "case_held"


def test_withdrawing_the_case_closes_the_request(office: Office) -> None:
    case_no, proceeding = asked(office)

    instances.withdraw(office.rt, office.actors["wang"], case_no, "不再需要贷款")

    with pytest.raises(Conflict):
        answered(office, proceeding)


def test_the_applicant_sees_what_was_supplied(office: Office) -> None:
    case_no, proceeding = asked(office)
    answered(office, proceeding, by="zhao")

    view = office.view(case_no, by="wang")

    assert [row.variable for row in view.submissions] == ["application", "application_supplement"]


def test_what_a_substitute_asks_for_names_whose_place_was_taken(office: Office) -> None:
    zhao = office.actors["zhao"]
    place = Place(
        substitution=1,
        absent_id=zhao.account_id,
        absent_name=zhao.name,
        posts=zhao.posts,
        services=frozenset(),
    )
    substitute = replace(office.actors["qian"], places=(place,))
    task = office.open_task(office.apply())
    tasks.claim(office.rt, substitute, task.id)

    supplements.ask(office.rt, substitute, task.id, [PHONE], WORDS)

    event = next(one for one in office.view(office.case_of(task)).events if one.type == "supplement.asked")
    assert (event.actor, event.facts["in_place_of"]) == ("钱进", zhao.account_id)


def test_an_unticked_box_is_an_answer(office: Office) -> None:
    box = MissingItem(kind=ItemKind.FIELD, key="second_time_founder", title="")
    case_no, proceeding = asked(office, box)

    answered(office, proceeding, {"second_time_founder": False})

    application = office.view(case_no).instance.data["application"]
    assert application["second_time_founder"] is False  # type: ignore[index,call-overload]
