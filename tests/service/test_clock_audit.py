"""The nightly audit finds what is wrong with clocks, and the alarm tells of a sweep that does not run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from banjie.app import create_app
from banjie.cli import clock as clock_command
from banjie.domain.calendar import LEGAL_ZONE
from banjie.domain.errors import Conflict
from banjie.services import clock_audit, demo, incidents, people, recompute
from banjie.worker import loop
from support.office import Office


@contextmanager
def spoiled(office: Office, spoil: str, mend: str) -> Iterator[None]:
    """Clocks changed behind the application's back, and mended when the test has seen the result."""
    with office.rt.store.begin() as uow:
        uow.db.run(spoil)
    try:
        yield
    finally:
        with office.rt.store.begin() as uow:
            uow.db.run(mend)


def stored(office: Office, where: str = "true") -> int:
    """How many clocks there are."""
    with office.rt.store.read() as uow:
        return int(uow.db.only(f"SELECT count(*) FROM clock WHERE {where}")[0])


LATER = "UPDATE clock SET due_at = due_at + interval '1 day'"
EARLIER = "UPDATE clock SET due_at = due_at - interval '1 day'"


def audit_incidents(office: Office) -> list[str]:
    return [row.message for row in incidents.waiting(office.rt) if row.job == clock_audit.JOB]


def test_an_audit_of_sound_clocks_finds_nothing_and_counts_all_of_them(office: Office) -> None:
    office.apply()
    office.complete(office.apply(), "Accept")

    audit = clock_audit.run(office.rt)

    assert stored(office, "stopped_at IS NOT NULL") > 0
    assert (audit.clocks, audit.wrong, list(audit.findings)) == (stored(office), 0, [])
    assert clock_audit.latest(office.rt) == audit
    assert audit_incidents(office) == []


def test_a_clock_that_stopped_before_the_last_audit_is_not_audited_again(office: Office) -> None:
    office.complete(office.apply(), "Accept")
    clock_audit.run(office.rt)
    office.clock.pass_(hours=1)

    assert clock_audit.run(office.rt).clocks == stored(office, "stopped_at IS NULL") < stored(office)


def test_a_stored_due_time_that_the_ledger_does_not_give_is_found_and_becomes_one_incident(
    office: Office,
) -> None:
    case_no = office.apply()
    office.apply()

    with spoiled(office, LATER, EARLIER):
        audit = clock_audit.run(office.rt)
        clock_audit.run(office.rt)

        assert audit.wrong == stored(office)
        assert {finding.rule for finding in audit.findings} == {"ledger-gives-the-due-time"}
        assert case_no in {finding.case_no for finding in audit.findings}
        assert audit_incidents(office) == [f"{audit.wrong} wrong: ledger-gives-the-due-time"]


def test_a_ledger_with_a_gap_is_found(office: Office) -> None:
    office.apply()

    with spoiled(
        office,
        "UPDATE interval SET start_at = start_at + interval '1 hour'",
        "UPDATE interval SET start_at = start_at - interval '1 hour'",
    ):
        findings = clock_audit.run(office.rt).findings

    assert {finding.rule for finding in findings} == {"ledger-is-a-partition"}


def test_a_clock_computed_on_another_calendar_is_no_finding(office: Office) -> None:
    office.apply()

    with spoiled(
        office,
        f"{LATER}, calendar = 'old-' || calendar",
        f"{EARLIER}, calendar = substr(calendar, 5)",
    ):
        assert clock_audit.run(office.rt).wrong == 0


def test_an_audit_that_finds_nothing_closes_the_incident_of_the_one_before(office: Office) -> None:
    office.apply()
    with spoiled(office, LATER, EARLIER):
        clock_audit.run(office.rt)

    clock_audit.run(office.rt)

    assert audit_incidents(office) == []


def test_mending_the_incident_audits_again_and_is_refused_while_there_are_findings(office: Office) -> None:
    office.apply()
    with spoiled(office, LATER, EARLIER):
        clock_audit.run(office.rt)
        (row,) = incidents.waiting(office.rt)
        with pytest.raises(Conflict):
            incidents.mend(office.rt, row.id)

    incidents.mend(office.rt, row.id)

    assert incidents.waiting(office.rt) == []


def test_the_audit_tells_how_late_each_warning_and_limit_fired(office: Office) -> None:
    case_no = office.apply()
    office.complete(case_no, "Accept")
    office.tick("2026-09-08 17:30:01")  # the warning of the review, a second late
    office.tick("2026-09-09 17:35")  # its limit, five minutes late

    lateness = clock_audit.run(office.rt).lateness

    assert list(lateness["warned"].counts) == [1, 0, 0, 0, 0, 0]
    assert list(lateness["missed"].counts) == [0, 0, 0, 1, 0, 0]


def test_each_firing_is_told_in_one_audit_only(office: Office) -> None:
    office.complete(office.apply(), "Accept")
    office.tick("2026-09-08 17:30")
    clock_audit.run(office.rt)
    office.clock.pass_(hours=1)

    assert clock_audit.run(office.rt).lateness["warned"].fired == 0


def test_the_worker_audits_once_a_legal_day_however_often_it_is_asked(office: Office) -> None:
    office.clock.set("2026-09-07 00:20")
    office.apply()
    loop.daily(office.rt)
    first = clock_audit.latest(office.rt)
    office.clock.set("2026-09-07 23:20")
    loop.daily(office.rt)
    assert clock_audit.latest(office.rt) == first

    office.clock.set("2026-09-08 00:20")
    loop.daily(office.rt)

    second = clock_audit.latest(office.rt)
    assert second is not None
    assert second.at.astimezone(LEGAL_ZONE).date() == date(2026, 9, 8)


def test_a_day_whose_work_failed_is_worked_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.apply()

    def failing(_rt: object) -> int:
        raise RuntimeError("the database went away")

    with monkeypatch.context() as patch:
        patch.setattr(recompute, "apply", failing)
        with pytest.raises(RuntimeError):
            loop.daily(office.rt)
    office.clock.pass_(hours=1)

    loop.daily(office.rt)

    audit = clock_audit.latest(office.rt)
    assert audit is not None
    assert audit.at == office.rt.now()


# ── the alarm ────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def client(office: Office) -> FlaskClient:
    return create_app(office.settings, office.rt).test_client()


def test_a_sweep_that_runs_each_minute_is_alive(office: Office) -> None:
    loop.sweep(office.rt)
    office.clock.pass_(minutes=5)

    assert not clock_audit.sweep_pulse(office.rt).is_dead


def test_a_sweep_that_was_silent_for_more_than_five_minutes_is_dead_until_it_runs_again(
    office: Office,
) -> None:
    loop.sweep(office.rt)
    office.clock.pass_(minutes=5, seconds=1)
    assert clock_audit.sweep_pulse(office.rt).is_dead

    loop.sweep(office.rt)

    assert not clock_audit.sweep_pulse(office.rt).is_dead


def test_a_sweep_that_never_ran_is_dead_once_a_timer_waits_for_it(office: Office) -> None:
    case_no = office.apply()
    assert not clock_audit.sweep_pulse(office.rt).is_dead

    due = office.open_task(case_no).warn_at
    assert due is not None
    office.clock.set(due + timedelta(minutes=6))

    assert clock_audit.sweep_pulse(office.rt).is_dead


def test_a_heartbeat_is_written_at_most_once_a_minute(office: Office) -> None:
    loop.sweep(office.rt)
    first = clock_audit.sweep_pulse(office.rt).last
    office.clock.pass_(seconds=30)
    loop.sweep(office.rt)

    assert clock_audit.sweep_pulse(office.rt).last == first == office.rt.now() - timedelta(seconds=30)


def test_health_is_good_while_the_sweep_lives_and_503_with_the_reason_when_it_is_dead(
    office: Office, client: FlaskClient
) -> None:
    loop.sweep(office.rt)
    good = client.get("/health")
    office.clock.pass_(minutes=6)
    bad = client.get("/health")

    assert (good.status_code, good.json) == (200, {"status": "ok", "reasons": []})
    assert bad.status_code == 503
    assert bad.json == {
        "status": "degraded",
        "reasons": [{"rule": "sweep", "last": "2026-09-07T02:00:00+00:00"}],
    }


def test_managers_and_administrators_see_the_alarm_on_every_page_and_others_do_not(office: Office) -> None:
    loop.sweep(office.rt)
    office.clock.pass_(minutes=6)
    alarmed = {name: "data-alarm" in page(office, name) for name in ("feng", "wei", "zhao", "wang")}

    assert alarmed == {"feng": True, "wei": True, "zhao": False, "wang": False}


def test_the_alarm_is_not_shown_while_the_sweep_lives(office: Office) -> None:
    loop.sweep(office.rt)

    assert "data-alarm" not in page(office, "feng")


def page(office: Office, username: str) -> str:
    client = create_app(office.settings, office.rt).test_client()
    session = people.sign_in(office.rt, username, demo.PASSWORD, address="10.0.0.1")
    client.set_cookie("banjie", session.token)
    return client.get("/me").get_data(as_text=True)


def invoke(office: Office, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str]:
    monkeypatch.setenv("BANJIE_DATABASE_URL", office.database_url)
    monkeypatch.setenv("BANJIE_VAR", str(office.settings.var))
    result = CliRunner().invoke(clock_command.command, list(arguments))
    return result.exit_code, result.output


def test_the_command_prints_the_last_audit_and_ends_with_1_on_findings(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_no = office.apply()
    with spoiled(office, LATER, EARLIER):
        clock_audit.run(office.rt)
    with office.rt.store.begin() as uow:
        uow.db.run("INSERT INTO heartbeat VALUES ('sweep', now())")

    code, output = invoke(office, monkeypatch, "audit")

    assert code == 1
    assert case_no in output
    assert f"{stored(office)} clocks, {stored(office)} wrong" in output


def test_the_command_ends_with_0_after_a_clean_audit_and_with_1_when_the_sweep_is_dead(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.apply()
    clock_audit.run(office.rt)
    with office.rt.store.begin() as uow:
        uow.db.run("INSERT INTO heartbeat VALUES ('sweep', now())")
    code, output = invoke(office, monkeypatch, "audit")
    assert (code, f"{stored(office)} clocks, 0 wrong" in output) == (0, True)

    with office.rt.store.begin() as uow:
        uow.db.run("UPDATE heartbeat SET at = now() - interval '6 minutes'")

    code, output = invoke(office, monkeypatch, "audit")
    assert code == 1
    assert "sweep" in output
