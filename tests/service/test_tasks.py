"""What an officer may do with a task, and what is refused."""

from __future__ import annotations

import pytest

from banjie.domain.assignment import Actor
from banjie.domain.errors import (
    FourEyes,
    IdempotencyMismatch,
    InvalidRequest,
    InvalidSubmission,
    NotFound,
    StaleVersion,
    TaskClosed,
    TaskTaken,
)
from banjie.domain.worklist import Tab
from banjie.services import demo, tasks
from support.office import Office


def ids(office: Office, username: str, tab: Tab, query: str = "") -> list[int]:
    return [row.task_id for row in tasks.inbox(office.rt, office.actors[username], tab, query=query).rows]


def second_officer(office: Office) -> Actor:
    """Another bank officer of the same bank as 孙丽."""
    return office.actors["li"]


def accepting(office: Office, **more: object) -> tasks.CompleteTask:
    """The wish to accept a fresh application."""
    task = office.open_task(office.apply())
    return tasks.CompleteTask(
        task_id=task.id, by=office.actors["zhao"],
        submission={**demo.answer("Accept", office.rt.today()), **more},
    )  # fmt: skip


def test_a_new_task_lies_with_the_candidates_of_its_agency_only(office: Office) -> None:
    task = office.advance_to(office.apply(), "BankAccept")

    assert ids(office, "sun", Tab.CANDIDATE) == ids(office, "li", Tab.CANDIDATE) == [task.id]
    assert ids(office, "jiang", Tab.CANDIDATE) == ids(office, "zhao", Tab.CANDIDATE) == []


def test_a_claimed_task_lies_with_its_holder_only(office: Office) -> None:
    task = office.advance_to(office.apply(), "BankAccept")

    version = tasks.claim(office.rt, office.actors["sun"], task.id)

    assert version == task.version + 1
    assert ids(office, "sun", Tab.MINE) == [task.id]
    assert ids(office, "sun", Tab.CANDIDATE) == ids(office, "li", Tab.CANDIDATE) == []


def test_claiming_ones_own_task_again_changes_nothing(office: Office) -> None:
    task = office.advance_to(office.apply(), "BankAccept")
    version = tasks.claim(office.rt, office.actors["sun"], task.id)

    assert tasks.claim(office.rt, office.actors["sun"], task.id) == version


def test_a_held_task_is_refused_to_colleagues_by_the_name_of_its_holder(office: Office) -> None:
    task = office.advance_to(office.apply(), "BankAccept")
    tasks.claim(office.rt, office.actors["sun"], task.id)

    for attempt in (tasks.claim, tasks.release):
        with pytest.raises(TaskTaken) as refused:
            attempt(office.rt, second_officer(office), task.id)
        assert refused.value.facts["by"] == "孙丽"
    with pytest.raises(TaskTaken):
        office.complete(office.case_of(task), by="li")


def test_a_released_task_lies_with_its_group_again(office: Office) -> None:
    task = office.advance_to(office.apply(), "BankAccept")
    tasks.claim(office.rt, office.actors["sun"], task.id)

    tasks.release(office.rt, office.actors["sun"], task.id)

    assert ids(office, "li", Tab.CANDIDATE) == [task.id]
    assert ids(office, "sun", Tab.MINE) == []


def test_releasing_a_task_that_nobody_holds_changes_nothing(office: Office) -> None:
    task = office.open_task(office.apply())

    assert tasks.release(office.rt, office.actors["zhao"], task.id) == task.version


@pytest.mark.parametrize("stranger", ["jiang", "qian", "wang", "feng", "wei", "zhou"])
def test_a_task_of_others_is_not_found_exactly_as_a_missing_one(office: Office, stranger: str) -> None:
    task, actor = office.advance_to(office.apply(), "BankAccept"), office.actors[stranger]
    absent = task.id + 1000

    for attempt in (
        lambda task_id: tasks.claim(office.rt, actor, task_id),
        lambda task_id: tasks.release(office.rt, actor, task_id),
        lambda task_id: tasks.read(office.rt, actor, task_id),
        lambda task_id: tasks.save_draft(office.rt, actor, task_id, {}),
        lambda task_id: tasks.complete(
            office.rt, tasks.CompleteTask(task_id=task_id, by=actor, submission={})
        ),
    ):
        with pytest.raises(NotFound) as of_others:
            attempt(task.id)
        with pytest.raises(NotFound) as missing:
            attempt(absent)
        assert of_others.value.message == missing.value.message
        assert of_others.value.facts == {"task": task.id}
        assert missing.value.facts == {"task": absent}


def test_a_closed_task_says_who_completed_it_and_when(office: Office) -> None:
    command = accepting(office)
    office.clock.set("2026-09-07 14:30")
    tasks.complete(office.rt, command)
    office.clock.pass_(hours=1)

    for attempt in (
        lambda: tasks.complete(office.rt, command),
        lambda: tasks.claim(office.rt, command.by, command.task_id),
        lambda: tasks.release(office.rt, command.by, command.task_id),
        lambda: tasks.save_draft(office.rt, command.by, command.task_id, {}),
    ):
        with pytest.raises(TaskClosed) as refused:
            attempt()
        assert refused.value.facts["by"] == "赵敏"
        assert str(refused.value.facts["at"]) == "2026-09-07 06:30:00+00:00"


def test_a_completed_task_lies_under_done(office: Office) -> None:
    command = accepting(office)

    tasks.complete(office.rt, command)

    assert ids(office, "zhao", Tab.DONE) == [command.task_id]


def test_a_version_that_has_passed_is_refused(office: Office) -> None:
    task = office.open_task(office.apply())
    tasks.claim(office.rt, office.actors["zhao"], task.id)

    command = tasks.CompleteTask(
        task_id=task.id, by=office.actors["zhao"], expected_version=task.version,
        submission=demo.answer("Accept", office.rt.today()),
    )  # fmt: skip
    with pytest.raises(StaleVersion) as refused:
        tasks.complete(office.rt, command)

    assert refused.value.facts["version"] == task.version + 1


def test_a_version_that_has_passed_is_refused_when_claiming(office: Office) -> None:
    task = office.open_task(office.apply())
    tasks.claim(office.rt, office.actors["zhao"], task.id)
    tasks.release(office.rt, office.actors["zhao"], task.id)

    with pytest.raises(StaleVersion):
        tasks.claim(office.rt, office.actors["zhao"], task.id, task.version)


def test_who_accepted_at_the_bank_may_not_pay_out(office: Office) -> None:
    case_no = office.apply()
    office.advance_to(case_no, "Disburse")

    with pytest.raises(FourEyes) as refused:
        office.complete(case_no, by="sun")

    assert refused.value.facts["element"] == "BankAccept"
    assert office.open_elements(case_no) == ["Disburse"]


def test_faults_of_a_submission_are_named_by_field_and_change_nothing(office: Office) -> None:
    case_no = office.apply()
    before = office.view(case_no).instance

    with pytest.raises(InvalidSubmission) as refused:
        office.complete(case_no, submission={"decision": "perhaps", "surprise": 1})

    assert {error.path for error in refused.value.errors} >= {("decision",), ("surprise",)}
    after = office.view(case_no).instance
    assert (after.version, after.events, after.data) == (before.version, before.events, before.data)


def test_a_refusal_needs_its_reasons(office: Office) -> None:
    case_no = office.apply()

    with pytest.raises(InvalidSubmission) as refused:
        office.complete(case_no, submission={"decision": "not_accept"})

    assert [error.path for error in refused.value.errors] == [("reasons",)]


# ── drafts ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_draft_is_kept_for_its_holder_until_the_task_is_completed(office: Office) -> None:
    task, actor = office.open_task(office.apply()), office.actors["zhao"]
    tasks.claim(office.rt, actor, task.id)

    tasks.save_draft(office.rt, actor, task.id, {"decision": "accept", "half": "typed"})

    assert tasks.read(office.rt, actor, task.id).draft == {"decision": "accept", "half": "typed"}
    office.complete(office.case_of(task))
    assert tasks.read(office.rt, actor, task.id).draft is None


def test_a_draft_needs_a_claimed_task(office: Office) -> None:
    task = office.open_task(office.apply())

    with pytest.raises(InvalidRequest):
        tasks.save_draft(office.rt, office.actors["zhao"], task.id, {})


def test_a_draft_is_not_shown_to_colleagues(office: Office) -> None:
    task = office.advance_to(office.apply(), "BankAccept")
    tasks.claim(office.rt, office.actors["sun"], task.id)
    tasks.save_draft(office.rt, office.actors["sun"], task.id, {"decision": "refuse"})

    assert tasks.read(office.rt, office.actors["li"], task.id).draft is None
    with pytest.raises(TaskTaken):
        tasks.save_draft(office.rt, office.actors["li"], task.id, {})


def test_a_draft_of_some_hundred_kilobytes_is_refused(office: Office) -> None:
    task = office.open_task(office.apply())
    tasks.claim(office.rt, office.actors["zhao"], task.id)

    with pytest.raises(InvalidRequest) as refused:
        tasks.save_draft(office.rt, office.actors["zhao"], task.id, {"reasons": "长" * 300_000})

    assert refused.value.facts["limit"] == 200_000


# ── repetition ───────────────────────────────────────────────────────────────────────────────────────


def with_key(command: tasks.CompleteTask, key: str) -> tasks.CompleteTask:
    return tasks.CompleteTask(
        task_id=command.task_id, by=command.by, submission=command.submission, idempotency_key=key
    )


def test_a_repeated_completion_gets_the_first_answer_again(office: Office) -> None:
    command = with_key(accepting(office), "k-1")
    first = tasks.complete(office.rt, command)

    again = tasks.complete(office.rt, command)

    assert (again.repeated, first.repeated) == (True, False)
    assert (again.task_id, again.case_no, again.status) == (first.task_id, first.case_no, first.status)
    assert office.open_elements(first.case_no) == ["Review"]


def test_a_key_used_for_another_submission_is_refused(office: Office) -> None:
    command = with_key(accepting(office), "k-1")
    tasks.complete(office.rt, command)
    other = tasks.CompleteTask(
        task_id=command.task_id, by=command.by, idempotency_key="k-1",
        submission={"decision": "not_accept", "reasons": "材料不齐，请补齐后重新申请"},
    )  # fmt: skip

    with pytest.raises(IdempotencyMismatch):
        tasks.complete(office.rt, other)


def test_a_key_used_for_another_task_is_refused_and_nothing_is_done(office: Office) -> None:
    tasks.complete(office.rt, with_key(accepting(office), "k-1"))
    other = accepting(office)

    with pytest.raises(IdempotencyMismatch):
        tasks.complete(office.rt, with_key(other, "k-1"))

    assert tasks.read(office.rt, other.by, other.task_id).task.status == "open"


def test_a_refused_completion_leaves_its_key_unused(office: Office) -> None:
    command = accepting(office)
    wrong = tasks.CompleteTask(task_id=command.task_id, by=command.by, submission={}, idempotency_key="k-1")
    with pytest.raises(InvalidSubmission):
        tasks.complete(office.rt, wrong)

    assert tasks.complete(office.rt, with_key(command, "k-1")).repeated is False


def test_an_endless_key_is_refused(office: Office) -> None:
    command = accepting(office)

    with pytest.raises(InvalidRequest):
        tasks.complete(office.rt, with_key(command, "k" * 201))


# ── the inbox ────────────────────────────────────────────────────────────────────────────────────────


def test_the_inbox_stands_in_the_order_of_due_times(office: Office) -> None:
    slow = office.open_task(office.apply())  # acceptance: 5 working days
    office.clock.pass_(minutes=10)
    pressing = office.advance_to(office.apply(), "Review")  # review: 2 working days
    office.clock.set("2026-09-08 10:00")
    later = office.open_task(office.apply())

    assert ids(office, "zhao", Tab.CANDIDATE) == [pressing.id, slow.id, later.id]


def test_pages_of_the_inbox_miss_and_repeat_nothing(office: Office) -> None:
    opened = [office.open_task(office.apply()).id for _ in range(7)]
    seen: list[int] = []
    cursor: str | None = None

    while True:
        page = tasks.inbox(office.rt, office.actors["zhao"], Tab.CANDIDATE, cursor=cursor, limit=3)
        seen += [row.task_id for row in page.rows]
        cursor = page.next
        if cursor is None:
            break

    assert seen == opened


def test_pages_of_done_tasks_miss_and_repeat_nothing(office: Office) -> None:
    done = [tasks.complete(office.rt, accepting(office)).task_id for _ in range(5)]
    first = tasks.inbox(office.rt, office.actors["zhao"], Tab.DONE, limit=3)
    second = tasks.inbox(office.rt, office.actors["zhao"], Tab.DONE, limit=3, cursor=first.next)

    assert [row.task_id for row in (*first.rows, *second.rows)] == done[::-1]
    assert second.next is None


@pytest.mark.parametrize("words", ["小梅", "王小梅", "20260907-000001", "  小梅 "])
def test_a_task_is_found_by_part_of_the_name_or_number(office: Office, words: str) -> None:
    wanted = office.open_task(office.apply())
    office.apply(name="包青山")

    assert ids(office, "zhao", Tab.CANDIDATE, query=words) == [wanted.id]


@pytest.mark.parametrize("words", ["不存在", "' | 'a", "\\", "!&|():*<->", "''", "a'b"])
def test_odd_words_find_nothing_and_break_nothing(office: Office, words: str) -> None:
    office.apply()

    assert ids(office, "zhao", Tab.CANDIDATE, query=words) == []


@pytest.mark.parametrize(
    "cursor",
    ["x", "~", "2026-13-01~1", "infinity~", "infinity~99999999999999999999", "infinity~²", "a~1", "~~1"],
)
@pytest.mark.parametrize("tab", list(Tab))
def test_a_forged_cursor_is_refused(office: Office, cursor: str, tab: Tab) -> None:
    with pytest.raises(InvalidRequest):
        tasks.inbox(office.rt, office.actors["zhao"], tab, cursor=cursor)


def test_arrivals_count_tasks_since_the_last_one_seen(office: Office) -> None:
    seen = office.open_task(office.apply())
    office.apply()
    office.apply()

    assert tasks.arrivals(office.rt, office.actors["zhao"], seen.id) == 2
    assert tasks.arrivals(office.rt, office.actors["sun"], 0) == 0
