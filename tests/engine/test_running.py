"""A case runs from people to people, and each step says what it changed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from banjie.domain.definitions import ElementKind
from banjie.domain.errors import EngineFault, NoValueInForce, TaskClosed
from banjie.engine import compile_definition
from support.diagrams import (
    Case,
    bundle,
    choice,
    end,
    flows,
    line,
    parallel,
    process,
    rule,
    send,
    start,
    user,
)

REVIEW = process(
    start(), user("Review"), choice("G", "G_yes"), send("No"), end("refused", banjie_outcome="refused"),
    rule("yes", variable="cap"), user("Pay"), end("paid", banjie_outcome="granted"),
    flows("s Review G No refused", "G yes Pay paid", G_No="=review.result = &quot;no&quot;"),
)  # fmt: skip


def test_a_case_starts_at_its_first_user_task() -> None:
    case = Case(REVIEW)

    assert [task.element for task in case.step.opened] == ["Review"]
    assert not case.step.ended
    assert [passed.element for passed in case.step.trail] == ["s"]


def test_a_completed_task_is_closed_and_the_next_is_opened() -> None:
    case = Case(REVIEW, table={"amount": Decimal(150000)})
    first = case.tasks[0].token

    step = case.complete("Review", {"result": "yes"})

    assert [(task.token, task.completed) for task in step.closed] == [(first, True)]
    assert [task.element for task in step.opened] == ["Pay"]
    assert case.tasks == step.opened


def test_a_decision_enters_the_case_data_and_its_receipt_is_handed_back() -> None:
    case = Case(REVIEW, table={"amount": Decimal(150000)})

    step = case.complete("Review", {"result": "yes"})

    assert step.variables == {"cap": {"amount": Decimal(150000)}}
    assert [(element, receipt.key) for element, receipt in step.decisions] == [("yes", "p/table")]


def test_a_later_gateway_of_the_same_run_sees_the_decision() -> None:
    diagram = process(
        start(), rule("R"), choice("G", "G_b"), user("a"), user("b"), end(),
        choice("J"), flows("s R G a J e", "G b J", G_a="decided.eligible"),
    )  # fmt: skip

    assert Case(diagram, table={"eligible": True}).open == ["a"]
    assert Case(diagram, table={"eligible": False}).open == ["b"]


def test_the_outcome_is_that_of_the_end_event_reached() -> None:
    case = Case(REVIEW, table={})

    step = case.complete("Review", {"result": "no"})

    assert (step.ended, step.outcome) == (True, "refused")
    assert [notice.notice for notice in step.notices] == ["told"]
    assert [passed.element for passed in step.trail] == ["G", "No", "refused"]
    assert case.open == []


def test_only_a_ready_task_can_be_completed() -> None:
    case = Case(line("a", "b"))
    done = case.tasks[0].token
    case.complete("a")

    for token in (done, "00000000-0000-4000-8000-000000000000", "not a token"):
        with pytest.raises(TaskClosed):
            case.complete_token(token)
    assert case.open == ["b"]


def test_a_condition_without_a_value_stops_the_case_and_names_the_gateway() -> None:
    case = Case(process(
        start(), user("a"), choice("G", "G_z"), user("y"), user("z"), end(), end("f"),
        flows("s a G y e", "G z f", G_y="a.amount &gt; 100"),
    ))  # fmt: skip

    with pytest.raises(EngineFault) as refused:
        case.complete("a", {})

    assert refused.value.facts["element"] == "G"
    assert case.open == ["a"]


def test_two_conditions_that_hold_at_once_stop_the_case() -> None:
    """SpiffWorkflow would follow the flow that is drawn highest."""
    case = Case(process(
        start(), user("a"), choice("G"), user("y"), user("z"), end(), end("f"),
        flows("s a G y e", "G z f", G_y="a.amount &gt; 100", G_z="a.amount &gt; 200"),
    ))  # fmt: skip

    with pytest.raises(EngineFault, match="several conditions"):
        case.complete("a", {"amount": 300})

    assert case.complete("a", {"amount": 150}).opened[0].element == "y"


def test_no_condition_and_no_default_stop_the_case() -> None:
    case = Case(process(
        start(), user("a"), choice("G"), user("y"), user("z"), end(), end("f"),
        flows("s a G y e", "G z f", G_y="a.kind = 1", G_z="a.kind = 2"),
    ))  # fmt: skip

    with pytest.raises(EngineFault, match="no condition holds"):
        case.complete("a", {"kind": 3})


def test_a_refusal_of_the_decision_passes_through_and_leaves_the_case_as_it_was() -> None:
    case = Case(REVIEW)

    def no_value(key: str, data: object) -> object:
        raise NoValueInForce(key="p/x")

    case._decide = no_value  # type: ignore[method-assign,assignment]
    with pytest.raises(NoValueInForce):
        case.complete("Review", {"result": "yes"})

    assert case.open == ["Review"]


def test_a_terminate_end_closes_what_is_open_elsewhere() -> None:
    case = Case(process(
        start(), parallel("P"), user("a"), user("b"), end("over", "<bpmn:terminateEventDefinition/>"), end(),
        flows("s P a over", "P b e"),
    ))  # fmt: skip

    step = case.complete("a")

    assert step.ended
    assert [(task.element, task.completed) for task in step.closed] == [("a", True), ("b", False)]


def test_elements_say_what_the_diagram_says() -> None:
    lanes = (
        '<bpmn:laneSet id="ls"><bpmn:lane id="L1" name="人社局"><bpmn:flowNodeRef>a</bpmn:flowNodeRef>'
        '<bpmn:childLaneSet id="cs"><bpmn:lane id="L2" name="初审岗"><bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane>'
        "</bpmn:childLaneSet></bpmn:lane></bpmn:laneSet>"
    )
    quote = (
        '<bpmn:extensionElements><banjie:citation document="doc" article="一（三）">两个 工作日\n内</banjie:citation>'
        "</bpmn:extensionElements>"
    )
    task = user("a", quote, banjie_candidateRole="", banjie_limit="p/days", banjie_notSameAs="b c",
                banjie_acceptance="true", banjie_stage="review")  # fmt: skip
    main = process(lanes, start(), task, end(), flows("s a e"))

    compiled = compile_definition(bundle(main, lanes={"L1": "bureau", "L2": "first_reviewer"}))

    element = compiled.definition.elements["a"]
    assert (element.kind, element.lane, element.role) == (ElementKind.USER_TASK, "初审岗", "first_reviewer")
    assert (element.limit, element.not_same_as, element.acceptance) == ("p/days", ("b", "c"), True)
    assert element.stage == "review"
    assert [(c.document, c.article, c.quote) for c in element.citations] == [
        ("doc", "一（三）", "两个工作日内")
    ]
