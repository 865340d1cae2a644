"""The documents that values, steps and services cite, and the words of their articles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from banjie.domain.citations import Citation
from banjie.policy.yaml_reader import Node


class DocumentKind(StrEnum):
    """Whether the document's own words are on hand."""

    POLICY_TEXT = "policy_text"
    LAW_CITED_AT_SECOND_HAND = "law_cited_at_second_hand"


@dataclass(frozen=True, kw_only=True)
class Article:
    """An article by its label.

    `text` holds its exact words with all white space removed; it is empty for a law cited at second hand,
    whose `rule` says in our words what is relied on.
    """

    label: str
    text: str = ""
    rule: str = ""
    rule_en: str = ""


@dataclass(frozen=True, kw_only=True)
class Document:
    """A document by its key; `number`, `issuer` and `issued` are None where it bears none."""

    key: str
    kind: DocumentKind
    number: str | None
    title: str
    title_en: str
    issuer: str | None
    issued: date | None
    level: str
    region: str | None
    note: str | None
    articles: Mapping[str, Article]

    @property
    def label(self) -> str:
        """How a page names the document: its number, else its title."""
        return self.number or f"《{self.title}》"


def read_sources(file: Node) -> dict[str, Document]:
    """Documents by key, from ``sources.yaml``. Raises ContentError."""
    documents = {key: _document(key, node) for key, node in file.child("documents").mappings()}
    file.close()
    return documents


def _document(key: str, node: Node) -> Document:
    kind = node.choice("kind", DocumentKind)
    document = Document(
        key=key,
        kind=kind,
        number=node.find_text("number"),
        title=node.text("title"),
        title_en=node.text("title_en"),
        issuer=node.find_text("issuer"),
        issued=node.find("issued", date),
        level=node.text("level"),
        region=node.find_text("region"),
        note=node.find_text("note"),
        articles=_articles(node.child("articles"), kind),
    )
    node.close()
    return document


def _articles(node: Node, kind: DocumentKind) -> dict[str, Article]:
    if kind is DocumentKind.LAW_CITED_AT_SECOND_HAND:
        return {label: _rule(label, child) for label, child in node.mappings()}
    articles = {}
    for label in node.names():
        text = node.text(label)
        if text != squeeze(text):
            raise node.fault(label, "no-white-space", "the article's text carries white space")
        articles[label] = Article(label=label, text=text)
    return articles


def _rule(label: str, node: Node) -> Article:
    article = Article(label=label, rule=node.text("rule"), rule_en=node.text("rule_en"))
    node.close()
    return article


def read_citation(node: Node, documents: Mapping[str, Document]) -> Citation:
    """A citation whose article exists and whose quote is part of it. Raises ContentError.

    The quote must be there for a policy text and may not be there for a law cited at second hand.
    """
    citation = Citation(
        document=node.text("document"), article=node.text("article"), quote=node.find_text("quote") or ""
    )
    node.close()
    fault = citation_fault(citation, documents)
    if fault:
        raise node.fault(fault[0], f"citation-{fault[0]}", fault[1])
    return citation


def citation_fault(citation: Citation, documents: Mapping[str, Document]) -> tuple[str, str] | None:
    """What is wrong with a citation, as (its key at fault, message); None where it holds."""
    document = documents.get(citation.document)
    if document is None:
        return "document", f"sources.yaml has no document {citation.document!r}"
    article = document.articles.get(citation.article)
    if article is None:
        return "article", f"{document.label} has no article {citation.article!r}"
    if document.kind is DocumentKind.LAW_CITED_AT_SECOND_HAND:
        return ("quote", f"the words of {document.label} are not on hand") if citation.quote else None
    if not citation.quote:
        return "quote", "the quoted phrase is missing"
    if citation.quote != squeeze(citation.quote):
        return "quote", "the quote carries white space"
    if citation.quote not in article.text:
        return "quote", f"the quote is not in article {citation.article} of {document.label}"
    return None


def squeeze(text: str) -> str:
    """The text with all white space removed, as quotes and articles are kept."""
    return "".join(text.split())
