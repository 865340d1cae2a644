"""Two at the same moment over what lies beside the diagram: one wins, the other is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

from banjie.domain.assignment import Membership, Role
from banjie.domain.errors import Conflict, InstanceEnded
from banjie.domain.instances import InstanceStatus
from banjie.domain.proceedings import CaseHeld, ProceedingStatus
from banjie.domain.supplements import ItemKind, MissingItem
from banjie.services import demo, extensions, people, supplements, tasks, timers
from support.office import Office, VirtualClock
from support.threads import at_once

PHONE = MissingItem(kind=ItemKind.FIELD, key="phone", title="")
ROUNDS = 5


def test_of_two_heads_who_decide_at_once_one_decides_and_the_other_learns_who(office: Office) -> None:
    people.add_person(
        office.rt, username="deputy", password=demo.PASSWORD, display_name="副主任", is_demo=True,
        memberships=(Membership(role=Role.HEAD, agency=demo.GUARANTOR),),
    )  # fmt: skip
    heads = (office.actors["wu"], people.actor_named(office.rt, "deputy"))
    for _ in range(ROUNDS):
        case_no = office.apply()
        task = office.advance_to(case_no, "Investigate")
        tasks.claim(office.rt, office.actors["qian"], task.id)
        asked = extensions.ask(office.rt, office.actors["qian"], task.id, 2, "需办理抵押登记")

        ends = at_once(
            [
                partial(extensions.decide, office.rt, heads[0], asked, grant=True, words="同意"),
                partial(extensions.decide, office.rt, heads[1], asked, grant=False, words="不同意"),
            ]
        )

        won = [end for end in ends if isinstance(end, ProceedingStatus)]
        lost = [end for end in ends if isinstance(end, Conflict)]
        assert (len(won), len(lost)) == (1, 1)
        assert lost[0].facts["by"] == ("吴主任" if won == [ProceedingStatus.GRANTED] else "副主任")
        granted = won == [ProceedingStatus.GRANTED]
        ledger = next(
            one.stored.clock for one in office.view(case_no).clocks if one.stored.id == task.clock_id
        )
        assert sum(interval.extra_days for interval in ledger.intervals) == (2 if granted else 0)


def test_of_an_answer_and_the_lapse_of_its_limit_at_once_one_holds(office: Office) -> None:
    for _ in range(ROUNDS):
        case_no = office.apply()
        task = office.open_task(case_no)
        tasks.claim(office.rt, office.actors["zhao"], task.id)
        asked = supplements.ask(office.rt, office.actors["zhao"], task.id, [PHONE], "请补正")
        with office.rt.store.read() as uow:
            proceeding = uow.cases.proceeding(asked)
        assert proceeding is not None
        assert proceeding.due_at is not None
        office.clock.set(proceeding.due_at)
        in_time = replace(office.rt, now=VirtualClock(proceeding.due_at - timedelta(seconds=1)))

        answered, _ = at_once(
            [
                partial(supplements.answer, in_time, office.actors["wang"], asked, {"phone": "13900000099"}),
                partial(timers.sweep, office.rt),
            ]
        )

        status = office.view(case_no).instance.status
        if isinstance(answered, supplements.Answered):
            assert status is InstanceStatus.RUNNING
        else:
            assert isinstance(answered, InstanceEnded)
            assert status is InstanceStatus.WITHDRAWN


def test_of_a_completion_and_a_request_at_once_one_is_done(office: Office) -> None:
    zhao = office.actors["zhao"]
    for _ in range(ROUNDS):
        case_no = office.apply()
        task = office.open_task(case_no)
        tasks.claim(office.rt, zhao, task.id)
        command = tasks.CompleteTask(
            task_id=task.id, by=zhao, submission=demo.answer("Accept", office.rt.today())
        )

        completed, asked = at_once(
            [
                partial(tasks.complete, office.rt, command),
                partial(supplements.ask, office.rt, zhao, task.id, [PHONE], "请补正"),
            ]
        )

        assert isinstance(completed, CaseHeld) != isinstance(asked, Conflict)
        expected = "Accept" if isinstance(asked, int) else "Review"
        assert office.open_elements(case_no) == [expected]
