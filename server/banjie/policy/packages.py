"""Services that are asked for together (直补快办): one form, one submission, a case of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from banjie.domain.citations import Citation
from banjie.policy.catalogue import ApplicantKind
from banjie.policy.sources import Document, read_citation
from banjie.policy.yaml_reader import Node


@dataclass(frozen=True, kw_only=True)
class PackagePart:
    """One service of a package: the groups of people that belong to it, and what the service's form calls them.

    `groups` is empty where the service's form does not ask for the group.
    """

    of: tuple[str, ...]
    groups: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Package:
    """A package by its key; `services` in the order in which their cases begin.

    `form` is that of the request. Of its fields `choose` names the services asked for, `people` is a repeated group
    whose field `group` says to which services each person belongs.
    """

    key: str
    title: str
    title_en: str
    summary: str
    summary_en: str
    applicant: ApplicantKind
    form: str
    choose: str
    people: str
    group: str
    services: Mapping[str, PackagePart]
    note: str | None
    citations: tuple[Citation, ...]


def read_packages(
    file: Node, services: Mapping[str, object], documents: Mapping[str, Document]
) -> dict[str, Package]:
    """The packages of ``packages.yaml``. Raises ContentError."""
    packages = {
        key: _package(key, node, services, documents) for key, node in file.child("packages").mappings()
    }
    file.close()
    return packages


def _package(
    key: str, node: Node, services: Mapping[str, object], documents: Mapping[str, Document]
) -> Package:
    parts: dict[str, PackagePart] = {}
    for service, part in node.child("services").mappings():
        if service not in services:
            raise node.fault("services", "service-exists", f"the catalogue has no service {service!r}")
        words = part.find_child("groups")
        parts[service] = PackagePart(
            of=part.texts("of"), groups={name: words.text(name) for name in words.names()} if words else {}
        )
        part.close()
    package = Package(
        key=key, title=node.text("title"), title_en=node.text("title_en"), summary=node.text("summary"),
        summary_en=node.text("summary_en"), applicant=node.choice("applicant", ApplicantKind), form=node.text("form"),
        choose=node.text("choose"), people=node.text("people"), group=node.text("group"), services=parts,
        note=node.find_text("note"),
        citations=tuple(read_citation(one, documents) for one in node.children("citations")),
    )  # fmt: skip
    node.close()
    if not package.citations:
        raise node.fault("citations", "citation-required", "a package names its legal basis")
    return package
