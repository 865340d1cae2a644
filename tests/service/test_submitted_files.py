"""Files that a step's form asks for belong to the case, and to the step, once it is complete."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from banjie.domain.errors import InvalidRequest
from banjie.services import files
from support.content import copy_content
from support.office import Office, checked

PDF = b"%PDF-1.7 a report"


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """An office whose review asks for a report, at the outer level and in each row of a list."""
    content = copy_content(tmp_path / "content")
    path = content / "forms" / "guarantee_loan" / "review.form"
    form = json.loads(path.read_text())
    form["components"] += [picker("report"), {**ROWS, "components": [picker("proof")]}]
    path.write_text(json.dumps(form))
    with checked(Office(database_url, tmp_path / "var", content=content)) as running:
        yield running


def picker(key: str) -> dict[str, Any]:
    words = {"label_en": "Report"}
    return {"id": f"Field_{key}", "type": "filepicker", "key": key, "label": "报告", "multiple": True,
            "properties": words}  # fmt: skip


ROWS = {"id": "Field_rows", "type": "dynamiclist", "path": "rows", "label": "清单",
        "properties": {"label_en": "List"}}  # fmt: skip


def upload(office: Office, by: str = "zhao", name: str = "a.pdf") -> str:
    kept = files.upload(office.rt, office.actors[by], field="report", name=name, content=PDF)
    return str(kept.id)


def test_a_file_named_by_a_step_s_submission_belongs_to_the_case_and_the_step(office: Office) -> None:
    case_no = office.apply()
    task = office.advance_to(case_no, "Review")
    outer, inner = upload(office), upload(office, name="b.pdf")

    office.complete(case_no, report=[outer], rows=[{"proof": [inner]}])

    kept = office.view(case_no).attachments
    assert {(str(row.id), row.task_id) for row in kept} == {(outer, task.id), (inner, task.id)}
    assert files.download(office.rt, office.actors["qian"], case_no, int(outer)).content == PDF


def test_a_step_cannot_name_a_file_of_somebody_else(office: Office) -> None:
    case_no = office.apply()
    office.advance_to(case_no, "Review")
    strangers = upload(office, "li")

    with pytest.raises(InvalidRequest):
        office.complete(case_no, report=[strangers])

    assert office.open_elements(case_no) == ["Review"]
    assert office.view(case_no).attachments == []


def test_a_step_cannot_name_a_file_of_another_case(office: Office) -> None:
    first, second = office.apply(), office.apply()
    named = upload(office)
    office.advance_to(first, "Review")
    office.complete(first, report=[named])
    office.advance_to(second, "Review")

    with pytest.raises(InvalidRequest):
        office.complete(second, report=[named])
