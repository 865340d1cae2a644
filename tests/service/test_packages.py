"""直补快办: one request of an enterprise begins all cases that it qualifies for, or none."""

from __future__ import annotations

from typing import Any

import pytest

from banjie.domain.awards import LimitReached
from banjie.domain.entitlements import EntitlementStatus, NotVerified
from banjie.domain.errors import AlreadyOpen, IdempotencyMismatch, InvalidSubmission, NotFound
from banjie.services import entitlements, files, instances, packages, subjects
from support.entitled import FIRM, PEOPLE, fill_registers, matched
from support.office import Office

PACKAGE = "hiring-benefit-package"
GRADUATE, UNEMPLOYED, SOCIAL = (
    "hiring-subsidy-graduate",
    "hiring-subsidy-unemployed",
    "social-insurance-subsidy",
)


@pytest.fixture
def firm(office: Office) -> Office:
    fill_registers(office)
    office.deploy("hiring_subsidy")
    office.deploy("social_insurance_subsidy")
    subjects.verify(office.rt, office.actors["liu"], FIRM, "晨光食品有限公司")
    return office


def offered(office: Office) -> packages.Offered:
    return packages.offered(office.rt, office.actors["liu"], PACKAGE, office.rt.subject_key(FIRM))


def request_of(found: packages.Offered, **more: Any) -> dict[str, Any]:
    """The request with what the registers cannot know."""
    known: dict[Any, dict[str, Any]] = {
        PEOPLE[1]: {"graduated_on": "2010-06-30"},
        PEOPLE[2]: {"month_from": "2023-06", "month_to": "2023-08", "unit_paid": 2400},
    }
    listed: Any = found.prefill["hires"]
    hires = [{**hire, **known.get(hire["id_number"], {}), "contract_since": "2023-06-01"} for hire in listed]
    return {
        **found.prefill, "hires": hires, "phone": "13900000001", "registered_in_region": True,
        "account_name": "晨光食品有限公司", "bank_account": "0512000012345", "bank_name": "示例银行",
        "declaration": True, **more,
    }  # fmt: skip


def test_one_request_begins_a_case_of_each_subsidy_or_none(firm: Office) -> None:
    office, liu = firm, firm.actors["liu"]
    matched(office, SOCIAL)
    found = offered(office)
    assert {offer.service.key: offer.found and offer.found.amount for offer in found.offers} == {
        GRADUATE: 1500, "hiring-subsidy-youth": None, UNEMPLOYED: 1500, SOCIAL: 2880,
    }  # fmt: skip
    assert found.prefill["services"] == [GRADUATE, UNEMPLOYED, SOCIAL]
    hires: Any = found.prefill["hires"]
    assert [(hire["id_number"], hire["hired_group"]) for hire in hires] == [
        (PEOPLE[0], "graduate"), (PEOPLE[2], "unemployed"), (PEOPLE[1], "graduate"),
    ]  # fmt: skip
    assert {fault.path[0] for fault in found.missing} >= {"phone", "bank_account", "declaration"}
    kept = files.upload(office.rt, liu, field="attachments", name="合同.pdf", content=b"%PDF-1.4 contract")
    given = request_of(found, attachments=[str(kept.id)])
    with pytest.raises(InvalidSubmission) as refused:
        packages.open_all(office.rt, liu, PACKAGE, {**given, "services": [GRADUATE, "hiring-subsidy-youth"]})
    assert [(fault.path, fault.facts) for fault in refused.value.errors] == [
        (("hires",), {"service": "hiring-subsidy-youth"})
    ]
    wrong = [*given["hires"][:2], {**given["hires"][2], "month_from": None}]
    with pytest.raises(InvalidSubmission) as refused:
        packages.open_all(office.rt, liu, PACKAGE, {**given, "hires": wrong})
    assert [fault.path for fault in refused.value.errors] == [("hires", 2, "month_from")]
    with pytest.raises(NotVerified):
        packages.open_all(office.rt, office.actors["wang"], PACKAGE, given)
    with pytest.raises(NotFound):
        packages.offered(office.rt, office.actors["wang"], PACKAGE, office.rt.subject_key(FIRM))
    assert instances.my_cases(office.rt, liu)[0] == []

    opened = packages.open_all(office.rt, liu, PACKAGE, given, idempotency_key="k")

    assert list(opened.cases) == [GRADUATE, UNEMPLOYED, SOCIAL]
    again = packages.open_all(office.rt, liu, PACKAGE, given, idempotency_key="k")
    assert (again.cases, again.repeated) == (opened.cases, True)
    with pytest.raises(IdempotencyMismatch):
        packages.open_all(office.rt, liu, PACKAGE, {**given, "phone": "13900000002"}, idempotency_key="k")
    with pytest.raises(AlreadyOpen):
        packages.open_all(office.rt, liu, PACKAGE, {**given, "attachments": []})
    assert len(instances.my_cases(office.rt, liu)[0]) == 3
    applications: dict[str, Any] = {
        name: office.view(no).instance.data["application"] for name, no in opened.cases.items()
    }
    assert len({app["attachments"][0] for app in applications.values()}) == 3
    assert [row["hired_group"] for row in applications[SOCIAL]["hires"]] == [
        "graduate", "key_group", "graduate",
    ]  # fmt: skip
    assert [one.status for one in entitlements.mine(office.rt, liu)] == [EntitlementStatus.ACCEPTED]
    assert all(
        offer.found is None and offer.open_case
        for offer in offered(office).offers
        if offer.service.key in opened.cases
    )


def test_a_hire_of_two_groups_is_paid_for_once(firm: Office) -> None:
    office, liu = firm, firm.actors["liu"]
    found = offered(office)
    person = {**request_of(found)["hires"][0]}
    both = [person, {**person, "hired_group": "unemployed", "unemployed_since": "2022-01-01"}]
    given = request_of(found, hires=both, services=[GRADUATE, UNEMPLOYED])

    cases = packages.open_all(office.rt, liu, PACKAGE, given).cases

    for case_no in cases.values():
        office.advance_to(case_no, "SecondReview")
    office.complete(cases[GRADUATE])
    with pytest.raises(LimitReached) as refused:
        office.complete(cases[UNEMPLOYED])
    assert (refused.value.facts["limit"], refused.value.facts["case_no"]) == ("once_a_hire", cases[GRADUATE])
    instances.withdraw(office.rt, liu, cases[GRADUATE], "改按另一类申请")
    office.complete(cases[UNEMPLOYED])
    grant: Any = office.view(cases[UNEMPLOYED]).instance.data["grant"]
    assert grant["amount"] == 1500
