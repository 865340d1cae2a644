"""The cases that managers, auditors and heads watch over: whose, in which order, narrowed down, paged, as a file."""

from __future__ import annotations

import csv
from io import StringIO

import pytest

from banjie.app import create_app
from banjie.domain.assignment import Membership, Role
from banjie.domain.errors import Forbidden, InvalidRequest
from banjie.domain.worklist import CaseFilter
from banjie.persistence import case_lists
from banjie.services import demo, instances, people, reports
from support.office import Office

LATE = "2026-09-14 18:00"


def numbers(
    office: Office, by: str = "feng", *, oldest_first: bool = False, limit: int = 20, **chosen: object
) -> list[str]:
    """The case numbers of all pages together."""
    found: list[str] = []
    cursor = None
    while True:
        page = reports.watched_cases(
            office.rt, office.actors[by], CaseFilter(**chosen), cursor=cursor, limit=limit,  # type: ignore[arg-type]
            oldest_first=oldest_first,
        )  # fmt: skip
        found += [case.row.case_no for case in page.cases]
        cursor = page.next
        if cursor is None:
            return found


def page_of(office: Office, by: str, path: str) -> str:
    client = create_app(office.settings, office.rt).test_client()
    client.post("/sign-in", data={"name": by, "password": demo.PASSWORD})
    return client.get(path).text


def test_a_manager_and_an_auditor_see_every_case_of_their_region_newest_first(office: Office) -> None:
    applied = [office.apply() for _ in range(3)]

    assert numbers(office, "feng") == applied[::-1]
    assert numbers(office, "chu") == applied[::-1]
    assert numbers(office, "feng", oldest_first=True) == applied


@pytest.mark.parametrize(
    ("region", "sees"), [("152201", 1), ("152200", 1), ("150000", 1), ("152221", 0), ("150500", 0)]
)
def test_a_case_is_listed_for_its_region_and_those_above_it(office: Office, region: str, sees: int) -> None:
    case_no = office.apply()
    people.add_person(
        office.rt, username="m", password=demo.PASSWORD, display_name="马科长",
        memberships=[Membership(role=Role.MANAGER, region=region)],
    )  # fmt: skip
    office.actors["m"] = people.actor_named(office.rt, "m")

    assert len(numbers(office, "m")) == len(numbers(office, "m", text=case_no)) == sees


def test_a_head_sees_the_cases_that_the_agency_has_had_a_task_of(office: Office) -> None:
    first, second = office.apply(), office.apply()
    office.advance_to(first, "Investigate")

    assert numbers(office, "wu") == [first]
    assert numbers(office, "zhou") == [second, first]


@pytest.mark.parametrize("person", ["wang", "zhao", "wei"])
def test_nobody_else_has_such_a_list(office: Office, person: str) -> None:
    with pytest.raises(Forbidden):
        numbers(office, person)


@pytest.mark.parametrize("oldest_first", [False, True])
def test_pages_together_hold_each_case_once(office: Office, oldest_first: bool) -> None:
    applied = [office.apply() for _ in range(7)]

    found = numbers(office, limit=3, oldest_first=oldest_first)

    assert found == (applied if oldest_first else applied[::-1])


def test_a_page_that_looks_through_its_share_goes_on_to_what_fits(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_lists, "WINDOW", 2)
    wanted = office.apply()
    instances.withdraw(office.rt, office.actors["wang"], wanted, "改日再办")
    for _ in range(4):
        office.apply()

    page = reports.watched_cases(office.rt, office.actors["feng"], CaseFilter(status="withdrawn"))

    assert (list(page.cases), page.goes_on) == ([], True)
    assert numbers(office, status="withdrawn") == [wanted]
    assert numbers(office, status="withdrawn", oldest_first=True) == [wanted]


def test_the_list_is_narrowed_by_state_service_and_agency(office: Office) -> None:
    person, firm = office.apply(), office.apply("guarantee-loan-sme", by="liu")
    office.advance_to(person, "Investigate")
    instances.withdraw(office.rt, office.actors["liu"], firm, "改日再办")

    assert numbers(office, status="running") == [person]
    assert numbers(office, status="withdrawn") == [firm]
    assert numbers(office, service="guarantee-loan-sme") == [firm]
    assert numbers(office, agency="guarantor-hinggan") == [person]
    assert numbers(office, agency="bureau-ulanhot") == [firm, person]
    assert numbers(office, status="running", service="guarantee-loan-sme") == []


def test_late_are_the_cases_of_which_a_limit_was_missed_also_when_they_have_ended(office: Office) -> None:
    running, ended = office.apply(), office.apply()
    office.tick(LATE)
    fresh = office.apply()
    instances.withdraw(office.rt, office.actors["wang"], ended, "等不及了")

    assert numbers(office, late=True) == [ended, running]
    assert fresh in numbers(office)


def test_a_case_is_late_from_the_instant_of_its_limit_though_nothing_has_fired(office: Office) -> None:
    case_no = office.apply()
    assert numbers(office, late=True) == []

    office.clock.set(LATE)

    assert numbers(office, late=True) == [case_no]


def test_a_case_is_found_by_a_part_of_its_number_or_of_the_name(office: Office) -> None:
    first, second = office.apply(applicant_name="包青山"), office.apply(applicant_name="李秀兰")

    assert numbers(office, text="青山") == [first]
    assert numbers(office, text="秀 兰") == [second]
    assert numbers(office, text=first[-3:]) == [first]
    assert numbers(office, text="%") == []


def test_a_whole_number_finds_its_case_however_far_back_it_lies(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_lists, "WINDOW", 1)
    first = office.apply()
    for _ in range(3):
        office.apply()

    page = reports.watched_cases(office.rt, office.actors["feng"], CaseFilter(text=first))

    assert ([case.row.case_no for case in page.cases], page.next) == ([first], None)


def test_a_cursor_that_is_none_of_ours_is_refused(office: Office) -> None:
    with pytest.raises(InvalidRequest):
        reports.watched_cases(office.rt, office.actors["feng"], CaseFilter(), cursor="x")


def test_the_page_masks_names_and_leads_to_the_case(office: Office) -> None:
    case_no = office.apply(applicant_name="包青山")

    page = page_of(office, "feng", "/oversight/cases")

    assert "包青山" not in page
    assert f'href="/cases/{case_no}"' in page
    assert 'aria-current="page"' in page


@pytest.mark.parametrize(
    "address", ["status=x&service=y&agency=z&late=7&order=w", "q=%25%27", "q=" + "办" * 500]
)
def test_an_address_with_unknown_words_is_a_list_all_the_same(office: Office, address: str) -> None:
    office.apply()

    assert "办件列表" in page_of(office, "feng", f"/oversight/cases?{address}")


def test_an_empty_list_says_so(office: Office) -> None:
    assert "还没有办件" in page_of(office, "feng", "/oversight/cases")
    assert "没有找到" in page_of(office, "feng", "/oversight/cases?q=zzz")


def test_the_file_holds_the_page_with_masked_names(office: Office) -> None:
    case_no = office.apply(applicant_name="包青山")

    rows = list(csv.reader(StringIO(page_of(office, "feng", "/oversight/cases.csv").removeprefix("\ufeff"))))

    assert len(rows) == 2
    assert rows[1][0] == case_no
    assert rows[1][3] == "包*山"


@pytest.mark.parametrize("name", ["=1+1", "+86", "-1", "@SUM(A1)"])
def test_no_cell_of_the_file_is_a_formula(office: Office, name: str) -> None:
    office.apply(applicant_name=name)

    rows = list(csv.reader(StringIO(page_of(office, "feng", "/oversight/cases.csv").removeprefix("\ufeff"))))

    assert len(rows) == 2
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


def test_an_officer_does_not_get_the_page(office: Office) -> None:
    client = create_app(office.settings, office.rt).test_client()
    client.post("/sign-in", data={"name": "zhao", "password": demo.PASSWORD})

    assert client.get("/oversight/cases").status_code == 404
    assert client.get("/oversight/cases.csv").status_code == 404
