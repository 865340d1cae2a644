"""The longest way through a process, by the limits of its steps."""

from __future__ import annotations

from itertools import pairwise

from banjie.content.paths import Way, longest_way

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:b="urn:banjie:bpmn:1">'
    '<process id="p">'
)
CALLED = HEAD.replace('<process id="p">', '<process id="q">')


def way(body: str, called: str = "", **limits: int) -> Way:
    files = {"p.bpmn": f"{HEAD}{body}</process></definitions>".encode()}
    if called:
        files["q.bpmn"] = f"{CALLED}{called}</process></definitions>".encode()
    return longest_way(files, "p", limits)


def flows(*pairs: str) -> str:
    """Flows between nodes named by one letter each."""
    return "".join(
        f'<sequenceFlow id="{pair}" sourceRef="{pair[0]}" targetRef="{pair[1]}"/>' for pair in pairs
    )


def tasks(names: str) -> str:
    return "".join(f'<userTask id="{name}"/>' for name in names)


def test_steps_one_after_the_other_add_up() -> None:
    assert way(tasks("ABC") + flows("AB", "BC"), A=1, B=2, C=3) == Way(days=6, steps=("A", "B", "C"))


def test_of_two_branches_the_longer_counts() -> None:
    assert way(tasks("ABCD") + flows("AB", "AC", "BD", "CD"), A=1, B=2, C=5, D=1) == Way(
        days=7, steps=("A", "C", "D")
    )


def test_a_return_counts_each_step_once() -> None:
    assert way(f'<startEvent id="S"/>{tasks("ABC")}{flows("SA", "AB", "BA", "BC")}', A=1, B=2, C=3).days == 6


def test_what_lies_before_the_acceptance_does_not_count() -> None:
    body = tasks("ACD").replace('id="A"', 'id="A" b:acceptance="true"') + flows("AC", "CD", "CA")

    assert way(body, A=5, C=2, D=3) == Way(days=5, steps=("C", "D"))


def test_a_span_counts_once_and_tasks_without_a_limit_add_nothing() -> None:
    body = f'{tasks("A")}<subProcess id="S">{tasks("XY")}{flows("XY")}</subProcess>{flows("AS")}'

    assert way(body, A=1, S=5) == Way(days=6, steps=("A", "S"))


def test_a_span_without_a_limit_counts_as_its_steps() -> None:
    body = f'<subProcess id="S">{tasks("XY")}{flows("XY")}</subProcess>'

    assert way(body, X=2, Y=3) == Way(days=5, steps=("X", "Y"))


def test_steps_longer_than_their_span_count_as_the_steps() -> None:
    body = f'<subProcess id="S">{tasks("XY")}{flows("XY")}</subProcess>'

    assert way(body, S=4, X=2, Y=3).days == 5


def test_a_called_process_counts_as_its_steps() -> None:
    body = f'{tasks("A")}<callActivity id="C" calledElement="q"/>{flows("AC")}'

    assert way(body, tasks("X"), A=1, X=4) == Way(days=5, steps=("A", "X"))


def test_the_way_after_a_missed_timer_counts() -> None:
    body = f'{tasks("AB")}<boundaryEvent id="T" attachedToRef="A"/>{flows("TB")}'

    assert way(body, A=2, B=3) == Way(days=5, steps=("A", "B"))


def test_a_long_chain_is_walked() -> None:
    names = [f"n{number}" for number in range(2_000)]
    links = "".join(f'<sequenceFlow id="f{a}" sourceRef="{a}" targetRef="{b}"/>' for a, b in pairwise(names))
    body = "".join(f'<userTask id="{name}"/>' for name in names) + links

    assert way(body, "", **dict.fromkeys(names, 1)).days == 2_000
