"""The check of a whole content tree: each way of breaking it is told with file, element and rule."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from banjie.cli import main
from banjie.content.root import content_root
from banjie.services.content_check import check
from support.content import copy_content

LOAN = "bpmn/guarantee_loan/guarantee_loan.bpmn"
GROUNDS = "policy/common/grounds.yaml"
PROCESS = "bpmn/guarantee_loan/process.yaml"
SCENARIOS = "bpmn/guarantee_loan/scenarios.yaml"
SERVICE = "policy/services/guarantee-loan-sme.yaml"
EXAMPLES = "policy/guarantee_loan/examples.yaml"
PROMISE = "policy/guarantee_loan/parameters/promised_total.yaml"
REVIEW = "policy/guarantee_loan/parameters/review_limit.yaml"
TABLE = "policy/guarantee_loan/decisions/loan_cap.dmn"
TABLE_MAP = "policy/guarantee_loan/decisions/loan_cap.yaml"
CALENDAR = "policy/calendars/cn.yaml"
FORM = "forms/guarantee_loan/review.form"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One text of one file replaced by another, once; the problem must name all of `named`."""

    file: str
    old: str
    new: str
    named: tuple[str, ...]
    told_in: str | None = None


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the project's content."""
    return copy_content(tmp_path)


def told(tree: Path) -> list[str]:
    return [str(problem) for problem in check(tree)]


def named_in(lines: list[str], *words: str) -> bool:
    return any(all(word in line for word in words) for line in lines)


CHANGES = {
    "form of a task": Change(
        file=LOAN, old="guarantee_loan/review\"", new="guarantee_loan/nobody\"",
        named=("资格审核", "'guarantee_loan/nobody'", "[form-exists]"),
    ),
    "limit of a task": Change(
        file=LOAN, old="guarantee_loan/review_limit", new="guarantee_loan/sme_loan_cap",
        named=("资格审核", "parameter of days", "[limit-exists]"),
    ),
    "extension of a task": Change(
        file=LOAN, old='banjie:extension="guarantee_loan/security_extension_limit" banjie:variable="investigation"',
        new='banjie:extension="guarantee_loan/sme_loan_cap" banjie:variable="investigation"',
        named=("担保调查", "parameter of days", "[extension-exists]"),
    ),
    "extension without a limit": Change(
        file=LOAN, old='banjie:limit="guarantee_loan/bank_limit" banjie:extension', new="banjie:extension",
        named=("受理至发放", "[extension-of-limit]"),
    ),
    "article of a ground": Change(
        file=GROUNDS,
        old="Hearing, excluded: true, suspends: true, citation: {document: licensing-law, article: 第四十五条",
        new="Hearing, excluded: true, suspends: true, citation: {document: licensing-law, article: 第九条",
        named=("grounds.hearing.citation.article", "第九条", "[citation-article]"),
    ),
    "ground without a use": Change(
        file=GROUNDS, old="Hearing, excluded: true, suspends: true", new="Hearing, excluded: false, suspends: false",
        named=("grounds.hearing.excluded", "[use]"),
    ),
    "citation of a task": Change(
        file=LOAN, old=">各旗县市人社部门资格审核时限压缩在2个工作日内<", new=">资格审核时限为9个工作日<",
        named=("资格审核", "the quote is not in", "[citation-holds]"),
    ),
    "quote of the process": Change(
        file=PROCESS, old="强化创业担保贷款支持", new="弱化创业担保贷款支持",
        named=("citations[0].quote", "[citation-quote]"),
    ),
    "document of the process": Change(
        file=PROCESS, old="document: nzf-2019-4", new="document: nzf-1999-4",
        named=("citations[1].document", "nzf-1999-4", "[citation-document]"),
    ),
    "no citation of the process": Change(
        file=PROCESS, old="citations:", new="quotes:", named=("citations", "[citation-required]")
    ),
    "key of the process": Change(file=PROCESS, old="key: guarantee_loan", new="key: loan", named=("key", "[key]")),
    "promise of the process": Change(
        file=PROCESS, old="promised_limit: guarantee_loan/promised_total", new="promised_limit: guarantee_loan/x",
        named=("promised_limit", "[limit-exists]"),
    ),
    "owner of the process": Change(file=PROCESS, old="owner: bureau", new="owner: shop", named=("owner", "[choice]")),
    "role of a lane": Change(
        file=PROCESS, old="Lane_Bank: bank_officer", new="Lane_Bank: broker",
        named=("lanes.Lane_Bank", "'broker'", "[role-exists]"),
    ),
    "start form of the process": Change(
        file=PROCESS, old="guarantee_loan/apply_sme", new="guarantee_loan/apply_other",
        named=("start_forms.guarantee-loan-sme", "[form-exists]"),
    ),
    "start form unlike the service's": Change(
        file=PROCESS, old="guarantee_loan/apply_sme", new="guarantee_loan/apply_individual",
        named=("start_forms.guarantee-loan-sme", "[start-form]"),
    ),
    "unknown key of the process": Change(
        file=PROCESS, old="owner: bureau", new="owner: bureau\nowners: x", named=("owners", "[unknown-key]")
    ),
    "process of a service": Change(
        file=SERVICE, old="process: guarantee_loan", new="process: grant",
        named=("process", "'grant'", "[process-exists]"),
    ),
    "start form of a service": Change(
        file=SERVICE, old="start_form: guarantee_loan/apply_sme", new="start_form: guarantee_loan/apply_me",
        named=("start_form", "'guarantee_loan/apply_me'", "[form-exists]"),
    ),
    "quote of a service": Change(
        file=SERVICE, old="降低小微企业", new="提高小微企业", named=("citations[0].quote", "[citation-quote]")
    ),
    "article of a service": Change(
        file=SERVICE, old="article: （六）", new="article: （九十九）",
        named=("citations[0].article", "[citation-article]"),
    ),
    "limit of a service": Change(
        file=SERVICE, old="promised_limit: guarantee_loan/promised_total", new="promised_limit: guarantee_loan/nothing",
        named=("promised_limit", "[parameter]"),
    ),
    "promise below the steps": Change(
        file=PROMISE, old="value: 11", new="value: 10", told_in=LOAN,
        named=(
            "guarantee_loan", "from 2023-06-25 in 152200", "Review “资格审核” 2 + Investigate “担保调查” 3",
            "BankAccept “银行受理” 1 + BankLoan “受理至发放” 5 = 11", "promised limit of 10", "[path-within-promise]",
        ),
    ),
    "promise in other days": Change(
        file=PROMISE, old="unit: working_days", new="unit: natural_days", told_in=LOAN,
        named=("cannot be compared", "[path-within-promise]"),
    ),
    "step that grows later": Change(
        file=REVIEW, old="values:\n", told_in=LOAN,
        new="values:\n  - {region: \"152201\", since: 2025-01-01, value: 3, basis: locally_set, note: x}\n",
        named=("from 2025-01-01 in 152201", "= 12", "[path-within-promise]"),
    ),
    "statute below the promise": Change(
        file=SERVICE, old="promised_limit: guarantee_loan/promised_total", told_in=LOAN,
        new="promised_limit: guarantee_loan/promised_total\nstatutory_limit: guarantee_loan/bank_limit",
        named=("promised limit of 11", "exceeds the statutory limit of 5", "[path-within-promise]"),
    ),
    "answer of an example": Change(
        file=EXAMPLES, old="eligible: true", new="eligible: false", named=("eligible is True, not False", "[example]")
    ),
    "table of an example": Change(
        file=EXAMPLES, old="decision: guarantee_loan/eligibility", new="decision: guarantee_loan/luck",
        named=("'guarantee_loan/luck'", "[example]"),
    ),
    "region of an example": Change(
        file=EXAMPLES, old="region: \"152201\"", new="region: \"999999\"", named=("'999999'", "[example]")
    ),
    "key of an example": Change(file=EXAMPLES, old="facts:", new="fact:", named=("examples[0]", "[required]")),
    "input of a table": Change(file=TABLE_MAP, old="inputs:", new="input:", named=("inputs", "[required]")),
    "deed of a step": Change(
        file=SCENARIOS, old="do: start", new="do: begin", named=("scenarios[0].steps[0].do", "[choice]")
    ),
    "time of a step": Change(
        file=SCENARIOS, old="at: 2023-07-03T09:30+08:00", new="at: 2023-07-03T09:30", named=("steps[0].at", "[instant]")
    ),
    "order of steps": Change(
        file=SCENARIOS, old="at: 2023-07-03T10:30+08:00", new="at: 2023-07-01T10:30+08:00",
        named=("steps[1].at", "[order]"),
    ),
    "day of a step": Change(
        file=SCENARIOS, old="due: {Accept: '2023-07-10'}", new="due: {Accept: soon}", named=("due.Accept", "[date]")
    ),
    "element of a step": Change(
        file=SCENARIOS, old="element: Accept", new="element: Elsewhere",
        named=("scenarios[0].steps[1].element", "'Elsewhere'", "[name-exists]"),
    ),
    "player of a step": Change(
        file=SCENARIOS, old="by: bureau", new="by: nobody", named=("steps[1].by", "'nobody'", "[name-exists]")
    ),
    "light of a step": Change(file=SCENARIOS, old="light: green", new="light: blue", named=("light", "[name-exists]")),
    "unknown expectation": Change(
        file=SCENARIOS, old="light: green", new="lamp: green", named=("expect.lamp", "[unknown-key]")
    ),
    "service of a scenario": Change(
        file=SCENARIOS, old="service: guarantee-loan-individual", new="service: other",
        named=("scenarios[0].service", "[service-exists]"),
    ),
    "name of a scenario": Change(
        file=SCENARIOS, old="name: approved_sme", new="name: approved_individual",
        named=("scenarios[1].name", "[unique]"),
    ),
    "cast": Change(file=SCENARIOS, old="cast:", new="caste:", named=("cast", "[required]")),
    "region of scenarios": Change(
        file=SCENARIOS, old="region: \"152201\"", new="region: \"1\"", named=("region", "[region]")
    ),
    "calendar": Change(file=CALENDAR, old="country: CN", new="country: XX", named=("country", "[country]")),
    "day of the calendar": Change(
        file=CALENDAR, old="local: {}", new="local: {a: [{date: 2026-02-30, working: true, name: x}]}",
        named=("2026-02-30", "[yaml]"),
    ),
}  # fmt: skip


def test_the_copied_content_breaks_no_rule(tree: Path) -> None:
    assert told(tree) == []


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_broken_name_or_number_is_told_with_file_element_and_rule(tree: Path, change: Change) -> None:
    text = (tree / change.file).read_text(encoding="utf-8")
    assert change.old in text
    (tree / change.file).write_text(text.replace(change.old, change.new, 1), encoding="utf-8")

    lines = told(tree)

    assert named_in(lines, change.told_in or change.file, *change.named), lines


FILES = (LOAN, PROCESS, SCENARIOS, SERVICE, EXAMPLES, PROMISE, TABLE, TABLE_MAP, CALENDAR, FORM)
SHARED = ("policy/sources.yaml", "policy/regions.yaml", "policy/agencies.yaml")
BYTES = {
    "empty": b"",
    "not UTF-8": b"\xff\xfe\x00a",
    "NUL": b"a: \x00b",
    "deep brackets": b"[" * 100_000,
    "deep braces": b'{"a":' * 50_000,
    "deep elements": b"<a>" * 50_000,
    "list": b"[]",
    "number": b"1",
    "NaN": b'{"a": NaN, "b": .nan}',
    "DOCTYPE": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    "large": b"#" * 3_000_000,
}


@pytest.mark.parametrize("data", BYTES.values(), ids=BYTES.keys())
@pytest.mark.parametrize("file", [*FILES, *SHARED])
def test_hostile_bytes_are_told_with_the_file_and_a_rule(tree: Path, file: str, data: bytes) -> None:
    (tree / file).write_bytes(data)

    lines = told(tree)

    assert named_in(lines, file, "]"), lines


@pytest.mark.parametrize(
    "value", ["7", "text", "[1, [2]]", "{a: {b: 1}}", "null", "true", "2020-01-01", "-0.5"]
)
@pytest.mark.parametrize(
    "file", [PROCESS, SCENARIOS, SERVICE, EXAMPLES, PROMISE, TABLE_MAP, CALENDAR, *SHARED]
)
def test_a_value_of_the_wrong_type_is_never_a_traceback(tree: Path, file: str, value: str) -> None:
    original = (tree / file).read_text(encoding="utf-8")
    keys = [line.partition(":")[0] for line in original.splitlines() if line[:1].isalpha()]

    for key in keys:
        (tree / file).write_text(f"{_without(original, key)}\n{key}: {value}\n", encoding="utf-8")
        assert all(line.endswith("]") for line in told(tree)), key


def _without(text: str, key: str) -> str:
    """The text less the top-level key and what is nested under it."""
    kept, inside = [], False
    for line in text.splitlines():
        if line[:1].isalpha():
            inside = line.startswith(f"{key}:")
        if not inside:
            kept.append(line)
    return "\n".join(kept)


@pytest.mark.parametrize(
    ("file", "named", "rule"),
    [
        (LOAN, LOAN, "diagram-exists"),
        (PROCESS, PROCESS, "process-described"),
        ("policy/sources.yaml", "policy/sources.yaml", "readable"),
        ("policy/regions.yaml", "policy/regions.yaml", "readable"),
        ("policy/agencies.yaml", "policy/agencies.yaml", "readable"),
        (CALENDAR, CALENDAR, "readable"),
        (TABLE, TABLE, "sibling"),
        (TABLE_MAP, TABLE_MAP, "sibling"),
        (FORM, LOAN, "form-exists"),
        (PROMISE, SERVICE, "parameter"),
    ],
)
def test_a_missing_file_is_told(tree: Path, file: str, named: str, rule: str) -> None:
    (tree / file).unlink()

    assert named_in(told(tree), named, f"[{rule}]")


@pytest.mark.parametrize("file", [LOAN, PROMISE, TABLE, CALENDAR, FORM, EXAMPLES, SERVICE, SCENARIOS])
def test_a_folder_in_place_of_a_file_is_told(tree: Path, file: str) -> None:
    (tree / file).unlink()
    (tree / file).mkdir()

    assert named_in(told(tree), Path(file).name)


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    assert named_in(told(tmp_path), "policy/sources.yaml", "[readable]")


@pytest.mark.parametrize("data", BYTES.values(), ids=BYTES.keys())
@pytest.mark.parametrize("suffix", ["bpmn", "form", "dmn"])
def test_one_hostile_file_is_told_on_the_command_line(tmp_path: Path, suffix: str, data: bytes) -> None:
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(data)

    result = CliRunner().invoke(main, ["check", str(path)])

    assert_refused(result.exit_code, result.output, path.name)


@pytest.mark.parametrize("name", ["not UTF-8", "NUL", "deep brackets", "deep braces", "NaN", "large"])
def test_one_hostile_yaml_file_is_told_on_the_command_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(BYTES[name])

    result = CliRunner().invoke(main, ["check", str(path)])

    assert_refused(result.exit_code, result.output, path.name)


def test_a_file_of_another_kind_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.exe"
    path.write_bytes(b"MZ")

    result = CliRunner().invoke(main, ["check", str(path)])

    assert_refused(result.exit_code, result.output, path.name)


def test_the_projects_files_pass_one_by_one() -> None:
    paths = [str(content_root() / file) for file in FILES]

    result = CliRunner().invoke(main, ["check", *paths])

    assert (result.exit_code, result.output) == (0, "0 problems\n")


def assert_refused(exit_code: int, output: str, file: str) -> None:
    first, *_, last = output.splitlines()
    where, element, *_ = first.split(": ")
    assert exit_code == 1
    assert where.partition(":")[0] == file
    assert element
    assert first.endswith("]")
    assert last.endswith("problems")


def test_a_broken_tree_is_not_deployed(
    tree: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BANJIE_DATABASE_URL", database_url)
    monkeypatch.setenv("BANJIE_VAR", str(tree / "var"))
    (tree / PROMISE).write_text(
        (tree / PROMISE).read_text(encoding="utf-8").replace("value: 11", "value: 10")
    )

    result = CliRunner().invoke(main, ["deploy", str(tree)])

    assert result.exit_code == 1
    assert "[path-within-promise]" in result.output
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT count(*) FROM definition").fetchone() == (0,)
