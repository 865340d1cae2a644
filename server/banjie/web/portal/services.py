"""The catalogue in words."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from banjie.domain.assignment import Role
from banjie.domain.decisions import MissingValue
from banjie.domain.errors import NotFound
from banjie.edge.context import runtime, session
from banjie.policy.catalogue import ApplicantKind, Material, Service
from banjie.web.common.frame import local_name
from banjie.web.common.language import gettext
from banjie.web.common.receipts import CitationView, Labelled, citation_view, plain_value
from banjie.web.common.words import unit_word

_ = gettext


@dataclass(frozen=True, kw_only=True)
class ServiceCard:
    """A service in the catalogue."""

    url: str
    title: str
    summary: str
    contact: str
    applicant: str


@dataclass(frozen=True, kw_only=True)
class ServicePage:
    """Everything that an applicant should know before applying; `apply_url` None for who may not."""

    url: str
    title: str
    summary: str
    facts: tuple[Labelled, ...]
    materials: tuple[str, ...]
    citations: tuple[CitationView, ...]
    apply_url: str | None


def known_service(key: str) -> Service:
    """The service; raises NotFound."""
    service = runtime().book.services.get(key)
    if service is None:
        raise NotFound(service=key[:100])
    return service


def catalogue_cards() -> list[ServiceCard]:
    """The services, in the order of their keys."""
    return [
        ServiceCard(
            url=url_for("portal.service", key=key),
            title=local_name(service.title, service.title_en),
            summary=local_name(service.summary, service.summary_en),
            contact=local_name(service.contact, service.contact_en),
            applicant=applicant_word(service.applicant),
        )
        for key, service in sorted(runtime().book.services.items())
    ]


def applicant_word(kind: ApplicantKind) -> str:
    """Who may ask."""
    words = {
        ApplicantKind.PERSON: _("Persons"),
        ApplicantKind.ENTERPRISE: _("Enterprises"),
        ApplicantKind.INSTITUTION: _("Institutions"),
    }
    return words[kind]


def service_page(service: Service) -> ServicePage:
    """The service with its facts; what the texts do not say is not said."""
    held = session()
    may_apply = held is None or held.actor.has(Role.APPLICANT)
    return ServicePage(
        url=url_for("portal.service", key=service.key),
        title=local_name(service.title, service.title_en),
        summary=local_name(service.summary, service.summary_en),
        facts=tuple(_facts(service)),
        materials=tuple(_material(material) for material in service.materials),
        citations=tuple(citation_view(citation) for citation in service.citations),
        apply_url=url_for("portal.apply", key=service.key) if may_apply else None,
    )


def _facts(service: Service) -> list[Labelled]:
    facts = [
        Labelled(label=_("Who may apply"), text=applicant_word(service.applicant)),
        Labelled(label=_("Where to ask"), text=local_name(service.contact, service.contact_en)),
    ]
    promised = _value(service.promised_limit)
    if promised:
        facts.append(Labelled(label=_("Promised time"), text=promised))
    amount = _value(service.amount_limit)
    if amount:
        facts.append(Labelled(label=_("Highest amount"), text=amount))
    return facts


def _value(parameter: str | None) -> str:
    """What holds today in the widest region; empty where no text gives a value."""
    book, today = runtime().book, runtime().today()
    top = next((code for code, place in book.regions.by_code.items() if place.parent is None), None)
    if parameter is None or top is None:
        return ""
    for code in (*_leagues(top), top):
        found = book.find_parameter(parameter, on=today, region=code)
        if not isinstance(found, MissingValue):
            return " ".join(part for part in (plain_value(found.value), unit_word(found.unit)) if part)
    return ""


def _leagues(top: str) -> list[str]:
    return [code for code, place in runtime().book.regions.by_code.items() if place.parent == top]


def _material(material: Material) -> str:
    title = local_name(material.title, material.title_en)
    return title if material.required else _("%(title)s (if at hand)") % {"title": title}
