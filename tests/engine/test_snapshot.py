"""What is stored of a case: tokens only, small, loaded only where it fits, the same after every reload."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest

from banjie.domain.errors import EngineFault
from banjie.engine import DefinitionCache, SpiffEngine, compile_definition
from banjie.engine import spiff as adapter
from support.diagrams import Case, bundle, choice, element, end, flows, line, parallel, process, start, user

STEPS = [f"t{number:02}" for number in range(24)]

AGAIN = process(
    start(),
    choice("M"),
    user("a"),
    user("b"),
    choice("G", "G_e"),
    end(),
    flows("s M a b G M", "G e", G_M="b.again"),
)


def content(case: Case) -> bytes:
    return zlib.decompress(case.step.snapshot)


def test_case_data_never_enter_the_snapshot() -> None:
    case = Case(line("a", "b"), {"application": {"name": "巴特尔", "id_number": "152201199001011234"}})

    case.complete("a", {"opinion": "同意贷款"})

    assert "巴特尔".encode() not in content(case)
    assert "同意".encode() not in content(case)


def test_a_running_case_of_twenty_four_steps_takes_less_than_a_kilobyte() -> None:
    case = Case(line(*STEPS))
    sizes = [len(case.step.snapshot)]

    for step in STEPS[:-1]:
        case.complete(step)
        sizes.append(len(case.step.snapshot))

    assert max(sizes) < 1000


def test_a_case_returned_a_hundred_times_is_no_larger_than_a_new_one() -> None:
    """The stock tree grows with every round, and at a depth of 1,000 ready tasks are no longer found."""
    case = Case(AGAIN)
    new = len(content(case))

    for _ in range(100):
        case.complete("a")
        case.complete("b", {"again": True})

    assert len(content(case)) <= new * 1.3
    case.complete("a")
    assert case.complete("b", {"again": False}).ended


def test_the_twentieth_step_holds_no_more_tasks_than_the_second() -> None:
    case = Case(line(*STEPS))
    counts = []
    for step in STEPS[:20]:
        counts.append(len(orjson.loads(content(case))["w"][0]["n"]))
        case.complete(step)

    assert counts[19] <= counts[1]


def test_what_is_still_to_come_is_not_kept() -> None:
    """SpiffWorkflow expects each way through the rest of a diagram: two to the power of the blocks."""
    parts, ways, before = [start()], [], "s"
    for number in range(8):
        names = [f"{kind}{number}" for kind in "PabJ"]
        parts += [parallel(names[0]), user(names[1]), user(names[2]), parallel(names[3])]
        ways += [f"{before} {names[0]} {names[1]} {names[3]}", f"{names[0]} {names[2]} {names[3]}"]
        before = names[3]
    case = Case(process(*parts, end(), flows(*ways, f"{before} e")))

    counts = []
    for number in range(8):
        counts.append(len(orjson.loads(content(case))["w"][0]["n"]))
        case.complete(f"b{number}")
        step = case.complete(f"a{number}")

    assert step.ended
    assert max(counts) <= 5


def test_an_inclusive_join_still_waits_for_what_it_expects_after_a_reload() -> None:
    case = Case(process(
        start(), user("x"), element("inclusiveGateway", "P", default="P_c"), user("a"), user("b"), user("c"),
        element("inclusiveGateway", "J"), user("z"), end(),
        flows("s x P a J z e", "P b J", "P c J", P_a="true", P_b="true"),
    ))  # fmt: skip
    case.complete("x")

    case.complete("a")

    assert case.open == ["b"]
    case.complete("b")
    assert case.open == ["z"]


def test_parents_come_before_their_children() -> None:
    case = Case(process(
        start(), parallel("P"), user("a"), user("b"), user("c"), parallel("J"), user("z"), end(),
        flows("s P a J z e", "P b J", "P c J"),
    ))  # fmt: skip

    for name in "ca":
        parents = orjson.loads(content(case))["w"][0]["u"]
        assert all(parent < index for index, parent in enumerate(parents))
        case.complete(name)


def test_loading_and_saving_again_changes_nothing() -> None:
    case = Case(AGAIN)
    tokens = [task.token for task in case.tasks]

    assert [task.token for task in case.tasks] == tokens
    assert case.step.opened == case.tasks


def _other_format(document: dict[str, object]) -> None:
    document["f"] = "1/3.3.0"


def _other_version(document: dict[str, object]) -> None:
    document["d"] = "0" * 64


def _without_tasks(document: dict[str, object]) -> None:
    del document["w"]


@pytest.mark.parametrize("change", [_other_format, _other_version, _without_tasks])
def test_a_snapshot_that_does_not_fit_is_refused(change: Callable[[dict[str, object]], None]) -> None:
    case = Case(AGAIN)
    document = orjson.loads(content(case))
    change(document)

    with pytest.raises(EngineFault):
        SpiffEngine().ready(case.compiled, zlib.compress(orjson.dumps(document)))


@pytest.mark.parametrize("damaged", [b"", b"not zlib", zlib.compress(b"[1, 2"), zlib.compress(b"[1, 2]")])
def test_a_damaged_snapshot_is_refused(damaged: bytes) -> None:
    with pytest.raises(EngineFault):
        SpiffEngine().ready(Case(AGAIN).compiled, damaged)


def test_a_version_is_compiled_once() -> None:
    cache, loaded = DefinitionCache(), []

    def load() -> object:
        loaded.append(1)
        return bundle(AGAIN)

    first = cache.get("v1", load)  # type: ignore[arg-type]

    assert cache.get("v1", load) is first  # type: ignore[arg-type]
    assert (len(loaded), first.definition.version) == (1, "v1")


def test_the_least_used_version_is_dropped() -> None:
    cache = DefinitionCache(most=2)
    first = cache.get("v1", lambda: bundle(AGAIN))
    cache.get("v2", lambda: bundle(AGAIN))
    cache.get("v1", lambda: bundle(AGAIN))
    cache.get("v3", lambda: bundle(AGAIN))

    assert cache.get("v1", lambda: bundle(AGAIN)) is first


def test_the_version_changes_with_any_resource() -> None:
    called = {"x.bpmn": line("q")}
    versions = {
        bundle(AGAIN).version, bundle(line("a")).version, bundle(AGAIN, lanes={"L": "r"}).version,
        bundle(AGAIN, called).version,
    }  # fmt: skip

    assert len(versions) == 4
    assert bundle(AGAIN, called).version == bundle(AGAIN, called).version


def test_many_threads_may_run_cases_of_one_definition() -> None:
    """The stock serializer, shared between threads, was wrong 400 times of 400."""
    compiled = compile_definition(bundle(process(
        start(), choice("M"), parallel("P"), user("a"), user("b"), parallel("J"), user("c"), choice("G", "G_e"), end(),
        flows("s M P a J c G M", "P b J", "G e", G_M="c.again"),
    )))  # fmt: skip

    def walk(number: int) -> list[str]:
        case, seen = Case(compiled), []
        for turn in range(4):
            for name in ("ab" if number % 2 else "ba") + "c":
                case.complete(name, {"again": turn < 3})
                seen.extend(case.open)
        return [*seen, str(case.step.ended)]

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(walk, range(64)))

    assert results == [walk(number) for number in range(64)]


def test_a_run_that_does_not_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "MOST_STEPS", 10)
    spinning = process(
        start(), user("a"), choice("M"), choice("G", "G_e"), end(), flows("s a M G M", "G e", G_M="a.again")
    )
    case = Case(spinning)

    with pytest.raises(EngineFault, match="do not end"):
        case.complete("a", {"again": True})

    assert case.open == ["a"]


def test_an_automatic_loop_ends_in_a_fault_and_not_in_a_traceback() -> None:
    case = Case(process(
        start(), user("a"), choice("M"), choice("G", "G_e"), end(), flows("s a M G M", "G e", G_M="a.again")
    ))  # fmt: skip

    with pytest.raises(EngineFault, match="do not end"):
        case.complete("a", {"again": True})


def test_a_branch_that_grows_too_deep_is_a_fault_before_the_engine_stalls() -> None:
    case = Case(process(
        start(), parallel("P"), user("other"), choice("M"), user("a"), choice("G", "G_J"), parallel("J"), end(),
        flows("s P other J e", "P M a G M", "G J", G_M="a.again"),
    ))  # fmt: skip

    def go_round_for_ever() -> None:
        for _ in range(300):
            case.complete("a", {"again": True})

    with pytest.raises(EngineFault, match="too many steps"):
        go_round_for_ever()
    assert case.open == ["a", "other"]


def test_a_join_that_can_never_fire_is_a_fault() -> None:
    case = Case(process(
        start(), user("a"), choice("G", "G_x"), user("x"), user("y"), parallel("J"), end(),
        flows("s a G x J e", "G y J", G_y="a.y"),
    ))  # fmt: skip
    case.complete("a", {"y": False})

    with pytest.raises(EngineFault, match="Nothing is open"):
        case.complete("x")
