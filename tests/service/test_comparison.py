"""Comparison between departments: what was declared against what registers say, and the record of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from banjie.domain.errors import Forbidden, InvalidRequest, NotFound
from banjie.domain.registers import Certificate, Fact, InsuredMonth, Said
from banjie.services import comparison, demo, registers
from support.lists import csv_of, load
from support.office import Office

PERSON = demo.id_number(1)
FIRM = demo.credit_code(1)
PEOPLE = "身份证号码,姓名,户口性质,毕业日期,失业登记日期"


def fill(office: Office) -> None:
    """What social insurance, the schools and the bank say of the first applicant."""
    load(office, csv_of(PEOPLE, f"{PERSON},王小梅,城镇,,2026-02-01"), "person")
    old = date(2026, 1, 1)
    load(office, csv_of(PEOPLE, f"{PERSON},王晓梅,农村,2020-07-01,"), "person", source="教育", as_of=old)
    load(office, csv_of("统一社会信用代码,单位名称,单位类型", f"{FIRM},晨光小吃店,个体工商户"), as_of=old)
    account = "证件号码,账户类型,户名,账号,开户行"
    load(office, csv_of(account, f"{PERSON},个人账户,王小梅,6228480000000000,农商行"), "account")


def state(found: Fact | Mapping[str, Any]) -> tuple[Any, ...]:
    one = found.plain() if isinstance(found, Fact) else found
    return one["value"], one["source"], one["state"]


def test_acceptance_compares_and_keeps_what_each_source_says(office: Office) -> None:
    fill(office)
    declared = office.usual.application("startup-subsidy", 1, office.rt.today())
    case_no = office.apply("startup-subsidy")
    zhao = office.actors["zhao"]

    before = comparison.preview(office.rt, zhao, case_no)
    assert comparison.of_case(office.rt, zhao, case_no) == []
    office.complete(case_no)

    with office.rt.store.read() as uow:
        instance = uow.cases.find(case_no)
    assert instance is not None
    facts: Any = instance.data["facts"]
    assert {key: state(facts[key]) for key in (
        "household_type", "graduated_on", "unemployment_registered_on", "person_name", "unit_kind", "account_no",
        "established_on",
    )} == {
        "household_type": ("urban", "社保", "conflict"),
        "graduated_on": ("2020-07-01", "教育", "conflict"),
        "unemployment_registered_on": ("2026-02-01", "社保", "match"),
        "person_name": ("王小梅", "社保", "conflict"),
        "unit_kind": ("individual", "社保", "stale"),
        "account_no": ("6228480000000000", "社保", "conflict"),
        "established_on": (declared["registered_on"], "declared", "declared"),
    }  # fmt: skip
    assert {"hardship_recognised_on", "insured_staff", "certificate_level"}.isdisjoint(facts)
    assert facts["graduated_on"]["declared"] == declared["graduated_on"]

    (kept,) = comparison.of_case(office.rt, zhao, case_no)
    assert before is not None
    assert (kept.by, kept.element, kept.facts) == ("赵敏", "Accept", before.facts)
    assert kept.contradictions == 4
    by_key = {fact.key: fact for fact in kept.facts}
    assert [(one.source, one.value) for one in by_key["household_type"].said] == [
        ("社保", "urban"),
        ("教育", "rural"),
    ]
    for by in ("wang", "sun"):
        with pytest.raises(NotFound):
            comparison.preview(office.rt, office.actors[by], case_no)


def test_a_sharing_platform_takes_the_place_of_the_tables(office: Office) -> None:
    """Whatever answers the protocol; where it is silent, the declared value is used and marked so."""

    class Platform(registers.Registers):
        def facts_of_enterprise(self, uscc: str) -> list[Said]:
            return []

        def facts_of_person(self, id_number: str) -> list[Said]:
            today = office.rt.today()
            return [Said(key="graduated_on", value="2024-07-01", source="共享平台", as_of=today)]

        def account_of(self, subject_number: str) -> None:
            return None

        def insured_months(self, id_number: str, since: date, until: date) -> list[InsuredMonth]:
            return []

        def certificates(self, id_number: str) -> list[Certificate]:
            return []

    office.rt = replace(office.rt, registers=Platform())
    case_no = office.apply("startup-subsidy", graduated_on="2024-07-01")

    found = comparison.preview(office.rt, office.actors["zhao"], case_no)

    assert found is not None
    assert ("2024-07-01", "共享平台", "match") in [state(fact) for fact in found.facts]


def test_officers_look_up_people_of_their_region_and_it_is_recorded_without_the_number(
    office: Office,
) -> None:
    fill(office)
    months = "身份证号码,缴费月份,统一社会信用代码,缴费金额"
    rows = [f"{PERSON},2026-0{month},{FIRM},88.10" for month in (5, 6, 7)]
    load(office, csv_of(months, *rows), "insured_month")
    load(office, csv_of(PEOPLE, f"{demo.id_number(2)},刘志强,城镇,,"), "person")
    papers = [f"Z-{number},{PERSON},焊工,3,2026-05-0{number}" for number in (1, 2)]
    load(office, csv_of("证书号,身份证号码,工种,技能等级,发证日期", *papers), "certificate")

    entry = registers.look_up(office.rt, office.actors["zhou"], f" {PERSON[:6]} {PERSON[6:].lower()}")
    enterprise = registers.look_up(office.rt, office.actors["zhao"], FIRM)

    assert (entry.name, entry.region, len(entry.months), len(entry.accounts)) == ("王小梅", demo.COUNTY, 3, 1)
    assert [fact.key for fact in entry.facts] == [
        "household_type",
        "graduated_on",
        "unemployment_registered_on",
    ]
    assert [fact.key for fact in enterprise.facts] == ["unit_kind"]
    assert office.rt.registers.insured_months(PERSON, date(2026, 6, 1), date(2026, 7, 31))[0].month == date(
        2026, 6, 1
    )
    total = [one for one in office.rt.registers.facts_of_person(PERSON) if one.key == "insured_months_total"]
    assert [one.value for one in total] == [3]
    for numbers in ((FIRM, PERSON, PERSON), (FIRM, "", FIRM), ("", PERSON, ""), ("", "", "")):
        one_by_one = registers.Registers.of_applicant(office.rt.registers, *numbers)
        assert office.rt.registers.of_applicant(*numbers) == one_by_one
    with pytest.raises(NotFound):
        registers.look_up(office.rt, office.actors["zhao"], demo.id_number(3))
    with pytest.raises(InvalidRequest):
        registers.look_up(office.rt, office.actors["zhao"], "1234")
    with pytest.raises(Forbidden):
        registers.look_up(office.rt, office.actors["sun"], PERSON)
    with office.rt.store.read() as uow:
        kept = uow.db.rows(
            "SELECT facts FROM event WHERE stream = 'registers' AND type = 'register.looked_up'"
        )
    assert len(kept) == 3
    assert not any(PERSON in row[0] or FIRM in row[0] for row in kept)


def test_another_bureau_does_not_find_them(office: Office) -> None:
    fill(office)
    elsewhere = registers.regions_of(office.rt, office.actors["zhao"])
    office.rt = replace(office.rt, book=replace(office.rt.book, agencies={
        **office.rt.book.agencies,
        demo.BUREAU: replace(office.rt.book.agencies[demo.BUREAU], serves=("152221",)),
    }))  # fmt: skip

    assert elsewhere == {demo.COUNTY}
    with pytest.raises(NotFound):
        registers.look_up(office.rt, office.actors["zhao"], PERSON)
    assert registers.holdings(office.rt, office.actors["zhao"]) == []


def test_the_people_whom_an_application_lists_are_compared_too(office: Office) -> None:
    """Their names and dates, and the months for which this employer and no other has paid their insurance."""
    office.deploy("social_insurance_subsidy")
    application: Any = office.usual.application("social-insurance-subsidy", 1, office.rt.today())
    hired = application["hires"][0]
    since, until = (date.fromisoformat(f"{hired[key][:7]}-01") for key in ("month_from", "month_to"))
    asked = (until.year - since.year) * 12 + until.month - since.month + 1
    load(office, csv_of(PEOPLE, f"{hired['id_number']},别人,城镇,,"), "person")
    paid = [(application["uscc"], since), (demo.credit_code(99), until), (demo.credit_code(99), since)]
    rows = [f"{hired['id_number']},{month:%Y-%m},{uscc},88.10" for uscc, month in paid]
    load(office, csv_of("身份证号码,缴费月份,统一社会信用代码,缴费金额", *rows), "insured_month")
    case_no = office.apply("social-insurance-subsidy", **application)
    zhao = office.actors["zhao"]

    before = comparison.preview(office.rt, zhao, case_no)
    office.complete(case_no)
    (kept,) = comparison.of_case(office.rt, zhao, case_no)

    assert before is not None
    assert kept.people == before.people
    (person,) = kept.people
    found = {fact.key: (fact.value, fact.declared, fact.state) for fact in person.facts}
    assert (person.list, person.row, person.name) == ("hires", 1, hired["name"])
    assert found["person_name"] == ("别人", hired["name"], "conflict")
    assert found["insured_months_here"] == (1, asked, "conflict")
    assert kept.contradictions >= 2
