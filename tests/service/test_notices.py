"""Telling people: at least once, each in their own box, by letter where there is an address."""

from __future__ import annotations

from dataclasses import replace

import pytest

from banjie.domain.errors import BanjieError, Forbidden
from banjie.services import incidents, notices, people
from support.office import Office


def refused_case(office: Office) -> int:
    """A case whose applicant waits to be told of its refusal."""
    case_no = office.apply()
    office.complete(case_no, submission={"decision": "not_accept", "reasons": "不属于本机关受理范围"})
    return office.view(case_no).instance.id


def give_address(office: Office, username: str, email: str | None) -> None:
    with office.rt.store.begin() as uow:
        uow.db.run("UPDATE account SET email = %s WHERE username = %s", (email, username))


def test_the_applicant_is_told_once_however_often_it_is_delivered(office: Office) -> None:
    instance_id = refused_case(office)

    assert [notices.deliver(office.rt, instance_id) for _ in range(3)] == [1, 0, 0]

    (told,) = people.notices(office.rt, office.actors["wang"])
    assert told.template == "guarantee_loan/not_accepted"
    assert people.notices(office.rt, office.actors["liu"]) == []


def test_a_letter_is_sent_where_there_is_an_address(office: Office) -> None:
    give_address(office, "wang", "wang@example.org")

    notices.deliver(office.rt, refused_case(office))

    ((to, subject, message_id),) = office.mail.letters
    assert to == ["wang@example.org"]
    assert message_id.startswith("outbox-")
    assert "152201-20260907-000001" in subject


def test_no_letter_is_sent_where_there_is_none(office: Office) -> None:
    notices.deliver(office.rt, refused_case(office))

    assert office.mail.letters == []


class DeadMail:
    def send(self, to: object, subject: str, body: str, message_id: str) -> None:
        raise OSError("no route to host")


def test_a_letter_that_cannot_be_sent_is_tried_again_later_under_the_same_number(office: Office) -> None:
    give_address(office, "wang", "wang@example.org")
    instance_id = refused_case(office)

    assert notices.deliver(replace(office.rt, mailer=DeadMail()), instance_id) == 0
    assert notices.deliver(office.rt, instance_id) == 0, "the pause is not over"
    office.clock.pass_(minutes=5)
    assert notices.deliver(office.rt, instance_id) == 1

    assert len(people.notices(office.rt, office.actors["wang"])) == 1
    assert len(office.mail.letters) == 1


def test_the_notice_in_the_application_does_not_wait_for_the_letter(office: Office) -> None:
    give_address(office, "wang", "wang@example.org")

    notices.deliver(replace(office.rt, mailer=DeadMail()), refused_case(office))

    assert len(people.notices(office.rt, office.actors["wang"])) == 1


def test_a_letter_that_cannot_be_sent_holds_up_no_other(office: Office) -> None:
    give_address(office, "wang", "wang@example.org")
    refused_case(office)
    give_address(office, "wang", None)
    refused_case(office)
    office.clock.pass_(minutes=3)
    give_address(office, "wang", "wang@example.org")

    assert notices.deliver(replace(office.rt, mailer=DeadMail()), None) == 0
    office.clock.pass_(minutes=5)
    assert notices.deliver(office.rt, None) == 2

    assert len({message_id for _, _, message_id in office.mail.letters}) == 2


def test_the_sweep_tells_what_its_job_forgot_but_nothing_fresh(office: Office) -> None:
    refused_case(office)
    assert notices.deliver(office.rt, None) == 0

    office.clock.pass_(minutes=3)

    assert notices.deliver(office.rt, None) == 1


def test_a_notice_counts_as_unread_until_it_is_read(office: Office) -> None:
    notices.deliver(office.rt, refused_case(office))
    actor = office.actors["wang"]
    assert people.unread(office.rt, actor) == 1

    people.read_notices(office.rt, actor, people.notices(office.rt, actor)[0].id)

    assert people.unread(office.rt, actor) == 0


def test_one_reads_only_one_s_own_notices(office: Office) -> None:
    notices.deliver(office.rt, refused_case(office))

    people.read_notices(office.rt, office.actors["liu"], 2**40)

    assert people.unread(office.rt, office.actors["wang"]) == 1


def test_a_refused_step_tells_nobody(office: Office) -> None:
    case_no = office.apply()

    with pytest.raises(BanjieError):
        office.complete(case_no, submission={"decision": "not_accept"})

    assert notices.deliver(office.rt, office.view(case_no).instance.id) == 0


@pytest.mark.parametrize("who", ["zhao", "zhou", "feng", "chu", "wang"])
def test_only_administrators_see_and_mend_incidents(office: Office, who: str) -> None:
    with pytest.raises(Forbidden):
        incidents.open_incidents(office.rt, office.actors[who])
    with pytest.raises(Forbidden):
        incidents.retry(office.rt, office.actors[who], 1)
