"""Every rule about diagrams: a good diagram passes, a bad one is refused by name, and no bytes cause an error."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from banjie.content.bundle import load_bundle, process_keys
from banjie.content.rules import check_bundle, check_diagram
from support.diagrams import (
    boundary,
    choice,
    countersign,
    duration,
    each,
    element,
    end,
    flows,
    line,
    parallel,
    pause,
    process,
    rule,
    send,
    start,
    sub,
    user,
)

LANES = (
    '<bpmn:laneSet id="ls"><bpmn:lane id="L1" name="局"><bpmn:flowNodeRef>s</bpmn:flowNodeRef>'
    '<bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane><bpmn:lane id="L2" name="行">'
    "<bpmn:flowNodeRef>e</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>"
)
CITED = (
    '<bpmn:extensionElements><banjie:citation document="d" article="一">两个工作日</banjie:citation>'
    "</bpmn:extensionElements>"
)
DRAWN = (
    '<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" id="D"><bpmndi:BPMNPlane id="PL"/>'
    "</bpmndi:BPMNDiagram>"
)


def between(*parts: str, tasks: str = "a") -> bytes:
    """The parts, on the line from the start to the end."""
    return process(start(), *parts, end(), flows(f"s {tasks} e"))


def split(default: str = "G_f", **conditions: str) -> bytes:
    return process(
        start(), user("a"), choice("G", default), end(), end("f"), flows("s a G e", "G f", **conditions)
    )


GOOD = {
    "a line": line("a", "b"),
    "a choice with a default": split(G_e="a.x = 1"),
    "a choice with a condition on every flow": split("", G_e="a.x = 1", G_f="=a.x != 1"),
    "panels": between(
        countersign("a", "[1]"), countersign("b", "[1]", kind="in_order"),
        countersign("c", "[1]", kind="at_least", needed="2/3", veto="true"), tasks="a b c",
    ),
    "a loop": process(
        start(), choice("M"), user("a"), choice("G", "G_e"), end(), flows("s M a G M", "G e", G_M="a.again")
    ),
    "a parallel block in a loop": process(
        start(), choice("M"), parallel("P"), user("a"), user("b"), parallel("J"), choice("G", "G_e"), end(),
        flows("s M P a J G M", "P b J", "G e", G_M="a.again"),
    ),
    "a subprocess with a limit and a timer": process(
        start(), sub("w", start("ws"), user("a"), end("we"), flows("ws a we"), banjie_limit="p/bank_limit"),
        boundary("late", "w", "=duration(&quot;P5D&quot;)"), end(), end("f"), flows("s w e", "late f"),
    ),
    "a rule, a notice, an outcome": process(
        start(), rule("r"), send("n"), end(banjie_outcome="granted"), flows("s r n e")
    ),
    "signers": between(user("a", each("application.signers", done="done &gt;= 2"))),
    "lanes": process(LANES, start(), user("a", banjie_candidateRole=""), end(), flows("s a e")),
    "a citation and four eyes": process(
        start(), user("a", CITED, banjie_limit="p/days"), user("b", banjie_notSameAs="a"), end(), flows("s a b e")
    ),
    "a pause until a day": between(pause("a", "2027-01-01T09:00:00+08:00")),
    "a drawing": line("a").replace(b"</bpmn:definitions>", DRAWN.encode() + b"</bpmn:definitions>"),
    "notes": between(
        user("a"), '<bpmn:textAnnotation id="t"><bpmn:text>x</bpmn:text></bpmn:textAnnotation>'
        '<bpmn:association id="as" sourceRef="a" targetRef="t"/>',
    ),
}  # fmt: skip


@pytest.mark.parametrize("data", GOOD.values(), ids=GOOD.keys())
def test_a_good_diagram_has_no_problems(data: bytes) -> None:
    assert [str(problem) for problem in check_diagram("p.bpmn", data)] == []


def event(inner: str) -> bytes:
    return between(element("intermediateCatchEvent", "a", inner))


def lonely(*parts: str) -> bytes:
    return process(start(), user("a"), end(), *parts, flows("s a e"))


DIAMONDS = process(
    start(),
    *(parallel(f"P{n}") + user(f"x{n}") + user(f"y{n}") + parallel(f"J{n}") for n in range(12)),
    end(),
    flows(
        "s P0", *(f"P{n} x{n} J{n}" for n in range(12)), *(f"P{n} y{n} J{n}" for n in range(12)),
        *(f"J{n} P{n + 1}" for n in range(11)), "J11 e",
    ),
)  # fmt: skip

CHAIN = [f"n{number}" for number in range(120)]

BAD: dict[str, tuple[str, str, bytes]] = {
    # what: (rule, element named, diagram)
    "script task": ("no-script", "a", between(element("scriptTask", "a", "<bpmn:script>x</bpmn:script>"))),
    "service task": ("no-service-task", "a", between(element("serviceTask", "a"))),
    "plain task": ("no-plain-task", "a", between(element("task", "a"))),
    "manual task": ("no-manual-task", "a", between(element("manualTask", "a"))),
    "receive task": ("no-message", "a", between(element("receiveTask", "a"))),
    "link": ("no-link-event", "a", event('<bpmn:linkEventDefinition id="x" name="A"/>')),
    "signal end": ("no-signal-event", "e", lonely().replace(
        b'<bpmn:endEvent id="e" name="e">', b'<bpmn:endEvent id="e" name="e"><bpmn:signalEventDefinition id="d"/>')),
    "compensation": ("no-compensation", "a", event("<bpmn:compensateEventDefinition/>")),
    "conditional event": ("no-conditional-event", "a", event("<bpmn:conditionalEventDefinition/>")),
    "error event": ("no-error-event", "a", event("<bpmn:errorEventDefinition/>")),
    "event gateway": ("no-event-gateway", "a", between(element("eventBasedGateway", "a"))),
    "complex gateway": ("no-complex-gateway", "a", between(element("complexGateway", "a"))),
    "ad-hoc subprocess": ("no-ad-hoc", "a", between(element("adHocSubProcess", "a"))),
    "transaction": ("no-transaction", "a", between(element("transaction", "a"))),
    "event subprocess": ("no-event-subprocess", "w", lonely(
        sub("w", start("ws"), user("b"), end("we"), flows("ws b we"), triggeredByEvent="true"))),
    "standard loop": ("no-standard-loop", "a", between(user("a", "<bpmn:standardLoopCharacteristics/>"))),
    "data object": ("no-data-object", "d", lonely('<bpmn:dataObjectReference id="d" dataObjectRef="o"/>')),
    "sequential signers": ("multi-instance", "a", between(user("a", each("[1]").replace(
        "<bpmn:multiInstanceLoopCharacteristics>", '<bpmn:multiInstanceLoopCharacteristics isSequential="true">')))),
    "return limit of neither kind": ("return-limit", "a", between(user("a", banjie_returnLimit="most"))),
    "panel by no rule": ("countersign", "a", between(countersign("a", "[1]", kind="most"))),
    "panel without its number": ("countersign", "a", between(countersign("a", "[1]", kind="at_least"))),
    "panel of too many": ("countersign", "a", between(countersign("a", "[1]", kind="at_least", needed="101"))),
    "veto where all must approve": ("countersign", "a", between(countersign("a", "[1]", veto="true"))),
    "panel of one task": ("countersign", "a", between(user("a", banjie_countersign="all"))),
    "panel with a condition": ("countersign", "a", between(user(
        "a", each("[1]", done="done &gt; 1"), banjie_countersign="all"))),
    "panel without a variable": ("countersign", "a", between(user(
        "a", each("[1]"), banjie_countersign="all", banjie_variable=""))),
    "panel in order at once": ("countersign", "a", between(user("a", each("[1]"), banjie_countersign="in_order"))),
    "all at once in order": ("multi-instance", "a", between(user(
        "a", each("[1]", in_order=True), banjie_countersign="all"))),
    "number without a panel": ("countersign", "a", between(user("a", each("[1]"), banjie_needed="2"))),
    "cardinality": ("cardinality", "a", between(user("a", each("1000000000").replace(
        "loopDataInputRef", "loopCardinality")))),
    "unknown element": ("unknown-element", "x", lonely('<bpmn:teleport id="x"/>')),
    "foreign element": ("unknown-element", "x", lonely('<camunda:thing id="x"/>')),
    "misplaced element": ("misplaced-element", "x", between(user("a", '<bpmn:userTask id="x"/>'))),
    "foreign extension": ("foreign-extension", "a", between(user(
        "a", "<bpmn:extensionElements><spiffworkflow:preScript>x</spiffworkflow:preScript></bpmn:extensionElements>"))),
    "unknown extension": ("unknown-extension", "a", between(user(
        "a", "<bpmn:extensionElements><banjie:magic/></bpmn:extensionElements>"))),
    "foreign attribute": ("foreign-attribute", "a", line("a").replace(b'id="a"', b'id="a" camunda:assignee="x"')),
    "unknown attribute": ("unknown-attribute", "a", line("a").replace(b'id="a"', b'id="a" isForCompensation="true"')),
    "misspelt attribute": ("unknown-attribute", "a", between(user("a", banjie_formkey="p/x"))),
    "not executable": ("not-executable", "p", line("a").replace(b'isExecutable="true"', b'isExecutable="false"')),
    "python": ("feel", "G_e", split(G_e="__import__('os').system('true')")),
    "other language": ("feel", "G_e", split(G_e="a.x = 1").replace(
        b"<bpmn:conditionExpression>", b'<bpmn:conditionExpression language="javascript">')),
    "huge expression": ("feel", "G_e", split(G_e="1 + " * 1000 + "1")),
    "duplicate id": ("duplicate-id", "a", process(start(), user("a"), user("a"), end(), flows("s a e"))),
    "reserved id": ("reserved-id", "End", line("End")),
    "reserved start": ("reserved-id", "Start", line("Start")),
    "engine's join": ("reserved-id", "p.EndJoin", line("p.EndJoin")),
    "dunder id": ("reserved-id", "__class__", line("__class__")),
    "id with a dot": ("bad-id", "a.b", line("a.b")),
    "no id": ("bad-id", "userTask", lonely(user("x").replace(' id="x"', ""))),
    "dangling target": ("dangling-flow", "a_nowhere", lonely(flows("a nowhere"))),
    "dangling source": ("dangling-flow", "ghost_e", lonely(flows("ghost e"))),
    "flow across": ("crossing-flow", "a_b", lonely(
        sub("w", start("ws"), user("b"), end("we"), flows("ws b we")), flows("a b"))),
    "double flow": ("double-flow", "s_a", lonely(
        '<bpmn:sequenceFlow id="again" sourceRef="s" targetRef="a"/>')),
    "two flows in": ("fake-join", "c", process(
        start(), parallel("P"), user("a"), user("b"), user("c"), end(), flows("s P a c e", "P b c"))),
    "two flows out": ("fake-split", "a", process(start(), user("a"), user("b"), end(), flows("s a e", "a b e"))),
    "no flow out": ("no-flow-out", "b", process(
        start(), parallel("P"), user("a"), user("b"), end(), flows("s P a e", "P b"))),
    "unreachable": ("unreachable", "b", lonely(user("b"), flows("b e"))),
    "no way out": ("no-way-out", "b", process(
        start(), user("a"), choice("G", "G_e"), choice("M"), user("b"), end(),
        flows("s a G e", "G M b M", G_M="a.x"))),
    "two starts": ("one-start", "p", lonely(start("t"), flows("t e"))),
    "no start": ("one-start", "p", process(user("a"), end(), flows("a e"))),
    "no end": ("no-end", "p", process(start(), user("a"), flows("s a"))),
    "flow into start": ("flow-into-start", "s", process(
        start(), user("a"), choice("G", "G_e"), end(), flows("s a G s", "G e", G_s="a.x"))),
    "boundary in the air": ("attached-to", "b", lonely(boundary("b", "nobody"), flows("b e"))),
    "boundary on a rule": ("attached-to", "b", process(
        start(), rule("r"), boundary("b", "r"), end(), flows("s r e", "b e"))),
    "cycle": ("timer-cycle", "a", event(
        "<bpmn:timerEventDefinition><bpmn:timeCycle>R/PT0S</bpmn:timeCycle></bpmn:timerEventDefinition>")),
    "empty timer": ("timer", "a", event(duration(""))),
    "no time at all": ("timer", "a", event(duration("PT0S"))),
    "huge timer": ("timer", "a", event(duration("P99999999Y"))),
    "two timers": ("timer", "a", event(duration("P1D") + duration("P2D"))),
    "timer without definition": ("timer", "a", event("")),
    "default elsewhere": ("default-flow", "G", split("s_a", G_e="a.x")),
    "default with condition": ("default-flow", "G_f", split(G_e="a.x", G_f="a.y")),
    "neither condition nor default": ("no-condition", "G_f", split("", G_e="a.x")),
    "conditional flow": ("conditional-flow", "a_e", process(start(), user("a"), end(), flows("s a e", a_e="a.x"))),
    "useless condition": ("useless-condition", "G_e", process(
        start(), user("a"), choice("G"), end(), flows("s a G e", G_e="a.x"))),
    "superfluous gateway": ("superfluous-gateway", "P", process(
        start(), user("a"), parallel("P"), end(), flows("s a P e"))),
    "inclusive in a loop": ("inclusive-loop", "I", process(
        start(), choice("M"), element("inclusiveGateway", "I"), user("a"), user("b"), choice("J"), choice("G", "G_e"),
        end(), flows("s M I a J G M", "I b J", "G e", I_a="a.x", I_b="a.y", G_M="a.z"))),
    "automatic loop": ("automatic-loop", "M", process(
        start(), user("a"), choice("M"), choice("G", "G_e"), end(), flows("s a M G M", "G e", G_M="a.x"))),
    "endless loop": ("endless-loop", "a", process(
        start(), parallel("M"), user("a"), parallel("P"), end(), flows("s M a P M", "P e"))),
    "long chain": ("long-chain", "s", process(
        start(), *(rule(n) for n in CHAIN), end(), flows("s " + " ".join(CHAIN) + " e"))),
    "too many nodes": ("too-large", "defs", line(*(f"t{n}" for n in range(400)))),
    "parallel splits that multiply": ("too-many-branches", "s", DIAMONDS),
    "no name": ("no-name", "a", between(user("a", name=""))),
    "no name at a choice": ("no-name", "G", split(G_e="a.x").replace(b'id="G" name="G"', b'id="G"')),
    "endless name": ("long-name", "a", between(user("a", name="长" * 200))),
    "no form": ("form-key", "a", between(user("a", banjie_formKey=""))),
    "form without process": ("form-key", "a", between(user("a", banjie_formKey="../../etc/passwd"))),
    "no role": ("no-role", "a", between(user("a", banjie_candidateRole=""))),
    "days in the diagram": ("limit", "a", between(user("a", banjie_limit="5"))),
    "no decision": ("decision", "a", between(rule("a", decision=""))),
    "no variable": ("variable", "a", between(rule("a", variable=""))),
    "typename": ("variable", "a", between(user("a", banjie_variable="typename"))),
    "dunder variable": ("variable", "a", between(user("a", banjie_variable="__class__"))),
    "no notice": ("notice", "a", between(send("a", notice=""))),
    "bad outcome": ("outcome", "e", process(start(), user("a"), end(banjie_outcome="已办结"), flows("s a e"))),
    "empty citation": ("citation", "a", between(user(
        "a", '<bpmn:extensionElements><banjie:citation document="d"/></bpmn:extensionElements>'))),
    "incomplete lanes": ("lane", "b", process(
        LANES, start(), user("a"), user("b"), end(), flows("s a b e"))),
    "lane with a ghost": ("lane", "L1", process(
        LANES.replace(">a<", ">ghost<"), start(), user("a"), end(), flows("s a e"))),
    "two processes": ("one-process", "defs", line("a").replace(
        b"</bpmn:definitions>", b'<bpmn:process id="q" isExecutable="true"/></bpmn:definitions>')),
    "call of nothing": ("called-element", "a", between(element("callActivity", "a"))),
    "call of itself": ("recursive-call", "a", between(element("callActivity", "a", calledElement="p"))),
    "not bpmn": ("not-bpmn", "html", b"<html/>"),
}  # fmt: skip


@pytest.mark.parametrize(("rule_id", "named", "data"), BAD.values(), ids=BAD.keys())
def test_a_bad_diagram_is_refused_by_element_and_rule(rule_id: str, named: str, data: bytes) -> None:
    problems = check_diagram("p.bpmn", data)

    assert (rule_id, named) in {(problem.rule, problem.element.split(" “")[0]) for problem in problems}


def test_a_problem_says_where_it_is() -> None:
    problem = next(p for p in check_diagram("p.bpmn", between(user("a", banjie_formKey="", name="审核"))))

    assert str(problem) == "p.bpmn:5: a “审核”: it needs banjie:formKey as process/form [form-key]"


ENTITIES = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 12))

HOSTILE: dict[str, tuple[str, bytes]] = {
    "empty": ("xml", b""),
    "not xml": ("xml", b"BPMN please"),
    "cut off": ("xml", line("a")[:400]),
    "nul": ("xml", line("a").replace(b'name="a"', b'name="\x00"')),
    "nul as reference": ("xml", line("a").replace(b'name="a"', b'name="&#0;"')),
    "not utf-8": ("xml", line("a").replace(b'name="a"', b'name="\xff\xfe"')),
    "lone surrogate": ("xml", line("a").replace(b'name="a"', b'name="\xed\xa0\x80"')),
    "unknown encoding": ("xml", b'<?xml version="1.0" encoding="klingon"?><a/>'),
    "unknown prefix": ("xml", b"<bpmn:definitions/>"),
    "doctype": ("doctype", b"<!DOCTYPE d>" + b"<d/>"),
    "file entity": ("doctype", b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>'),
    "parameter entity": ("doctype", b'<!DOCTYPE d [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]><d/>'),
    "entity bomb": ("doctype", b'<!DOCTYPE d [<!ENTITY e0 "aaaaaaaaaa">' + ENTITIES + b"]><d>&e11;</d>"),
    "doctype in utf-16": ("doctype", '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE d><d/>'.encode("utf-16")),
    "nested deep": ("xml-depth", b"<a>" * 100 + b"</a>" * 100),
    "nested very deep": ("xml", b"<a>" * 100_000),
    "many elements": ("xml-size", b"<a>" + b"<b/>" * 30_000 + b"</a>"),
    "many bytes": ("xml-size", b"<a>" + b" " * 2_000_001 + b"</a>"),
}  # fmt: skip


@pytest.mark.parametrize(("rule_id", "data"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_bytes_are_one_clear_problem(rule_id: str, data: bytes) -> None:
    problems = check_diagram("p.bpmn", data)

    assert [problem.rule for problem in problems] == [rule_id]
    assert "\n" not in str(problems[0])


@pytest.mark.parametrize("seed", range(20))
def test_random_damage_never_raises(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - not for secrets
    sources = [*GOOD.values(), *(data for _, _, data in BAD.values() if 1_000 < len(data) < 20_000)]

    for _ in range(30):
        data = bytearray(dice.choice(sources))
        for _ in range(dice.randint(1, 8)):
            at = dice.randrange(len(data))
            if dice.random() < 0.5:
                data[at] = dice.randrange(256)
            else:
                del data[at : at + dice.randint(1, 40)]
        assert isinstance(check_bundle({"p.bpmn": bytes(data)}), list)


def calling(key: str, other: str) -> bytes:
    return process(
        start(f"{key}s"), user(f"{key}u"), element("callActivity", f"{key}c", calledElement=other), end(f"{key}e"),
        flows(f"{key}s {key}u {key}c {key}e"), key=key,
    )  # fmt: skip


def rules_of(files: dict[str, bytes]) -> set[tuple[str, str]]:
    return {(problem.file, problem.rule) for problem in check_bundle(files)}


def test_processes_that_call_each_other_in_a_ring_are_refused() -> None:
    ring = {"p.bpmn": calling("p", "q"), "q.bpmn": calling("q", "r"), "r.bpmn": calling("r", "p")}

    assert rules_of(ring) == {
        ("p.bpmn", "recursive-call"),
        ("q.bpmn", "recursive-call"),
        ("r.bpmn", "recursive-call"),
    }


def test_a_called_process_must_be_deployed_too() -> None:
    assert rules_of({"p.bpmn": calling("p", "q")}) == {("p.bpmn", "called-element")}
    last = process(start("x"), user("y"), end("z"), flows("x y z"), key="q")
    assert rules_of({"p.bpmn": calling("p", "q"), "q.bpmn": last}) == set()


def test_two_files_may_not_share_an_element_id() -> None:
    last = process(start("x"), user("pu"), end("z"), flows("x pu z"), key="q")

    assert rules_of({"p.bpmn": calling("p", "q"), "q.bpmn": last}) == {("q.bpmn", "duplicate-id")}


def test_four_eyes_name_another_user_task_of_the_process_or_of_one_it_calls() -> None:
    called = process(start("s2"), user("b", banjie_notSameAs="a"), end("e2"), flows("s2 b e2"), key="q")
    calling = process(
        start(), user("a"), element("callActivity", "c", calledElement="q"), end(), flows("s a c e")
    )
    itself = between(user("a", banjie_notSameAs="a ghost"))

    assert "not-same-as" not in {p.rule for p in check_bundle({"p.bpmn": calling, "q.bpmn": called})}
    assert [p.rule for p in check_bundle({"p.bpmn": itself})] == ["not-same-as", "not-same-as"]


def test_an_expression_may_read_only_what_the_case_will_have() -> None:
    wrong = split(G_e="reveiw.result = &quot;no&quot;")

    assert [(p.element, p.rule) for p in check_bundle({"p.bpmn": wrong})] == [("G_e", "unknown-name")]
    assert check_bundle({"p.bpmn": wrong}, names={"reveiw"}) == []


def test_our_own_diagrams_keep_every_rule() -> None:
    root = Path(__file__).parents[2]
    assert len(process_keys(root)) > 1
    for key in process_keys(root):
        files = load_bundle(root, key).files
        diagrams = {path: data for path, data in files.items() if path.endswith(".bpmn")}
        assert [str(problem) for problem in check_bundle(diagrams)] == []
