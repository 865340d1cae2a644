"""What somebody may do with a case beside completing its step, and why something is not possible."""

from __future__ import annotations

import pytest

from banjie.domain.errors import NotFound
from banjie.domain.supplements import ItemKind, MissingItem
from banjie.services import (
    extensions,
    handovers,
    offers,
    procedures,
    requests,
    supplements,
    take_backs,
    tasks,
    urging,
)
from banjie.services.offers import NOBODY_ELSE, Operation
from support.office import Office


def held(office: Office, element: str = "Review", by: str = "zhao") -> tuple[str, int]:
    case_no = office.apply()
    task = office.advance_to(case_no, element)
    tasks.claim(office.rt, office.actors[by], task.id)
    return case_no, task.id


def offered(office: Office, case_no: str, who: str) -> dict[Operation, str | None]:
    """Operation → why it would be refused, None where it is possible."""
    return {one.operation: one.refusal for one in offers.offers(office.rt, office.actors[who], case_no)}


def test_the_holder_is_offered_what_is_possible_and_told_why_the_rest_is_not(office: Office) -> None:
    case_no, _ = held(office)

    found = offered(office, case_no, "zhao")

    assert {one for one, why in found.items() if why is None} >= {
        Operation.SUPPLEMENT, Operation.PROCEDURE, Operation.SUSPEND, Operation.RETURN,
    }  # fmt: skip
    assert found[Operation.TRANSFER] is None
    assert Operation.CANCEL not in found


def test_who_has_no_colleague_is_told_so(office: Office) -> None:
    case_no = office.apply()
    task = office.advance_to(case_no, "Investigate")
    tasks.claim(office.rt, office.actors["qian"], task.id)

    assert offered(office, case_no, "qian")[Operation.TRANSFER] == NOBODY_ELSE


def test_who_holds_nothing_is_offered_nothing_of_the_holder(office: Office) -> None:
    case_no, _ = held(office)

    head, applicant = offered(office, case_no, "zhou"), offered(office, case_no, "wang")

    assert {Operation.REASSIGN, Operation.CANCEL, Operation.URGE, Operation.SUSPEND} <= head.keys()
    assert Operation.TRANSFER not in head
    assert applicant == {}
    with pytest.raises(NotFound):
        offers.offers(office.rt, office.actors["jiang"], case_no)


def test_while_a_case_is_held_its_steps_offer_the_way_out_only(office: Office) -> None:
    case_no, task_id = held(office)
    items = [MissingItem(kind=ItemKind.FIELD, key="phone", title="")]
    supplements.ask(office.rt, office.actors["zhao"], task_id, items, "请更正")

    found = offered(office, case_no, "zhao")

    assert found[Operation.SUPPLEMENT_ANSWER] is None
    assert found[Operation.SUPPLEMENT_WITHDRAW] is None
    assert found[Operation.RETURN] == found[Operation.PROCEDURE] == "case_held"
    assert Operation.SUSPEND not in found


def test_a_suspension_is_ended_by_who_began_it_and_the_head(office: Office) -> None:
    case_no, _ = held(office)
    procedures.suspend(office.rt, office.actors["zhou"], case_no, "等待上级答复")

    assert offered(office, case_no, "zhou")[Operation.RESUME] is None
    assert Operation.RESUME not in offered(office, case_no, "zhao")


def test_who_is_asked_for_an_opinion_may_give_it_and_nothing_else(office: Office) -> None:
    case_no, task_id = held(office, "Investigate", "qian")
    handovers.delegate(office.rt, office.actors["qian"], task_id, "zhao", "是否属实？")

    assert offered(office, case_no, "zhao").keys() & {Operation.RESOLVE, Operation.RETURN} == {
        Operation.RESOLVE
    }
    assert offered(office, case_no, "qian")[Operation.RECALL] is None


def test_undoing_is_offered_until_somebody_goes_on(office: Office) -> None:
    case_no, task_id = held(office)
    office.complete(case_no, "Review")
    zhao = office.actors["zhao"]

    assert take_backs.possible(office.rt, zhao, [task_id]) == {task_id: case_no}
    assert offered(office, case_no, "zhao")[Operation.TAKE_BACK] is None
    tasks.claim(office.rt, office.actors["qian"], office.open_task(case_no).id)

    assert take_backs.possible(office.rt, zhao, [task_id]) == {}
    assert Operation.TAKE_BACK not in offered(office, case_no, "zhao")


def test_urging_is_offered_again_after_an_hour(office: Office) -> None:
    case_no, _ = held(office)
    wang = office.actors["wang"]
    before = offers.may_urge_case(office.rt, wang, case_no)
    now = office.rt.now()
    urging.urge_case(office.rt, wang, case_no)
    after = offers.may_urge_case(office.rt, wang, case_no)

    assert before is not None
    assert before.refusal is None
    assert after is not None
    assert after.refusal == "urged_before"
    assert after.again_at is not None
    assert (after.again_at - now).total_seconds() == 3600


def test_the_head_finds_the_extensions_that_wait_soonest_first(office: Office) -> None:
    for _ in range(2):
        case_no, task_id = held(office, "Investigate", "qian")
        extensions.ask(office.rt, office.actors["qian"], task_id, 2, "需核查")
        office.clock.pass_(minutes=1)

    found = requests.waiting(office.rt, office.actors["wu"])

    assert requests.count(office.rt, office.actors["wu"]) == 2
    assert [one.until for one in found.extensions] == sorted(one.until for one in found.extensions)
    assert requests.count(office.rt, office.actors["zheng"]) == 0
    assert Operation.EXTENSION_DECIDE in offered(office, case_no, "wu")
