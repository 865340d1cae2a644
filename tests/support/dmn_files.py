"""Small DMN files for tests, as dmn-js would write them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

NAMESPACE_1_5 = "https://www.omg.org/spec/DMN/20230324/MODEL/"
NAMESPACE_1_3 = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def model(
    *elements: str, namespace: str = "urn:test", version: str = NAMESPACE_1_5, name: str = "test"
) -> bytes:
    """A definitions file around the elements."""
    body = "".join(elements)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><definitions xmlns="{version}" id="defs" name="{name}" '
        f'namespace="{namespace}">{body}</definitions>'
    ).encode()


def input_data(name: str, type_ref: str = "") -> str:
    """Input data whose id is its name."""
    variable = f'<variable name="{name}"' + (f' typeRef="{type_ref}"' if type_ref else "") + "/>"
    return f'<inputData id="{name}" name="{name}">{variable}</inputData>'


def decision(
    name: str,
    expression: str,
    *,
    inputs: Sequence[str] = (),
    decisions: Sequence[str] = (),
    knowledge: Sequence[str] = (),
    type_ref: str = "",
) -> str:
    """A decision whose id is its name, requiring elements by id."""
    typed = f' typeRef="{type_ref}"' if type_ref else ""
    requirements = "".join(
        [
            f'<informationRequirement><requiredInput href="{_href(one)}"/></informationRequirement>'
            for one in inputs
        ]
        + [
            f'<informationRequirement><requiredDecision href="{_href(one)}"/></informationRequirement>'
            for one in decisions
        ]
        + [
            f'<knowledgeRequirement><requiredKnowledge href="{_href(one)}"/></knowledgeRequirement>'
            for one in knowledge
        ]
    )
    return f'<decision id="{name}" name="{name}"><variable name="{name}"{typed}/>{requirements}{expression}</decision>'


def _href(target: str) -> str:
    return target if "#" in target else f"#{target}"


def literal(text: str, type_ref: str = "") -> str:
    """A boxed literal expression."""
    typed = f' typeRef="{type_ref}"' if type_ref else ""
    return f"<literalExpression{typed}><text>{escape(text, quote=False)}</text></literalExpression>"


def table(
    inputs: Sequence[tuple[str, str]],
    outputs: Sequence[str],
    rules: Sequence[tuple[Sequence[str], Sequence[str]]],
    *,
    hit_policy: str = "UNIQUE",
    aggregation: str = "",
    input_values: Sequence[str] = (),
    output_values: Sequence[str] = (),
    defaults: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> str:
    """A decision table; its rules are r1, r2 and so on.

    inputs: expression and typeRef. outputs: name, or name:typeRef.
    """
    text = f'<decisionTable id="table" hitPolicy="{hit_policy}"'
    text += f' aggregation="{aggregation}">' if aggregation else ">"
    for place, (expression, type_ref) in enumerate(inputs):
        typed = f' typeRef="{type_ref}"' if type_ref else ""
        text += (
            f'<input id="i{place}" label="{escape(expression)}"><inputExpression{typed}>{_text(expression)}'
        )
        text += "</inputExpression>" + _values("inputValues", input_values, place) + "</input>"
    for place, output in enumerate(outputs):
        name, _, type_ref = output.partition(":")
        typed = f' typeRef="{type_ref}"' if type_ref else ""
        text += f'<output id="o{place}" name="{name}"{typed}>' + _values("outputValues", output_values, place)
        text += _values("defaultOutputEntry", defaults, place) + "</output>"
    for number, (tests, answers) in enumerate(rules, 1):
        text += f'<rule id="r{number}">'
        if number <= len(notes):
            text += f"<description>{escape(notes[number - 1])}</description>"
        text += "".join(f"<inputEntry>{_text(cell)}</inputEntry>" for cell in tests)
        text += "".join(f"<outputEntry>{_text(cell)}</outputEntry>" for cell in answers) + "</rule>"
    return text + "</decisionTable>"


def _text(content: str) -> str:
    return f"<text>{escape(content, quote=False)}</text>"


def _values(element: str, texts: Sequence[str], place: int) -> str:
    if place >= len(texts) or not texts[place]:
        return ""
    return f"<{element}>{_text(texts[place])}</{element}>"
