"""The catalogue in words."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from banjie.domain.assignment import Role
from banjie.domain.decisions import MissingValue
from banjie.domain.errors import NotFound
from banjie.edge.context import runtime, session
from banjie.policy.catalogue import ApplicantKind, Field, Material, Mode, Service
from banjie.web.common.frame import local_name
from banjie.web.common.language import gettext
from banjie.web.common.receipts import CitationView, Labelled, citation_view, plain_value
from banjie.web.common.words import unit_word

_ = gettext


@dataclass(frozen=True, kw_only=True)
class ServiceCard:
    """A service in the catalogue; `said` tells what is special about applying, empty where nothing is."""

    url: str
    title: str
    summary: str
    contact: str
    applicant: str
    said: str


@dataclass(frozen=True, kw_only=True)
class ServiceGroup:
    """The services of one field; `key` is an anchor on the page."""

    key: str
    title: str
    cards: tuple[ServiceCard, ...]


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


def catalogue_groups(query: str = "") -> list[ServiceGroup]:
    """The services by field, those whose words in either language contain every word of the query.

    In a group by title; fields without a service are left out.
    """
    words = query.casefold().split()
    found = [one for one in runtime().book.services.values() if _says(one, words)]
    groups = ((field, [one for one in found if one.field is field]) for field in Field)
    return [
        ServiceGroup(
            key=field.value,
            title=field_word(field),
            cards=tuple(_card(one) for one in sorted(services, key=lambda one: one.title)),
        )
        for field, services in groups
        if services
    ]


def _says(service: Service, words: list[str]) -> bool:
    said = " ".join((service.title, service.title_en, service.summary, service.summary_en)).casefold()
    return all(word in said for word in words)


def _card(service: Service) -> ServiceCard:
    return ServiceCard(
        url=url_for("portal.service", key=service.key),
        title=local_name(service.title, service.title_en),
        summary=local_name(service.summary, service.summary_en),
        contact=local_name(service.contact, service.contact_en),
        applicant=applicant_word(service.applicant),
        said=_said(service),
    )


def _said(service: Service) -> str:
    if service.mode is Mode.AUTOMATIC:
        return _("No application needed")
    return "" if service.is_open_on(runtime().today()) else _("Outside its period")


def field_word(field: Field) -> str:
    """What services are about."""
    words = {
        Field.STARTUP: _("Starting a business"),
        Field.JOBS: _("Work and hiring"),
        Field.TRAINING: _("Training and skills"),
        Field.STABILITY: _("Keeping jobs in enterprises"),
        Field.OTHER: _("Other services"),
    }
    return words[field]


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
    is_applied_for = service.mode is Mode.APPLICATION
    may_apply = is_applied_for and (held is None or held.actor.has(Role.APPLICANT))
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
    if period := _period(service):
        facts.append(Labelled(label=_("Applications are taken"), text=period))
    promised = _value(service.promised_limit)
    if promised:
        facts.append(Labelled(label=_("Promised time"), text=promised))
    amount = _value(service.amount_limit)
    if amount:
        facts.append(Labelled(label=_("Highest amount"), text=amount))
    return facts


def _period(service: Service) -> str:
    """The days on which applications are taken, empty where the texts set none."""
    if service.window is None:
        return ""
    since, until = service.window.since, service.window.until
    if since and until:
        return _("From %(since)s to %(until)s") % {"since": since.isoformat(), "until": until.isoformat()}
    if until:
        return _("Until %(until)s") % {"until": until.isoformat()}
    return _("From %(since)s") % {"since": since.isoformat()} if since else ""


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
