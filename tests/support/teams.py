"""A process whose cases go to a review team and nowhere else, with a team of four of the demonstration's people."""

from __future__ import annotations

import json
from pathlib import Path

from support.content import copy_content
from support.forms import component, form_tree

_TWIN = Path(__file__).parents[1] / "service" / "content" / "policy" / "services" / "twin.yaml"
_PARAMETERS = "policy/common/parameters"

_PROCESS = """key: team
title: 审核小组
title_en: Review team
owner: bureau
lanes: {}
roles:
  bureau_officer: bureau
  government_officer: government
  development_officer: development
  industry_officer: industry
  tax_officer: tax
start_forms:
  team: team/word
citations:
  - document: nzf-2019-4
    article: 三
    quote: 可申请最高不超过300万元的创业担保贷款
"""

_DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:banjie="urn:banjie:bpmn:1"
 id="Definitions_team" targetNamespace="urn:banjie:processes">
 <bpmn:process id="team" name="审核小组" isExecutable="true">
  <bpmn:startEvent id="Applied" name="提交" banjie:variable="application" />
  <bpmn:callActivity id="Team" name="审核小组会签" calledElement="review_team" />
  <bpmn:exclusiveGateway id="Outcome" name="会签结果" default="Outcome_Rejected" />
  <bpmn:endEvent id="Approved" name="同意" banjie:outcome="approved" />
  <bpmn:endEvent id="Rejected" name="不同意" banjie:outcome="rejected" />
  <bpmn:sequenceFlow id="Applied_Team" sourceRef="Applied" targetRef="Team" />
  <bpmn:sequenceFlow id="Team_Outcome" sourceRef="Team" targetRef="Outcome" />
  <bpmn:sequenceFlow id="Outcome_Approved" sourceRef="Outcome" targetRef="Approved">
   <bpmn:conditionExpression>team_vote.outcome = "approved"</bpmn:conditionExpression></bpmn:sequenceFlow>
  <bpmn:sequenceFlow id="Outcome_Rejected" sourceRef="Outcome" targetRef="Rejected" />
 </bpmn:process>
</bpmn:definitions>
"""

_TEAM = """example: true
teams:
  "152200":
    review:
      - {member: gao, name: 高秘书, agency: government-hinggan, role: chair, may_veto: false}
      - {member: fang, name: 方科长, agency: development-hinggan, role: member, may_veto: true}
      - {member: lin, name: 林科长, agency: industry-hinggan, role: member, may_veto: false}
      - {member: tao, name: 陶科长, agency: tax-hinggan, role: member, may_veto: false}
"""


def write_team(root: Path, **rules: str) -> Path:
    """The house's content with the process `team` beside it, below a folder; returns the content's root.

    `rules` are the values of the parameters `team_<name>`; the quorum and the majority are 2/3 of those present else.
    """
    copy_content(root, "startup_subsidy")
    for folder in ("bpmn/team", "forms/team"):
        (root / folder).mkdir()
    (root / "bpmn/team/process.yaml").write_text(_PROCESS, encoding="utf-8")
    (root / "bpmn/team/team.bpmn").write_text(_DIAGRAM, encoding="utf-8")
    form = form_tree(component("textfield", "region"), component("textfield", "word"), id="team_word")
    (root / "forms/team/word.form").write_text(json.dumps(form, ensure_ascii=False), encoding="utf-8")
    service = _TWIN.read_text(encoding="utf-8").replace("twin", "team")
    service = service.replace("constants: {}", "constants:\n  review_team: review")
    (root / "policy/services/team.yaml").write_text(service, encoding="utf-8")
    (root / "policy/review_teams.yaml").write_text(_TEAM, encoding="utf-8")
    for name, value in rules.items():
        path = root / _PARAMETERS / f"team_{name}.yaml"
        lines = path.read_text(encoding="utf-8").splitlines()
        path.write_text(
            "\n".join(f"    value: {value}" if line.startswith("    value:") else line for line in lines)
            + "\n",
            encoding="utf-8",
        )
    return root
