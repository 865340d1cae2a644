"""The registers (登记库) of a bureau: what is held, by source and day, and what is known of one number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template, request, url_for

from banjie.domain.errors import InvalidRequest, NotFound
from banjie.domain.identity import mask_account, mask_id_number, mask_name
from banjie.domain.registers import ACCOUNT_KINDS, LEVELS, HeldAccount, RegisterKind
from banjie.edge.auth import roles
from banjie.edge.context import actor, runtime
from banjie.persistence.registers import Holding
from banjie.services import registers
from banjie.services.registers import Entry
from banjie.web.common.fact_lines import FactLine, fact_lines
from banjie.web.common.frame import region_name
from banjie.web.common.language import current_language
from banjie.web.common.language import gettext as _

blueprint = Blueprint("registers", __name__)

#: Who keeps registers; whether of this region, the services say.
KEEPERS = ("bureau_officer", "head")
_LONGEST_NUMBER = 40
#: The newest insured months that a page shows.
_MONTHS = 24


@dataclass(frozen=True, kw_only=True)
class HoldingLine:
    """What a source last brought."""

    kind: str
    source: str
    region: str
    as_of: date
    rows: int
    load_url: str


@dataclass(frozen=True, kw_only=True)
class AccountLine:
    """An account, masked."""

    kind: str
    name: str
    number: str
    bank: str
    source: str
    as_of: date


@dataclass(frozen=True, kw_only=True)
class MonthLine:
    """An insured month."""

    month: str
    paid: str
    source: str


@dataclass(frozen=True, kw_only=True)
class CertificateLine:
    """A certificate."""

    occupation: str
    level: str
    issued_on: date
    source: str


@dataclass(frozen=True, kw_only=True)
class EntryView:
    """What is held of one number, masked; `months` the newest, `month_count` of them all."""

    kind: str
    number: str
    name: str
    region: str
    facts: tuple[FactLine, ...]
    accounts: tuple[AccountLine, ...]
    months: tuple[MonthLine, ...]
    month_count: int
    certificates: tuple[CertificateLine, ...]


@blueprint.get("/registers")
@roles(*KEEPERS)
def held() -> str:
    """What sources last brought for one's regions, and the search."""
    return _page()


@blueprint.post("/registers/search")
@roles(*KEEPERS)
def search() -> str | tuple[str, int]:
    """What is known of one number; it comes in the body, so that no address holds it."""
    number = request.form.get("number", "").strip()[:_LONGEST_NUMBER]
    try:
        found = registers.look_up(runtime(), actor(), number)
    except InvalidRequest:
        return _page(refused=_("This is neither an ID number nor a credit code.")), 422
    except NotFound:
        return _page(nothing=True), 404
    return _page(entry=_view(found))


def kind_word(kind: str) -> str:
    """A register in words."""
    return {
        RegisterKind.PERSON.value: _("Persons"),
        RegisterKind.ENTERPRISE.value: _("Enterprises"),
        RegisterKind.BANK.value: _("Banks"),
        RegisterKind.ACCOUNT.value: _("Accounts"),
        RegisterKind.INSURED_MONTH.value: _("Insured months"),
        RegisterKind.CERTIFICATE.value: _("Certificates of skill"),
    }.get(kind, kind)


def _page(*, entry: EntryView | None = None, refused: str = "", nothing: bool = False) -> str:
    return render_template(
        "registers/registers.html",
        holdings=[_holding(one) for one in registers.holdings(runtime(), actor())],
        entry=entry,
        refused=refused,
        nothing=nothing,
    )


def _holding(one: Holding) -> HoldingLine:
    return HoldingLine(
        kind=kind_word(one.kind), source=one.source, region=region_name(one.region), as_of=one.as_of, rows=one.rows,
        load_url=url_for("loads.load", load_id=one.load_id),
    )  # fmt: skip


def _view(entry: Entry) -> EntryView:
    is_person = entry.kind is RegisterKind.PERSON
    newest = sorted(entry.months, key=lambda one: one.month, reverse=True)
    return EntryView(
        kind=kind_word(entry.kind.value),
        number=mask_id_number(entry.number) if is_person else entry.number,
        name=mask_name(entry.name) if is_person else entry.name,
        region=region_name(entry.region),
        facts=tuple(fact_lines(entry.facts)),
        accounts=tuple(_account(one, is_person=is_person) for one in entry.accounts),
        months=tuple(
            MonthLine(month=f"{one.month:%Y-%m}", paid=f"{one.paid:,.2f}", source=one.source)
            for one in newest[:_MONTHS]
        ),
        month_count=len({one.month for one in newest}),
        certificates=tuple(
            CertificateLine(
                occupation=one.occupation, level=_word(LEVELS, one.level), issued_on=one.issued_on, source=one.source
            )
            for one in entry.certificates
        ),
    )  # fmt: skip


def _account(one: HeldAccount, *, is_person: bool) -> AccountLine:
    return AccountLine(
        kind=_word(ACCOUNT_KINDS, one.kind), name=mask_name(one.account_name) if is_person else one.account_name,
        number=mask_account(one.account_no), bank=one.bank_name, source=one.source, as_of=one.as_of,
    )  # fmt: skip


def _word(choices: dict[str, str], value: str) -> str:
    """The first word by which files write a value; in English the value itself."""
    if current_language().code != "zh":
        return value
    return next((word for word, kept in choices.items() if kept == value), value)
