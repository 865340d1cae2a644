"""Every operation on a task or a case as one act: a scene that makes it possible, and the deed alone to be measured."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from banjie.content.bundle import load_bundle
from banjie.domain.assignment import Actor
from banjie.domain.proceedings import ProceedingKind
from banjie.domain.returns import OtherBranches
from banjie.domain.step import Siblings
from banjie.domain.supplements import ItemKind, MissingItem
from banjie.domain.tasks import Task
from banjie.policy.book import Book
from banjie.services import (
    cards,
    comments,
    copies,
    demo,
    deployments,
    extensions,
    handovers,
    instances,
    jumps,
    people,
    procedures,
    returns,
    substitutes,
    supplements,
    take_backs,
    tasks,
    timers,
    urging,
)
from banjie.services.runtime import Runtime
from support import panels
from support.deeds import WHY
from support.office import MONDAY, Office
from support.positions import SECOND, Positions

#: The deed of a scene: one use case, nothing else.
Act = Callable[[], object]
#: Who substitutes for whom in the scenes of a substitute.
_ABSENT, _SUBSTITUTE = "zhao", "zhou"
_MEMBERS = ("zhao", "qian", "sun")


class Stage(Positions):
    """An office with three processes: the loan, every position, and a panel in which all must approve."""

    def __init__(self, database_url: str, folder: Path) -> None:
        super().__init__(database_url, folder)
        root = panels.write_content(folder / "panel", "all")
        deployments.deploy(self.office.rt, load_bundle(root, "panel"))
        book = self.office.rt.book
        services = {**book.services, "panel": Book.load(root).services["panel"]}
        self.office.rt = replace(self.office.rt, book=replace(book, services=services))
        shutil.rmtree(root)
        now = self.office.clock()
        substitutes.arrange(
            self.rt,
            substitutes.Arrange(
                by=self.actor(_ABSENT), absent=_ABSENT, substitute=_SUBSTITUTE, from_at=now,
                until_at=now + timedelta(days=90), reason=WHY,
            ),
        )  # fmt: skip
        self.substitute = people.actor_named(self.rt, _SUBSTITUTE)

    @property
    def rt(self) -> Runtime:
        return self.office.rt

    def actor(self, name: str) -> Actor:
        return self.office.actors[name]

    def prepare(self, name: str) -> Act:
        """Prepare the scene of an operation on a case of its own, at the same instant each time."""
        self.office.clock.set(MONDAY)
        return SCENES[name](self)

    def free(self, element: str = "Review") -> Task:
        """The open task of a new loan case that stands at a step; nobody holds it."""
        return self.office.advance_to(self.office.apply(), element)

    def held(self, element: str = "Review") -> Task:
        """The same, in the hands of the usual officer."""
        task = self.free(element)
        tasks.claim(self.rt, self.actor(demo.OFFICERS[element]), task.id)
        return self.office.open_task(self.office.case_of(task))


def completion(office: Office, task: Task, by: Actor | None = None) -> Act:
    """The plain completion of a loan task with the usual answer."""
    command = tasks.CompleteTask(
        task_id=task.id, by=by or office.actors[demo.OFFICERS[task.element]],
        submission=demo.answer(task.element, office.rt.today()),
    )  # fmt: skip
    return partial(tasks.complete, office.rt, command)


# ── whose task it is ─────────────────────────────────────────────────────────────────────────────────


def _claim(stage: Stage) -> Act:
    return partial(tasks.claim, stage.rt, stage.actor("zhao"), stage.free().id)


def _claim_in_place(stage: Stage) -> Act:
    return partial(tasks.claim, stage.rt, stage.substitute, stage.free().id)


def _release(stage: Stage) -> Act:
    return partial(tasks.release, stage.rt, stage.actor("zhao"), stage.held().id)


def _transfer(stage: Stage) -> Act:
    return partial(handovers.transfer, stage.rt, stage.actor("zhao"), stage.held().id, SECOND, WHY)


def _take_back_transfer(stage: Stage) -> Act:
    task = stage.held()
    handovers.transfer(stage.rt, stage.actor("zhao"), task.id, SECOND, WHY)
    return partial(handovers.take_back_transfer, stage.rt, stage.actor("zhao"), task.id)


def _delegate(stage: Stage) -> Act:
    return partial(handovers.delegate, stage.rt, stage.actor("zhao"), stage.held().id, SECOND, WHY)


def _delegated(stage: Stage) -> Task:
    task = stage.held()
    handovers.delegate(stage.rt, stage.actor("zhao"), task.id, SECOND, WHY)
    return task


def _resolve(stage: Stage) -> Act:
    return partial(handovers.resolve, stage.rt, stage.actor(SECOND), _delegated(stage).id, "同意")


def _recall(stage: Stage) -> Act:
    return partial(handovers.recall, stage.rt, stage.actor("zhao"), _delegated(stage).id)


def _reassign(stage: Stage) -> Act:
    return partial(handovers.reassign, stage.rt, stage.actor("zhou"), stage.held().id, SECOND, WHY)


def _urge(stage: Stage) -> Act:
    return partial(urging.urge, stage.rt, stage.actor("wang"), stage.held().id, "请尽快办理")


# ── the clock ────────────────────────────────────────────────────────────────────────────────────────


def _ask_supplement(stage: Stage) -> Act:
    items = [
        MissingItem(kind=ItemKind.FIELD, key="business_name", title="名称", note="不清楚"),
        MissingItem(kind=ItemKind.OTHER, key="2", title="说明"),
    ]
    return partial(supplements.ask, stage.rt, stage.actor("zhao"), stage.held().id, items, WHY)


def _answer_supplement(stage: Stage) -> Act:
    asked = _ask_supplement(stage)()
    assert isinstance(asked, int)
    stage.office.clock.pass_(days=1)
    given: dict[str, Any] = {"business_name": "晨光小吃一店", "other:2": "已说明"}
    return partial(supplements.answer, stage.rt, stage.actor("wang"), asked, given)


def _ask_extension(stage: Stage) -> Act:
    task = stage.held("Investigate")
    return partial(extensions.ask, stage.rt, stage.actor("qian"), task.id, 1, WHY)


def _decide_extension(stage: Stage) -> Act:
    task = stage.held("Investigate")
    asked = extensions.ask(stage.rt, stage.actor("qian"), task.id, 1, WHY)
    return partial(extensions.decide, stage.rt, stage.actor("wu"), asked, grant=True, words="同意延期")


def _start_excluded(stage: Stage) -> Act:
    return partial(
        procedures.start_excluded, stage.rt, stage.actor("zhao"), stage.held().id, "expert_review", "专审〔2026〕1号",
        5, WHY,
    )  # fmt: skip


def _end_excluded(stage: Stage) -> Act:
    begun = _start_excluded(stage)()
    assert isinstance(begun, int)
    stage.office.clock.pass_(days=1)
    return partial(procedures.end_excluded, stage.rt, stage.actor("zhao"), begun, "专审意见1号", "评审结束")


def _suspend(stage: Stage) -> Act:
    case_no = stage.office.case_of(stage.held())
    return partial(procedures.suspend, stage.rt, stage.actor("zhou"), case_no, WHY)


def _resume(stage: Stage) -> Act:
    held = _suspend(stage)()
    assert isinstance(held, int)
    stage.office.clock.pass_(days=1)
    return partial(procedures.resume, stage.rt, stage.actor("zhou"), held, "恢复办理")


def _answer_card(stage: Stage) -> Act:
    case_no = stage.office.case_of(stage.free())
    stage.office.clock.pass_(days=3)
    instance = stage.office.view(case_no).instance
    with stage.rt.store.read() as uow:
        running = uow.cases.clocks(instance.id)
    while any(timers.fire(stage.rt, instance.id, clock.id, None) for clock in running):
        pass
    card = next(one for one in stage.office.view(case_no).proceedings if one.kind is ProceedingKind.CARD)
    return partial(cards.answer, stage.rt, stage.actor("zhao"), card.id, "系统升级，当日无法核验")


# ── where the case stands ────────────────────────────────────────────────────────────────────────────


def _return(stage: Stage) -> Act:
    task = stage.held("BankAccept")
    return partial(returns.send_back, stage.rt, stage.actor("sun"), task.id, "Review", WHY)


def _return_from_branch(stage: Stage) -> Act:
    _, task = stage.reach("parallel")
    tasks.claim(stage.rt, stage.actor("zhao"), task.id)
    return partial(
        returns.send_back,
        stage.rt,
        stage.actor("zhao"),
        task.id,
        "Single",
        WHY,
        siblings=OtherBranches.CANCEL,
    )


def _consent(stage: Stage) -> Act:
    task = stage.held("BankAccept")
    case_no = stage.office.case_of(task)
    number = jumps.propose(stage.rt, stage.actor("chen"), case_no, [task.id], "Review", WHY, Siblings.CANCEL)
    return partial(jumps.consent, stage.rt, stage.actor("zhou"), number)


def _take_back(stage: Stage) -> Act:
    task = stage.free()
    completion(stage.office, task)()
    return partial(take_backs.take_back, stage.rt, stage.actor("zhao"), task.id, WHY)


def _panel(stage: Stage) -> dict[str, Task]:
    """User name → open task of the members of a panel that has just been chosen."""
    submission = {"region": demo.COUNTY, "word": "一事", "bank_name": demo.BANK}
    command = instances.StartCase(service="panel", by=stage.actor("wang"), submission=submission)
    case_no = instances.start(stage.rt, command).case_no
    chosen = {"members": [{"member": name} for name in _MEMBERS]}
    tasks.complete(
        stage.rt,
        tasks.CompleteTask(
            task_id=stage.office.open_task(case_no).id, by=stage.actor("zhao"), submission=chosen
        ),
    )
    return {task.member or "": task for task in stage.open(case_no)}


def _vote(stage: Stage, task: Task) -> Act:
    command = tasks.CompleteTask(
        task_id=task.id,
        by=stage.actor(task.member or ""),
        submission={"decision": "approve", "opinion": "同意"},
    )
    return partial(tasks.complete, stage.rt, command)


def _first_vote(stage: Stage) -> Act:
    return _vote(stage, _panel(stage)[_MEMBERS[0]])


def _last_vote(stage: Stage) -> Act:
    panel = _panel(stage)
    for name in _MEMBERS[:-1]:
        _vote(stage, panel[name])()
    return _vote(stage, panel[_MEMBERS[-1]])


def _complete_in_place(stage: Stage) -> Act:
    return completion(stage.office, stage.free("Accept"), stage.substitute)


# ── words ────────────────────────────────────────────────────────────────────────────────────────────


def _comment(stage: Stage) -> Act:
    task = stage.held()
    said = comments.AddComment(
        case_no=stage.office.case_of(task),
        by=stage.actor("zhao"),
        words=f"请 @{SECOND} 一并核实经营场所",
        task_id=task.id,
    )
    return partial(comments.add, stage.rt, said)


def _copy(stage: Stage) -> Act:
    case_no = stage.office.case_of(stage.held())
    return partial(copies.send, stage.rt, stage.actor("zhao"), case_no, ["zhou"], "请知悉")


#: Name → the scene of each operation.
SCENES: dict[str, Callable[[Stage], Act]] = {
    "claim": _claim,
    "claim in another's place": _claim_in_place,
    "release": _release,
    "transfer": _transfer,
    "take back a transfer": _take_back_transfer,
    "delegate": _delegate,
    "resolve": _resolve,
    "recall": _recall,
    "reassign": _reassign,
    "urge": _urge,
    "ask for a supplement": _ask_supplement,
    "answer a supplement": _answer_supplement,
    "ask for an extension": _ask_extension,
    "decide on an extension": _decide_extension,
    "start an excluded procedure": _start_excluded,
    "end an excluded procedure": _end_excluded,
    "suspend": _suspend,
    "resume": _resume,
    "answer a card": _answer_card,
    "return": _return,
    "return out of a parallel block": _return_from_branch,
    "consent to a jump": _consent,
    "take back": _take_back,
    "vote in a panel": _first_vote,
    "decide a panel by the last vote": _last_vote,
    "complete in another's place": _complete_in_place,
    "comment": _comment,
    "copy": _copy,
}
