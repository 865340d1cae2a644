"""What a diagram must not be able to do, even where the content rules were not asked."""

from __future__ import annotations

import os

import pytest

from banjie.domain.errors import ContentError, EngineFault
from banjie.engine import compile_definition
from support.diagrams import HEAD, Case, bundle, choice, duration, element, end, flows, process, start, user

ATTACK = "__import__(&quot;os&quot;).environ.update(PWNED=&quot;1&quot;) or "


@pytest.fixture(autouse=True)
def _unharmed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PWNED", raising=False)


VECTORS = {
    "gateway": process(
        start(), choice("x", "x_e"), user("u"), end(), end("f"), flows("s x e", "x u f", x_u=f"{ATTACK}True")
    ),
    "timer": process(
        start(), element("intermediateCatchEvent", "x", duration(f"{ATTACK}&quot;PT1H&quot;")), end(), flows("s x e")
    ),
    "cardinality": process(
        start(),
        user("x", "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>" + ATTACK + "1</bpmn:loopCardinality>"
                  "</bpmn:multiInstanceLoopCharacteristics>"),
        end(), flows("s x e"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("main", VECTORS.values(), ids=VECTORS.keys())
def test_no_expression_runs_code(main: bytes) -> None:
    with pytest.raises(EngineFault) as refused:
        Case(main)

    assert "PWNED" not in os.environ
    assert "Traceback" not in str(refused.value)


def test_no_expression_runs_code_after_a_reload() -> None:
    """A workflow that SpiffWorkflow loads begins with an engine that evaluates Python."""
    case = Case(process(
        start(), user("a"), choice("x", "x_e"), user("u"), end(), end("f"),
        flows("s a x e", "x u f", x_u=f"{ATTACK}True"),
    ))  # fmt: skip

    with pytest.raises(EngineFault):
        case.complete("a")

    assert "PWNED" not in os.environ


FORBIDDEN = {
    "scriptTask": "<bpmn:script>a = 1</bpmn:script>", "serviceTask": "", "task": "", "manualTask": "",
    "receiveTask": "", "complexGateway": "", "eventBasedGateway": "", "adHocSubProcess": "", "transaction": "",
}  # fmt: skip


@pytest.mark.parametrize("tag", FORBIDDEN)
def test_an_element_outside_the_list_does_not_compile(tag: str) -> None:
    with pytest.raises(ContentError):
        compile_definition(bundle(process(start(), element(tag, "x", FORBIDDEN[tag]), end(), flows("s x e"))))


def test_a_pre_script_is_not_run() -> None:
    code = f"<spiffworkflow:preScript>{ATTACK}1</spiffworkflow:preScript>"
    script = f"<bpmn:extensionElements>{code}</bpmn:extensionElements>"
    case = Case(process(start(), user("x", script), end(), flows("s x e")))

    case.complete("x")

    assert "PWNED" not in os.environ


@pytest.mark.parametrize(
    "data",
    [b"", b"<a", b"\x00", b"<a/>", HEAD.encode(), b'<!DOCTYPE d [<!ENTITY x "y">]><d>&x;</d>', b"\xff\xfe"],
)
def test_bytes_that_are_no_diagram_are_content_errors(data: bytes) -> None:
    with pytest.raises(ContentError):
        compile_definition(bundle(data))


def test_the_same_id_in_a_called_process_is_refused() -> None:
    called = process(start("cs"), user("a"), end("ce"), flows("cs a ce"), key="inner")
    main = process(
        start(), user("a"), '<bpmn:callActivity id="c" calledElement="inner"/>', end(), flows("s a c e")
    )

    with pytest.raises(ContentError, match="duplicate-id"):
        compile_definition(bundle(main, {"inner.bpmn": called}))


@pytest.mark.parametrize("lanes", [["L1"], "L1", {"L1": 5}, {"L1": None}])
def test_lanes_that_are_no_roles_are_refused(lanes: object) -> None:
    with pytest.raises(ContentError, match="lanes"):
        compile_definition(bundle(process(start(), user("a"), end(), flows("s a e")), lanes=lanes))
