"""How what a member of a panel submits becomes a vote, and where it is kept."""

from __future__ import annotations

from collections.abc import Mapping

from banjie.domain.countersign import Choice
from banjie.domain.decisions import Json
from banjie.domain.definitions import Element
from banjie.domain.errors import FieldError, InvalidSubmission
from banjie.domain.tasks import Task

#: The field of a member's form that holds the vote.
DECISION = "decision"


def vote_of(task: Task, element: Element, values: Mapping[str, Json]) -> Mapping[str, Json] | None:
    """The vote in a member's submission, as the engine takes it; None where the task is not a panel's.

    Raises InvalidSubmission unless the field `decision` is approve, reject or abstain.
    """
    if element.countersign is None:
        return None
    said = values.get(DECISION)
    if said not in set(Choice):
        raise InvalidSubmission([FieldError(path=(DECISION,), code="not_an_option", facts={})])
    return {"member": task.member, DECISION: said}


def recorded(task: Task, element: Element, values: Mapping[str, Json], before: Json) -> Mapping[str, Json]:
    """What stands under the element's variable after a submission.

    On a panel the member's values join the opinions of the others, `before` being what stood there; elsewhere they
    replace it.
    """
    if element.countersign is None or task.member is None:
        return values
    panel = before if isinstance(before, Mapping) else {}
    opinions = panel.get("opinions")
    earlier = opinions if isinstance(opinions, Mapping) else {}
    return {**panel, "opinions": {**earlier, task.member: values}}
