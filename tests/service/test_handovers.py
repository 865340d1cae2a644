"""Tasks in other hands: who may give them, to whom, what is refused, and what stands on record."""

from __future__ import annotations

from datetime import timedelta

import pytest

from banjie.domain.assignment import Membership
from banjie.domain.errors import (
    Conflict,
    Forbidden,
    FourEyes,
    HandedOn,
    InvalidRequest,
    NotFound,
    StaleVersion,
    TaskClosed,
    TaskTaken,
)
from banjie.domain.handovers import Touched, UrgedBefore
from banjie.domain.proceedings import ProceedingKind, ProceedingStatus, words_hash
from banjie.domain.tasks import Task
from banjie.domain.worklist import EventRow, Tab
from banjie.services import handovers, instances, notices, people, substitutes, tasks, urging
from support.office import Office
from support.threads import at_once

REASON = "我明日起出差，请接手"


def ids(office: Office, username: str, tab: Tab) -> list[int]:
    return [row.task_id for row in tasks.inbox(office.rt, office.actors[username], tab).rows]


def at_bank(office: Office, holder: str | None = "sun") -> Task:
    """An open acceptance at the bank, held by an officer."""
    task = office.advance_to(office.apply(), "BankAccept")
    if holder:
        tasks.claim(office.rt, office.actors[holder], task.id)
    return task


def last_event(office: Office, task: Task) -> EventRow:
    return office.view(office.case_of(task)).events[-1]


def told(office: Office, username: str) -> list[str]:
    notices.deliver(office.rt, None)
    with office.rt.store.read() as uow:
        return [row.template for row in uow.lists.notices(office.actors[username].account_id, limit=20)]


def deliver(office: Office, task: Task) -> None:
    notices.deliver(office.rt, task.instance_id)


def add_officer(office: Office, username: str, role: str, agency: str) -> None:
    people.add_person(
        office.rt, username=username, password="a long password", display_name=username,
        memberships=[Membership(role=role, agency=agency)],
    )  # fmt: skip
    office.actors[username] = people.actor_named(office.rt, username)


# ── given for good ───────────────────────────────────────────────────────────────────────────────────


def test_a_transferred_task_lies_with_the_colleague_only_who_is_told(office: Office) -> None:
    task = at_bank(office)

    version = handovers.transfer(office.rt, office.actors["sun"], task.id, "li", REASON)

    assert version == task.version + 2
    assert ids(office, "li", Tab.MINE) == [task.id]
    assert ids(office, "sun", Tab.MINE) == ids(office, "sun", Tab.CANDIDATE) == []
    deliver(office, task)
    assert told(office, "li")[0] == "task_transferred"


def test_the_record_of_a_transfer_holds_the_hash_of_its_reason_only(office: Office) -> None:
    task = at_bank(office)

    handovers.transfer(office.rt, office.actors["sun"], task.id, "li", f"  {REASON} ")

    event = last_event(office, task)
    assert (event.type, event.actor, event.task_id) == ("task.transferred", "孙丽", task.id)
    assert event.facts["words"] == words_hash(REASON)
    kept = office.view(office.case_of(task)).proceedings[-1]
    assert (kept.kind, kept.status, kept.reason) == (
        ProceedingKind.TRANSFER, ProceedingStatus.DONE, REASON,
    )  # fmt: skip


def test_a_draft_goes_with_a_transferred_task(office: Office) -> None:
    task = at_bank(office)
    tasks.save_draft(office.rt, office.actors["sun"], task.id, {"decision": "approve"})

    handovers.transfer(office.rt, office.actors["sun"], task.id, "li", REASON)

    assert tasks.read(office.rt, office.actors["li"], task.id).draft == {"decision": "approve"}


@pytest.mark.parametrize("to", ["jiang", "qian", "zheng", "wang", "nobody", "sun"])
def test_a_task_is_transferred_to_another_candidate_only(office: Office, to: str) -> None:
    task = at_bank(office)

    with pytest.raises(Conflict if to == "sun" else InvalidRequest):
        handovers.transfer(office.rt, office.actors["sun"], task.id, to, REASON)

    assert ids(office, "sun", Tab.MINE) == [task.id]


def test_an_account_that_is_switched_off_is_given_nothing(office: Office) -> None:
    task = at_bank(office)
    people.set_active(office.rt, "li", active=False)

    with pytest.raises(InvalidRequest):
        handovers.transfer(office.rt, office.actors["sun"], task.id, "li", REASON)


def test_a_task_does_not_come_to_who_did_the_step_that_another_must_have_done(office: Office) -> None:
    case_no = office.apply()
    task = office.advance_to(case_no, "Disburse")
    tasks.claim(office.rt, office.actors["li"], task.id)

    with pytest.raises(FourEyes):
        handovers.transfer(office.rt, office.actors["li"], task.id, "sun", REASON)
    assert [one.username for one in handovers.receivers(office.rt, office.actors["li"], task.id)] == []


def test_only_its_holder_transfers_a_task(office: Office) -> None:
    task = at_bank(office)
    free = at_bank(office, holder=None)

    with pytest.raises(TaskTaken):
        handovers.transfer(office.rt, office.actors["li"], task.id, "li", REASON)
    with pytest.raises(Forbidden):
        handovers.transfer(office.rt, office.actors["li"], free.id, "sun", REASON)
    for stranger in ("jiang", "wang", "qian", "feng"):
        with pytest.raises(NotFound):
            handovers.transfer(office.rt, office.actors[stranger], task.id, "li", REASON)


def test_a_transfer_needs_a_reason_and_the_version_seen(office: Office) -> None:
    task = at_bank(office)

    with pytest.raises(InvalidRequest):
        handovers.transfer(office.rt, office.actors["sun"], task.id, "li", "  ")
    with pytest.raises(StaleVersion):
        handovers.transfer(office.rt, office.actors["sun"], task.id, "li", REASON, task.version)


def test_a_closed_task_and_an_ended_case_are_refused(office: Office) -> None:
    done, ended = at_bank(office), at_bank(office)
    office.complete(office.case_of(done), by="sun")
    instances.withdraw(office.rt, office.actors["wang"], office.case_of(ended), "不再需要贷款")

    for task in (done, ended):
        for attempt in (handovers.transfer, handovers.delegate):
            with pytest.raises(TaskClosed):
                attempt(office.rt, office.actors["sun"], task.id, "li", REASON)


def test_a_transfer_is_taken_back_while_nobody_has_touched_it(office: Office) -> None:
    task = at_bank(office)
    handovers.transfer(office.rt, office.actors["sun"], task.id, "li", REASON)

    handovers.take_back_transfer(office.rt, office.actors["sun"], task.id)

    assert ids(office, "sun", Tab.MINE) == [task.id]
    assert last_event(office, task).type == "task.transfer_taken_back"
    with pytest.raises(Touched):
        handovers.take_back_transfer(office.rt, office.actors["sun"], task.id)


def test_a_transfer_that_was_worked_on_stays(office: Office) -> None:
    drafted, passed_on = at_bank(office), at_bank(office)
    for task in (drafted, passed_on):
        handovers.transfer(office.rt, office.actors["sun"], task.id, "li", REASON)
    tasks.save_draft(office.rt, office.actors["li"], drafted.id, {"decision": "approve"})
    tasks.release(office.rt, office.actors["li"], passed_on.id)

    for task in (drafted, passed_on):
        with pytest.raises(Touched):
            handovers.take_back_transfer(office.rt, office.actors["sun"], task.id)
    with pytest.raises(Forbidden):
        handovers.take_back_transfer(office.rt, office.actors["li"], drafted.id)


def test_the_applicant_is_not_shown_who_has_passed_the_task_to_whom(office: Office) -> None:
    task = at_bank(office)
    handovers.transfer(office.rt, office.actors["sun"], task.id, "li", REASON)
    handovers.delegate(office.rt, office.actors["li"], task.id, "sun", REASON)

    seen = office.view(office.case_of(task), by="wang")

    assert not {"task.transferred", "task.delegated"} & {event.type for event in seen.events}
    assert seen.proceedings == []


def test_a_substitute_hands_a_task_on_in_the_place_of_who_is_absent(office: Office) -> None:
    task = at_bank(office)
    add_officer(office, "han", "bank_officer", "bank-hinggan")
    now = office.rt.now()
    substitutes.arrange(
        office.rt,
        substitutes.Arrange(
            by=office.actors["sun"], absent="sun", substitute="li", from_at=now,
            until_at=now + timedelta(days=3), reason="休假",
        ),
    )  # fmt: skip
    li = people.actor_named(office.rt, "li")

    handovers.transfer(office.rt, li, task.id, "han", REASON)

    assert ids(office, "han", Tab.MINE) == [task.id]
    event = last_event(office, task)
    assert (event.actor, event.facts["in_place_of"]) == ("李建国", office.actors["sun"].account_id)


# ── for an opinion ───────────────────────────────────────────────────────────────────────────────────


def test_a_delegated_task_comes_back_with_the_opinion(office: Office) -> None:
    task = at_bank(office)
    handovers.delegate(office.rt, office.actors["sun"], task.id, "li", "请核对抵押物估值")
    assert ids(office, "li", Tab.MINE) == [task.id]

    handovers.resolve(office.rt, office.actors["li"], task.id, "估值合理")

    assert ids(office, "sun", Tab.MINE) == [task.id]
    kept = office.view(office.case_of(task)).proceedings[-1]
    assert (kept.kind, kept.status, kept.reason, kept.answer, kept.closed_by_name) == (
        ProceedingKind.DELEGATION, ProceedingStatus.DONE, "请核对抵押物估值", "估值合理", "李建国",
    )  # fmt: skip
    assert last_event(office, task).facts["words"] == words_hash("估值合理")
    office.complete(office.case_of(task), by="sun")


def test_an_officer_of_another_agency_of_the_case_is_asked_and_sees_the_task(office: Office) -> None:
    task = at_bank(office)

    handovers.delegate(office.rt, office.actors["sun"], task.id, "qian", "请说明反担保情况")

    assert tasks.read(office.rt, office.actors["qian"], task.id).task.id == task.id
    handovers.resolve(office.rt, office.actors["qian"], task.id, "反担保已落实")
    with pytest.raises(NotFound):
        tasks.read(office.rt, office.actors["qian"], task.id)


@pytest.mark.parametrize("to", ["jiang", "wang", "zheng", "feng", "nobody"])
def test_nobody_outside_the_agencies_of_the_case_is_asked(office: Office, to: str) -> None:
    task = at_bank(office)

    with pytest.raises(InvalidRequest):
        handovers.delegate(office.rt, office.actors["sun"], task.id, to, REASON)


def test_an_agency_that_has_not_had_the_case_is_not_asked(office: Office) -> None:
    task = office.open_task(office.apply())
    tasks.claim(office.rt, office.actors["zhao"], task.id)

    with pytest.raises(InvalidRequest):
        handovers.delegate(office.rt, office.actors["zhao"], task.id, "sun", REASON)
    asked = handovers.advisers(office.rt, office.actors["zhao"], task.id)
    assert [one.username for one in asked] == ["bai", "dong"]


def test_who_is_asked_can_only_answer(office: Office) -> None:
    task = at_bank(office)
    tasks.save_draft(office.rt, office.actors["sun"], task.id, {"decision": "approve"})
    handovers.delegate(office.rt, office.actors["sun"], task.id, "li", REASON)
    li, sun = office.actors["li"], office.actors["sun"]

    for attempt in (
        lambda: office.complete(office.case_of(task), by="li"),
        lambda: tasks.release(office.rt, li, task.id),
        lambda: tasks.save_draft(office.rt, li, task.id, {}),
        lambda: handovers.delegate(office.rt, li, task.id, "qian", REASON),
        lambda: handovers.transfer(office.rt, li, task.id, "sun", REASON),
    ):
        with pytest.raises(HandedOn):
            attempt()
    with pytest.raises(TaskTaken):
        office.complete(office.case_of(task), by="sun")
    assert tasks.read(office.rt, li, task.id).draft is None
    handovers.resolve(office.rt, li, task.id, "同意")
    assert tasks.read(office.rt, sun, task.id).draft == {"decision": "approve"}


def test_only_who_was_asked_answers_and_only_who_asked_recalls(office: Office) -> None:
    task = at_bank(office)
    with pytest.raises(Conflict):
        handovers.recall(office.rt, office.actors["sun"], task.id)
    handovers.delegate(office.rt, office.actors["sun"], task.id, "li", REASON)

    with pytest.raises(Conflict):
        handovers.resolve(office.rt, office.actors["sun"], task.id, "同意")
    with pytest.raises(Forbidden):
        handovers.recall(office.rt, office.actors["li"], task.id)
    handovers.recall(office.rt, office.actors["sun"], task.id)

    assert ids(office, "sun", Tab.MINE) == [task.id]
    assert office.view(office.case_of(task)).proceedings[-1].status is ProceedingStatus.TAKEN_BACK


def test_a_task_whose_owner_has_left_goes_to_its_group(office: Office) -> None:
    task = at_bank(office)
    handovers.delegate(office.rt, office.actors["sun"], task.id, "li", REASON)
    people.set_active(office.rt, "sun", active=False)

    handovers.resolve(office.rt, office.actors["li"], task.id, "同意")

    assert ids(office, "li", Tab.CANDIDATE) == [task.id]


def test_a_task_comes_back_from_an_officer_who_has_left(office: Office) -> None:
    task = at_bank(office)
    handovers.delegate(office.rt, office.actors["sun"], task.id, "li", REASON)

    people.set_active(office.rt, "li", active=False)

    assert ids(office, "sun", Tab.MINE) == [task.id]
    assert office.view(office.case_of(task)).proceedings[-1].status is ProceedingStatus.LAPSED


def test_a_case_that_ends_closes_what_was_asked(office: Office) -> None:
    task = at_bank(office)
    handovers.delegate(office.rt, office.actors["sun"], task.id, "li", REASON)

    instances.cancel(office.rt, office.actors["zheng"], office.case_of(task), "重复申请")

    kept = office.view(office.case_of(task)).proceedings
    assert [one.status for one in kept if one.kind is ProceedingKind.DELEGATION] == [ProceedingStatus.LAPSED]


# ── given by the head ────────────────────────────────────────────────────────────────────────────────


def test_the_head_gives_a_task_to_another_whoever_holds_it(office: Office) -> None:
    task = at_bank(office)

    handovers.reassign(office.rt, office.actors["zheng"], task.id, "li", "孙丽请假")

    assert (ids(office, "li", Tab.MINE), ids(office, "sun", Tab.MINE)) == ([task.id], [])
    deliver(office, task)
    assert told(office, "li")[0] == "task_reassigned"
    assert told(office, "sun")[0] == "task_given_to_another"


def test_the_head_gives_a_task_out_that_nobody_holds(office: Office) -> None:
    task = at_bank(office, holder=None)

    handovers.reassign(office.rt, office.actors["zheng"], task.id, "li", "请尽快办理")

    assert ids(office, "li", Tab.MINE) == [task.id]


def test_what_the_head_reassigns_is_no_longer_asked_for(office: Office) -> None:
    task = at_bank(office)
    handovers.delegate(office.rt, office.actors["sun"], task.id, "qian", REASON)

    handovers.reassign(office.rt, office.actors["zheng"], task.id, "li", "久未回复")

    office.complete(office.case_of(task), by="li")
    kept = office.view(office.case_of(task)).proceedings
    assert [one.status for one in kept] == [ProceedingStatus.LAPSED, ProceedingStatus.DONE]


def test_only_the_head_of_the_agency_reassigns(office: Office) -> None:
    task = at_bank(office)

    with pytest.raises(Forbidden):
        handovers.reassign(office.rt, office.actors["li"], task.id, "li", REASON)
    for stranger in ("zhou", "wu", "feng", "wang", "jiang", "chen"):
        with pytest.raises(NotFound):
            handovers.reassign(office.rt, office.actors[stranger], task.id, "li", REASON)
    for to in ("qian", "jiang", "zheng"):
        with pytest.raises(InvalidRequest):
            handovers.reassign(office.rt, office.actors["zheng"], task.id, to, REASON)
    with pytest.raises(Conflict):
        handovers.reassign(office.rt, office.actors["zheng"], task.id, "sun", REASON)


def test_choices_name_the_colleagues_and_those_who_may_be_asked(office: Office) -> None:
    task = at_bank(office)

    assert [one.username for one in handovers.receivers(office.rt, office.actors["sun"], task.id)] == ["li"]
    assert [one.username for one in handovers.receivers(office.rt, office.actors["zheng"], task.id)] == ["li"]
    asked = [one.username for one in handovers.advisers(office.rt, office.actors["sun"], task.id)]
    assert asked == ["li", "bai", "dong", "zhao", "qian"]
    with pytest.raises(NotFound):
        handovers.receivers(office.rt, office.actors["jiang"], task.id)


# ── urged ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("who", ["wang", "feng", "zhou", "zheng", "zhao"])
def test_applicant_manager_heads_and_earlier_handlers_urge_the_holder(office: Office, who: str) -> None:
    task = at_bank(office)

    urging.urge(office.rt, office.actors[who], task.id, "请尽快")

    deliver(office, task)
    assert told(office, "sun")[0] == "task_urged"
    assert told(office, "li") == told(office, "zheng") == []
    assert last_event(office, task).facts == {"words": words_hash("请尽快")}
    row = tasks.inbox(office.rt, office.actors["sun"], Tab.MINE).rows[0]
    assert row.urged_at == office.rt.now()


@pytest.mark.parametrize("who", ["li", "chu"])
def test_others_who_see_the_case_do_not_urge(office: Office, who: str) -> None:
    with pytest.raises(Forbidden):
        urging.urge(office.rt, office.actors[who], at_bank(office).id)


@pytest.mark.parametrize("who", ["liu", "jiang", "chen", "wei"])
def test_for_strangers_there_is_nothing_to_urge(office: Office, who: str) -> None:
    task = at_bank(office)

    with pytest.raises(NotFound):
        urging.urge(office.rt, office.actors[who], task.id)
    with pytest.raises(NotFound):
        urging.urge_case(office.rt, office.actors[who], office.case_of(task))


def test_a_task_that_nobody_holds_is_urged_at_its_desk_and_overdue_at_its_head(office: Office) -> None:
    task = at_bank(office, holder=None)
    office.tick(days=30)
    deliver(office, task)
    before = len(told(office, "zheng"))

    urging.urge_case(office.rt, office.actors["wang"], office.case_of(task))

    deliver(office, task)
    assert told(office, "sun")[0] == told(office, "li")[0] == told(office, "zheng")[0] == "task_urged"
    assert len(told(office, "zheng")) == before + 1


def test_a_task_is_urged_once_an_hour_whoever_does_it(office: Office) -> None:
    task = at_bank(office)
    first = urging.urge(office.rt, office.actors["wang"], task.id)
    office.clock.pass_(minutes=59)

    with pytest.raises(UrgedBefore) as refused:
        urging.urge(office.rt, office.actors["feng"], task.id)
    assert refused.value.facts["urged_at"] == first
    office.clock.pass_(minutes=1)

    assert urging.urge_case(office.rt, office.actors["feng"], office.case_of(task)) == [task.id]


def test_a_closed_task_is_not_urged_nor_ones_own(office: Office) -> None:
    task = at_bank(office)
    zhao = office.open_task(office.apply())
    tasks.claim(office.rt, office.actors["zhao"], zhao.id)
    office.complete(office.case_of(task), by="sun")

    with pytest.raises(TaskClosed):
        urging.urge(office.rt, office.actors["wang"], task.id)
    with pytest.raises(InvalidRequest):
        urging.urge(office.rt, office.actors["wang"], zhao.id, "快" * 501)


# ── at once ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_claim_and_a_reassignment_at_once_leave_one_holder(office: Office) -> None:
    for _ in range(6):
        task = at_bank(office, holder=None)

        def reassign(task: Task = task) -> int:
            return handovers.reassign(office.rt, office.actors["zheng"], task.id, "li", REASON, task.version)

        def claim(task: Task = task) -> int:
            return tasks.claim(office.rt, office.actors["sun"], task.id, task.version)

        ends = at_once([claim, reassign])

        assert sum(isinstance(end, Conflict) for end in ends) == 1
        holder = "sun" if isinstance(ends[1], Conflict) else "li"
        assert office.open_task(office.case_of(task)).assignee_id == office.actors[holder].account_id


def test_of_two_transfers_at_once_one_is_done(office: Office) -> None:
    add_officer(office, "han", "bank_officer", "bank-hinggan")
    for _ in range(5):
        task = at_bank(office)

        def transfer(to: str, task_id: int = task.id) -> int:
            return handovers.transfer(office.rt, office.actors["sun"], task_id, to, REASON)

        ends = at_once([lambda: transfer("li"), lambda: transfer("han")])

        assert sorted(type(end).__name__ for end in ends) == ["TaskTaken", "int"]


def test_fifty_who_urge_at_once_make_one_notice(office: Office) -> None:
    task = at_bank(office)

    ends = at_once([lambda: urging.urge(office.rt, office.actors["wang"], task.id)] * 50)

    assert sum(isinstance(end, UrgedBefore) for end in ends) == 49
    deliver(office, task)
    assert told(office, "sun").count("task_urged") == 1
