"""What people may do to an open task, each as one deed from beginning to end; for the matrix and the random walks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from banjie.domain.bulk import BulkKind
from banjie.domain.supplements import ItemKind, MissingItem
from banjie.domain.tasks import Task
from banjie.services import (
    bulk,
    copies,
    extensions,
    handovers,
    instances,
    people,
    procedures,
    substitutes,
    supplements,
    tasks,
    urging,
)
from support.positions import Positions

WHY = "材料需进一步核实"


@dataclass(frozen=True, kw_only=True)
class Deed:
    """A deed; `ends` is how the case stands after it."""

    do: Callable[[Positions, Task], None]
    ends: str = "running"


def _held(office: Positions, task: Task) -> str:
    """The usual officer, holding the task."""
    name = office.officer(task)
    tasks.claim(office.office.rt, office.office.actors[name], task.id)
    return name


def _other(office: Positions, task: Task) -> str:
    """A colleague of whoever does such tasks."""
    return {"zhao": "he", "he": "zhao", "sun": "li", "li": "sun"}[office.officer(task)]


def _head(task: Task) -> str:
    return "zhou" if task.role == "bureau_officer" else "zheng"


def claim_and_release(office: Positions, task: Task) -> None:
    name = _held(office, task)
    tasks.release(office.office.rt, office.office.actors[name], task.id)


def transfer(office: Positions, task: Task) -> None:
    name = _held(office, task)
    handovers.transfer(office.office.rt, office.office.actors[name], task.id, _other(office, task), WHY)


def transfer_and_take_back(office: Positions, task: Task) -> None:
    name = _held(office, task)
    handovers.transfer(office.office.rt, office.office.actors[name], task.id, _other(office, task), WHY)
    handovers.take_back_transfer(office.office.rt, office.office.actors[name], task.id)


def delegate_and_resolve(office: Positions, task: Task) -> None:
    name, other = _held(office, task), _other(office, task)
    handovers.delegate(office.office.rt, office.office.actors[name], task.id, other, WHY)
    handovers.resolve(office.office.rt, office.office.actors[other], task.id, "同意")


def delegate_and_recall(office: Positions, task: Task) -> None:
    name = _held(office, task)
    handovers.delegate(office.office.rt, office.office.actors[name], task.id, _other(office, task), WHY)
    handovers.recall(office.office.rt, office.office.actors[name], task.id)


def reassign(office: Positions, task: Task) -> None:
    _held(office, task)
    handovers.reassign(
        office.office.rt, office.office.actors[_head(task)], task.id, _other(office, task), WHY
    )


def urge(office: Positions, task: Task) -> None:
    urging.urge(office.office.rt, office.office.actors["wang"], task.id, "请尽快办理")


def copy(office: Positions, task: Task) -> None:
    name = _held(office, task)
    copies.send(
        office.office.rt, office.office.actors[name], office.office.case_of(task), [_head(task)], "请知悉"
    )


def supplement(office: Positions, task: Task) -> None:
    name, rt = _held(office, task), office.office.rt
    asked = [MissingItem(kind=ItemKind.FIELD, key="word", title="事由", note="不清楚")]
    request = supplements.ask(rt, office.office.actors[name], task.id, asked, WHY)
    office.office.clock.pass_(days=3)
    supplements.answer(rt, office.office.actors["wang"], request, {"word": "补正后的事由"})


def supplement_and_withdraw(office: Positions, task: Task) -> None:
    name, rt = _held(office, task), office.office.rt
    asked = [MissingItem(kind=ItemKind.OTHER, key="1", title="说明", note="")]
    request = supplements.ask(rt, office.office.actors[name], task.id, asked, WHY)
    supplements.withdraw(rt, office.office.actors[name], request, "已找到")


def supplement_lapsed(office: Positions, task: Task) -> None:
    name, rt = _held(office, task), office.office.rt
    asked = [MissingItem(kind=ItemKind.OTHER, key="1", title="说明", note="")]
    supplements.ask(rt, office.office.actors[name], task.id, asked, WHY)
    office.office.tick(days=60)


def extension(office: Positions, task: Task) -> None:
    name, rt = _held(office, task), office.office.rt
    asked = extensions.ask(rt, office.office.actors[name], task.id, 1, WHY)
    extensions.decide(rt, office.office.actors[_head(task)], asked, grant=True, words="同意延期")


def extension_refused(office: Positions, task: Task) -> None:
    name, rt = _held(office, task), office.office.rt
    asked = extensions.ask(rt, office.office.actors[name], task.id, 1, WHY)
    extensions.decide(rt, office.office.actors[_head(task)], asked, grant=False, words="无需延期")


def excluded(office: Positions, task: Task) -> None:
    name, rt = _held(office, task), office.office.rt
    begun = procedures.start_excluded(
        rt, office.office.actors[name], task.id, "expert_review", "专审〔2026〕1号", 5, WHY
    )
    office.office.clock.pass_(days=6)
    procedures.end_excluded(rt, office.office.actors[name], begun, "专审意见1号", "评审结束")


def suspension(office: Positions, task: Task) -> None:
    case_no, rt = office.office.case_of(task), office.office.rt
    head = office.office.actors[_head(task)]
    held = procedures.suspend(rt, head, case_no, WHY)
    office.office.tick(days=1)
    procedures.resume(rt, head, held, "恢复办理")


def substitution(office: Positions, task: Task) -> None:
    name, rt = _held(office, task), office.office.rt
    now = office.office.clock()
    substitutes.arrange(
        rt,
        substitutes.Arrange(
            by=office.office.actors[name], absent=name, substitute=_head(task), from_at=now,
            until_at=now.replace(year=now.year + 1, day=1), reason="出差",
        ),
    )  # fmt: skip
    tasks.claim(rt, people.actor_named(rt, _head(task)), task.id)
    arranged = substitutes.arrangements(rt, office.office.actors[name]).absent[0]
    substitutes.end(rt, office.office.actors[name], arranged.id)


def in_bulk(office: Positions, task: Task) -> None:
    rt = office.office.rt
    wish = bulk.StartBulk(
        by=office.office.actors[office.officer(task)], kind=BulkKind.COMPLETE, items=[(task.id, None)],
        submission={"word": task.element},
    )  # fmt: skip
    bulk.run(rt, bulk.start(rt, wish))


def withdraw(office: Positions, task: Task) -> None:
    instances.withdraw(office.office.rt, office.office.actors["wang"], office.office.case_of(task), "不办了")


def cancel(office: Positions, task: Task) -> None:
    head = office.office.actors[_head(task)]
    instances.cancel(office.office.rt, head, office.office.case_of(task), "重复申请")


DEEDS: dict[str, Deed] = {
    "claim and release": Deed(do=claim_and_release),
    "transfer": Deed(do=transfer),
    "transfer and take back": Deed(do=transfer_and_take_back),
    "delegate and resolve": Deed(do=delegate_and_resolve),
    "delegate and recall": Deed(do=delegate_and_recall),
    "reassign": Deed(do=reassign),
    "urge": Deed(do=urge),
    "copy": Deed(do=copy),
    "supplement": Deed(do=supplement),
    "supplement and withdraw": Deed(do=supplement_and_withdraw),
    "supplement lapsed": Deed(do=supplement_lapsed, ends="withdrawn"),
    "extension": Deed(do=extension),
    "extension refused": Deed(do=extension_refused),
    "excluded procedure": Deed(do=excluded),
    "suspension": Deed(do=suspension),
    "substitution": Deed(do=substitution),
    "bulk": Deed(do=in_bulk),
    "withdraw": Deed(do=withdraw, ends="withdrawn"),
    "cancel": Deed(do=cancel, ends="cancelled"),
}
