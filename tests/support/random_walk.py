"""Everything that people, the law and time may do to cases, in any order: a hypothesis machine over one office.

Each step is half an operation (asking, or answering), by somebody who may have no right to it. A refusal must be one
of the domain and leave the case as it was; the record must agree with itself all along; and wherever the walk has led,
the case can still be driven to its end.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import permutations
from typing import Any, TypeVar

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from banjie.domain.assignment import Actor
from banjie.domain.bulk import BulkKind
from banjie.domain.errors import BanjieError
from banjie.domain.proceedings import Proceeding, ProceedingKind
from banjie.domain.returns import OtherBranches
from banjie.domain.step import Siblings
from banjie.domain.supplements import ItemKind, MissingItem, items_of
from banjie.services import (
    bulk,
    cards,
    comments,
    copies,
    extensions,
    handovers,
    instances,
    jumps,
    procedures,
    recompute,
    returns,
    substitutes,
    supplements,
    take_backs,
    tasks,
    urging,
)
from banjie.services.demo import BANK
from banjie.services.extensions import Scope
from support.office import MONDAY
from support.positions import STEPS
from support.walk_ground import FOUR, STAFF, WHY, WalkingMachine

F = TypeVar("F", bound=Callable[..., None])
#: The deeds, the frequent ones several times, with what their arguments are chosen from.
DEEDS: list[tuple[str, Mapping[str, Sequence[Any]]]] = []

CASES = 2
#: Completions that end no case.
MOST_PASSED = len(STEPS)
#: Beyond it no calendar is known.
LAST_DAY = timedelta(days=400)

#: Whose turn it is: whoever holds the task (its usual officer takes it up), the head of its agency, or anybody.
WHO = ["holder"] * 12 + ["head"] * 2 + [*STAFF, "wang", "chen"]
NAME = STAFF
#: To whom a task is given: a colleague who may have it, or anybody.
TO = ["colleague"] * 6 + [*STAFF]
PICK = range(12)
SPANS = [
    timedelta(minutes=40), timedelta(hours=5), timedelta(days=1), timedelta(days=2), timedelta(days=3),
    timedelta(days=6), timedelta(days=14), timedelta(days=35),
]  # fmt: skip


def deed(often: int = 1, **choices: Iterable[Any]) -> Callable[[F], F]:
    """Mark a method as something that may be done, so often as others, with what its arguments are chosen from."""

    def mark(method: F) -> F:
        DEEDS.extend([(method.__name__, {key: list(values) for key, values in choices.items()})] * often)
        return method

    return mark


class RandomWalk(WalkingMachine):
    """One walk; `walk` and the steps' numbers say what is done."""

    @initialize(
        passed=st.lists(st.integers(0, MOST_PASSED), min_size=CASES, max_size=CASES),
        walk=st.integers(0, 2**64),
    )
    def begin(self, passed: list[int], walk: int) -> None:
        self.walk = walk
        for number in passed:
            case_no = self._start()
            for _ in range(number):
                standing = self._open(case_no)
                self.positions.complete(standing[walk % len(standing)])

    @rule(turn=st.integers(0, 2**32 - 1))
    def somebody_acts(self, turn: int) -> None:
        """A deed of anybody; the number says which."""
        # Hypothesis likes to draw a number again, and to repeat what it did in another walk.
        chance = random.Random(f"{self.walk}, {self.steps}, {turn}")  # noqa: S311  not for secrets
        name, choices = chance.choice(DEEDS)
        chosen = {key: chance.choice(values) for key, values in choices.items()}
        note(f"{name}({chosen})")
        getattr(self, name)(**chosen)

    # ── completing ───────────────────────────────────────────────────────────────────────────────────

    @deed(pick=PICK, who=WHO, stale=range(8))
    def complete(self, pick: int, who: str, stale: int) -> None:
        task, actor = self._turn(pick, who)
        command = tasks.CompleteTask(
            task_id=task.id, by=actor, submission={"word": task.element},
            expected_version=None if stale > 1 else task.version - stale,
        )  # fmt: skip
        self._attempt("complete", task, lambda: tasks.complete(self.rt, command))

    @deed(often=3, pick=PICK)
    def go_on(self, pick: int) -> None:
        self.complete(pick=pick, who="holder", stale=7)

    @deed(picks=[*zip(range(12)), *permutations(range(4), 2)], who=WHO, kind=BulkKind)
    def many(self, picks: list[int], who: str, kind: BulkKind) -> None:
        task, actor = self._turn(picks[0], who)
        chosen = {one.id: None for one in (self._task(pick) for pick in picks)}
        wish = bulk.StartBulk(
            by=actor, kind=kind, items=list(chosen.items()), submission={"word": task.element}
        )
        number = self._attempt("bulk", task, lambda: bulk.start(self.rt, wish))
        if number is not None:
            bulk.run(self.rt, number)

    @deed(pick=PICK, who=WHO)
    def take_back(self, pick: int, who: str) -> None:
        ids = [self._case(case_no).id for case_no in self.cases]
        with self.rt.store.read() as uow:
            passed = [step for number in ids for step in uow.cases.passed(number)[: 1 + pick // 6]]
            task = uow.cases.task(passed[pick % len(passed)].task_id) if passed else None
        if task is not None:
            by = self._named(who, task) if who != "holder" or task.closed_by is None else task.closed_by
            actor = self._actor(by)
            self._attempt(
                "take back", task, lambda: take_backs.take_back(self.rt, actor, task.id, WHY), stands=False
            )

    # ── in whose hands ───────────────────────────────────────────────────────────────────────────────

    @deed(pick=PICK, who=WHO)
    def claim(self, pick: int, who: str) -> None:
        task, actor = self._turn(pick, who)
        self._attempt("claim", task, lambda: tasks.claim(self.rt, actor, task.id))

    @deed(pick=PICK)
    def take_up(self, pick: int) -> None:
        self.claim(pick=pick, who="holder")

    @deed(pick=PICK, who=WHO)
    def release(self, pick: int, who: str) -> None:
        task, actor = self._turn(pick, who)
        self._attempt("release", task, lambda: tasks.release(self.rt, actor, task.id))

    @deed(pick=PICK, who=WHO)
    def type_a_draft(self, pick: int, who: str) -> None:
        task, actor = self._turn(pick, who)
        self._attempt("draft", task, lambda: tasks.save_draft(self.rt, actor, task.id, {"word": who}))

    @deed(pick=PICK, who=WHO, to=TO)
    def transfer(self, pick: int, who: str, to: str) -> None:
        task, actor = self._turn(pick, who)
        self._attempt(
            "transfer", task, lambda: handovers.transfer(self.rt, actor, task.id, self._to(to, task), WHY)
        )

    @deed(pick=PICK, who=["giver", "giver", *STAFF], to=TO)
    def take_back_transfer(self, pick: int, who: str, to: str) -> None:
        given = self._proceedings(ProceedingKind.TRANSFER)
        standing = {task.id: task for task in self._standing()}
        last = next((one for one, _ in reversed(given) if one.task_id in standing), None)
        if last is None or last.opened_by is None:
            return self.transfer(pick=pick, who="holder", to=to)
        task, actor = standing[last.task_id or 0], self._actor(last.opened_by if who == "giver" else who)
        self._attempt("transfer back", task, lambda: handovers.take_back_transfer(self.rt, actor, task.id))
        return None

    @deed(pick=PICK, who=WHO, to=TO)
    def delegate(self, pick: int, who: str, to: str) -> None:
        task, actor = self._turn(pick, who)
        self._attempt(
            "delegate", task, lambda: handovers.delegate(self.rt, actor, task.id, self._to(to, task), WHY)
        )

    @deed(pick=PICK, who=WHO, to=TO)
    def resolve(self, pick: int, who: str, to: str) -> None:
        asked = [one for one in self._standing() if one.owner_id is not None]
        if not asked:
            return self.delegate(pick=pick, who="holder", to=to)
        task, actor = self._turn(pick, who, asked)
        self._attempt("resolve", task, lambda: handovers.resolve(self.rt, actor, task.id, "同意"))
        return None

    @deed(pick=PICK, who=["owner", "owner", *STAFF], to=TO)
    def recall(self, pick: int, who: str, to: str) -> None:
        asked = [one for one in self._standing() if one.owner_id is not None]
        if not asked:
            return self.delegate(pick=pick, who="holder", to=to)
        task = self._task(pick, asked)
        actor = self._actor(who if who != "owner" or task.owner_id is None else task.owner_id)
        self._attempt("recall", task, lambda: handovers.recall(self.rt, actor, task.id))
        return None

    @deed(pick=PICK, who=["head"] * 8 + [*STAFF], to=TO)
    def reassign(self, pick: int, who: str, to: str) -> None:
        task, actor = self._turn(pick, who)
        self._attempt(
            "reassign", task, lambda: handovers.reassign(self.rt, actor, task.id, self._to(to, task), WHY)
        )

    @deed(absent=NAME, substitute=NAME, who=NAME, days=range(1, 10))
    def arrange_substitution(self, absent: str, substitute: str, who: str, days: int) -> None:
        now = self.office.clock()
        wish = substitutes.Arrange(
            by=self._actor(who if days > 6 else absent), absent=absent, substitute=substitute,
            from_at=now + timedelta(days=days % 2), until_at=now + timedelta(days=days), reason="出差",
        )  # fmt: skip
        self._attempt("arrange", self._task(0), lambda: substitutes.arrange(self.rt, wish))

    @deed(who=NAME)
    def end_substitution(self, who: str) -> None:
        actor = self._actor(who)
        for one in substitutes.arrangements(self.rt, actor).absent[:1]:
            act = partial(substitutes.end, self.rt, actor, one.id)
            self._attempt("substitution ends", self._task(0), act)

    # ── supplement, extension, hold ──────────────────────────────────────────────────────────────────

    @deed(pick=PICK, who=WHO, kind=[ItemKind.FIELD, ItemKind.OTHER])
    def ask_supplement(self, pick: int, who: str, kind: ItemKind) -> None:
        task, actor = self._turn(pick, who)
        asked = [MissingItem(kind=kind, key="word", title="事由", note="不清楚")]
        self._attempt("supplement", task, lambda: supplements.ask(self.rt, actor, task.id, asked, WHY))

    @deed(pick=PICK, who=NAME)
    def grant_second_supplement(self, pick: int, who: str) -> None:
        task, actor = self._turn(pick, who)
        case_no = self._case_of(task)
        self._attempt(
            "second supplement", task, lambda: supplements.grant_second(self.rt, actor, case_no, WHY)
        )

    @deed(pick=PICK, who=WHO, days=range(5), scope=Scope)
    def ask_extension(self, pick: int, who: str, days: int, scope: Scope) -> None:
        task, actor = self._turn(pick, who)
        self._attempt(
            "extension", task, lambda: extensions.ask(self.rt, actor, task.id, days, WHY, scope=scope)
        )

    @deed(pick=PICK, who=WHO, ground=["hearing", "testing", "holiday"])
    def start_excluded(self, pick: int, who: str, ground: str) -> None:
        task, actor = self._turn(pick, who)
        self._attempt(
            "excluded", task,
            lambda: procedures.start_excluded(self.rt, actor, task.id, ground, "〔2026〕1号", 5, WHY),
        )  # fmt: skip

    @deed(pick=PICK, who=WHO, ground=[None, "appraisal"])
    def suspend(self, pick: int, who: str, ground: str | None) -> None:
        task, actor = self._turn(pick, who)
        case_no = self._case_of(task)
        self._attempt(
            "suspend", task, lambda: procedures.suspend(self.rt, actor, case_no, WHY, ground, "〔2026〕2号")
        )

    @deed(pick=PICK, who=["right"] * 8 + [*STAFF, "wang", "chen", "feng"], well=(False, True))
    def settle(self, pick: int, who: str, well: bool) -> None:
        """Answer, grant, end, take back or refuse what is open beside the diagram."""
        found = self._proceedings()
        if not found:
            return
        others = [pair for pair in found if pair[0].kind is not ProceedingKind.CARD]
        one, case_no = others[pick % len(others)] if others and pick % 4 else found[pick % len(found)]
        actor = self._actor(self._who_settles(one, well) if who == "right" else who)
        deed = self._settling(one, actor, well)
        self._attempt_on(f"settle {one.kind.value}", case_no, deed)

    @deed(often=5, pick=PICK, well=(False, True))
    def settle_rightly(self, pick: int, well: bool) -> None:
        self.settle(pick=pick, who="right", well=well)

    @deed()
    def openers_free_all(self) -> None:
        for case_no in self._running():
            self._free(case_no)

    # ── moving ───────────────────────────────────────────────────────────────────────────────────────

    @deed(
        pick=PICK, who=WHO, goal=[*STEPS, "Late", "Inside", "Called"],
        siblings=[None, *OtherBranches],
    )  # fmt: skip
    def send_back(self, pick: int, who: str, goal: str, siblings: OtherBranches | None) -> None:
        task, actor = self._turn(pick, who)
        self._attempt(
            "return", task,
            lambda: returns.send_back(self.rt, actor, task.id, goal, WHY, siblings=siblings),
        )  # fmt: skip

    @deed(pick=PICK, far=PICK, siblings=OtherBranches)
    def send_back_somewhere_passed(self, pick: int, far: int, siblings: OtherBranches) -> None:
        task, actor = self._turn(pick, "holder")
        with suppress(BanjieError):
            if task.assignee_id is None:
                tasks.claim(self.rt, actor, task.id)
            targets = [one.passed.element for one in returns.choices(self.rt, actor, task.id)]
            if targets:
                self.send_back(pick=pick, who="holder", goal=targets[far % len(targets)], siblings=siblings)

    @deed(pick=PICK, who=WHO)
    def give_up_return(self, pick: int, who: str) -> None:
        waiting = [one for one in self._standing() if one.waits is not None]
        if not waiting:
            return self.send_back_somewhere_passed(pick=pick, far=pick, siblings=OtherBranches.WAIT)
        task, actor = self._turn(pick, who, waiting)
        self._attempt("return given up", task, lambda: returns.cancel_wait(self.rt, actor, task.id))
        return None

    @deed(
        pick=PICK, who=["chen"] * 8 + ["zhou", "sun"], all_of_it=(False, True),
        goal=[*STEPS, "Late", "Join"], siblings=Siblings,
    )  # fmt: skip
    def propose_jump(self, pick: int, who: str, all_of_it: bool, goal: str, siblings: Siblings) -> None:
        task, actor = self._turn(pick, who)
        case_no = self._case_of(task)
        moved = [one.id for one in self._open(case_no)] if all_of_it else [task.id]
        self._attempt(
            "jump", task, lambda: jumps.propose(self.rt, actor, case_no, moved, goal, WHY, siblings)
        )

    # ── words ────────────────────────────────────────────────────────────────────────────────────────

    @deed(pick=PICK, who=WHO, whole=(False, True))
    def urge(self, pick: int, who: str, whole: bool) -> None:
        task, actor = self._turn(pick, who)
        case_no = self._case_of(task)
        if whole:
            self._attempt("urge", task, lambda: urging.urge_case(self.rt, actor, case_no, "请尽快办理"))
        else:
            self._attempt("urge", task, lambda: urging.urge(self.rt, actor, task.id, "请尽快办理"))

    @deed(pick=PICK, who=WHO)
    def comment(self, pick: int, who: str) -> None:
        task, actor = self._turn(pick, who)
        said = comments.AddComment(case_no=self._case_of(task), by=actor, words="已电话核实", task_id=task.id)
        self._attempt("comment", task, lambda: comments.add(self.rt, said))

    @deed(pick=PICK, who=WHO, to=TO)
    def copy(self, pick: int, who: str, to: str) -> None:
        task, actor = self._turn(pick, who)
        case_no = self._case_of(task)
        self._attempt(
            "copy", task, lambda: copies.send(self.rt, actor, case_no, [self._to(to, task)], "请知悉")
        )

    # ── beginning, ending, time ──────────────────────────────────────────────────────────────────────

    @deed()
    def apply(self) -> None:
        if len(self._running()) < CASES:
            self._start()

    @deed(pick=PICK, who=WHO)
    def withdraw(self, pick: int, who: str) -> None:
        task, actor = self._turn(pick, who)
        case_no = self._case_of(task)
        self._attempt("withdraw", task, lambda: instances.withdraw(self.rt, actor, case_no, "不办了"))

    @deed(pick=PICK, who=[*FOUR, "zhou", "wang", "chen"])
    def cancel(self, pick: int, who: str) -> None:
        task, actor = self._turn(pick, who)
        case_no = self._case_of(task)
        self._attempt("cancel", task, lambda: instances.cancel(self.rt, actor, case_no, "重复申请"))

    @deed(often=5, span=SPANS)
    def time_passes(self, span: timedelta) -> None:
        if self.office.clock.now + span > MONDAY + LAST_DAY:
            return
        self.office.clock.pass_(seconds=span.total_seconds())
        swept = self.office.tick()
        assert swept.failed == (), swept
        substitutes.end_due(self.rt)
        cards.escalate(self.rt)
        assert recompute.apply(self.rt) == 0

    @deed(hours=range(31))
    def hours_pass(self, hours: int) -> None:
        self.time_passes(span=timedelta(hours=hours))

    def _who_settles(self, one: Proceeding, well: bool) -> str | int:
        """Who may do it: in most cases the head, for an answer the applicant, and who opened it may take it back."""
        head = "zheng" if one.agency == BANK else "zhou"
        if one.kind is ProceedingKind.SUPPLEMENT and well:
            return "wang"
        if one.kind in (ProceedingKind.EXTENSION, ProceedingKind.CARD) or (
            one.kind is ProceedingKind.JUMP and well
        ):
            return head
        return one.opened_by or head

    def _settling(self, one: Proceeding, actor: Actor, well: bool) -> Callable[[], object]:
        rt, kind = self.rt, one.kind
        if kind is ProceedingKind.SUPPLEMENT:
            named = [item.name for item in items_of(one.facts)]
            if well:
                return lambda: supplements.answer(rt, actor, one.id, dict.fromkeys(named, "补正"))
            return lambda: supplements.withdraw(rt, actor, one.id, "已找到")
        if kind is ProceedingKind.EXTENSION:
            return lambda: extensions.decide(rt, actor, one.id, grant=well, words=WHY)
        if kind is ProceedingKind.EXCLUDED:
            return lambda: procedures.end_excluded(rt, actor, one.id, "意见1号" if well else "", WHY)
        if kind is ProceedingKind.SUSPENSION:
            return lambda: procedures.resume(rt, actor, one.id, "恢复")
        if kind is ProceedingKind.JUMP:
            return lambda: jumps.consent(rt, actor, one.id) if well else jumps.refuse(rt, actor, one.id, WHY)
        if kind is ProceedingKind.CARD:
            deed = cards.revoke if actor.username == "feng" else cards.answer
            return lambda: deed(rt, actor, one.id, "已改进")
        if kind is ProceedingKind.RETURN:
            return lambda: returns.cancel_wait(rt, actor, one.task_id or 0)
        assert kind is ProceedingKind.DELEGATION
        return lambda: handovers.recall(rt, actor, one.task_id or 0)
