"""What a deployed diagram says about its elements, in our words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from banjie.domain.citations import Citation
from banjie.domain.countersign import Rule
from banjie.domain.effects import Effect


class ElementKind(StrEnum):
    """The kinds of elements that the walk treats differently."""

    START = "start"
    USER_TASK = "user_task"
    RULE_TASK = "rule_task"
    SEND_TASK = "send_task"
    SUBPROCESS = "subprocess"
    CALL_ACTIVITY = "call_activity"
    TIMER = "timer"
    END = "end"
    OTHER = "other"


class ReturnLimit(StrEnum):
    """The limit of a step to which a case is returned: a fresh one, or what was left of it when it was completed."""

    NEW = "new"
    REST = "rest"


@dataclass(frozen=True, kw_only=True)
class Element:
    """A node of a diagram by its BPMN id, with our attributes.

    `lane` is the innermost lane's name; `role` the candidate role that the lane (or the element's own
    `banjie:candidateRole`) names; `form` a form key ``process/name``; `limit` the key of the policy
    parameter that holds the step's limit, of the element itself; `parent` the id of the enclosing
    subprocess, whose limit holds for tasks without one of their own. `variable` is the name under which
    a submission or a decision's outputs enter the case data. `decision` is ``process/table``; `notice`
    a notice template's key. `not_same_as` names elements that another person must have completed (four
    eyes). `acceptance` marks the step whose completion is the legal acceptance (受理) of the case;
    `stage` is one of a few coarse words for the applicant's view; `outcome` is set on end events.
    `countersign` is the rule of a panel: a multi-instance user task whose members vote. `extension` is the key of
    the parameter that says by how many days at the most the element's own limit may be extended. `return_limit` is
    how much of its limit a step has when a case is returned to it. `effect` is what completing it does beside.
    """

    id: str
    name: str
    kind: ElementKind
    lane: str | None = None
    parent: str | None = None
    role: str | None = None
    form: str | None = None
    limit: str | None = None
    variable: str | None = None
    decision: str | None = None
    notice: str | None = None
    not_same_as: tuple[str, ...] = ()
    acceptance: bool = False
    stage: str | None = None
    outcome: str | None = None
    countersign: Rule | None = None
    extension: str | None = None
    return_limit: ReturnLimit = ReturnLimit.NEW
    effect: Effect | None = None
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Definition:
    """One version of a process as deployed.

    `version` is the SHA-256 of all its resources; `elements` by id. `title` in Chinese, `title_en` in
    English. `roles` are the candidate roles whose agencies take part; empty: those of all that serve the region.
    """

    key: str
    version: str
    title: str
    title_en: str
    elements: Mapping[str, Element]
    roles: frozenset[str] = frozenset()
