"""Decision tables and what each of their inputs means: a place in the case data, a parameter, or a constant.

Beside every ``decisions/<name>.dmn`` stands ``<name>.yaml``. It names the decision and maps the table's
input data, so that the table speaks only in words and the receipt can list each value with its source.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias

from banjie.domain.citations import Citation
from banjie.domain.errors import ContentError, Problem
from banjie.feel.dmn_errors import DmnError
from banjie.feel.model import Model, load_model
from banjie.policy.sources import Document, read_citation
from banjie.policy.yaml_reader import Node, read_file, refuse

#: The annotation column that names citations, separated by `；`.
BASIS_COLUMN = "依据"


class FactType(StrEnum):
    """The type of a value from the case data; a list is one of mappings, as a repeated group of a form gives it."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    LIST = "list"


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A value of the case data, at a dotted path.

    `words` turns codes of a form into the words of the table; `default` stands in where the value is
    missing; a missing value without a default is a gap in the receipt unless it is `optional`.
    """

    path: tuple[str, ...]
    type: FactType
    optional: bool = False
    default: str | bool | int | None = None
    words: Mapping[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class FromParameter:
    """The value of a policy parameter in force on the day in the region."""

    key: str


@dataclass(frozen=True, kw_only=True)
class Constant:
    """A fixed value that is not law, such as the order of words."""

    value: str | bool | int | tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LawDay:
    """The day whose law decides, as ISO text: that of the acceptance."""


Source: TypeAlias = Fact | FromParameter | Constant | LawDay


@dataclass(frozen=True, kw_only=True)
class TableInput:
    """One input datum of a table.

    `when` maps names of earlier inputs to the value they must have; otherwise the input is null and not
    missed, so that an individual loan does not ask for the shares of enterprises.
    """

    name: str
    source: Source
    when: Mapping[str, str | bool | int]


@dataclass(frozen=True, kw_only=True)
class DecisionTable:
    """A table ready to decide. `version` is the SHA-256 of the table and its map; `citations` by label."""

    key: str
    title: str
    title_en: str
    decision: str
    version: str
    inputs: tuple[TableInput, ...]
    citations: Mapping[str, Citation]
    model: Model = field(repr=False, compare=False)


def read_tables(
    root: Path, documents: Mapping[str, Document], parameters: Mapping[str, object]
) -> dict[str, DecisionTable]:
    """Every table below ``policy/*/decisions`` by its key ``process/name``.

    Raises ContentError with every broken rule: both files there, the model loads without a problem, each
    input datum is mapped, each parameter exists, each citation holds.
    """
    problems: list[Problem] = []
    tables: dict[str, DecisionTable] = {}
    folder = root / "policy"
    stems = {
        path.with_suffix("") for kind in ("dmn", "yaml") for path in folder.glob(f"*/decisions/*.{kind}")
    }
    for stem in sorted(stems):
        key = f"{stem.parent.parent.name}/{stem.name}"
        try:
            tables[key] = _read_table(root, stem, key, documents, parameters)
        except ContentError as error:
            problems += error.problems
    if problems:
        raise ContentError(problems)
    return tables


def _read_table(
    root: Path, stem: Path, key: str, documents: Mapping[str, Document], parameters: Mapping[str, object]
) -> DecisionTable:
    dmn_path, map_path = stem.with_suffix(".dmn"), stem.with_suffix(".yaml")
    for path in (dmn_path, map_path):
        if not path.is_file():
            raise refuse(path.relative_to(root).as_posix(), "file", "sibling", "a table needs it")
    data = _read(root, dmn_path)
    model = load_table(data, dmn_path.relative_to(root).as_posix())
    file = read_file(root, map_path)
    table = DecisionTable(
        key=key,
        title=file.text("title"),
        title_en=file.text("title_en"),
        decision=file.text("decision"),
        version=sha256(data + b"\0" + map_path.read_bytes()).hexdigest(),
        inputs=_inputs(file.child("inputs"), parameters),
        citations=_citations(file, documents),
        model=model,
    )
    file.close()
    _check_against_model(table, dmn_path.relative_to(root).as_posix(), file)
    return table


def _read(root: Path, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        name = path.relative_to(root).as_posix()
        raise refuse(name, "file", "readable", f"it cannot be read: {error.strerror}") from error


def load_table(data: bytes, name: str) -> Model:
    """The model of a ``.dmn`` file that errors call `name`. Raises ContentError with every broken rule."""
    try:
        model = load_model(data, file=name)
    except DmnError as error:
        raise refuse(name, error.element or "definitions", "dmn", error.rule, error.line) from error
    if model.problems:
        raise ContentError(
            [
                Problem(file=name, element=one.element, rule=one.code, message=one.message)
                for one in model.problems
            ]
        )
    return model


def _check_against_model(table: DecisionTable, name: str, file: Node) -> None:
    try:
        rules = table.model.table(table.decision).rules
        needed = {one.name for one in table.model.inputs_of(table.decision)}
    except DmnError as error:
        raise refuse(name, table.decision, "dmn", error.rule, error.line) from error
    mapped = {one.name for one in table.inputs}
    for missing in sorted(needed - mapped):
        raise file.fault(
            f"inputs.{missing}", "input-mapped", "the table asks for it and the map does not say it"
        )
    for unused in sorted(mapped - needed):
        raise file.fault(f"inputs.{unused}", "input-needed", "the table does not ask for it")
    for rule in rules:
        for label in basis_labels(rule.annotations):
            if label not in table.citations:
                raise refuse(
                    name, f"rule {rule.index}", "citation-exists", f"the map has no citation {label!r}"
                )


def basis_labels(annotations: Mapping[str, str]) -> list[str]:
    """The labels of the citations that a rule's annotation names."""
    return [label.strip() for label in annotations.get(BASIS_COLUMN, "").split("；") if label.strip()]


def _citations(file: Node, documents: Mapping[str, Document]) -> dict[str, Citation]:
    file.raw("citations")
    node = file.find_child("citations")
    return {label: read_citation(child, documents) for label, child in node.mappings()} if node else {}


def _inputs(node: Node, parameters: Mapping[str, object]) -> tuple[TableInput, ...]:
    inputs: list[TableInput] = []
    for name, child in node.mappings():
        when = _when(child, {one.name for one in inputs})
        inputs.append(TableInput(name=name, source=_source(child, parameters), when=when))
        child.close()
    return tuple(inputs)


def _when(node: Node, earlier: set[str]) -> dict[str, str | bool | int]:
    node.raw("when")
    conditions = node.find_child("when")
    when: dict[str, str | bool | int] = {}
    for name, value in conditions.items() if conditions else ():
        if name not in earlier:
            raise node.fault("when", "input-exists", f"no input {name!r} stands before it")
        if not isinstance(value, str | bool | int):
            raise node.fault("when", "type", f"{name!r} is compared with text, a whole number or a flag")
        when[name] = value
    return when


def _source(node: Node, parameters: Mapping[str, object]) -> Source:
    readers: dict[str, Callable[[], Source]] = {
        "path": lambda: _fact(node),
        "parameter": lambda: _parameter(node, parameters),
        "constant": lambda: _constant(node),
        "day": lambda: _law_day(node),
    }
    named = [kind for kind in readers if kind in node]
    if len(named) != 1:
        raise node.fault("path", "one-source", "an input has one of path, parameter, constant and day")
    return readers[named[0]]()


def _fact(node: Node) -> Fact:
    node.raw("words")
    words = node.find_child("words")
    default = node.raw("default")
    if default is not None and not isinstance(default, str | bool | int):
        raise node.fault("default", "type", "a default is text, a whole number or a flag")
    return Fact(
        path=tuple(node.text("path").split(".")),
        type=node.choice("type", FactType),
        optional=node.find("optional", bool) or False,
        default=default,
        words={code: words.text(code) for code in words.names()} if words else None,
    )


def _parameter(node: Node, parameters: Mapping[str, object]) -> FromParameter:
    key = node.text("parameter")
    if key not in parameters:
        raise node.fault("parameter", "parameter-exists", f"there is no parameter {key!r}")
    return FromParameter(key=key)


def _law_day(node: Node) -> LawDay:
    if node.text("day") != "law":
        raise node.fault("day", "choice", "the day is `law`, the one whose law decides")
    return LawDay()


def _constant(node: Node) -> Constant:
    value = node.raw("constant")
    if isinstance(value, list):
        return Constant(value=node.texts("constant"))
    if isinstance(value, str | bool | int):
        return Constant(value=value)
    raise node.fault("constant", "type", "a constant is text, a whole number, a flag or a list of texts")
