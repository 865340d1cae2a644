"""A process whose team cannot vote, or whose local rules mean nothing, is not put live."""

from __future__ import annotations

from pathlib import Path

import pytest

from banjie.policy.book import Book
from banjie.policy.decide import Decider
from banjie.services.content_check import check_process
from support.teams import write_team


def rules_broken(root: Path, process: str) -> list[tuple[str, str]]:
    book = Book.load(root)
    return [(problem.file, problem.rule) for problem in check_process(root, process, book, Decider(book))]


def test_a_process_with_a_team_is_fit_to_be_put_live(tmp_path: Path) -> None:
    assert rules_broken(write_team(tmp_path), "team") == []


@pytest.mark.parametrize(
    ("file", "old", "new", "rule"),
    [
        ("bpmn/team/process.yaml", "  tax_officer: tax\n", "", "review-team"),
        ("policy/services/team.yaml", "review_team: review", "review_team: other", "review-team"),
        ("policy/common/parameters/team_quorum.yaml", "2/3", "66%", "local-rule"),
        ("policy/common/parameters/team_base.yaml", "value: present", "value: all", "local-rule"),
    ],
)
def test_a_team_that_could_not_vote_is_told(file: str, old: str, new: str, rule: str, tmp_path: Path) -> None:
    path = write_team(tmp_path) / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")

    assert rules_broken(tmp_path, "team") == [(file, rule)]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("publicity_start", "value: next_day", "value: tomorrow"),
        ("publicity_days", "value: 5", "value: 0"),
        ("publicity_days", "working_days", "months"),
    ],
)
def test_days_of_a_publicity_that_mean_nothing_are_told(
    file: str, old: str, new: str, tmp_path: Path
) -> None:
    path = write_team(tmp_path) / f"policy/common/parameters/{file}.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    assert (f"policy/common/parameters/{file}.yaml", "local-rule") in rules_broken(
        tmp_path, "startup_subsidy"
    )
