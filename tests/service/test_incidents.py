"""A job that fails too often becomes an incident, which an administrator mends by trying again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from banjie.domain.errors import Conflict, NotFound
from banjie.services import incidents, notices, people, timers
from support.office import Office


class DeadMail:
    """A mailer whose server does not answer."""

    tries = 0

    def send(self, to: object, subject: str, body: str, message_id: str) -> None:
        DeadMail.tries += 1
        raise OSError("no route to wang@example.org")


def failing(*_: object) -> None:
    raise OSError("disk full")


def undelivered(office: Office) -> None:
    """A refusal that the applicant's mail server did not take, tried until it was given up."""
    DeadMail.tries = 0
    with office.rt.store.begin() as uow:
        uow.db.run("UPDATE account SET email = 'wang@example.org' WHERE username = 'wang'")
    office.complete(office.apply(), submission={"decision": "not_accept", "reasons": "不属于本机关受理范围"})
    broken = replace(office.rt, mailer=DeadMail())
    for _ in range(6):
        office.clock.pass_(days=1)
        notices.deliver(broken, None)


def test_a_letter_that_fails_six_times_becomes_an_incident(office: Office) -> None:
    undelivered(office)

    (incident,) = incidents.open_incidents(office.rt, office.actors["wei"])
    assert DeadMail.tries == 6
    assert (incident.job, incident.case_no, incident.message) == (
        "letter",
        "152201-20260907-000001",
        "OSError",
    )


def test_an_incident_is_closed_by_trying_again_with_success(office: Office) -> None:
    undelivered(office)
    (incident,) = incidents.open_incidents(office.rt, office.actors["wei"])

    incidents.retry(office.rt, office.actors["wei"], incident.id)

    assert incidents.open_incidents(office.rt, office.actors["wei"]) == []
    assert [row.template for row in people.notices(office.rt, office.actors["wang"])] == [
        "guarantee_loan/not_accepted"
    ]
    assert len(office.mail.letters) == 1


def test_an_incident_stays_open_while_trying_again_fails(office: Office) -> None:
    undelivered(office)
    (incident,) = incidents.open_incidents(office.rt, office.actors["wei"])

    with pytest.raises(Conflict, match="cannot be sent"):
        incidents.retry(replace(office.rt, mailer=DeadMail()), office.actors["wei"], incident.id)

    assert [row.id for row in incidents.open_incidents(office.rt, office.actors["wei"])] == [incident.id]


def test_a_timer_that_was_given_up_can_be_fired_again(office: Office) -> None:
    office.complete(office.apply(), "Accept")  # so that the ids of case and clock differ
    case_no = office.apply()
    instance_id = office.view(case_no).instance.id
    clock_id = office.view(case_no).clocks[0].stored.id
    office.clock.set("2026-09-14 18:00")
    # The queue hands a job's arguments back in an order of its own.
    arguments = {"token": None, "clock_id": clock_id, "instance_id": instance_id}
    incidents.record(office.rt, "fire_timer", arguments, OSError("disk full"))
    (incident,) = incidents.open_incidents(office.rt, office.actors["wei"])

    incidents.retry(office.rt, office.actors["wei"], incident.id)

    assert "deadline.missed" in [event.type for event in office.view(case_no).events]
    with office.rt.store.read() as uow:
        (mended,) = uow.db.rows("SELECT resolved_by FROM incident")
    assert mended[0] == office.actors["wei"].account_id


def test_a_timer_that_failed_and_then_fires_closes_its_incident(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_no = office.apply()
    office.clock.set("2026-09-14 18:00")
    with monkeypatch.context() as broken:
        broken.setattr("banjie.services.lateness.record", failing)
        failed = office.tick().failed
    assert [row.message for row in incidents.waiting(office.rt)] == ["OSError"] * len(failed) != []

    again = office.tick()

    assert again.fired >= 1
    assert again.failed == ()
    # One that fires may take another down; the incident of that one waits for a person.
    assert len(incidents.waiting(office.rt)) <= len(failed) - again.fired
    assert "deadline.missed" in [event.type for event in office.view(case_no).events]


def test_a_timer_s_job_that_succeeds_closes_the_incident_of_an_earlier_failure(office: Office) -> None:
    case_no = office.apply()
    view = office.view(case_no)
    clock_id = view.clocks[0].stored.id
    arguments = {"instance_id": view.instance.id, "clock_id": clock_id, "token": None}
    incidents.record(office.rt, "fire_timer", arguments, OSError("disk full"))
    office.clock.set("2026-09-14 18:00")

    assert timers.fire(office.rt, view.instance.id, clock_id, None)

    assert incidents.waiting(office.rt) == []


def test_a_failure_s_own_words_are_not_kept(office: Office) -> None:
    undelivered(office)

    with office.rt.store.read() as uow:
        rows = uow.db.rows("SELECT incident::text FROM incident")
    assert "example.org" not in str(rows)


def test_an_incident_that_does_not_exist_is_not_found(office: Office) -> None:
    with pytest.raises(NotFound):
        incidents.retry(office.rt, office.actors["wei"], 1)
