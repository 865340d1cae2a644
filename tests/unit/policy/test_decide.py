"""Decisions and their receipts."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import pytest

from banjie.content.root import content_root
from banjie.domain.decisions import Decision, Json
from banjie.domain.errors import ContentError, NotFound
from banjie.policy.book import Book
from banjie.policy.decide import Decider
from support.content import copy_content

DAY = date(2023, 7, 3)
COUNTY = "152201"


@cache
def decider() -> Decider:
    return Decider(Book.load(content_root()))


def cap(on: date = DAY, **application: Json) -> Decision:
    facts: dict[str, Json] = {"application": {"loan_kind": "individual", "amount": 300000, **application}}
    return decider().decide("guarantee_loan/loan_cap", facts, on=on, region=COUNTY)


def test_receipt_names_rule_value_and_source() -> None:
    decision = cap()

    (used,) = decision.parameters
    (rule,) = decision.rules
    assert decision.green
    assert used.key == "guarantee_loan/individual_loan_cap"
    assert used.citation is not None
    assert "20万元" in used.citation.quote
    assert [citation.document for citation in rule.citations] == ["nzf-2019-4", "nzbf-2020-10"]
    assert decision.inputs["申请额"] == 300000


def test_value_that_another_kind_needs_is_not_used() -> None:
    keys = [value.key for value in cap(loan_kind="sme").parameters]

    assert keys == ["guarantee_loan/sme_loan_cap"]


def test_day_without_a_value_decides_nothing() -> None:
    decision = cap(on=date(2018, 6, 1))

    assert decision.value == {}
    assert decision.rules == ()
    assert [value.key for value in decision.missing] == ["guarantee_loan/individual_loan_cap"]
    assert not decision.green


@pytest.mark.parametrize("amount", [None, "", "much", True, "NaN", "Infinity", [1], {"a": 1}])
def test_amount_that_is_none_decides_nothing_and_does_not_raise(amount: Json) -> None:
    decision = cap(amount=amount)

    assert decision.value == {}
    assert decision.diagnostics
    assert not decision.green


@pytest.mark.parametrize("facts", [{}, {"application": None}, {"application": "x"}, {"application": []}])
def test_case_data_without_an_application_do_not_raise(facts: dict[str, Json]) -> None:
    decision = decider().decide("guarantee_loan/eligibility", facts, on=DAY, region=COUNTY)

    assert decision.value == {}
    assert not decision.green


def test_enterprise_without_staff_is_not_divided_by() -> None:
    facts: dict[str, Json] = {
        "application": {"loan_kind": "sme", "contract_years": 1, "staff_count": 0, "new_hires": 5}
    }

    decision = decider().decide("guarantee_loan/eligibility", facts, on=DAY, region=COUNTY)

    assert decision.value == {}
    assert not decision.green


def test_code_of_a_form_that_the_table_does_not_know_is_named() -> None:
    facts: dict[str, Json] = {
        "application": {"loan_kind": "individual", "honour_level": "galaxy"}, "loan_cap": {"amount": 200000},
    }  # fmt: skip

    decision = decider().decide("guarantee_loan/counter_guarantee", facts, on=DAY, region=COUNTY)

    assert not decision.green
    assert any("荣誉级别" in text for text in decision.diagnostics)
    assert not any("galaxy" in text for text in decision.diagnostics)


def test_part_of_a_yuan_over_the_cap_is_over_it() -> None:
    assert cap(amount="200000.01").value["capped"] is True
    assert cap(amount="199999.99").value["amount"] == "199999.99"


def test_unknown_table_is_not_found() -> None:
    with pytest.raises(NotFound):
        decider().decide("guarantee_loan/nothing", {}, on=DAY, region=COUNTY)


def changed(tmp_path: Path, file: str, old: str, new: str) -> Path:
    """A copy of the content with one file changed."""
    copy_content(tmp_path)
    path = tmp_path / "policy" / "guarantee_loan" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("file", "old", "new", "rule"),
    [
        ("decisions/loan_cap.dmn", "&gt; 个人最高额度", "&gt; &gt; 个人", "syntax"),
        ("decisions/loan_cap.dmn", "<?xml", "<!DOCTYPE x><?xml", "dmn"),
        ("decisions/loan_cap.dmn", "内政发〔2019〕4号 三", "内政发〔2019〕4号 四", "citation-exists"),
        (
            "decisions/loan_cap.yaml",
            "application.amount, type: number",
            "application.amount, type: money",
            "choice",
        ),
        ("decisions/loan_cap.yaml", "individual_loan_cap", "no_such_cap", "parameter-exists"),
        ("decisions/loan_cap.yaml", "  申请额:", "  申请:", "input-mapped"),
        ("decisions/loan_cap.yaml", "decision: 贷款额度", "decision: 贷款", "dmn"),
        (
            "decisions/loan_cap.yaml",
            "when: {贷款种类: individual}",
            "when: {贷款: individual}",
            "input-exists",
        ),
    ],
)
def test_broken_table_is_refused(tmp_path: Path, file: str, old: str, new: str, rule: str) -> None:
    root = changed(tmp_path, file, old, new)

    with pytest.raises(ContentError) as raised:
        Decider(Book.load(root))

    assert {problem.rule for problem in raised.value.problems} == {rule}


def test_table_without_its_map_is_refused(tmp_path: Path) -> None:
    copy_content(tmp_path)
    (tmp_path / "policy/guarantee_loan/decisions/security.yaml").unlink()

    with pytest.raises(ContentError, match=r"security\.yaml: file: a table needs it"):
        Decider(Book.load(tmp_path))
