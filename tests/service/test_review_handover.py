"""A task does not stay with somebody who is gone; accounts and sessions leave a record."""

from __future__ import annotations

import pytest

from banjie.domain.errors import NotFound, TaskTaken
from banjie.domain.worklist import Tab
from banjie.services import demo, people, tasks
from support.office import Office


def claimed(office: Office) -> tuple[str, int]:
    """A case whose step at the bank is held by Li."""
    case_no = office.apply()
    task = office.advance_to(case_no, "BankAccept")
    tasks.claim(office.rt, office.actors["li"], task.id)
    return case_no, task.id


def account_events(office: Office, username: str) -> list[str]:
    with office.rt.store.read() as uow:
        rows = uow.db.rows(
            "SELECT type FROM event WHERE stream = %s ORDER BY seq",
            (f"account:{office.actors[username].account_id}",),
        )
    return [row[0] for row in rows]


def test_the_head_of_the_agency_puts_a_held_task_back(office: Office) -> None:
    case_no, task_id = claimed(office)

    tasks.release(office.rt, office.actors["zheng"], task_id)

    assert office.open_task(case_no).assignee_id is None
    offered = tasks.inbox(office.rt, office.actors["sun"], Tab.CANDIDATE).rows
    assert [row.task_id for row in offered] == [task_id]
    released = [event for event in office.view(case_no).events if event.type == "task.released"]
    assert [event.actor for event in released] == ["郑行长"]


@pytest.mark.parametrize("username", ["zhou", "wu", "wei", "feng", "jiang", "wang"])
def test_nobody_outside_the_agency_puts_a_task_back(office: Office, username: str) -> None:
    _, task_id = claimed(office)

    with pytest.raises(NotFound):
        tasks.release(office.rt, office.actors[username], task_id)


def test_a_colleague_cannot_put_a_task_back(office: Office) -> None:
    _, task_id = claimed(office)

    with pytest.raises(TaskTaken):
        tasks.release(office.rt, office.actors["sun"], task_id)


def test_the_head_still_cannot_take_the_task(office: Office) -> None:
    _, task_id = claimed(office)
    tasks.release(office.rt, office.actors["zheng"], task_id)

    with pytest.raises(NotFound):
        tasks.claim(office.rt, office.actors["zheng"], task_id)


def test_switching_an_account_off_puts_its_tasks_back(office: Office) -> None:
    first, _ = claimed(office)
    second, _ = claimed(office)

    people.set_active(office.rt, "li", active=False)

    for case_no in (first, second):
        assert office.open_task(case_no).assignee_id is None
        assert office.view(case_no).events[-1].facts == {"reason": "account_switched_off"}
    assert tasks.inbox(office.rt, office.actors["sun"], Tab.CANDIDATE).counts[Tab.CANDIDATE] == 2


def test_switching_an_account_on_again_moves_no_task(office: Office) -> None:
    case_no, _ = claimed(office)

    people.set_active(office.rt, "li", active=True)

    assert office.open_task(case_no).assignee_id == office.actors["li"].account_id


def test_switching_an_account_off_and_on_is_on_its_record(office: Office) -> None:
    people.set_active(office.rt, "li", active=False)
    people.set_active(office.rt, "li", active=True)

    assert account_events(office, "li") == ["account.opened", "account.switched_off", "account.switched_on"]


def test_signing_out_is_on_record_once(office: Office) -> None:
    signed = people.sign_in(office.rt, "li", demo.PASSWORD, address="10.0.0.1")

    people.sign_out(office.rt, signed.token)
    people.sign_out(office.rt, signed.token)
    people.sign_out(office.rt, "no token of ours")

    assert people.session_of(office.rt, signed.token) is None
    assert account_events(office, "li") == ["account.opened", "account.signed_in", "account.signed_out"]
