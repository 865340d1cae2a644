"""A case shown to people without a step in it (抄送)."""

from __future__ import annotations

import pytest

from banjie.domain.errors import Forbidden, InvalidRequest, NotFound
from banjie.services import copies, instances, notices, people, tasks
from support.office import Office


def send(office: Office, case_no: str, *to: str, by: str = "zhou", words: str = "供参阅") -> int:
    return copies.send(office.rt, office.actors[by], case_no, to, words)


def numbers(office: Office, who: str) -> list[str]:
    return [row.case.case_no for row in copies.mine(office.rt, office.actors[who])[0]]


def test_who_gets_a_copy_sees_the_case_and_is_told_of_it(office: Office) -> None:
    case_no = office.apply()
    with pytest.raises(NotFound):
        instances.view(office.rt, office.actors["jiang"], case_no)

    assert send(office, case_no, "jiang") == 1

    assert instances.view(office.rt, office.actors["jiang"], case_no).instance.case_no == case_no
    notices.deliver(office.rt, office.view(case_no).instance.id)
    assert [notice.template for notice in people.notices(office.rt, office.actors["jiang"])] == ["copied"]


def test_a_copy_lets_one_read_and_do_nothing(office: Office) -> None:
    case_no = office.apply()
    send(office, case_no, "jiang")

    with pytest.raises(NotFound):
        tasks.claim(office.rt, office.actors["jiang"], office.open_task(case_no).id)
    with pytest.raises(NotFound):
        instances.cancel(office.rt, office.actors["jiang"], case_no, "不办了")
    with pytest.raises(Forbidden):
        send(office, case_no, "chen", by="jiang")


def test_the_holder_of_a_task_sends_copies_and_another_officer_does_not(office: Office) -> None:
    case_no = office.apply()
    with pytest.raises(Forbidden):
        send(office, case_no, "jiang", by="zhao")
    tasks.claim(office.rt, office.actors["zhao"], office.open_task(case_no).id)

    assert send(office, case_no, "jiang", by="zhao") == 1


@pytest.mark.parametrize("name", ["wang", "liu", "wei"])
def test_people_outside_the_agencies_and_the_region_are_refused_by_name(office: Office, name: str) -> None:
    case_no = office.apply()

    with pytest.raises(Forbidden, match=name):
        send(office, case_no, "jiang", name)

    assert numbers(office, "jiang") == []


def test_a_name_that_nobody_has_is_refused_by_name(office: Office) -> None:
    with pytest.raises(InvalidRequest, match="nobody called nemo"):
        send(office, office.apply(), "nemo")


def test_a_copy_sent_again_is_the_same_copy(office: Office) -> None:
    case_no = office.apply()
    send(office, case_no, "jiang", "chen")

    assert send(office, case_no, "jiang", "chen", by="zhou", words="再发一次") == 0

    assert [event.type for event in office.view(case_no).events].count("case.copied") == 1
    assert numbers(office, "jiang") == [case_no]


def test_the_record_holds_whom_and_not_the_words(office: Office) -> None:
    case_no = office.apply()
    send(office, case_no, "jiang", words="王小梅的情况特殊")

    [event] = [event for event in office.view(case_no).events if event.type == "case.copied"]

    assert event.facts["to"] == [office.actors["jiang"].account_id]
    assert "特殊" not in str(event.facts)


def test_the_unread_come_first_and_then_the_newest(office: Office) -> None:
    cases = [office.apply() for _ in range(4)]
    for case_no in cases:
        send(office, case_no, "jiang")
    opened = instances.view(office.rt, office.actors["jiang"], cases[3]).instance
    copies.mark_read(office.rt, office.actors["jiang"], opened.id)

    first, cursor = copies.mine(office.rt, office.actors["jiang"], limit=2)
    rest, end = copies.mine(office.rt, office.actors["jiang"], cursor=cursor, limit=2)

    shown = [row.case.case_no for row in (*first, *rest)]
    assert shown == [cases[2], cases[1], cases[0], cases[3]]
    assert end is None
    counted = copies.counts(office.rt, office.actors["jiang"])
    assert (counted.total, counted.unread) == (4, 3)


def test_a_strange_cursor_is_refused(office: Office) -> None:
    with pytest.raises(InvalidRequest):
        copies.mine(office.rt, office.actors["jiang"], cursor="2~x")


def test_the_people_offered_are_those_who_may_get_a_copy(office: Office) -> None:
    case_no = office.apply()
    send(office, case_no, "jiang")

    found = copies.sendable(office.rt, office.actors["zhou"], case_no)

    offered = {one.username for one in found.people}
    assert {"zhao", "qian", "feng", "chen", "chu"} <= offered
    assert offered.isdisjoint({"wang", "liu", "wei", "jiang", "zhou"})
    assert [row.to for row in found.sent] == ["蒋平"]


def test_the_applicant_is_not_told_of_copies(office: Office) -> None:
    case_no = office.apply()
    send(office, case_no, "jiang")

    told = [event.type for event in instances.view(office.rt, office.actors["wang"], case_no).events]

    assert "case.copied" not in told
    with pytest.raises(Forbidden):
        copies.sendable(office.rt, office.actors["wang"], case_no)
