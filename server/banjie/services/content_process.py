"""Whether ``process.yaml`` says who takes part, which form begins the process and where it stands in the law."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from banjie.domain.assignment import role_of_agency
from banjie.domain.errors import ContentError, Problem
from banjie.policy.book import Book
from banjie.policy.regions import AgencyKind
from banjie.policy.sources import read_citation
from banjie.policy.yaml_reader import Node, parse_yaml


def check_process_file(
    file: str, data: bytes, key: str, book: Book, forms: Collection[str], limits: Collection[str]
) -> list[Problem]:
    """The broken rules of one ``process.yaml``; `forms` and `limits` are the keys of all there are.

    A citation that does not hold is named each, of the rest the first.
    """
    try:
        node = Node(parse_yaml(data, file=file), file=file)
        problems = list(_citation_problems(node, book))
        _read(node, key, book, forms, limits)
    except ContentError as error:
        return list(error.problems)
    return problems


def check_services(book: Book, processes: Collection[str], forms: Collection[str]) -> list[Problem]:
    """Services whose process or start form is none. Their citations are checked when the book is read."""
    return [
        Problem(file=f"policy/services/{key}.yaml", element=element, rule=rule, message=f"there is no {word} {name!r}")
        for key, service in book.services.items()
        for element, rule, word, name, known in (
            ("process", "process-exists", "process", service.process, processes),
            ("start_form", "form-exists", "form", service.start_form, forms),
        )
        if name not in known
    ]  # fmt: skip


def _read(node: Node, key: str, book: Book, forms: Collection[str], limits: Collection[str]) -> None:
    if node.text("key") != key:
        raise node.fault("key", "key", f"must be {key!r}")
    for name in ("title", "title_en"):
        node.text(name)
    node.choice("owner", AgencyKind)
    roles = _roles(node.child("roles"))
    lanes = node.child("lanes")
    for lane in lanes.names():
        if lanes.text(lane) not in roles:
            raise lanes.fault(lane, "role-exists", f"roles has no {lanes.text(lane)!r}")
    begins = node.child("start_forms")
    for service in begins.names():
        _check_start(begins, service, key, book, forms)
    promised = node.find_text("promised_limit")
    if promised is not None and promised not in limits:
        raise node.fault("promised_limit", "limit-exists", f"there is no parameter of days {promised!r}")
    node.close()


def _roles(node: Node) -> set[str]:
    """The candidate roles; each names the kind of agency that fills it, null for the applicant's."""
    for role in node.names():
        if role in node and role_of_agency(node.choice(role, AgencyKind)) != role:
            raise node.fault(role, "role-exists", f"no agency of the kind {node.text(role)} fills it")
    return set(node.names())


def _check_start(node: Node, service: str, key: str, book: Book, forms: Collection[str]) -> None:
    form = node.text(service)
    if form not in forms:
        raise node.fault(service, "form-exists", f"there is no form {form!r}")
    offered = book.services.get(service)
    if offered is None or offered.process != key:
        raise node.fault(service, "service-exists", "the catalogue has no such service of this process")
    if offered.start_form != form:
        raise node.fault(service, "start-form", f"the service begins with {offered.start_form!r}")


def _citation_problems(node: Node, book: Book) -> Iterator[Problem]:
    cited = node.children("citations")
    if not cited:
        raise node.fault("citations", "citation-required", "a process names its legal basis")
    for one in cited:
        try:
            read_citation(one, book.documents)
        except ContentError as error:
            yield from error.problems
