"""Decisions by the law of a day: DMN tables with their parameters, and a receipt for each.

Beside each ``decisions/<name>.dmn`` a ``<name>.yaml`` says where the table's inputs come from in the case data
and under which names it reads parameters. A parameter without a value on the day is null in the table and
stands in the receipt as missing, so that the decision is not green and an officer is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from importlib import metadata
from pathlib import Path

from banjie.domain.citations import Citation
from banjie.domain.decisions import Decision, Json, MatchedRule, MissingValue, ParameterValue, Scalar
from banjie.domain.errors import ContentError, NotFound, Problem
from banjie.feel.dmn_errors import DmnError
from banjie.feel.model import Model, load_model
from banjie.feel.values import to_python
from banjie.policy.book import Book
from banjie.policy.sources import citation_fault
from banjie.policy.yaml_reader import Node, read_file

#: The annotation column that holds a rule's citations, one a line: ``document | article | quote``.
CITATIONS = "依据"
_ENGINE = f"banjie.feel {metadata.version('banjie')}"


@dataclass(frozen=True, kw_only=True)
class NeededParameter:
    """A parameter that a table reads; `when` (input name → value) limits it to some cases."""

    key: str
    when: Mapping[str, Scalar]


@dataclass(frozen=True, kw_only=True)
class Table:
    """A decision table as loaded.

    `version` is the SHA-256 of the table and its sidecar; `inputs` maps a FEEL name to a path in the case
    data, `parameters` a FEEL name to the parameter behind it; `citations` by rule id.
    """

    key: str
    title: str
    title_en: str
    version: str
    model: Model
    decision: str
    inputs: Mapping[str, str]
    parameters: Mapping[str, NeededParameter]
    citations: Mapping[str, tuple[Citation, ...]]


class Decider:
    """All decision tables of a book, compiled once; safe for all threads."""

    def __init__(self, book: Book) -> None:
        """Read every table below ``policy/``. Raises ContentError with all that is wrong."""
        self._book = book
        self._tables: dict[str, Table] = {}
        problems: list[Problem] = []
        for path in sorted((book.root / "policy").glob("*/decisions/*.dmn")):
            key = f"{path.parent.parent.name}/{path.stem}"
            try:
                self._tables[key] = _read_table(book, key, path)
            except ContentError as error:
                problems += error.problems
        if problems:
            raise ContentError(problems)

    @property
    def keys(self) -> frozenset[str]:
        """The keys of all tables, ``process/name``."""
        return frozenset(self._tables)

    def table(self, key: str) -> Table:
        """A table by its key; raises NotFound."""
        if key not in self._tables:
            raise NotFound(decision=key)
        return self._tables[key]

    def decide(self, key: str, facts: Mapping[str, Json], *, on: date, region: str) -> Decision:
        """Decide by the law in force on the day in the region; never raises for what the case data hold.

        Raises NotFound for an unknown table.
        """
        table = self.table(key)
        inputs: dict[str, Json] = {name: _at(facts, path) for name, path in table.inputs.items()}
        values, missing, given = self._parameters(table, inputs, on, region)
        result = table.model.evaluate_decision(table.decision, {**inputs, **given})
        rules = tuple(
            MatchedRule(
                id=match.id,
                row=match.index,
                annotations={name: text for name, text in match.annotations.items() if name != CITATIONS},
                citations=table.citations.get(match.id, ()),
            )
            for receipt in result.receipts
            for match in receipt.result.matched_rules
        )
        return Decision(
            key=key,
            version=table.version,
            on=on,
            region=region,
            inputs=inputs,
            value=_outputs(to_python(result.value)) if rules else {},
            rules=rules,
            parameters=tuple(values),
            missing=tuple(missing),
            diagnostics=tuple(str(diagnostic) for diagnostic in result.diagnostics),
            engine=_ENGINE,
        )

    def _parameters(
        self, table: Table, inputs: Mapping[str, Json], on: date, region: str
    ) -> tuple[list[ParameterValue], list[MissingValue], dict[str, object]]:
        values: list[ParameterValue] = []
        missing: list[MissingValue] = []
        given: dict[str, object] = {}
        for name, needed in table.parameters.items():
            given[name] = None
            if any(inputs.get(other) != wanted for other, wanted in needed.when.items()):
                continue
            found = self._book.find_parameter(needed.key, on=on, region=region)
            if isinstance(found, MissingValue):
                missing.append(found)
            else:
                values.append(found)
                given[name] = found.value
        return values, missing, given


def _at(facts: Mapping[str, Json], path: str) -> Json:
    value: Json = facts
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _outputs(value: object) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {"value": value}  # type: ignore[dict-item]


def _read_table(book: Book, key: str, path: Path) -> Table:
    """A table with its sidecar. Raises ContentError."""
    name = path.relative_to(book.root).as_posix()
    data = path.read_bytes()
    try:
        model = load_model(data, file=name)
    except DmnError as error:
        raise ContentError([Problem(file=name, element="definitions", rule="dmn", message=str(error))]) from None
    if model.problems:
        raise ContentError(
            [Problem(file=name, element=one.element, rule="dmn", message=one.message) for one in model.problems]
        )
    if len(model.decision_names) != 1:
        raise ContentError(
            [Problem(file=name, element="definitions", rule="one-decision", message="must hold one decision")]
        )
    sidecar = path.with_suffix(".yaml")
    node = read_file(book.root, sidecar)
    decision = model.decision_names[0]
    table = Table(
        key=key,
        title=node.text("title"),
        title_en=node.text("title_en"),
        version=sha256(data + sidecar.read_bytes()).hexdigest(),
        model=model,
        decision=decision,
        inputs={name: str(path) for name, path in node.child("inputs").items()},
        parameters=_needed(book, node),
        citations=_citations(book, name, model, decision),
    )
    node.close()
    _check_inputs(table, node)
    return table


def _needed(book: Book, node: Node) -> dict[str, NeededParameter]:
    needed: dict[str, NeededParameter] = {}
    child = node.find_child("parameters")
    for name, entry in child.mappings() if child else ():
        key = entry.text("key")
        if key not in book.parameters:
            raise entry.fault("key", "parameter-exists", f"there is no parameter {key!r}")
        when = entry.find_child("when")
        needed[name] = NeededParameter(key=key, when=dict(when.items()) if when else {})  # type: ignore[arg-type]
        entry.close()
    return needed


def _check_inputs(table: Table, node: Node) -> None:
    """The sidecar names exactly the table's inputs."""
    wanted = {one.name for one in table.model.inputs_of(table.decision)}
    given = {*table.inputs, *table.parameters}
    for name in sorted(wanted ^ given):
        said = "the table has no such input" if name in given else "the table needs it and the sidecar does not give it"
        raise node.fault(name, "inputs-match", said)


def _citations(book: Book, file: str, model: Model, decision: str) -> dict[str, tuple[Citation, ...]]:
    """Rule id → its citations, each held against the text that it quotes."""
    cited: dict[str, tuple[Citation, ...]] = {}
    problems: list[Problem] = []
    for rule in model.table(decision).rules:
        text = rule.annotations.get(CITATIONS, "")
        found: list[Citation] = []
        for line in text.splitlines():
            document, _, rest = (part.strip() for part in line.partition("|"))
            article, _, quote = (part.strip() for part in rest.partition("|"))
            citation = Citation(document=document, article=article, quote="".join(quote.split()))
            fault = citation_fault(citation, book.documents)
            if fault:
                problems.append(Problem(file=file, element=rule.id, rule=f"citation-{fault[0]}", message=fault[1]))
            found.append(citation)
        if not found:
            problems.append(
                Problem(file=file, element=rule.id, rule="citation-required", message="a rule names its legal basis")
            )
        cited[rule.id] = tuple(found)
    if problems:
        raise ContentError(problems)
    return cited
