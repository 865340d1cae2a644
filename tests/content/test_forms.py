"""Every form of the repository."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from banjie.domain.errors import InvalidSubmission
from banjie.forms.catalogue import check_forms, form_files, form_key, read_form
from banjie.forms.presentation import present
from banjie.forms.validation import validate
from support.numbers import make_bank_card, make_credit_code, make_id_number, make_mobile

ROOT = Path(__file__).parents[2] / "forms"
FORMS = [form_key(ROOT, path) for path in form_files(ROOT)]
CHINESE = re.compile("[\u4e00-\u9fff]")
CONTEXT: Mapping[str, Any] = {"today": "2023-07-03", "regions": ["152201"]}

GUARANTEE = {
    "guarantee_kind": "guarantee_fund",
    "recommended_by": "none",
    "honour_level": "none",
    "declaration": True,
}
APPLICATION: Mapping[str, Any] = {
    "applicant_name": "王小明", "id_number": make_id_number(), "phone": make_mobile(), "region": "152201",
    "address": "乌兰浩特市某街1号", "household_type": "urban", "founder_group": "graduate", "business_name": "小明面馆",
    "business_address": "乌兰浩特市某街2号", "industry": "catering", "amount": 200000, "term_months": 36,
    "purpose": "购买设备和原料", "bank_account": make_bank_card(), "bank_name": "某银行", **GUARANTEE,
}  # fmt: skip
ENTERPRISE: Mapping[str, Any] = {
    "enterprise_name": "某商贸有限公司", "uscc": make_credit_code(), "legal_representative": "李雷",
    "id_number": make_id_number(), "phone": make_mobile(), "region": "152201", "business_address": "乌兰浩特市某街3号",
    "industry": "retail", "opened_on": "2019-05-01", "staff_count": 20, "new_hires": 3, "contract_years": 1,
    "amount": 3000000, "term_months": 24, "purpose": "扩大经营规模", "bank_account": "0612345678901",
    "bank_name": "某银行", **GUARANTEE,
}  # fmt: skip


def components(tree: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for component in tree["components"]:
        yield component
        if "components" in component:
            yield from components(component)


def refused(key: str, raw: Mapping[str, Any]) -> list[str]:
    with pytest.raises(InvalidSubmission) as error:
        validate(read_form(ROOT, key), raw, context=CONTEXT)
    return [str(fault.path[0]) for fault in error.value.errors]


def accepted(key: str, raw: Mapping[str, Any]) -> Mapping[str, Any]:
    return validate(read_form(ROOT, key), raw, context=CONTEXT)


def test_no_form_breaks_a_rule() -> None:
    assert FORMS
    assert check_forms(ROOT) == []


@pytest.mark.parametrize("key", FORMS)
def test_every_text_is_chinese_with_its_english(key: str) -> None:
    tree = json.loads((ROOT / f"{key}.form").read_text("utf-8"))

    for component in components(tree):
        label = component.get("label") or component["dateLabel"]
        english = component["properties"]["label_en"]
        assert CHINESE.search(label)
        assert not CHINESE.search(english)
        for option in component.get("values", ()):
            assert CHINESE.search(option["label"])
            assert not CHINESE.search(option["label_en"])


@pytest.mark.parametrize("key", FORMS)
def test_every_form_can_be_drawn_in_both_languages(key: str) -> None:
    form = read_form(ROOT, key)

    for lang in ("zh", "en"):
        assert present(form, values={}, lang=lang).lines


@pytest.mark.parametrize("key", FORMS)
def test_every_form_asks_for_something(key: str) -> None:
    assert refused(key, {}) != []


@pytest.mark.parametrize(("key", "raw"), [("apply_individual", APPLICATION), ("apply_sme", ENTERPRISE)])
def test_a_full_application_is_accepted(key: str, raw: Mapping[str, Any]) -> None:
    assert set(accepted(f"guarantee_loan/{key}", raw)) >= raw.keys()


@pytest.mark.parametrize(("key", "raw"), [("apply_individual", APPLICATION), ("apply_sme", ENTERPRISE)])
def test_the_amount_has_no_cap_in_the_form(key: str, raw: Mapping[str, Any]) -> None:
    assert accepted(f"guarantee_loan/{key}", {**raw, "amount": 99_000_000})["amount"] == 99_000_000


@pytest.mark.parametrize(("key", "raw"), [("apply_individual", APPLICATION), ("apply_sme", ENTERPRISE)])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id_number", "110105194912310021"), ("phone", "12345678901"), ("phone", "+8613812345678"), ("amount", 0),
        ("amount", "0.001"), ("term_months", 1.5), ("region", "110000"), ("declaration", False), ("uscc", "1"),
        ("bank_account", "abc"), ("opened_on", "2023-07-04"), ("opened_on", "2023-02-30"), ("honour_level", "world"),
    ],
)  # fmt: skip
def test_one_wrong_field_is_refused_by_name(
    key: str, raw: Mapping[str, Any], field: str, value: object
) -> None:
    assert refused(f"guarantee_loan/{key}", {**raw, field: value}) == [field]


def test_a_licence_is_optional_for_an_individual_but_not_for_an_enterprise() -> None:
    without = {key: value for key, value in ENTERPRISE.items() if key != "uscc"}

    assert "uscc" not in accepted("guarantee_loan/apply_individual", APPLICATION)
    assert refused("guarantee_loan/apply_sme", without) == ["uscc"]


@pytest.mark.parametrize(
    ("key", "raw", "missing"),
    [
        ("accept", {"decision": "not_accept"}, ["reasons"]),
        ("accept", {"decision": "accept"}, ["materials_checked"]),
        ("review", {"decision": "approve"}, ["approved_amount", "conditions_confirmed"]),
        ("review", {"decision": "refuse"}, ["reasons"]),
        ("investigate", {"decision": "approve"}, ["visited_on", "findings"]),
        (
            "investigate",
            {
                "decision": "approve",
                "visited_on": "2023-07-01",
                "findings": "经营正常，流水稳定",
                "counter_guarantee_required": True,
            },
            ["counter_guarantee_reason"],
        ),
        ("bank_accept", {"decision": "refuse"}, ["reasons"]),
        ("arrange_security", {}, ["security_kind", "contract_no", "arranged_on"]),
        (
            "disburse",
            {"decision": "approve"},
            ["disbursed_amount", "disbursed_on", "contract_no", "account_confirmed"],
        ),
        ("disburse", {"decision": "refuse"}, ["reasons"]),
    ],
)
def test_an_officers_decision_asks_for_what_it_needs(
    key: str, raw: Mapping[str, Any], missing: list[str]
) -> None:
    assert refused(f"guarantee_loan/{key}", raw) == missing


def test_reasons_written_before_a_change_of_mind_are_dropped() -> None:
    raw = {"decision": "approve", "reasons": "材料不齐全", "mortgage_required": True}

    assert accepted("guarantee_loan/bank_accept", raw) == {"decision": "approve", "mortgage_required": True}


@pytest.mark.parametrize("key", FORMS)
def test_whoever_decides_does_so_first(key: str) -> None:
    fields = list(read_form(ROOT, key).fields)

    assert "decision" not in fields[1:]
