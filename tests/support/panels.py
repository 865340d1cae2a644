"""A process with a panel, written for the rule that a test is about: choose the members, let them vote, end."""

from __future__ import annotations

import json
from pathlib import Path

from support.content import copy_content
from support.forms import choice, component, form_tree, rows

TWIN = Path(__file__).parents[1] / "service" / "content" / "policy" / "services" / "twin.yaml"

PROCESS = """key: panel
title: 会签
title_en: Countersign
owner: bureau
lanes:
  Lane_Bureau: bureau_officer
roles:
  applicant: null
  bureau_officer: bureau
  guarantor_officer: guarantor
  bank_officer: bank
start_forms:
  panel: panel/word
citations:
  - document: nzf-2019-4
    article: 三
    quote: 可申请最高不超过300万元的创业担保贷款
"""

#: The list of members, who may vote, is chosen; a rejected case is thought over and may be voted on again.
DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:banjie="urn:banjie:bpmn:1"
 id="Definitions_panel" targetNamespace="urn:banjie:process:panel">
 <bpmn:collaboration id="Collaboration_panel">
  <bpmn:participant id="Participant_panel" name="会签" processRef="panel" />
 </bpmn:collaboration>
 <bpmn:process id="panel" name="会签" isExecutable="true">
  <bpmn:laneSet id="LaneSet_panel"><bpmn:lane id="Lane_Bureau" name="人社部门">{refs}</bpmn:lane></bpmn:laneSet>
  <bpmn:startEvent id="Applied" name="提交" banjie:variable="application" />
  <bpmn:exclusiveGateway id="Begin" />
  <bpmn:userTask id="Choose" name="确定会签人员" banjie:formKey="panel/choose" banjie:variable="chosen" />
  <bpmn:userTask id="Countersign" name="会签" banjie:formKey="panel/vote" banjie:variable="panel"
   banjie:limit="guarantee_loan/review_limit" {rule}{others}>
   <bpmn:multiInstanceLoopCharacteristics{sequential}>
    <bpmn:loopDataInputRef>chosen.members</bpmn:loopDataInputRef><bpmn:inputDataItem id="signer" />
   </bpmn:multiInstanceLoopCharacteristics>
  </bpmn:userTask>
  <bpmn:exclusiveGateway id="Outcome" name="会签结果" default="Outcome_Reconsider" />
  <bpmn:userTask id="Reconsider" name="复议" banjie:formKey="panel/word" banjie:variable="reconsider" />
  <bpmn:exclusiveGateway id="Again" name="是否重新会签" default="Again_Rejected" />
  <bpmn:endEvent id="Approved" name="同意" banjie:outcome="approved" />
  <bpmn:endEvent id="Rejected" name="不同意" banjie:outcome="rejected" />
  <bpmn:sequenceFlow id="Applied_Begin" sourceRef="Applied" targetRef="Begin" />
  <bpmn:sequenceFlow id="Begin_Choose" sourceRef="Begin" targetRef="Choose" />
  <bpmn:sequenceFlow id="Choose_Countersign" sourceRef="Choose" targetRef="Countersign" />
  <bpmn:sequenceFlow id="Countersign_Outcome" sourceRef="Countersign" targetRef="Outcome" />
  <bpmn:sequenceFlow id="Outcome_Approved" sourceRef="Outcome" targetRef="Approved">
   <bpmn:conditionExpression>panel.outcome = "approved"</bpmn:conditionExpression></bpmn:sequenceFlow>
  <bpmn:sequenceFlow id="Outcome_Reconsider" sourceRef="Outcome" targetRef="Reconsider" />
  <bpmn:sequenceFlow id="Reconsider_Again" sourceRef="Reconsider" targetRef="Again" />
  <bpmn:sequenceFlow id="Again_Begin" sourceRef="Again" targetRef="Begin">
   <bpmn:conditionExpression>reconsider.word = "again"</bpmn:conditionExpression></bpmn:sequenceFlow>
  <bpmn:sequenceFlow id="Again_Rejected" sourceRef="Again" targetRef="Rejected" />
 </bpmn:process>
</bpmn:definitions>
"""
NODES = (
    "Applied", "Begin", "Choose", "Countersign", "Outcome", "Reconsider", "Again", "Approved", "Rejected",
)  # fmt: skip


def diagram(kind: str, needed: str = "", veto: str = "", *, not_same_as: str = "") -> str:
    """The process by one rule; `not_same_as` for the members."""
    given = {"countersign": kind, "needed": needed, "veto": veto}
    return DIAGRAM.format(
        refs="".join(f"<bpmn:flowNodeRef>{node}</bpmn:flowNodeRef>" for node in NODES),
        rule=" ".join(f'banjie:{name}="{value}"' for name, value in given.items() if value),
        others=f' banjie:notSameAs="{not_same_as}"' if not_same_as else "",
        sequential=' isSequential="true"' if kind == "in_order" else "",
    )


FORMS = {
    "word": form_tree(
        component("textfield", "region"),
        component("textfield", "bank_name"),
        component("textfield", "word"),
        id="panel_word",
    ),
    "choose": form_tree(
        rows(
            "members",
            component("textfield", "member"),
            component("number", "weight", decimalDigits=0),
            component("checkbox", "veto"),
        ),
        id="panel_choose",
    ),
    "vote": form_tree(
        choice("radio", "decision", "approve", "reject", "abstain", validate={"required": True}),
        component("textarea", "opinion"),
        id="panel_vote",
    ),
}


def write_content(root: Path, *rule: str, not_same_as: str = "") -> Path:
    """The house's content with the process `panel` beside it, below a folder; returns the content's root."""
    copy_content(root)
    for folder in ("bpmn/panel", "forms/panel"):
        (root / folder).mkdir()
    (root / "bpmn/panel/process.yaml").write_text(PROCESS, encoding="utf-8")
    (root / "bpmn/panel/panel.bpmn").write_text(diagram(*rule, not_same_as=not_same_as), encoding="utf-8")
    for name, tree in FORMS.items():
        (root / f"forms/panel/{name}.form").write_text(json.dumps(tree, ensure_ascii=False), encoding="utf-8")
    service = TWIN.read_text(encoding="utf-8").replace("twin", "panel")
    (root / "policy/services/panel.yaml").write_text(service, encoding="utf-8")
    return root
