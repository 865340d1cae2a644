"""The worker and its queue: a job that keeps failing is tried six times, then left to a person."""

from __future__ import annotations

from banjie.jobs.app import MAX_ATTEMPTS
from banjie.services import incidents
from support.office import Office, run_worker


def run(office: Office, times: int) -> None:
    """Let the worker run what is due, the pauses between two attempts being over."""
    for _ in range(times):
        with office.rt.store.begin() as uow:
            uow.db.run("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
        run_worker(office.rt, office.database_url)


def broken_case(office: Office) -> str:
    """A case whose missed limits, of the step and of the acceptance, cannot be fired."""
    case_no = office.apply()
    with office.rt.store.begin() as uow:
        uow.db.run("UPDATE clock SET unit = 'moons'")
    office.clock.set("2026-09-14 18:00")
    return case_no


def mend(office: Office) -> None:
    with office.rt.store.begin() as uow:
        uow.db.run("UPDATE clock SET unit = 'working_days'")


def test_a_job_that_fails_six_times_becomes_an_incident_and_can_be_retried(office: Office) -> None:
    case_no = broken_case(office)

    run(office, MAX_ATTEMPTS + 2)

    found = incidents.open_incidents(office.rt, office.actors["wei"])
    assert [(one.job, one.case_no) for one in found] == [("fire_timer", case_no)] * 2
    mend(office)
    for incident in sorted(found, key=lambda one: one.id, reverse=True):
        incidents.retry(office.rt, office.actors["wei"], incident.id)
    kinds = [event.type for event in office.view(case_no).events]
    assert kinds[2:4] == ["deadline.missed", "deadline.escalated"]
    assert "instance.deemed_accepted" in kinds
