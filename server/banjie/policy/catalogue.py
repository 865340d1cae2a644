"""The catalogue of services (事项): what an applicant may ask for, and on what ground."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from banjie.domain.citations import Citation
from banjie.domain.decisions import Basis, Scalar
from banjie.policy.entitlements import EntitlementRule, read_entitlement
from banjie.policy.limits import CrossLimit, read_limits
from banjie.policy.sources import Document, read_citation
from banjie.policy.yaml_reader import Node


class ApplicantKind(StrEnum):
    """Who may ask."""

    PERSON = "person"
    ENTERPRISE = "enterprise"
    INSTITUTION = "institution"


class Mode(StrEnum):
    """How a case begins: somebody applies, or nobody needs to (免申即享) and an office begins a batch."""

    APPLICATION = "application"
    AUTOMATIC = "automatic"


class Field(StrEnum):
    """What a service is about, by which the catalogue is sorted."""

    STARTUP = "startup"
    JOBS = "jobs"
    TRAINING = "training"
    STABILITY = "stability"
    OTHER = "other"


class WhileOpen(StrEnum):
    """What becomes of an application while the same applicant has an open case of the service.

    JOIN adds it to the open case of the same account, and refuses what another account sends.
    """

    REFUSE = "refuse"
    JOIN = "join"
    ALLOW = "allow"


@dataclass(frozen=True, kw_only=True)
class Material:
    """A document that the applicant hands in; `basis` says who asks for it."""

    key: str
    title: str
    title_en: str
    required: bool
    basis: Basis


@dataclass(frozen=True, kw_only=True)
class Window:
    """The days on which applications are taken, both included; None is open."""

    since: date | None
    until: date | None


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service by its key.

    `constants` enter the case data of every case by their names; `fees` and `window` are None where the
    texts do not say, and the notes say so. The same applicant of `while_open` is told by the ID number, or by the
    credit code where the applicant is no person. `promised_limit`, `statutory_limit` and
    `amount_limit` are keys of parameters; a service without a statutory limit has none in the texts. `fund` names the
    fund that pays what is granted, `limits` are those across cases; `entitlement` says how those are found who may have
    it and have not asked, None where nobody is looked for.
    """

    key: str
    title: str
    title_en: str
    summary: str
    summary_en: str
    field: Field
    applicant: ApplicantKind
    mode: Mode
    process: str
    start_form: str
    while_open: WhileOpen
    constants: Mapping[str, Scalar]
    materials: tuple[Material, ...]
    fees: str | None
    fees_note: str | None
    window: Window | None
    window_note: str | None
    promised_limit: str
    statutory_limit: str | None
    amount_limit: str | None
    contact: str
    contact_en: str
    fund: str | None
    limits: tuple[CrossLimit, ...]
    entitlement: EntitlementRule | None
    citations: tuple[Citation, ...]

    def is_open_on(self, day: date) -> bool:
        """Whether applications are taken on the day; a service without a stated window always is."""
        if self.window is None:
            return True
        since, until = self.window.since, self.window.until
        return (since is None or since <= day) and (until is None or day <= until)


def read_service(key: str, file: Node, documents: Mapping[str, Document]) -> Service:
    """The service of one file. Raises ContentError."""
    service = Service(
        key=key,
        title=file.text("title"),
        title_en=file.text("title_en"),
        summary=file.text("summary"),
        summary_en=file.text("summary_en"),
        field=file.choice("field", Field) if "field" in file else Field.OTHER,
        applicant=file.choice("applicant", ApplicantKind),
        mode=file.choice("mode", Mode),
        process=file.text("process"),
        start_form=file.text("start_form"),
        while_open=_while_open(file),
        constants=_constants(file),
        materials=tuple(_material(node) for node in file.children("materials")),
        fees=file.find_text("fees"),
        fees_note=file.find_text("fees_note"),
        window=_window(file),
        window_note=file.find_text("window_note"),
        promised_limit=file.text("promised_limit"),
        statutory_limit=file.find_text("statutory_limit"),
        amount_limit=file.find_text("amount_limit"),
        contact=file.text("contact"),
        contact_en=file.text("contact_en"),
        fund=file.find_text("fund"),
        limits=read_limits(key, file, documents),
        entitlement=read_entitlement(file),
        citations=tuple(read_citation(node, documents) for node in file.children("citations")),
    )
    file.close()
    if not service.citations:
        raise file.fault("citations", "citation-required", "a service names its legal basis")
    return service


def _while_open(file: Node) -> WhileOpen:
    return file.choice("while_open", WhileOpen) if "while_open" in file else WhileOpen.REFUSE


def _material(node: Node) -> Material:
    material = Material(
        key=node.text("key"),
        title=node.text("title"),
        title_en=node.text("title_en"),
        required=node.get("required", bool),
        basis=node.choice("basis", Basis),
    )
    node.close()
    return material


def _window(file: Node) -> Window | None:
    file.raw("window")
    node = file.find_child("window")
    if node is None:
        return None
    window = Window(since=node.find("since", date), until=node.find("until", date))
    node.close()
    return window


def _constants(file: Node) -> dict[str, Scalar]:
    file.raw("constants")
    node = file.find_child("constants")
    constants: dict[str, Scalar] = {}
    for name, value in node.items() if node else ():
        if not isinstance(value, str | bool | int):
            raise file.fault(f"constants.{name}", "type", "a constant is text, a whole number or a flag")
        constants[name] = value
    return constants
