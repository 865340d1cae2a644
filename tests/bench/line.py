"""A process of many user tasks in a line, to see whether late steps cost more than early ones."""

from __future__ import annotations

import json
from pathlib import Path

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:banjie="urn:banjie:bpmn:1" '
    'id="D" targetNamespace="urn:banjie:bench"><bpmn:process id="bench_line" name="长队" isExecutable="true">'
)


def write_line_process(root: Path, *, steps: int) -> None:
    """Write ``bpmn/bench_line`` and ``forms/bench_line`` below a content root."""
    folder = root / "bpmn" / "bench_line"
    folder.mkdir(parents=True)
    names = ["S", *(f"T{number}" for number in range(1, steps + 1)), "E"]
    nodes = "".join(
        f'<bpmn:userTask id="{name}" name="第{name}步" banjie:formKey="bench_line/note" '
        f'banjie:candidateRole="bureau_officer" banjie:variable="v{name}" banjie:limit="guarantee_loan/review_limit"/>'
        for name in names[1:-1]
    )
    flows = "".join(
        f'<bpmn:sequenceFlow id="F{number}" sourceRef="{names[number]}" targetRef="{names[number + 1]}"/>'
        for number in range(len(names) - 1)
    )
    start = '<bpmn:startEvent id="S" name="开始"/>'
    end = '<bpmn:endEvent id="E" name="结束" banjie:outcome="approved"/>'
    diagram = f"{_HEAD}{start}{nodes}{end}{flows}</bpmn:process></bpmn:definitions>"
    (folder / "bench_line.bpmn").write_text(diagram, encoding="utf-8")
    (folder / "process.yaml").write_text(
        "key: bench_line\ntitle: 长队\ntitle_en: A long line\nlanes: {}\n", encoding="utf-8"
    )
    forms = root / "forms" / "bench_line"
    forms.mkdir(parents=True)
    note = {
        "type": "textfield",
        "id": "Field_note",
        "key": "note",
        "label": "备注",
        "properties": {"label_en": "Note"},
    }
    region = {
        "type": "textfield", "id": "Field_region", "key": "region", "label": "地区",
        "properties": {"label_en": "Region"},
    }  # fmt: skip
    for name, components in (("note", [note]), ("apply", [note, region])):
        form = {"type": "default", "id": f"bench_{name}", "schemaVersion": 18, "components": components}
        (forms / f"{name}.form").write_text(json.dumps(form, ensure_ascii=False), encoding="utf-8")
