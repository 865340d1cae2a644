"""A process with a panel passes the check before deployment, and one whose form asks for no vote does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from banjie.domain.errors import Problem
from banjie.policy.book import Book
from banjie.policy.decide import Decider
from banjie.services.content_check import check_process
from support.panels import write_content


def problems(root: Path) -> list[Problem]:
    book = Book.load(root)
    return check_process(root, "panel", book, Decider(book))


@pytest.mark.parametrize(
    "rule",
    [
        ("all",),
        ("at_least", "2"),
        ("at_least", "=chosen.needed"),
        ("weighted", "1/2", "true"),
        ("any",),
        ("in_order",),
    ],
)
def test_a_process_with_a_panel_is_fit_to_be_put_live(rule: tuple[str, ...], tmp_path: Path) -> None:
    assert [str(problem) for problem in problems(write_content(tmp_path, *rule))] == []


def test_a_panel_whose_form_asks_for_no_vote_is_told(tmp_path: Path) -> None:
    form = write_content(tmp_path, "all") / "forms/panel/vote.form"
    form.write_text(form.read_text(encoding="utf-8").replace('"reject"', '"refuse"'), encoding="utf-8")

    (problem,) = problems(tmp_path)

    assert (problem.element, problem.rule) == ("会签", "panel-form")
