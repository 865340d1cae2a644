"""Many at once on PostgreSQL: one wins, the others are told; nothing is lost and nothing is done twice."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from banjie.content.bundle import load_bundle
from banjie.domain.assignment import Actor
from banjie.domain.errors import TaskClosed
from banjie.services import demo, deployments, instances, notices, tasks, timers
from support.content import copy_content
from support.office import Office
from support.threads import at_once

CONTENT = Path(__file__).with_name("content")
CLERKS = 200


def completing(office: Office, case_no: str, key: str | None = None) -> Callable[[], tasks.Completed]:
    """The usual completion of the open step, Accept or Review, by its officer."""
    task = office.open_task(case_no)
    command = tasks.CompleteTask(
        task_id=task.id, by=office.actors["zhao"], idempotency_key=key,
        submission=demo.answer(task.element, office.rt.today()),
    )  # fmt: skip
    return lambda: tasks.complete(office.rt, command)


def withdrawing(office: Office, case_no: str) -> Callable[[], None]:
    return lambda: instances.withdraw(office.rt, office.actors["wang"], case_no, "不再需要贷款")


def types(office: Office, case_no: str) -> Counter[str]:
    return Counter(event.type for event in office.view(case_no).events)


def test_of_two_hundred_completions_of_one_task_one_wins_and_the_others_learn_who(office: Office) -> None:
    case_no = office.apply()

    ends = at_once([completing(office, case_no)] * CLERKS)

    won = [end for end in ends if isinstance(end, tasks.Completed)]
    lost = [end for end in ends if isinstance(end, TaskClosed)]
    assert (len(won), len(lost)) == (1, CLERKS - 1)
    assert {(end.facts["by"], end.facts["at"]) for end in lost} == {("赵敏", office.rt.now())}
    assert types(office, case_no)["task.completed"] == 1
    assert office.open_elements(case_no) == ["Review"]


def test_one_completion_sent_eight_times_at_once_is_done_once_and_answered_alike(office: Office) -> None:
    case_no = office.apply()

    ends = at_once([completing(office, case_no, "k-1")] * 8)

    answers = {(end.task_id, end.case_no, end.status) for end in ends if isinstance(end, tasks.Completed)}
    assert len(answers) == 1
    assert Counter(end.repeated for end in ends if isinstance(end, tasks.Completed)) == {True: 7, False: 1}
    assert types(office, case_no)["task.completed"] == 1


def test_of_two_officers_who_claim_at_once_one_gets_the_task(office: Office) -> None:
    for _ in range(10):
        task = office.advance_to(office.apply(), "BankAccept")

        def claim(who: str, task_id: int = task.id) -> int:
            return tasks.claim(office.rt, office.actors[who], task_id)

        ends = at_once([lambda: claim("sun"), lambda: claim("li")])

        assert sorted(type(end).__name__ for end in ends) == ["TaskTaken", "int"]


def test_a_completion_and_a_timer_at_once_both_leave_a_true_record(office: Office) -> None:
    for _ in range(10):
        office.clock.set("2026-09-07 10:00")
        case_no = office.apply()
        office.complete(case_no, "Accept")
        acts: list[Callable[[], object]] = [
            completing(office, case_no),
            lambda: timers.sweep(office.rt),
        ]
        office.clock.set("2026-09-10 10:00")

        done, _swept = at_once(acts)

        assert isinstance(done, tasks.Completed)
        counted = types(office, case_no)
        assert counted["task.completed"] == 2
        assert counted["deadline.missed"] == counted["deadline.escalated"] == 1


def test_a_late_decision_and_the_law_at_once_accept_once_and_from_the_same_day(office: Office) -> None:
    since = set()
    for _ in range(10):
        office.clock.set("2026-09-07 10:00")
        case_no = office.apply()
        acts: list[Callable[[], object]] = [
            completing(office, case_no),
            lambda: timers.sweep(office.rt),
        ]
        office.clock.set("2026-09-14 17:30")

        done, _swept = at_once(acts)

        assert isinstance(done, tasks.Completed | TaskClosed)
        counted = types(office, case_no)
        assert counted["task.completed"] == counted["instance.deemed_accepted"] == 1
        assert office.open_elements(case_no) == ["Review"]
        since.add(office.view(case_no).instance.accepted_at)
    assert len(since) == 1


def test_sweeps_at_once_fire_each_timer_once(office: Office) -> None:
    cases = [office.apply() for _ in range(8)]
    office.clock.set("2026-09-14 17:30")

    ends = at_once([lambda: timers.sweep(office.rt)] * 4)

    assert sum(end.fired for end in ends if isinstance(end, timers.Swept)) == len(cases)
    assert {types(office, case_no)["deadline.missed"] for case_no in cases} == {1}


def test_deliveries_at_once_tell_each_message_once(office: Office) -> None:
    case_no = office.apply()
    office.complete(case_no, submission={"decision": "not_accept", "reasons": "不属于本机关受理范围"})
    instance_id = office.view(case_no).instance.id

    ends = at_once([lambda: notices.deliver(office.rt, instance_id)] * 4)

    assert sorted(str(end) for end in ends) == ["0", "0", "0", "1"]


def test_withdrawal_and_completion_at_once_leave_one_of_the_two(office: Office) -> None:
    for _ in range(10):
        case_no = office.apply()
        acts: list[Callable[[], object]] = [completing(office, case_no), withdrawing(office, case_no)]

        at_once(acts)

        view = office.view(case_no)
        assert view.instance.status.value == "withdrawn"
        assert view.tasks == []


# ── two tasks of one case ────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def twin_office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """An office that also runs a process with two parallel tasks."""
    root = copy_content(tmp_path / "content")
    shutil.copytree(CONTENT, root, dirs_exist_ok=True)
    running = Office(database_url, tmp_path, content=root)
    deployments.deploy(running.rt, load_bundle(root, "twin"))
    yield running
    assert running.findings() == []
    running.close()


def test_two_parallel_tasks_completed_at_once_a_hundred_times_lose_nothing(twin_office: Office) -> None:
    office = twin_office
    wang, zhao, jiang = (office.actors[name] for name in ("wang", "zhao", "jiang"))
    for number in range(100):
        started = instances.start(
            office.rt,
            instances.StartCase(
                service="twin", by=wang, submission={"region": "152201", "word": str(number)}
            ),
        )
        by_element = {task.element: task.id for task in office.view(started.case_no).tasks}

        def complete(element: str, by: Actor, ids: dict[str, int] = by_element) -> tasks.Completed:
            command = tasks.CompleteTask(task_id=ids[element], by=by, submission={"word": element})
            return tasks.complete(office.rt, command)

        ends = at_once([lambda: complete("Left", zhao), lambda: complete("Right", jiang)])
        assert sorted(end.status for end in ends if isinstance(end, tasks.Completed)) == [
            "ended",
            "running",
        ], ends

        view = office.view(started.case_no)
        assert (view.instance.status.value, view.instance.outcome) == ("ended", "done")
        assert (view.instance.data["left"], view.instance.data["right"]) == (
            {"word": "Left"},
            {"word": "Right"},
        )
        assert types(office, started.case_no)["task.completed"] == 2
