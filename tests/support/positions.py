"""A process in which a user task stands in every position: alone, beside others, inside, in many, after a timer."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from banjie.content.bundle import load_bundle
from banjie.domain.assignment import Membership
from banjie.domain.tasks import Task
from banjie.services import demo, deployments, instances, people, tasks
from support.content import copy_content
from support.forms import component, form_tree
from support.office import Office
from support.panels import TWIN

PROCESS = """key: positions
title: 各处办理
title_en: Every position
owner: bureau
lanes:
  Lane_Bureau: bureau_officer
  Lane_Bank: bank_officer
roles:
  applicant: null
  bureau_officer: bureau
  bank_officer: bank
start_forms:
  positions: positions/word
citations: []
"""

_USER = (
    '<bpmn:userTask id="{0}" name="{0}" banjie:formKey="positions/word" banjie:variable="{1}"'
    ' banjie:limit="{2}" banjie:extension="guarantee_loan/security_extension_limit"{3}>{4}</bpmn:userTask>'
)
REVIEW_LIMIT = "guarantee_loan/review_limit"
BANK_LIMIT = "guarantee_loan/bank_limit"


def _user(name: str, inner: str = "", *, limit: str = REVIEW_LIMIT, more: str = "") -> str:
    return _USER.format(name, name.lower(), limit, more, inner)


def _flows(*pairs: str) -> str:
    return "".join(
        f'<bpmn:sequenceFlow id="{pair.replace(">", "_")}" sourceRef="{pair.split(">")[0]}" '
        f'targetRef="{pair.split(">")[1]}" />'
        for pair in pairs
    )


_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:banjie="urn:banjie:bpmn:1"
 id="Definitions_{0}" targetNamespace="urn:banjie:process:{0}">"""

DIAGRAM = "".join(
    [
        _HEAD.format("positions"),
        '<bpmn:collaboration id="Collaboration"><bpmn:participant id="Participant" name="p" processRef="positions" />',
        '</bpmn:collaboration><bpmn:process id="positions" name="各处办理" isExecutable="true">',
        '<bpmn:laneSet id="Lanes"><bpmn:lane id="Lane_Bureau" name="人社部门">',
        "".join(
            f"<bpmn:flowNodeRef>{node}</bpmn:flowNodeRef>"
            for node in ("Applied", "Single", "Fork", "LeftOne", "LeftTwo", "Join", "Inside", "Called", "Before",
                         "Many", "Guarded", "Timer", "Late", "Merge", "Last", "Done")
        ),
        '</bpmn:lane><bpmn:lane id="Lane_Bank" name="金融机构"><bpmn:flowNodeRef>Right</bpmn:flowNodeRef></bpmn:lane>',
        '</bpmn:laneSet><bpmn:startEvent id="Applied" name="提交" banjie:variable="application" />',
        _user("Single", more=' banjie:acceptance="true"'),
        '<bpmn:parallelGateway id="Fork" />',
        _user("LeftOne"),
        _user("LeftTwo"),
        _user("Right", limit=BANK_LIMIT),
        '<bpmn:parallelGateway id="Join" />',
        '<bpmn:subProcess id="Inside" name="内部"><bpmn:startEvent id="InsideBegin" />',
        _user("InsideOne"),
        _user("InsideTwo"),
        '<bpmn:endEvent id="InsideEnd" />',
        _flows("InsideBegin>InsideOne", "InsideOne>InsideTwo", "InsideTwo>InsideEnd"),
        "</bpmn:subProcess>",
        '<bpmn:callActivity id="Called" name="调用" calledElement="called" />',
        '<bpmn:exclusiveGateway id="Before" />',
        _user(
            "Many",
            '<bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>application.parts</bpmn:loopDataInputRef>'
            '<bpmn:inputDataItem id="part" /></bpmn:multiInstanceLoopCharacteristics>',
        ),
        _user("Guarded"),
        '<bpmn:boundaryEvent id="Timer" name="到时" attachedToRef="Guarded" cancelActivity="true">',
        '<bpmn:timerEventDefinition id="TimerDue"><bpmn:timeDuration>"P30D"</bpmn:timeDuration>',
        "</bpmn:timerEventDefinition></bpmn:boundaryEvent>",
        _user("Late"),
        '<bpmn:exclusiveGateway id="Merge" />',
        _user("Last"),
        '<bpmn:endEvent id="Done" name="完成" banjie:outcome="done" />',
        _flows(
            "Applied>Single", "Single>Fork", "Fork>LeftOne", "LeftOne>LeftTwo", "Fork>Right", "LeftTwo>Join",
            "Right>Join", "Join>Inside", "Inside>Called", "Called>Before", "Before>Many", "Many>Guarded",
            "Guarded>Merge", "Timer>Late", "Late>Merge", "Merge>Last", "Last>Done",
        ),
        "</bpmn:process></bpmn:definitions>",
    ]
)  # fmt: skip

CALLED = "".join(
    [
        _HEAD.format("called"),
        '<bpmn:process id="called" name="被调用" isExecutable="true"><bpmn:startEvent id="CalledBegin" />',
        _user("CalledOne", more=' banjie:candidateRole="bureau_officer"'),
        _user("CalledTwo", more=' banjie:candidateRole="bureau_officer"'),
        '<bpmn:endEvent id="CalledEnd" />',
        _flows("CalledBegin>CalledOne", "CalledOne>CalledTwo", "CalledTwo>CalledEnd"),
        "</bpmn:process></bpmn:definitions>",
    ]
)

#: What is passed on the way, in the order of the diagram; the branches in any order among themselves.
STEPS = (
    "Single", "LeftOne", "LeftTwo", "Right", "InsideOne", "InsideTwo", "CalledOne", "CalledTwo", "Many", "Guarded",
    "Last",
)  # fmt: skip
#: Position → the element that stands for it.
POSITIONS = {
    "single": "Single", "parallel": "LeftTwo", "subprocess": "InsideTwo", "call activity": "CalledTwo",
    "multi-instance": "Many", "after a boundary timer": "Late",
}  # fmt: skip
#: Another officer of the bureau.
SECOND = "he"
OFFICERS = {"bureau_officer": "zhao", "bank_officer": "sun"}


def write_content(root: Path) -> Path:
    """The house's content with the process `positions` beside it, below a folder; returns the content's root."""
    copy_content(root)
    for folder in ("bpmn/positions", "forms/positions"):
        (root / folder).mkdir()
    (root / "bpmn/positions/process.yaml").write_text(PROCESS, encoding="utf-8")
    (root / "bpmn/positions/positions.bpmn").write_text(DIAGRAM, encoding="utf-8")
    (root / "bpmn/positions/called.bpmn").write_text(CALLED, encoding="utf-8")
    form = form_tree(
        component("textfield", "region"),
        component("textfield", "bank_name"),
        component("textfield", "word"),
        component("checklist", "parts", values=[{"label": "甲", "label_en": "a", "value": "a"},
                                                {"label": "乙", "label_en": "b", "value": "b"}]),
        id="positions_word",
    )  # fmt: skip
    (root / "forms/positions/word.form").write_text(json.dumps(form, ensure_ascii=False), encoding="utf-8")
    service = TWIN.read_text(encoding="utf-8").replace("twin", "positions")
    (root / "policy/services/positions.yaml").write_text(service, encoding="utf-8")
    return root


class Positions:
    """An office with the process deployed, and a hand that drives its cases."""

    def __init__(self, database_url: str, folder: Path) -> None:
        root = write_content(folder / "content")
        self.office = Office(database_url, folder, content=root)
        deployments.deploy(self.office.rt, load_bundle(root, "positions"))
        people.add_person(
            self.office.rt, username=SECOND, password=demo.PASSWORD, display_name="何平",
            memberships=[Membership(role="bureau_officer", agency=demo.BUREAU)],
        )  # fmt: skip
        self.office.actors[SECOND] = people.actor_named(self.office.rt, SECOND)

    def start(self) -> str:
        """A new case, of two parts."""
        submission = {
            "region": "152201", "word": "申请", "parts": ["a", "b"], "bank_name": "兴安盟示例农村商业银行"
        }  # fmt: skip
        command = instances.StartCase(
            service="positions", by=self.office.actors["wang"], submission=submission
        )
        return instances.start(self.office.rt, command).case_no

    def open(self, case_no: str) -> list[Task]:
        return list(self.office.view(case_no).tasks)

    def officer(self, task: Task) -> str:
        """Who does such a task as a rule; whoever holds it, where somebody does."""
        for name, actor in self.office.actors.items():
            if actor.account_id == task.assignee_id:
                return name
        return OFFICERS[task.role]

    def complete(self, task: Task, by: str | None = None) -> None:
        command = tasks.CompleteTask(
            task_id=task.id,
            by=self.office.actors[by or self.officer(task)],
            submission={"word": task.element},
        )
        tasks.complete(self.office.rt, command)

    def reach(self, position: str) -> tuple[str, Task]:
        """A new case that stands in a position, with its task there; the other branch still at work."""
        wanted, case_no = POSITIONS[position], self.start()
        while True:
            standing = self.open(case_no)
            found = [task for task in standing if task.element == wanted]
            if found:
                return case_no, found[0]
            if [task.element for task in standing] == ["Guarded"] and wanted == "Late":
                self.office.tick(days=31)
                continue
            self.complete(next(task for task in standing if task.element != "Right" or len(standing) == 1))

    def drive(self, case_no: str, seed: int) -> list[str]:
        """Complete open tasks in random order until the case has ended; the elements in the order of completion."""
        choose = random.Random(seed)  # noqa: S311  not for secrets
        done: list[str] = []
        while standing := self.open(case_no):
            if len(done) > 60:
                raise AssertionError(f"does not end: {done}")
            task = choose.choice([one for one in standing if one.waits is None])
            self.complete(task)
            done.append(task.element)
        return done

    def completed(self, case_no: str) -> list[str]:
        """All elements completed so far, in order."""
        events: list[Any] = list(self.office.view(case_no).events)
        return [event.element for event in events if event.type == "task.completed"]

    def close(self) -> None:
        self.office.close()
