"""When a year's notice comes out, the provisional due times of running clocks are computed anew."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import date, datetime

import pytest
from click.testing import CliRunner

from banjie.cli import calendar as calendar_command
from banjie.domain.calendar import LEGAL_ZONE, SpecialDay, WorkingCalendar
from banjie.policy.calendars import CalendarBook
from banjie.policy.fresh_calendars import FreshCalendars
from banjie.services import recompute
from banjie.worker import loop
from support.office import Office

#: With the notice, Sunday 3 January 2027 is worked, and the five days end a day earlier.
OLD_DUE = datetime(2027, 1, 6, 17, 30, tzinfo=LEGAL_ZONE)
NEW_DUE = datetime(2027, 1, 5, 17, 30, tzinfo=LEGAL_ZONE)
NEW_WARNING = datetime(2027, 1, 4, 17, 30, tzinfo=LEGAL_ZONE)


def started(office: Office) -> str:
    office.clock.set("2026-12-29 10:00")
    return office.apply()


def publish_notice(office: Office) -> None:
    """From now on the office knows the notice of 2027."""
    calendars = office.rt.calendars
    assert isinstance(calendars, FreshCalendars)
    known = calendars.book()
    kept = tuple(entry for entry in known.national.special_days if entry.day.year != 2027)
    book = CalendarBook(
        national=WorkingCalendar(
            key="cn", first_day=known.national.first_day, last_day=known.national.last_day,
            special_days=(
                *kept,
                SpecialDay(day=date(2027, 1, 1), is_working=False, name="元旦"),
                SpecialDay(day=date(2027, 1, 3), is_working=True, name="调休上班"),
            ),
            provisional_years=known.national.provisional_years - {2027},
        ),
        notices=known.notices, local={}, hours={}, warn_days_before_year=60,
    )  # fmt: skip
    office.rt = replace(office.rt, calendars=book)


def armed(office: Office) -> list[tuple[datetime, datetime]]:
    """The instants of the timers with those of their jobs."""
    with office.rt.store.read() as uow:
        rows = uow.db.rows(
            "SELECT m.fire_at, j.scheduled_at FROM timer m JOIN procrastinate_jobs j ON j.id = m.job_id "
            "WHERE j.status = 'todo'"
        )
    return [(row[0], row[1]) for row in rows]


def step_events(office: Office, case_no: str) -> list[str]:
    """The kinds of the events about the clock of the step."""
    return [event.type for event in office.view(case_no).events if event.facts.get("clock") == "step"]


def test_nothing_is_to_be_recomputed_while_the_calendar_stays(office: Office) -> None:
    started(office)

    assert recompute.changed(office.rt) == []
    assert recompute.apply(office.rt) == 0


def test_the_preview_names_the_clock_with_both_due_times_and_changes_nothing(office: Office) -> None:
    case_no = started(office)
    assert office.open_task(case_no).due_at == OLD_DUE
    before = office.rt
    publish_notice(office)

    change = next(found for found in recompute.changed(office.rt) if found.kind == "step")

    assert (change.case_no, change.element) == (case_no, "Accept")
    assert (change.old.at, change.new.at) == (OLD_DUE, NEW_DUE)
    assert (change.old.provisional, change.new.provisional) == (True, False)
    assert office.open_task(case_no).due_at == OLD_DUE
    office.rt = before


def test_the_task_its_place_in_the_inbox_the_timer_and_its_job_move_together(office: Office) -> None:
    case_no = started(office)
    publish_notice(office)

    moved = len(recompute.changed(office.rt))
    assert recompute.apply(office.rt) == moved > 0

    task = office.open_task(case_no)
    assert (task.due_at, task.warn_at) == (NEW_DUE, NEW_WARNING)
    assert set(armed(office)) == {(NEW_WARNING, NEW_WARNING)}
    told = next(event for event in office.view(case_no).events if event.type == "clock.recomputed")
    assert (told.facts["old_due_at"], told.facts["due_at"]) == (
        "2027-01-06T09:30:00+00:00",
        "2027-01-05T09:30:00+00:00",
    )
    assert recompute.apply(office.rt) == 0


def test_a_clock_that_was_warned_about_is_missed_at_its_new_instant(office: Office) -> None:
    case_no = started(office)
    office.tick("2027-01-05 17:29")
    publish_notice(office)
    recompute.apply(office.rt)

    office.tick("2027-01-05 17:30")

    kinds = step_events(office, case_no)
    assert kinds.count("deadline.missed") == 1


def test_a_warning_given_too_early_is_given_again_at_its_time(office: Office) -> None:
    case_no = started(office)
    provisional = office.rt
    publish_notice(office)
    recompute.apply(office.rt)
    office.tick("2027-01-04 17:30")
    office.rt = provisional
    recompute.apply(office.rt)

    office.tick("2027-01-05 17:30")

    kinds = step_events(office, case_no)
    assert (kinds.count("deadline.warned"), kinds.count("deadline.missed")) == (2, 0)


def test_the_worker_recomputes_once_a_day(office: Office) -> None:
    case_no = started(office)
    publish_notice(office)

    loop.daily(office.rt)

    assert office.open_task(case_no).due_at == NEW_DUE


def test_the_command_shows_first_and_writes_only_when_told_to(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_no = started(office)
    with office.rt.store.begin() as uow:
        uow.db.run("UPDATE clock SET provisional = false")
    monkeypatch.setenv("BANJIE_DATABASE_URL", office.database_url)
    monkeypatch.setenv("BANJIE_VAR", str(office.settings.var))

    shown = CliRunner().invoke(calendar_command.command, [])
    assert shown.exit_code == 0
    assert case_no in shown.output
    assert "would change" in shown.output

    written = CliRunner().invoke(calendar_command.command, ["--apply"])
    assert "changed" in written.output
    assert recompute.changed(office.rt) == []


def test_the_command_by_its_longer_name_shows_and_applies_likewise(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_no = started(office)
    publish_notice(office)
    monkeypatch.setattr(calendar_command, "runtime", lambda: nullcontext((office.settings, office.rt)))

    shown = CliRunner().invoke(calendar_command.command, ["recompute", "--preview"])
    assert (case_no in shown.output, recompute.changed(office.rt) != []) == (True, True)

    written = CliRunner().invoke(calendar_command.command, ["recompute", "--apply"])
    assert written.exit_code == 0
    assert recompute.changed(office.rt) == []
