"""The ground of random walks: reading cases, attempting what may be refused, what must hold, and the way to the end."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import ClassVar, TypeVar

from hypothesis.stateful import RuleBasedStateMachine, invariant

from banjie.domain.assignment import Actor
from banjie.domain.errors import BanjieError
from banjie.domain.instances import Instance, InstanceStatus
from banjie.domain.ledger import IntervalKind, time_by_party
from banjie.domain.proceedings import Proceeding, ProceedingKind
from banjie.domain.tasks import Task, TaskStatus
from banjie.edge.errors import status_of
from banjie.services import (
    handovers,
    instances,
    people,
    procedures,
    returns,
    substitutes,
    supplements,
    tasks,
)
from support.office import MONDAY
from support.positions import OFFICERS, Positions

T = TypeVar("T")

WHY = "材料需进一步核实"
#: The whole record is checked after so many steps.
CHECKED_AFTER = 10
HEADS = {"bureau_officer": "zhou", "bank_officer": "zheng"}
FOUR = ("zhao", "he", "sun", "li")
STAFF = (*FOUR, "zhou", "zheng")
COLLEAGUES = {"zhao": "he", "he": "zhao", "sun": "li", "li": "sun"}


class WalkingMachine(RuleBasedStateMachine):
    """A walk over fresh cases of an office that all walks share; `tally` counts what was done and what refused."""

    positions: ClassVar[Positions]
    tally: ClassVar[Counter[tuple[str, str]]]

    def __init__(self) -> None:
        super().__init__()
        self.office = self.positions.office
        self.rt = self.office.rt
        self.office.clock.set(MONDAY)
        self.known = set(self.office.findings())
        self.cases: list[str] = []
        self.accepted: dict[str, datetime] = {}
        self.records: dict[str, int] = {}
        self.steps = 0
        self.walk = 0

    # ── what must hold ───────────────────────────────────────────────────────────────────────────────

    @invariant()
    def agrees(self) -> None:
        self.steps += 1
        self.tally["step", ""] += 1
        for case_no in self.cases:
            self._keeps_its_record(self._case(case_no))
        if self.steps % CHECKED_AFTER == 0:
            self._agrees_with_itself()

    def teardown(self) -> None:
        """Whatever happened: free the cases, and let each go to its end."""
        if sys.exc_info()[0] is not None:  # the walk failed, or hypothesis gave it up
            self._clear_away()
            return
        self._end_substitutions()
        for case_no in self._running():
            self._free(case_no)
            self._to_the_end(case_no)
        self._agrees_with_itself()

    def _keeps_its_record(self, case: Instance) -> None:
        """What was said stays said: the record only grows, and a case is accepted once."""
        assert case.events >= self.records.get(case.case_no, 0), case.case_no
        self.records[case.case_no] = case.events
        since = self.accepted.get(case.case_no)
        assert since in (None, case.accepted_at), (since, case.accepted_at)
        if case.accepted_at is not None:
            self.accepted[case.case_no] = case.accepted_at

    def _agrees_with_itself(self) -> None:
        found = [one for one in self.office.findings() if one not in self.known]
        assert found == [], found
        now = self.office.clock()
        for case_no in self.cases:
            case, standing = self._case(case_no), self._open(case_no)
            tokens = Counter(task.token for task in standing)
            assert all(number == 1 for number in tokens.values()), tokens
            with self.rt.store.read() as uow:
                clocks = uow.cases.clocks(case.id, running_only=False)
            for stored in clocks:
                whole = (
                    stored.clock.stopped_at or max(now, stored.clock.intervals[-1].start)
                ) - stored.clock.start
                assert sum(time_by_party(stored.clock, now).values(), timedelta()) == whole, stored
            running = [stored.clock for stored in clocks if stored.clock.stopped_at is None]
            waiting = [clock for clock in running if clock.intervals[-1].kind is IntervalKind.NOT_COUNTED]
            if waiting:
                assert case.hold is not None, case_no
                assert waiting == running, (case_no, running)
                assert {task.due_at for task in standing} == {None}, (case_no, standing)

    # ── how ──────────────────────────────────────────────────────────────────────────────────────────

    def _start(self) -> str:
        self.cases.append(self.positions.start())
        return self.cases[-1]

    def _case(self, case_no: str) -> Instance:
        with self.rt.store.read() as uow:
            found = uow.cases.find(case_no)
        assert found is not None
        return found

    def _case_of(self, task: Task) -> str:
        return self.office.case_of(task)

    def _running(self) -> list[str]:
        return [one for one in self.cases if self._case(one).status is InstanceStatus.RUNNING]

    def _open(self, case_no: str) -> list[Task]:
        with self.rt.store.read() as uow:
            found = uow.cases.find(case_no)
            return uow.cases.open_tasks(found.id) if found else []

    def _standing(self) -> list[Task]:
        """The open tasks of all cases of the walk; where there is none, of a new one."""
        found = [task for case_no in self.cases for task in self._open(case_no)]
        return found or self._open(self._start())

    def _task(self, pick: int, among: Sequence[Task] = ()) -> Task:
        found = among or self._standing()
        return found[pick % len(found)]

    def _actor(self, who: str | int) -> Actor:
        """Somebody with all that they may do at this moment."""
        if isinstance(who, str):
            return people.actor_named(self.rt, who)
        with self.rt.store.read() as uow:
            found = uow.people.actor(who, self.rt.now())
        assert found is not None
        return found

    def _named(self, who: str, task: Task) -> str:
        named = {"holder": self.positions.officer(task), "head": HEADS[task.role]}
        return named.get(who, who)

    def _to(self, to: str, task: Task) -> str:
        return COLLEAGUES.get(self.positions.officer(task), "zhou") if to == "colleague" else to

    def _turn(self, pick: int, who: str, among: Sequence[Task] = ()) -> tuple[Task, Actor]:
        task = self._task(pick, among)
        actor = self._actor(self._named(who, task))
        if who == "holder" and task.assignee_id is None:
            tasks.claim(self.rt, actor, task.id)
            with self.rt.store.read() as uow:
                task = uow.cases.task(task.id) or task
        return task, actor

    def _proceedings(self, *kinds: ProceedingKind) -> list[tuple[Proceeding, str]]:
        """The open proceedings of all cases of the walk, or all of some kinds, with the cases' numbers."""
        ids = {case_no: self._case(case_no).id for case_no in self.cases}
        with self.rt.store.read() as uow:
            return [
                (one, case_no) for case_no, number in ids.items()
                for one in uow.cases.proceedings(number, kinds=kinds, open_only=not kinds)
            ]  # fmt: skip

    def _attempt(self, name: str, task: Task, act: Callable[[], T], *, stands: bool = True) -> T | None:
        assert not stands or task.status is TaskStatus.OPEN
        return self._attempt_on(name, self._case_of(task), act)

    def _attempt_on(self, name: str, case_no: str, act: Callable[[], T]) -> T | None:
        """What the act returned; None where it was refused, by a rule of the domain, with nothing changed."""
        before = self._stored(case_no)
        try:
            done = act()
        except BanjieError as error:
            refused = error
        else:
            self.tally[name, "done"] += 1
            return done
        assert 400 <= status_of(refused) < 500, refused
        assert self._stored(case_no) == before, refused
        self.tally[name, refused.code] += 1
        return None

    def _stored(self, case_no: str) -> object:
        return self._case(case_no), self._open(case_no)

    # ── to the end ───────────────────────────────────────────────────────────────────────────────────

    def _end_substitutions(self) -> None:
        for name in STAFF:
            actor = self._actor(name)
            for one in substitutes.arrangements(self.rt, actor).absent:
                substitutes.end(self.rt, actor, one.id)

    def _free(self, case_no: str) -> None:
        """Let whoever opened it end what holds a case; what the applicant owes is given in time, or it is too late."""
        case = self._case(case_no)
        if case.hold is None:
            return
        with self.rt.store.read() as uow:
            held = uow.cases.proceeding(case.hold)
        assert held is not None
        assert held.opened_by is not None
        actor = self._actor(held.opened_by)
        if held.kind is ProceedingKind.SUPPLEMENT:
            supplements.withdraw(self.rt, actor, held.id, "已找到")
        elif held.kind is ProceedingKind.EXCLUDED:
            procedures.end_excluded(self.rt, actor, held.id, "意见1号", WHY)
        else:
            procedures.resume(self.rt, actor, held.id, "恢复")
        assert self._case(case_no).hold is None

    def _to_the_end(self, case_no: str) -> None:
        """Answer what is asked and complete what stands, in an order that the number of events gives."""
        for number in range(self._case(case_no).events, self._case(case_no).events + 60):
            standing = self._open(case_no)
            if not standing:
                break
            workable = [task for task in standing if task.waits is None]
            if not workable:
                returns.cancel_wait(self.rt, self._actor(HEADS[standing[0].role]), standing[0].id)
                continue
            task = workable[number % len(workable)]
            if task.owner_id is not None:
                handovers.resolve(self.rt, self._actor(self.positions.officer(task)), task.id, "同意")
            elif self.positions.officer(task) not in FOUR:
                handovers.reassign(self.rt, self._actor(HEADS[task.role]), task.id, OFFICERS[task.role], WHY)
            else:
                self.positions.complete(task)
        case = self._case(case_no)
        assert (case.status, case.outcome) == (InstanceStatus.ENDED, "done"), case

    def _clear_away(self) -> None:
        """Leave no case running that a later walk could stumble over."""
        with suppress(Exception):
            self._end_substitutions()
            for case_no in self._running():
                instances.withdraw(self.rt, self._actor("wang"), case_no, "不办了")
