"""What the content check says of decision tables."""

from __future__ import annotations

from pathlib import Path

from banjie.content.root import content_root
from banjie.services.content_check import check, notes
from support.content import copy_content


def copy_of_content(folder: Path) -> Path:
    return copy_content(folder)


def test_two_rules_of_a_unique_table_that_match_the_same_case_are_named(tmp_path: Path) -> None:
    root = copy_of_content(tmp_path)
    table = root / "policy/guarantee_loan/decisions/security.dmn"
    table.write_text(table.read_text("utf-8").replace('hitPolicy="FIRST"', 'hitPolicy="UNIQUE"'), "utf-8")

    found = [problem for problem in check(root) if problem.rule == "rules-overlap"]

    assert {problem.file for problem in found} == {"policy/guarantee_loan/decisions/security.dmn"}
    assert "rules 1 and 2" in {problem.element for problem in found}
    assert all("both match where" in problem.message for problem in found)


def test_what_no_rule_of_a_table_matches_is_told_with_the_region(tmp_path: Path) -> None:
    told = notes(content_root())

    assert any("loan_cap.dmn: no rule matches where 贷款种类" in note for note in told)
