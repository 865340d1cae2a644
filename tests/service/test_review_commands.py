"""What an operator does at the machine: incidents, and a worker that minds whom it serves."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from banjie.cli import incidents as incidents_command
from banjie.cli import worker as worker_command
from banjie.domain.errors import Conflict
from banjie.services import incidents, instances
from banjie.settings import SettingsError
from support.office import Office

PRODUCTION = {
    "BANJIE_ENV": "production",
    "BANJIE_SECRET": "a key of this test alone, long enough to be one",
    "BANJIE_BASE_URL": "https://banjie.example.org",
}


@pytest.fixture
def at_the_machine(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office whose database the commands find."""
    monkeypatch.setenv("BANJIE_DATABASE_URL", office.database_url)
    monkeypatch.setenv("BANJIE_VAR", str(office.settings.var))
    return office


def failed_timer(office: Office) -> int:
    """The incident of a clock that could not be read when its warning was due."""
    office.complete(office.apply(), "Accept")
    unit(office, "moons")
    office.tick("2026-09-08 18:00")
    unit(office, "working_days")
    (incident,) = incidents.waiting(office.rt)
    return incident.id


def unit(office: Office, word: str) -> None:
    with office.rt.store.begin() as uow:
        uow.db.run("UPDATE clock SET unit = %s WHERE element = 'Review'", (word,))


def test_an_incident_stays_open_while_its_timer_waits(office: Office) -> None:
    incident_id = failed_timer(office)
    office.clock.set("2026-09-07 18:00")

    with pytest.raises(Conflict):
        incidents.mend(office.rt, incident_id)

    assert [row.id for row in incidents.waiting(office.rt)] == [incident_id]


def test_an_incident_whose_timer_is_gone_can_be_closed(office: Office) -> None:
    incident_id = failed_timer(office)
    rows, _ = instances.my_cases(office.rt, office.actors["wang"])
    instances.withdraw(office.rt, office.actors["wang"], rows[0].case_no, "不再需要贷款")

    incidents.mend(office.rt, incident_id)

    assert incidents.waiting(office.rt) == []


def test_the_command_lists_incidents_and_does_the_work_again(at_the_machine: Office) -> None:
    incident_id = failed_timer(at_the_machine)
    listed = CliRunner().invoke(incidents_command.command, ["list"])
    assert listed.output.startswith(f"{incident_id}\t2026-09-08 18:00\tfire_timer\t152201-")
    with at_the_machine.rt.store.begin() as uow:
        uow.db.run("UPDATE timer SET fire_at = '2020-01-01'")

    done = CliRunner().invoke(incidents_command.command, ["retry", str(incident_id)])

    assert (done.exit_code, done.output) == (0, f"incident {incident_id} is closed\n")
    assert incidents.waiting(at_the_machine.rt) == []


def test_a_worker_refuses_demo_accounts_in_production(
    at_the_machine: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)

    ran = CliRunner().invoke(worker_command.command, ["--until-idle"])

    assert isinstance(ran.exception, SettingsError)
    assert "demo accounts" in str(ran.exception)
