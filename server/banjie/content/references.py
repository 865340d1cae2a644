"""Whether the names in one folder's files resolve in the others'.

The other folders are given as what they offer, so that this adapter knows none of the others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from banjie.domain.citations import Citation
from banjie.domain.definitions import Element, ElementKind
from banjie.domain.errors import Problem


@dataclass(frozen=True, kw_only=True)
class Offered:
    """What a diagram may name: keys of forms, decisions and parameters, candidate roles, notice templates.

    `limits` are the parameters that hold a number of days; `articles` maps a document to its articles' texts
    with all white space removed (None where the text is not held).
    """

    forms: Collection[str]
    decisions: Collection[str]
    limits: Collection[str]
    roles: Collection[str]
    notices: Collection[str]
    articles: Mapping[str, Mapping[str, str | None]]


def check_references(file: str, elements: Mapping[str, Element], offered: Offered) -> list[Problem]:
    """Every name of a diagram that nothing bears."""
    return [
        Problem(file=file, element=element.name or element.id, rule=rule, message=message)
        for element in elements.values()
        for rule, message in _faults(element, elements, offered)
    ]


def _faults(element: Element, elements: Mapping[str, Element], offered: Offered) -> Iterator[tuple[str, str]]:
    named = (
        ("form-exists", "form", element.form, offered.forms),
        ("decision-exists", "decision", element.decision, offered.decisions),
        ("limit-exists", "parameter of days", element.limit, offered.limits),
        ("extension-exists", "parameter of days", element.extension, offered.limits),
        ("notice-exists", "notice template", element.notice, offered.notices),
    )
    for rule, kind, key, known in named:
        if key is not None and key not in known:
            yield rule, f"there is no {kind} {key!r}"
    if element.extension is not None and element.limit is None:
        yield "extension-of-limit", "it names an extension but has no limit of its own to extend"
    if element.kind is ElementKind.USER_TASK and element.role not in offered.roles:
        yield "role-exists", f"no agency fills the role {element.role!r}"
    for other in element.not_same_as:
        if other not in elements:
            yield "element-exists", f"notSameAs names {other!r}, which is no element of the diagram"
    for citation in element.citations:
        fault = _citation_fault(citation, offered.articles)
        if fault:
            yield "citation-holds", fault


def _citation_fault(citation: Citation, articles: Mapping[str, Mapping[str, str | None]]) -> str | None:
    if citation.document not in articles:
        return f"sources.yaml has no document {citation.document!r}"
    if citation.article not in articles[citation.document]:
        return f"{citation.document} has no article {citation.article!r}"
    text = articles[citation.document][citation.article]
    if text is not None and citation.quote not in text:
        return f"the quote is not in {citation.document} {citation.article}"
    return None
