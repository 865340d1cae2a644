"""BPMN timers fall due by the instant they are given, and fire when they are told to; subprocesses are scopes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from banjie.domain.errors import Conflict, ContentError, EngineFault
from banjie.domain.timer_text import TimerRefused, due_at
from banjie.engine import compile_definition
from support.diagrams import (
    MONDAY,
    Case,
    boundary,
    bundle,
    choice,
    each,
    end,
    flows,
    pause,
    process,
    start,
    sub,
    user,
)  # fmt: skip


def guarded(timer: str = "P3D", *, cancel: bool = True) -> bytes:
    return process(
        start(), user("a"), boundary("late", "a", timer, cancel=cancel), user("b"), user("x"), end(), end("f"),
        flows("s a b e", "late x f"),
    )  # fmt: skip


def test_a_timer_is_due_by_the_instant_of_the_run() -> None:
    case = Case(guarded())

    assert [(timer.element, timer.due_at) for timer in case.timers] == [("late", MONDAY + timedelta(days=3))]
    assert case.step.timers == case.timers


def test_a_due_time_stays_fixed_while_the_case_goes_on() -> None:
    case = Case(process(
        start(), sub("w", start("ws"), user("a"), user("b"), end("we"), flows("ws a b we")), boundary("late", "w"),
        user("x"), end(), end("f"), flows("s w e", "late x f"),
    ))  # fmt: skip
    case.now += timedelta(days=1)

    case.complete("a")

    assert case.timers[0].due_at == MONDAY + timedelta(days=3)


def test_an_interrupting_timer_closes_its_task() -> None:
    case = Case(guarded())

    step = case.fire("late")

    assert [(task.element, task.completed) for task in step.closed] == [("a", False)]
    assert (case.open, case.timers) == (["x"], ())
    assert case.complete("x").ended


def test_a_timer_that_does_not_interrupt_opens_beside_the_task() -> None:
    case = Case(guarded(cancel=False))

    case.fire("late")

    assert case.open == ["a", "x"]
    case.complete("a")
    case.complete("x")
    assert case.complete("b").ended


def test_a_completed_task_takes_its_timer_with_it() -> None:
    case = Case(guarded())
    timer = case.timers[0].token

    case.complete("a")

    assert case.step.timers == ()
    with pytest.raises(Conflict):
        case.fire_token(timer)


def test_a_timer_does_not_fire_before_it_is_due() -> None:
    case = Case(guarded())

    with pytest.raises(Conflict):
        case.fire_token(case.timers[0].token)

    assert case.open == ["a"]


def test_only_the_named_timer_fires() -> None:
    case = Case(process(
        start(), user("a"), boundary("first", "a", "P1D"), boundary("second", "a", "P2D", cancel=False),
        user("x"), user("y"), end(), end("f"), end("g"), flows("s a e", "first x f", "second y g"),
    ))  # fmt: skip
    case.now += timedelta(days=5)

    case.fire("second")

    assert case.open == ["a", "y"]
    assert [timer.element for timer in case.timers] == ["first"]


def test_a_pause_waits_for_its_timer_alone() -> None:
    case = Case(process(start(), pause("w", "PT2H"), user("a"), end(), flows("s w a e")))

    assert (case.open, case.timers[0].due_at) == ([], MONDAY + timedelta(hours=2))
    case.fire("w")
    assert case.open == ["a"]


def test_a_timer_may_be_an_expression_over_the_case_data() -> None:
    diagram = process(
        start(), user("a"), pause("w", "=date and time(a.until)"), user("b"), end(), flows("s a w b e")
    )
    case = Case(diagram)

    case.complete("a", {"until": "2026-12-01T09:00:00+08:00"})

    assert case.timers[0].due_at == datetime(2026, 12, 1, 1, 0, tzinfo=UTC)


def test_an_expression_that_yields_no_time_names_its_element() -> None:
    case = Case(process(start(), user("a"), pause("w", "=a.until"), user("b"), end(), flows("s a w b e")))

    with pytest.raises(EngineFault) as refused:
        case.complete("a", {"until": "tomorrow"})

    assert refused.value.facts["element"] == "w"


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("PT36H", datetime(2026, 11, 3, 13, tzinfo=UTC)),
        ("P1M", datetime(2026, 12, 2, 1, tzinfo=UTC)),
        ("2026-12-01", datetime(2026, 11, 30, 16, tzinfo=UTC)),
        ("2026-12-01T09:00:00", datetime(2026, 12, 1, 1, tzinfo=UTC)),
        ("2026-12-01T09:00:00Z", datetime(2026, 12, 1, 9, tzinfo=UTC)),
    ],
)
def test_a_time_without_zone_is_the_legal_time_of_china(text: str, due: datetime) -> None:
    assert due_at(text, MONDAY) == due


def test_a_month_from_the_31st_ends_on_the_last_day() -> None:
    assert due_at("P1M", datetime(2026, 1, 31, 4, tzinfo=UTC)) == datetime(2026, 2, 28, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "PT0S", "P0D", "P99999999Y", "P11Y", "R/PT0S", "P-1D", "1 day", "9999-12-31"]
)
def test_an_empty_or_huge_time_is_refused(text: str) -> None:
    """An empty duration would mean now; a huge one breaks the arithmetic of dates."""
    with pytest.raises(TimerRefused):
        due_at(text, MONDAY)


def test_a_subprocess_is_entered_and_left() -> None:
    case = Case(process(
        start(), sub("w", start("ws"), user("a"), end("we"), flows("ws a we")), user("z"), end(), flows("s w z e")
    ))  # fmt: skip
    entered = case.step.entered

    assert [scope.element for scope in entered] == ["w"]
    assert case.tasks[0].scope == (entered[0].token,)
    assert case.complete("a").left == entered


def test_an_interrupted_subprocess_closes_all_its_tasks_and_inner_scopes() -> None:
    inner = sub("v", start("vs"), user("a"), end("ve"), flows("vs a ve"))
    case = Case(process(
        start(), sub("w", start("ws"), inner, end("we"), flows("ws v we")), boundary("late", "w"), user("x"),
        end(), end("f"), flows("s w e", "late x f"),
    ))  # fmt: skip

    step = case.fire("late")

    assert sorted(scope.element for scope in step.left) == ["v", "w"]
    assert case.open == ["x"]


def test_a_called_process_runs_as_a_scope_and_its_decisions_are_seen_after_it() -> None:
    called = process(start("cs"), user("ca"), end("ce"), flows("cs ca ce"), key="inner")
    main = process(
        start(), '<bpmn:callActivity id="call" name="c" calledElement="inner"/>', choice("G", "G_f"), user("z"),
        end(), end("f"), flows("s call G z e", "G f", G_z="ca.ok"),
    )  # fmt: skip
    case = Case(compile_definition(bundle(main, {"inner.bpmn": called})))
    assert [scope.element for scope in case.step.entered] == ["call"]

    case.complete("ca", {"ok": True})

    assert case.open == ["z"]


def test_a_call_of_a_missing_process_does_not_compile() -> None:
    main = process(
        start(), '<bpmn:callActivity id="call" name="c" calledElement="no"/>', end(), flows("s call e")
    )

    with pytest.raises(ContentError, match="no"):
        compile_definition(bundle(main))


def test_signers_may_stand_on_a_boundary_events_path() -> None:
    """The stock multi-instance crashes there: its wrapper is only predicted when its children are made."""
    case = Case(process(
        start(), user("a"), boundary("late", "a"), user("sign", each("[1, 2]")), end(), end("f"),
        flows("s a e", "late sign f"),
    ))  # fmt: skip

    case.fire("late")

    assert [task.item for task in case.tasks] == [1, 2]


def test_signers_may_have_a_time_limit() -> None:
    case = Case(process(
        start(), user("sign", each("[1, 2]")), boundary("late", "sign"), user("x"), end(), end("f"),
        flows("s sign e", "late x f"),
    ))  # fmt: skip
    case.complete("sign", item=1)

    case.fire("late")

    assert case.open == ["x"]
