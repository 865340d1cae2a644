"""The calendar's page shows before it changes; the board counts late steps of cases in time."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from flask.testing import FlaskClient

from banjie.app import create_app
from banjie.domain.calendar import SpecialDay
from banjie.policy.calendars import CalendarBook
from banjie.policy.fresh_calendars import FreshCalendars
from banjie.services import clock_audit, demo, people, procedures, recompute, reports, tasks
from support.office import Office


def signed_in(office: Office, username: str) -> FlaskClient:
    client = create_app(office.settings, office.rt).test_client()
    session = people.sign_in(office.rt, username, demo.PASSWORD, address="10.0.0.1")
    client.set_cookie("banjie", session.token)
    client.set_cookie("lang", "en")
    return client


def page(office: Office, username: str, path: str = "/oversight/calendar") -> str:
    return signed_in(office, username).get(path).get_data(as_text=True)


def make_up(office: Office) -> None:
    """From now on Saturday 12 September 2026 is worked."""
    calendars = office.rt.calendars
    assert isinstance(calendars, FreshCalendars)
    known = calendars.book()
    day = SpecialDay(day=date(2026, 9, 12), is_working=True, name="调休上班")
    special = sorted((*known.national.special_days, day), key=lambda one: one.day)
    book = CalendarBook(
        national=replace(known.national, special_days=tuple(special)), notices=known.notices, local={}, hours={},
        warn_days_before_year=60,
    )  # fmt: skip
    office.rt = replace(office.rt, calendars=book)


@pytest.mark.parametrize("username", ["feng", "chu", "chen", "wei"])
def test_each_year_is_shown_with_its_notice_or_as_provisional(office: Office, username: str) -> None:
    shown = page(office, username)

    years = {
        year: row for row in re.findall(r"<tr data-year>(.*?)</tr>", shown, re.DOTALL)
        for year in re.findall(r">(\d{4})</td>", row)
    }  # fmt: skip
    assert "国办发明电〔2025〕7号" in years["2026"]
    assert "official" in years["2026"]
    assert "provisional" in years["2027"]
    assert "2004" in years


@pytest.mark.parametrize("username", ["zhao", "wang", "zhou"])
def test_the_page_does_not_exist_for_others(office: Office, username: str) -> None:
    assert signed_in(office, username).get("/oversight/calendar").status_code == 404


def test_the_preview_is_made_only_when_it_is_asked_for(office: Office) -> None:
    office.apply()
    make_up(office)

    assert "data-change" not in page(office, "feng")
    assert "data-change" in page(office, "feng", "/oversight/calendar?preview=1")
    recompute.apply(office.rt)


def test_the_preview_names_case_and_step_with_both_due_times_in_the_asked_order(office: Office) -> None:
    first, second = office.apply(), office.apply()
    make_up(office)

    def order(asked: str) -> list[str]:
        shown = page(office, "feng", f"/oversight/calendar?preview=1&sort=case&order={asked}")
        rows = re.findall(r"<tr data-change>(.*?)</tr>", shown, re.DOTALL)
        assert all("2026-09-14 17:30" in row and "2026-09-12 17:30" in row for row in rows)
        return list(dict.fromkeys(re.findall(r">([0-9-]{16,})</a>", "".join(rows))))

    assert order("ascending") == [first, second]
    assert order("descending") == [second, first]
    recompute.apply(office.rt)


def test_the_preview_is_shown_in_pages(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("banjie.web.oversight.calendar_page._LINES", 1)
    office.apply()
    office.apply()
    make_up(office)

    shown = [page(office, "feng", f"/oversight/calendar?preview=1&page={number}") for number in (1, 2)]

    lines = [re.findall(r"<tr data-change>(.*?)</tr>", one, re.DOTALL) for one in shown]
    assert [len(found) for found in lines] == [1, 1]
    assert lines[0] != lines[1]
    assert 'rel="next"' in shown[0]
    recompute.apply(office.rt)


def test_whoever_may_not_apply_finds_no_button(office: Office) -> None:
    office.apply()
    make_up(office)

    buttons = {
        name: "/oversight/calendar/apply" in page(office, name, "/oversight/calendar?preview=1")
        for name in ("feng", "chu", "chen", "wei")
    }

    assert buttons == {"feng": False, "chu": False, "chen": True, "wei": True}
    recompute.apply(office.rt)


def test_applying_moves_all_due_times_and_says_how_many(office: Office) -> None:
    office.apply()
    make_up(office)
    count = len(recompute.changed(office.rt))
    client = signed_in(office, "chen")
    form = client.get("/oversight/calendar?preview=1").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)
    assert token is not None

    answer = client.post(
        "/oversight/calendar/apply", data={"csrf_token": token[1]}, headers={"Origin": "http://localhost"}
    )

    assert answer.status_code == 303
    assert f"{count} due times were changed." in client.get(answer.headers["Location"]).get_data(as_text=True)
    assert recompute.changed(office.rt) == []


def test_applying_without_the_token_of_the_page_is_refused(office: Office) -> None:
    office.apply()
    make_up(office)

    assert signed_in(office, "chen").post("/oversight/calendar/apply").status_code == 403
    assert signed_in(office, "feng").post("/oversight/calendar/apply").status_code in (403, 404)
    assert recompute.changed(office.rt) != []
    recompute.apply(office.rt)


def test_the_last_audit_is_shown_with_its_histogram(office: Office) -> None:
    assert "No audit yet" in page(office, "feng")
    office.complete(office.apply(), "Accept")
    office.tick("2026-09-08 17:30:01")
    clock_audit.run(office.rt)

    shown = page(office, "feng")

    (warned, _missed) = re.findall(r"<tr data-lateness>(.*?)</tr>", shown, re.DOTALL)
    assert re.findall(r'number">(\d+)</td>', warned) == ["1", "0", "0", "0", "0", "0"]
    assert "none wrong" in shown


# ── late steps of cases in time ──────────────────────────────────────────────────────────────────────


def overtime(office: Office, username: str = "feng") -> list[tuple[str, int, int]]:
    found = reports.oversight(office.rt, office.actors[username]).overtime
    return [(row.element, row.case_in_time, row.case_late) for row in found]


def test_a_late_step_counts_though_its_case_is_in_time(office: Office) -> None:
    case_no = office.apply()
    office.complete(case_no, "Accept")
    office.tick("2026-09-09 17:30")

    assert overtime(office) == [("Review", 1, 0)]

    office.complete(case_no, "Review")
    assert overtime(office) == [("Review", 1, 0)]  # once missed it stays counted, though the step is finished
    shown = page(office, "feng", "/oversight")
    (line,) = re.findall(r"<tr data-overtime>(.*?)</tr>", shown, re.DOTALL)
    assert "资格审核" in line


def test_a_step_that_is_late_after_its_case_is_counted_apart(office: Office) -> None:
    case_no = office.apply(amount=80_000)
    office.complete(case_no, "Accept")
    office.tick("2026-10-20 10:00")
    office.complete(case_no, "Review", approved_amount=80_000)
    office.tick("2026-11-02 10:00")

    assert sorted(overtime(office)) == [("Investigate", 0, 1), ("Review", 1, 0)]


def test_late_steps_are_forgotten_after_thirty_days_and_by_other_agencies(office: Office) -> None:
    office.complete(office.apply(), "Accept")
    office.tick("2026-09-09 17:30")

    assert overtime(office, "zheng") == []
    office.clock.pass_(days=reports.OVERTIME_DAYS)
    assert overtime(office) == []


def test_the_board_adds_up_procedures_whose_time_does_not_count_by_ground_and_officer(office: Office) -> None:
    case_no = office.apply()
    task = office.open_task(case_no)
    tasks.claim(office.rt, office.actors["zhao"], task.id)
    begun = procedures.start_excluded(
        office.rt, office.actors["zhao"], task.id, "expert_review", "专审〔2026〕1号", 3, "专家评审"
    )
    office.clock.set("2026-09-10 10:00")
    assert "No such procedure" not in page(office, "zhou", "/oversight")
    procedures.end_excluded(office.rt, office.actors["zhao"], begun, "专审意见1号", "评审结束")

    (line,) = re.findall(r"<tr data-excluded>(.*?)</tr>", page(office, "feng", "/oversight"), re.DOTALL)
    cells = [re.sub(r"<.*?>", "", cell) for cell in re.findall(r"<td.*?</td>", line, re.DOTALL)]
    # From Monday to Thursday, three working days after the first.
    assert cells[2:] == ["赵敏", "1", "0", "3"]
    assert cells[0] == office.rt.book.grounds["expert_review"].title_en
    assert "No such procedure" in page(office, "wu", "/oversight")
