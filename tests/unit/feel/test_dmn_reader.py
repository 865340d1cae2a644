"""What a DMN file is refused for, and what is read from one."""

from __future__ import annotations

import pytest

from banjie.feel.dmn import Decision, DecisionTable
from banjie.feel.dmn_errors import DmnError
from banjie.feel.dmn_reader import VERSIONS, read_definitions
from banjie.feel.limits import Limits
from banjie.feel.model import load_model
from support.dmn_files import decision, input_data, literal, model, table

_BILLION_LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="&b;" namespace="urn:x"/>"""
_EXTERNAL = b"""<?xml version="1.0"?><!DOCTYPE d SYSTEM "file:///etc/passwd">
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="x" namespace="urn:x"/>"""


@pytest.mark.parametrize("data", [_BILLION_LAUGHS, _EXTERNAL])
def test_a_doctype_is_refused(data: bytes) -> None:
    with pytest.raises(DmnError, match="DOCTYPE"):
        read_definitions(data, file="evil.dmn")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not xml",
        b"<definitions",
        b"<a><b></a></b>",
        b"\xff\xfe\x00",
        b'<?xml version="1.0" encoding="nonsense"?><a/>',
        b"<definitions/>",
        b'<html xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/"/>',
        b"<a>" * 200 + b"</a>" * 200,
        b"<!-- only a comment -->",
    ],
)
def test_what_is_no_model_is_refused_with_the_file_named(data: bytes) -> None:
    with pytest.raises(DmnError, match=r"broken\.dmn"):
        read_definitions(data, file="broken.dmn")


@pytest.mark.parametrize("version", sorted(VERSIONS))
def test_every_version_of_the_format_is_read(version: str) -> None:
    definitions = read_definitions(model(decision("d", literal("1")), version=version))

    assert definitions.version == VERSIONS[version]
    assert [element.name for element in definitions.elements] == ["d"]


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        (
            (decision("甲", literal("1"), decisions=["乙"]), decision("乙", literal("1"), decisions=["甲"])),
            "requires itself",
        ),
        ((decision("甲", literal("1"), decisions=["甲"]),), "requires itself"),
        ((decision("甲", literal("1"), inputs=["nowhere"]),), "nowhere, which does not exist"),
        ((decision("甲", literal("1"), inputs=["urn:other#x"]),), "urn:other#x, whose model is not imported"),
        ((input_data("a"), decision("甲", literal("a"), decisions=["a"])), "cannot require"),
        ((input_data("a"), input_data("a")), "its id is taken"),
        (('<decision id="d"/>',), "no name"),
        (
            (
                '<decision name="d"><informationRequirement><requiredInput/></informationRequirement></decision>',
            ),
            "no target",
        ),
        ((decision("d", literal("1") + literal("2")),), "2 expressions"),
        ((decision("d", '<decisionTable hitPolicy="BEST"><output/></decisionTable>'),), "hit policy"),
        (
            (
                decision(
                    "d", '<decisionTable hitPolicy="COLLECT" aggregation="AVG"><output/></decisionTable>'
                ),
            ),
            "aggregation",
        ),
        ((decision("d", "<decisionTable/>"),), "no output"),
        ((decision("d", table([("a", "")], ["o"], [(["1", "2"], ["3"])])),), "2 input and 1 output cells"),
        ((decision("d", table([("a", "")], ["o", "o"], [])),), "a name of its own"),
        ((decision("d", "<conditional><if/></conditional>"),), "has no expression"),
        ((decision("d", "<invocation/>"),), "what to invoke"),
        ((decision("d", '<functionDefinition kind="Perl"/>'),), "Perl"),
        (
            (
                decision(
                    "d",
                    '<literalExpression expressionLanguage="http://x/juel"><text>1</text></literalExpression>',
                ),
            ),
            "not FEEL",
        ),
        (
            (
                '<import name="x" namespace="urn:x" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>',
            ),
            "not found",
        ),
    ],
)
def test_a_broken_model_is_refused_with_the_rule_it_breaks(elements: tuple[str, ...], words: str) -> None:
    with pytest.raises(DmnError, match=words) as refusal:
        load_model(model(*elements), file="loan.dmn")

    assert refusal.value.file == "loan.dmn"
    assert refusal.value.element


def test_models_that_import_each_other_are_refused() -> None:
    link = '<import name="m" namespace="{}" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>'
    files = {
        "urn:one": model(link.format("urn:two"), namespace="urn:one"),
        "urn:two": model(link.format("urn:one"), namespace="urn:two"),
    }

    with pytest.raises(DmnError, match="imports itself"):
        load_model(files["urn:one"], resolve_import=lambda wanted: ("two.dmn", files[wanted.namespace]))


def test_a_chain_of_two_thousand_decisions_is_loaded_and_evaluated() -> None:
    chain = [decision("d0", literal("1"))]
    chain += [decision(f"d{n}", literal(f"d{n - 1} + 1"), decisions=[f"d{n - 1}"]) for n in range(1, 2000)]

    result = load_model(model(*chain)).evaluate_decision("d1999", {}, limits=Limits(seconds=30))

    assert result.python == 2000


def test_annotations_and_descriptions_are_read() -> None:
    written = """<decisionTable id="t"><input><inputExpression><text>a</text></inputExpression></input><output/>
      <annotation name="依据"/><rule id="r1"><description>说明</description><inputEntry><text>1</text></inputEntry>
      <outputEntry><text>2</text></outputEntry><annotationEntry><text>第六条</text></annotationEntry></rule>
    </decisionTable>"""

    found = read_definitions(model(decision("d", written))).elements[0]

    assert isinstance(found, Decision)
    assert isinstance(found.expression, DecisionTable)
    assert dict(found.expression.rules[0].annotations) == {"description": "说明", "依据": "第六条"}
