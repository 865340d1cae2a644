"""Is the content fit to be put live? Every rule of every file, before anything is stored."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from banjie.content import rules
from banjie.content.bundle import Bundle as ContentBundle
from banjie.content.bundle import load_bundle, process_keys
from banjie.content.references import Offered, check_references
from banjie.domain.assignment import role_of_agency
from banjie.domain.definitions import Definition
from banjie.domain.errors import ContentError, Problem
from banjie.engine.definitions import Bundle, compile_definition
from banjie.engine.simulate import simulate
from banjie.forms.catalogue import check_forms, form_files, form_key
from banjie.forms.reader import load_form
from banjie.notices.letters import TEMPLATES
from banjie.policy.book import Book
from banjie.policy.decide import Decider
from banjie.policy.parameters import Unit
from banjie.policy.yaml_reader import parse_yaml

_DAYS = (Unit.WORKING_DAYS, Unit.NATURAL_DAYS)


def check(root: Path) -> list[Problem]:
    """Every broken rule of a content tree, forms first, then policy, then each process; empty when all is well."""
    problems = check_forms(root / "forms")
    try:
        book = Book.load(root)
        decider = Decider(book)
    except ContentError as error:
        return [*problems, *error.problems]
    for process in process_keys(root):
        problems += check_process(root, process, book, decider)
    return problems


def check_process(root: Path, process: str, book: Book, decider: Decider) -> list[Problem]:
    """The broken rules of one process: its diagrams, then its names in the rest, then random walks through it."""
    content = load_bundle(root, process)
    diagrams = {path: data for path, data in content.files.items() if path.endswith(".bpmn")}
    problems = rules.check_bundle(diagrams)
    if problems:
        return problems
    try:
        bundle = engine_bundle(content)
        definition = compile_definition(bundle).definition
    except ContentError as error:
        return list(error.problems)
    problems = list(_names(root, definition, book, decider))
    return problems or simulate(bundle)


def check_file(path: Path) -> list[Problem]:
    """The broken rules of one file by itself: a diagram, a form, or a YAML file."""
    data = path.read_bytes()
    if path.suffix == ".bpmn":
        return rules.check_diagram(path.name, data)
    if path.suffix == ".form":
        return _form_problems(path.name, data)
    try:
        parse_yaml(data, file=path.name)
    except ContentError as error:
        return list(error.problems)
    return []


def engine_bundle(content: ContentBundle) -> Bundle:
    """What the engine compiles of a bundle. Raises ContentError where process.yaml is broken or missing."""
    folder = f"bpmn/{content.key}/"
    main = f"{folder}{content.key}.bpmn"
    if main not in content.files:
        raise ContentError(
            [Problem(file=main, element="process", rule="diagram-exists", message="the diagram is missing")]
        )
    described = parse_yaml(content.files[f"{folder}process.yaml"], file=f"{folder}process.yaml")
    if not isinstance(described, dict) or described.get("key") != content.key:
        raise ContentError(
            [
                Problem(
                    file=f"{folder}process.yaml",
                    element="key",
                    rule="key",
                    message=f"must be {content.key!r}",
                )
            ]
        )
    called = {path: data for path, data in content.files.items() if path.endswith(".bpmn") and path != main}
    return Bundle(key=content.key, process=described, main=content.files[main], called=called)


def _names(root: Path, definition: Definition, book: Book, decider: Decider) -> Iterator[Problem]:
    offered = Offered(
        forms=frozenset(form_key(root / "forms", path) for path in form_files(root / "forms")),
        decisions=decider.keys,
        limits=frozenset(key for key, parameter in book.parameters.items() if parameter.unit in _DAYS),
        roles=frozenset(role_of_agency(unit.kind) for unit in book.agencies.values()),
        notices=TEMPLATES,
        articles={
            key: {label: article.text or None for label, article in document.articles.items()}
            for key, document in book.documents.items()
        },
    )
    yield from check_references(f"bpmn/{definition.key}/{definition.key}.bpmn", definition.elements, offered)


def _form_problems(name: str, data: bytes) -> list[Problem]:
    try:
        load_form(name, data)
    except ContentError as error:
        return list(error.problems)
    return []
