"""Is the content fit to be put live? Every rule of every file, before anything is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from banjie.content import rules
from banjie.content.bundle import Bundle as ContentBundle
from banjie.content.bundle import load_bundle, process_keys, undescribed
from banjie.content.references import Offered, check_references
from banjie.domain.assignment import role_of_agency
from banjie.domain.errors import ContentError, Problem
from banjie.engine.definitions import Bundle, compile_definition
from banjie.engine.simulate import simulate
from banjie.forms.catalogue import check_forms, form_files, form_key
from banjie.forms.reader import load_form
from banjie.notices.letters import TEMPLATES
from banjie.policy.book import Book
from banjie.policy.calendars import load_calendars
from banjie.policy.catalogue import WhileOpen
from banjie.policy.decide import Decider
from banjie.policy.examples import failing_examples, read_examples
from banjie.policy.parameters import Unit
from banjie.policy.tables import load_table
from banjie.policy.yaml_reader import load_yaml, parse_yaml
from banjie.services.applications import identity_field
from banjie.services.content_entitlements import check_entitlements, check_packages
from banjie.services.content_grants import check_grants
from banjie.services.content_limits import check_limits
from banjie.services.content_local_rules import check_publicity, check_teams
from banjie.services.content_panels import check_panels
from banjie.services.content_process import check_process_file, check_services
from banjie.services.content_scenarios import check_scenarios
from banjie.services.content_tables import check_tables, gaps

_DAYS = (Unit.WORKING_DAYS, Unit.NATURAL_DAYS)

#: Any year within the calendar serves to check the file: what it refuses does not depend on today.
_A_YEAR = 2026


def check(root: Path) -> list[Problem]:
    """Every broken rule of a content tree, forms first, then policy, then each process; empty when all is well.

    Never raises for what a file holds. Where the policy itself cannot be read nothing that names it is checked.
    """
    problems = [replace(one, file=f"forms/{one.file}") for one in check_forms(root / "forms")]
    problems += _refusal(lambda: load_calendars(root / "policy" / "calendars", _A_YEAR))
    try:
        book = Book.load(root)
        decider = Decider(book)
        problems += failing_examples(decider, read_examples(root))
    except ContentError as error:
        return [*problems, *error.problems]
    problems += check_tables(decider)
    problems += check_services(book, process_keys(root), _forms(root))
    problems += _untold_applicants(root, book)
    problems += check_entitlements(root, book, decider)
    problems += check_packages(root, book)
    problems += undescribed(root)
    for process in process_keys(root):
        problems += check_process(root, process, book, decider)
    return problems


def notes(root: Path) -> list[str]:
    """What is no fault but worth knowing of a content tree that has none: what its tables leave undecided."""
    return gaps(Decider(Book.load(root)))


def check_process(root: Path, process: str, book: Book, decider: Decider) -> list[Problem]:
    """The broken rules of one process: diagrams, then the names in them, limits and scenarios, then random walks."""
    try:
        content = load_bundle(root, process)
        problems = rules.check_bundle(_diagrams(content))
        if problems:
            return problems
        bundle = engine_bundle(content)
        definition = compile_definition(bundle).definition
        scenarios = _scenarios(root, process)
    except ContentError as error:
        return list(error.problems)
    offered = _offered(root, book, decider)
    described = f"bpmn/{process}/process.yaml"
    problems += check_process_file(
        described, content.files[described], process, book, offered.forms, offered.limits
    )
    problems += check_references(f"bpmn/{process}/{process}.bpmn", definition.elements, offered)
    problems += check_panels(f"bpmn/{process}/{process}.bpmn", definition.elements, content)
    problems += check_limits(definition, _diagrams(content), book)
    problems += check_grants(definition, book)
    problems += check_teams(definition, book)
    problems += check_publicity(definition, book)
    for file, read in scenarios.items():
        problems += check_scenarios(file, read, definition, book, decider.keys)
    return problems or simulate(bundle)


def check_file(path: Path) -> list[Problem]:
    """The broken rules of one file by itself: a diagram, a form, a decision table or a YAML file."""
    try:
        data = path.read_bytes()
    except OSError as error:
        return [_problem(path.name, "readable", f"it cannot be read: {error.strerror}")]
    checks: Mapping[str, Callable[[], object]] = {
        ".form": lambda: load_form(path.name, data),
        ".dmn": lambda: load_table(data, path.name),
        ".yaml": lambda: parse_yaml(data, file=path.name),
    }
    if path.suffix == ".bpmn":
        return rules.check_diagram(path.name, data)
    if path.suffix not in checks:
        return [_problem(path.name, "kind", f"it is none of .bpmn, {', '.join(sorted(checks))}")]
    return _refusal(checks[path.suffix])


def engine_bundle(content: ContentBundle) -> Bundle:
    """What the engine compiles of a bundle. Raises ContentError where process.yaml is broken or missing."""
    folder = f"bpmn/{content.key}/"
    main, file = f"{folder}{content.key}.bpmn", f"{folder}process.yaml"
    if main not in content.files:
        raise ContentError([_problem(main, "diagram-exists", "the diagram is missing", element="process")])
    described = parse_yaml(content.files[file], file=file)
    if not isinstance(described, dict) or described.get("key") != content.key:
        raise ContentError([_problem(file, "key", f"must be {content.key!r}", element="key")])
    called = {path: data for path, data in _diagrams(content).items() if path != main}
    return Bundle(key=content.key, process=described, main=content.files[main], called=called)


def _diagrams(content: ContentBundle) -> dict[str, bytes]:
    return {path: data for path, data in content.files.items() if path.endswith(".bpmn")}


def _scenarios(root: Path, process: str) -> dict[str, object]:
    """The scenarios of a process by file, as read; none where it has no such file. Raises ContentError."""
    path = root / "bpmn" / process / "scenarios.yaml"
    file = path.relative_to(root).as_posix()
    return {file: load_yaml(path, file=file)} if path.exists() else {}


def _untold_applicants(root: Path, book: Book) -> list[Problem]:
    """Services that refuse or join a second application though their start form asks for no number to tell it by."""
    problems: list[Problem] = []
    for key, service in book.services.items():
        path = root / "forms" / f"{service.start_form}.form"
        if service.while_open is WhileOpen.ALLOW or not path.exists():
            continue
        try:
            form = load_form(path.name, path.read_bytes())
        except ContentError:  # told with the forms
            continue
        if identity_field(service, form) is None:
            message = (
                f"the form {service.start_form!r} asks for no number that tells the applicant: say 'allow'"
            )
            file = f"policy/services/{key}.yaml"
            problems.append(_problem(file, "applicant-number", message, element="while_open"))
    return problems


def _offered(root: Path, book: Book, decider: Decider) -> Offered:
    return Offered(
        forms=_forms(root),
        decisions=decider.keys,
        limits=frozenset(key for key, parameter in book.parameters.items() if parameter.unit in _DAYS),
        roles=frozenset(role_of_agency(unit.kind) for unit in book.agencies.values()),
        notices=TEMPLATES,
        articles={
            key: {label: article.text or None for label, article in document.articles.items()}
            for key, document in book.documents.items()
        },
    )


def _forms(root: Path) -> frozenset[str]:
    return frozenset(form_key(root / "forms", path) for path in form_files(root / "forms"))


def _refusal(load: Callable[[], object]) -> list[Problem]:
    """The problems with which something is refused."""
    try:
        load()
    except ContentError as error:
        return list(error.problems)
    return []


def _problem(file: str, rule: str, message: str, *, element: str = "file") -> Problem:
    return Problem(file=file, element=element, rule=rule, message=message)
