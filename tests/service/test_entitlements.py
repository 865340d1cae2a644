"""Entitlements (免申即享): found in the registers, offered to whom they belong, and begun as prefilled cases."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from banjie.domain.entitlements import (
    AlreadyAnswered,
    EntitlementStatus,
    MatchUnderWay,
    NotVerified,
    RunStatus,
)
from banjie.domain.errors import Forbidden, InvalidRequest, InvalidSubmission, NotFound, RateLimited
from banjie.services import entitlements, people, subjects
from support.entitled import FIRM, GRADUATE, OTHER_FIRM, PEOPLE, SOCIAL, fill_registers, matched
from support.office import Office


def completed(office: Office, row: Any) -> dict[str, Any]:
    """The prefilled application with what the registers cannot know."""
    hires = [
        {**hire, "contract_since": "2023-06-01", "contract_until": "2025-05-31"}
        for hire in row.prefill["hires"]
    ]
    return {
        **row.prefill, "hires": hires, "phone": "13900000001", "registered_in_region": True,
        "account_name": row.name, "bank_account": "0512000012345", "bank_name": "示例银行", "declaration": True,
    }  # fmt: skip


@pytest.fixture
def searched(office: Office) -> Office:
    fill_registers(office)
    office.deploy("hiring_subsidy")
    office.deploy("social_insurance_subsidy")
    return office


def test_who_qualifies_is_found_once_with_receipt_and_prefilled_application(searched: Office) -> None:
    office, zhao = searched, searched.actors["zhao"]

    run = matched(office)

    (row,) = entitlements.page(office.rt, zhao).items
    assert (run.status, run.total, run.done, run.found) == (RunStatus.DONE, 1, 1, 1)
    assert (row.name, row.amount, row.status.value, row.period) == (
        "晨光食品有限公司",
        Decimal(1500),
        "found",
        "2023-09",
    )
    assert row.prefill == {
        "enterprise_name": "晨光食品有限公司", "uscc": FIRM, "region": "152201", "employer_kind": "enterprise",
        "enterprise_size": "small",
        "hires": [{"name": "包青山", "id_number": PEOPLE[0], "graduated_on": "2023-06-30"}],
    }  # fmt: skip
    receipt: Any = row.receipt
    assert receipt["value"]["hires"] == [PEOPLE[0]]
    again = matched(office)
    assert (again.found, again.stale) == (1, 0)
    assert [one.id for one in entitlements.page(office.rt, zhao).items] == [row.id]

    with office.rt.store.begin() as uow:
        uow.db.run("UPDATE reg_person SET facts = '{}'::jsonb")
    gone = matched(office)
    assert (gone.found, gone.stale) == (0, 1)
    assert entitlements.page(office.rt, zhao, status="stale").items[0].id == row.id


def test_a_run_goes_on_where_it_stopped_and_only_once_at_a_time(searched: Office) -> None:
    office = searched
    run_id = entitlements.start(office.rt, office.actors["zhao"], GRADUATE, "152201")
    with pytest.raises(MatchUnderWay):
        entitlements.start(office.rt, office.actors["zhao"], GRADUATE, "152201")
    with pytest.raises(Forbidden):
        entitlements.start(office.rt, office.actors["zhao"], GRADUATE, "152224")
    with pytest.raises(Forbidden):
        entitlements.start(office.rt, office.actors["wang"], GRADUATE, "152201")

    first, second = entitlements.run(office.rt, run_id), entitlements.run(office.rt, run_id)

    assert (first.done, first.found) == (second.done, second.found) == (1, 1)


def test_an_enterprise_proves_who_it_is_consents_and_is_not_found_again(searched: Office) -> None:
    office, zhao, liu, wang = searched, *(searched.actors[name] for name in ("zhao", "liu", "wang"))
    matched(office)
    (row,) = entitlements.page(office.rt, zhao).items
    assert entitlements.mine(office.rt, liu) == []
    with pytest.raises(NotVerified):
        subjects.verify(office.rt, liu, FIRM, "别的公司")
    subjects.verify(office.rt, liu, FIRM, "晨光食品有限公司")
    assert [one.id for one in entitlements.mine(office.rt, liu)] == [row.id]
    assert entitlements.mine(office.rt, wang) == []
    with pytest.raises(NotFound):
        entitlements.get(office.rt, wang, row.id)

    assert entitlements.invite(office.rt, zhao, [row.id]) == entitlements.Invited(told=1, no_account=0)
    assert [one.template for one in people.notices(office.rt, liu)] == [entitlements.NOTICE]
    with pytest.raises(NotFound):
        entitlements.accept(office.rt, wang, row.id, completed(office, row))
    with pytest.raises(InvalidSubmission):
        entitlements.accept(office.rt, liu, row.id, row.prefill)
    with pytest.raises(InvalidRequest, match="somebody else"):
        entitlements.accept(office.rt, liu, row.id, {**completed(office, row), "uscc": OTHER_FIRM})
    started = entitlements.accept(office.rt, liu, row.id, completed(office, row))

    (mine,) = entitlements.mine(office.rt, liu)
    assert (mine.status, mine.case_no) == (EntitlementStatus.ACCEPTED, started.case_no)
    with pytest.raises(AlreadyAnswered):
        entitlements.decline(office.rt, liu, row.id, "")
    assert matched(office).found == 0
    office.clock.set("2023-10-09T09:00")
    assert matched(office).found == 0, "its case is open"
    for _ in range(3):
        office.complete(started.case_no)
    grant: Any = office.view(started.case_no).instance.data["grant"]
    assert grant["amount"] == 1500


def test_months_and_people_that_have_been_paid_for_are_left_out(searched: Office) -> None:
    office = searched
    matched(office, SOCIAL)
    (row,) = entitlements.page(office.rt, office.actors["zhao"]).items
    hires: Any = row.prefill["hires"]
    assert [(one["month_from"], one["month_to"], one["unit_paid"]) for one in hires] == [
        ("2023-06", "2023-08", 2400), ("2023-06", "2023-08", 2400),
    ]  # fmt: skip
    hire = {"name": "包青山", "id_number": PEOPLE[0], "hired_group": "graduate", "month_from": "2023-06",
            "month_to": "2023-07", "unit_paid": 1600}  # fmt: skip
    case_no = office.apply(SOCIAL, "liu", hires=[hire], uscc=OTHER_FIRM)
    for _ in range(3):
        office.complete(case_no)

    matched(office, SOCIAL)

    (row,) = entitlements.page(office.rt, office.actors["zhao"], service=SOCIAL).items
    hires = row.prefill["hires"]
    assert [(one["month_from"], one["month_to"], one["unit_paid"]) for one in hires] == [
        ("2023-08", "2023-08", 800), ("2023-06", "2023-08", 2400),
    ]  # fmt: skip


def test_who_declines_is_not_asked_again_and_who_has_no_account_gets_a_letter(searched: Office) -> None:
    office, zhao, liu = searched, searched.actors["zhao"], searched.actors["liu"]
    matched(office)
    (row,) = entitlements.page(office.rt, zhao).items
    assert entitlements.invite(office.rt, zhao, [row.id]) == entitlements.Invited(told=0, no_account=1)
    assert [one.name for one in entitlements.letters(office.rt, zhao)] == ["晨光食品有限公司"]
    assert entitlements.invite(office.rt, zhao, [row.id]) == entitlements.Invited(told=0, no_account=0)
    subjects.verify(office.rt, liu, FIRM, "晨光食品有限公司")

    entitlements.decline(office.rt, liu, row.id, "不需要")

    assert entitlements.mine(office.rt, liu)[0].status is EntitlementStatus.DECLINED
    office.clock.set("2023-11-06T09:00")
    assert matched(office).found == 0
    office.clock.set("2024-01-08T09:00")
    assert matched(office).found == 0, "the policy has ended"


def test_names_cannot_be_found_out_by_trying(searched: Office) -> None:
    office, liu = searched, searched.actors["liu"]
    for number in range(5):
        with pytest.raises(NotVerified):
            subjects.verify(office.rt, liu, PEOPLE[0], f"某人{number}")

    with pytest.raises(RateLimited):
        subjects.verify(office.rt, liu, PEOPLE[0], "包青山")
    assert subjects.verified(office.rt, liu) == []
