"""All due times move in one transaction, whatever else happens meanwhile; what cannot be computed stops nothing."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime

import pytest

from banjie.domain.calendar import LEGAL_ZONE, CalendarRange, SpecialDay, WorkingCalendar
from banjie.domain.changes import CaseChange
from banjie.domain.errors import Conflict, Forbidden
from banjie.domain.events import NewEvent
from banjie.domain.ledger import Party
from banjie.policy.calendars import CalendarBook
from banjie.policy.fresh_calendars import FreshCalendars
from banjie.services import demo, incidents, ledgers, recompute
from banjie.services.recompute import Change, Failure
from support.office import Office

SATURDAY = date(2026, 9, 12)


def make_up(office: Office, day: date = SATURDAY, **shorter: date) -> None:
    """From now on the office works on a Saturday; `shorter` may name another last day of the calendar."""
    calendars = office.rt.calendars
    assert isinstance(calendars, FreshCalendars)
    known = calendars.book()
    changed: Mapping[str, object] = {
        "special_days": tuple(
            sorted(
                (
                    *(
                        one
                        for one in known.national.special_days
                        if one.day <= shorter.get("last_day", one.day)
                    ),
                    SpecialDay(day=day, is_working=True, name="调休上班"),
                ),
                key=lambda one: one.day,
            )
        ),
        **shorter,
    }
    national = WorkingCalendar(
        key="cn", first_day=known.national.first_day, provisional_years=known.national.provisional_years,
        special_days=changed["special_days"],  # type: ignore[arg-type]
        last_day=shorter.get("last_day", known.national.last_day),
    )  # fmt: skip
    book = CalendarBook(
        national=national, notices=known.notices, local={}, hours={}, warn_days_before_year=60
    )
    office.rt = replace(office.rt, calendars=book)


def moved(office: Office) -> int:
    return sum(1 for found in recompute.preview(office.rt) if isinstance(found, Change))


def test_all_cases_move_or_none(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [office.apply() for _ in range(3)]
    before = [office.open_task(case_no).due_at for case_no in cases]
    make_up(office)
    monkeypatch.setattr(recompute, "_CASES", 1)
    event, calls = recompute._event, []

    def failing(found: recompute._Moved) -> NewEvent:
        calls.append(found)
        if len({one.stored.clock.subject.instance for one in calls}) == 3:
            raise RuntimeError("the last of the three")
        return event(found)

    with monkeypatch.context() as patch:
        patch.setattr(recompute, "_event", failing)
        with pytest.raises(RuntimeError):
            recompute.apply(office.rt)
    assert [office.open_task(case_no).due_at for case_no in cases] == before

    recompute.apply(office.rt)

    after = [office.open_task(case_no).due_at for case_no in cases]
    assert all(
        new is not None and old is not None and new < old for old, new in zip(before, after, strict=True)
    )


def test_a_case_that_is_worked_on_meanwhile_is_waited_for_and_moves_too(office: Office) -> None:
    cases = [office.apply() for _ in range(3)]
    make_up(office)
    expected = moved(office)

    with ThreadPoolExecutor(1) as thread:
        with office.rt.store.begin() as uow:
            instance = uow.cases.lock(cases[1])
            assert instance is not None
            applying = thread.submit(recompute.apply, office.rt)
            change = CaseChange.of(instance, at=office.rt.now(), actor_id=None)
            change.events.append(NewEvent(type="notice.queued", facts={}))
            uow.cases.apply(instance, change)
        assert applying.result(30) == expected

    assert moved(office) == 0
    kinds = [event.type for event in office.view(cases[1]).events]
    assert kinds.index("notice.queued") < kinds.index("clock.recomputed")


def test_two_that_apply_at_once_change_each_clock_once(office: Office) -> None:
    cases = [office.apply() for _ in range(5)]
    make_up(office)
    expected = moved(office)

    with ThreadPoolExecutor(2) as threads:
        done = [threads.submit(recompute.apply, office.rt) for _ in range(2)]
        counts = [one.result(30) for one in done]

    assert sum(counts) == expected
    for case_no in cases:
        told = [event for event in office.view(case_no).events if event.type == "clock.recomputed"]
        assert len(told) == expected // len(cases)


def test_a_paused_clock_moves_without_being_armed(office: Office) -> None:
    case_no = office.apply()
    with office.rt.store.begin() as uow:
        instance = uow.cases.lock(case_no)
        assert instance is not None
        change = CaseChange.of(instance, at=office.rt.now(), actor_id=None)
        clocks = uow.cases.clocks(instance.id)
        ledgers.pause(office.rt, change, clocks, ground=ledgers.Ground(code="hearing"), party=Party.LAW)
        uow.cases.apply(instance, change)
    make_up(office)
    assert moved(office) > 0

    recompute.apply(office.rt)

    assert moved(office) == 0
    with office.rt.store.read() as uow:
        assert uow.db.only("SELECT count(*) FROM timer")[0] == 0
    assert office.open_task(case_no).due_at is None


def out_of_range(office: Office) -> str:
    """A case whose clock reaches beyond the calendar, beside others that do not."""
    office.apply()
    office.clock.set("2026-09-08 10:00")
    case_no = office.apply()
    with office.rt.store.begin() as uow:
        uow.db.run(
            "UPDATE clock SET value = 200 WHERE kind = 'step' AND instance_id = "
            "(SELECT id FROM instance WHERE case_no = %s)",
            (case_no,),
        )
    make_up(office, last_day=date(2026, 12, 31))
    return case_no


def mend(office: Office, case_no: str) -> None:
    with office.rt.store.begin() as uow:
        uow.db.run("UPDATE clock SET value = 5 WHERE value = 200")


def test_a_clock_that_cannot_be_computed_is_named_and_stops_no_other(office: Office) -> None:
    case_no = out_of_range(office)

    found = list(recompute.preview(office.rt))
    failures = [one for one in found if isinstance(one, Failure)]
    assert [(one.case_no, one.element, one.error) for one in failures] == [
        (case_no, "Accept", CalendarRange.__name__)
    ]
    assert recompute.apply(office.rt) == len(found) - 1 > 0

    (incident,) = incidents.waiting(office.rt)
    assert (incident.job, incident.case_no, incident.message) == ("recompute", case_no, "CalendarRange")
    assert incident.subject.endswith(f":{failures[0].clock_id}")
    mend(office, case_no)
    recompute.apply(office.rt)


def test_the_incident_is_mended_by_computing_again_and_refused_while_that_fails(office: Office) -> None:
    case_no = out_of_range(office)
    recompute.apply(office.rt)
    (incident,) = incidents.waiting(office.rt)
    with pytest.raises(Conflict):
        incidents.mend(office.rt, incident.id)

    mend(office, case_no)
    incidents.mend(office.rt, incident.id)

    assert incidents.waiting(office.rt) == []
    assert moved(office) == 0
    due = office.open_task(case_no).due_at
    assert due == datetime(2026, 9, 14, 17, 30, tzinfo=LEGAL_ZONE)


@pytest.mark.parametrize("username", ["chen", "wei"])
def test_a_process_owner_or_an_administrator_may_apply_and_is_named_in_the_record(
    office: Office, username: str
) -> None:
    case_no = office.apply()
    make_up(office)

    assert recompute.apply_by(office.rt, office.actors[username]) == 2

    told = next(event for event in office.view(case_no).events if event.type == "clock.recomputed")
    person = next(person for person in demo.CAST if person.username == username)
    assert told.actor == person.name


@pytest.mark.parametrize("username", ["feng", "zhou", "zhao", "chu", "wang"])
def test_nobody_else_may_apply(office: Office, username: str) -> None:
    office.apply()
    make_up(office)

    with pytest.raises(Forbidden):
        recompute.apply_by(office.rt, office.actors[username])

    assert moved(office) > 0
    recompute.apply(office.rt)
