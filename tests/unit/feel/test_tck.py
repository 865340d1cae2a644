"""The runner of compatibility cases, on cases of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from banjie.feel.tck import main, run
from support.dmn_files import decision, input_data, literal, model

_HEAD = (
    '<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
)


def _kit(folder: Path, expected: str, expression: str, *, attributes: str = "", given: str = "") -> Path:
    (folder / "m.dmn").write_bytes(model(input_data("a"), decision("d", literal(expression), inputs=["a"])))
    (folder / "m-test-01.xml").write_text(
        f'{_HEAD}<modelName>m.dmn</modelName><testCase id="001">{given}'
        f'<resultNode name="d" {attributes}><expected>{expected}</expected></resultNode></testCase></testCases>',
        encoding="utf-8",
    )
    return folder


def _value(text: str, kind: str) -> str:
    return f'<value xsi:type="xsd:{kind}">{text}</value>'


_NIL = '<value xsi:nil="true"/>'


@pytest.mark.parametrize(
    ("expected", "expression", "passes"),
    [
        (_value("0.333333333", "decimal"), "1/3", True),
        (_value("0.3333", "decimal"), "1/3", False),
        (_value("1", "string"), "1", False),
        (_value("甲", "string"), '"甲"', True),
        (_value("true", "boolean"), "1 = 1", True),
        (_value("2024-02-29", "date"), 'date("2024-02-29")', True),
        (_value("2024-02-29T08:00:00+08:00", "dateTime"), '@"2024-02-29T08:00:00@Asia/Shanghai"', True),
        (_value("2024-02-29T08:00:00", "dateTime"), '@"2024-02-29T08:00:00Z"', False),
        (_value("2024-02-29Z", "date"), 'date("2024-02-29")', True),
        (_value("08:00:00Z", "time"), '@"08:00:00Z"', True),
        (_value("P1DT2H", "duration"), 'duration("PT26H")', True),
        (_NIL, "null", True),
        (_NIL, "1", False),
        (
            "<list><item>" + _value("1", "decimal") + "</item><item>" + _NIL + "</item></list>",
            "[1, null]",
            True,
        ),
        ("<list/>", "[]", True),
        ("<list/>", "null", False),
        ('<component name="k">' + _value("1", "decimal") + "</component>", "{k: 1}", True),
        ('<component name="k">' + _value("1", "decimal") + "</component>", "{k: 1, l: 2}", False),
    ],
)
def test_values_are_compared_as_the_kit_does(
    tmp_path: Path, expected: str, expression: str, *, passes: bool
) -> None:
    report = run([_kit(tmp_path, expected, expression)])

    assert (report.passed, report.failed) == ((1, 0) if passes else (0, 1))


@pytest.mark.parametrize(("expression", "passes"), [('"a" + 1', True), ("1 +", True), ("1", False)])
def test_an_error_result_is_null(tmp_path: Path, expression: str, *, passes: bool) -> None:
    report = run([_kit(tmp_path, _NIL, expression, attributes='errorResult="true"')])

    assert bool(report.passed) is passes


def test_inputs_are_read(tmp_path: Path) -> None:
    given = f'<inputNode name="a"><component name="x">{_value("2", "decimal")}</component></inputNode>'

    assert run([_kit(tmp_path, _value("4", "decimal"), "a.x * 2", given=given)]).passed == 1


def test_a_model_that_cannot_be_loaded_fails_with_the_reason(tmp_path: Path) -> None:
    _kit(tmp_path, _NIL, "1")
    (tmp_path / "m.dmn").write_text("<!DOCTYPE x><x/>", encoding="utf-8")

    report = run([tmp_path])

    assert report.failed == 1
    assert "DOCTYPE" in report.cases[0].nodes[0].diagnostics[0]


@pytest.mark.parametrize(
    "broken", [_value("NaN", "decimal"), _value("soon", "date"), _value("1 day", "duration")]
)
def test_a_value_that_cannot_be_read_fails_its_case(tmp_path: Path, broken: str) -> None:
    assert run([_kit(tmp_path, broken, "1")]).failed == 1


def test_the_command_ends_with_the_count_and_its_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.mkdir()
    bad.mkdir()
    _kit(good, _value("1", "decimal"), "1")
    _kit(bad, _value("2", "decimal"), "1")

    assert main([str(good)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 passed, 0 failed"
    assert main([str(tmp_path), "--failing"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "FAIL m-test-01.xml 001"
    assert lines[-1] == "1 passed, 1 failed"
    assert main([str(bad), "--json"]) == 1
    assert json.loads(capsys.readouterr().out.splitlines()[0])["results"][0]["actual"] == 1


def test_imports_are_found_in_the_folder_and_at_their_location(tmp_path: Path) -> None:
    beside, below = tmp_path / "cases", tmp_path / "library"
    beside.mkdir()
    below.mkdir()
    _kit(beside, _value("7", "decimal"), "1")
    kind = "https://www.omg.org/spec/DMN/20230324/MODEL/"
    (beside / "m.dmn").write_bytes(
        model(
            f'<import name="l" namespace="urn:l" importType="{kind}" locationURI="../library/l.dmn"/>',
            f'<import name="k" namespace="urn:k" importType="{kind}"/>',
            decision("d", literal("l.seven + k.none"), decisions=["urn:l#seven", "urn:k#none"]),
        )
    )
    (below / "l.dmn").write_bytes(model(decision("seven", literal("7")), namespace="urn:l"))
    (beside / "k.dmn").write_bytes(model(decision("none", literal("0")), namespace="urn:k"))

    assert run([beside]).passed == 1
