"""Receipts of decisions in words: results, rules, values of the law and the places where they stand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from banjie.domain.citations import Citation
from banjie.domain.errors import NotFound
from banjie.domain.identity import mask_id_number
from banjie.domain.worklist import DecisionRow
from banjie.edge.context import runtime
from banjie.web.common.frame import local_name, region_name
from banjie.web.common.language import gettext
from banjie.web.common.words import unit_word

_ = gettext
_ID_NUMBER = re.compile("[0-9]{17}[0-9X]")


@dataclass(frozen=True, kw_only=True)
class CitationView:
    """Where a rule stands; `quote` is empty for a law that is cited at second hand."""

    title: str
    number: str
    article: str
    quote: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """A text beside its label."""

    label: str
    text: str


@dataclass(frozen=True, kw_only=True)
class RuleView:
    """A rule that held, by its row in the table."""

    row: int
    text: str
    citations: tuple[CitationView, ...]


@dataclass(frozen=True, kw_only=True)
class ParameterView:
    """A value of the law that was used."""

    label: str
    text: str
    basis: str
    confirm: bool
    since: date
    until: date | None
    note: str
    citation: CitationView | None


@dataclass(frozen=True, kw_only=True)
class MissingView:
    """A value that no text gives."""

    label: str
    region: str
    on: date


@dataclass(frozen=True, kw_only=True)
class ReceiptView:
    """A decision as its people read it."""

    title: str
    green: bool
    results: tuple[Labelled, ...]
    on: date
    region: str
    missing: tuple[MissingView, ...]
    rules: tuple[RuleView, ...]
    parameters: tuple[ParameterView, ...]
    inputs: tuple[Labelled, ...]
    version: str
    engine: str


def receipt_view(row: DecisionRow, title: str) -> ReceiptView:
    """A stored receipt in words."""
    told = cast("Mapping[str, Any]", row.receipt)
    return ReceiptView(
        title=title,
        green=row.green,
        results=tuple(_labelled(told["value"])),
        on=date.fromisoformat(told["on"]),
        region=region_name(told["region"]),
        missing=tuple(
            MissingView(
                label=_parameter_title(gap["key"]), region=region_name(gap["region"]), on=date.fromisoformat(gap["on"])
            )
            for gap in told["missing"]
        ),
        rules=tuple(_rule(rule) for rule in told["rules"]),
        parameters=tuple(_parameter(value) for value in told["parameters"]),
        inputs=tuple(_labelled(told["inputs"])),
        version=told["version"],
        engine=told["engine"],
    )  # fmt: skip


def citation_view(citation: Citation) -> CitationView:
    """A citation with its document's title and the whole article."""
    try:
        document, article = runtime().book.article(citation)
    except NotFound:
        return CitationView(
            title=citation.document, number="", article=citation.article, quote=citation.quote, text=""
        )
    rule = local_name(article.rule, article.rule_en)
    return CitationView(
        title=local_name(document.title, document.title_en),
        number=document.number or "",
        article=citation.article,
        quote=citation.quote or rule,
        text=article.text,
    )


def plain_value(value: object) -> str:
    """A value of a table in words."""
    if value is None:
        return _("none")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | Decimal):
        return f"{Decimal(value).normalize():,f}"
    if isinstance(value, Mapping):
        return "; ".join(plain_value(one) for one in value.values())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(plain_value(one) for one in value)
    if _ID_NUMBER.fullmatch(str(value)):
        return mask_id_number(str(value))
    return _code_word(str(value))


def _code_word(code: str) -> str:
    words = {
        "individual": _("individual"),
        "sme": _("small enterprise"),
        "agency": _("agency"),
        "approve": _("approve"),
        "approved": _("approved"),
        "association": _("association"),
        "broker": _("labour broker"),
        "business_staff": _("staff of a business"),
        "carer": _("elderly carer"),
        "commercial_agency": _("commercial agency"),
        "community_platform": _("community platform"),
        "cook": _("cook"),
        "corporate": _("account of the unit"),
        "premium": _("account that premiums are paid from"),
        "electrician": _("electrician"),
        "welder": _("welder"),
        "employee": _("employee"),
        "enterprise": _("enterprise"),
        "enterprise_staff": _("staff of an enterprise"),
        "farming_entity": _("farming business"),
        "graduate": _("graduate"),
        "hardship_person": _("person with difficulty finding work"),
        "individual_insured": _("individual business insured as a unit"),
        "key_group": _("key group"),
        "large": _("large"),
        "medium": _("medium"),
        "small": _("small"),
        "micro": _("micro"),
        "other": _("other"),
        "other_carrier": _("other employer"),
        "out_of_poverty": _("out of poverty"),
        "period": _("internship"),
        "poverty_workshop": _("poverty workshop"),
        "public_body": _("public body"),
        "reject": _("reject"),
        "rejected": _("rejected"),
        "remaining": _("remaining period"),
        "rural_labour": _("rural labour"),
        "social_organisation": _("social organisation"),
        "top_up": _("top-up"),
        "training_institution": _("training institution"),
        "two_later_minimum": _("school leaver of a family on minimum living"),
        "two_later_rural": _("rural school leaver"),
        "unemployed": _("registered unemployed"),
        "university": _("university"),
        "vocational_school": _("vocational school"),
        "youth": _("young unemployed"),
        "zero_family": _("member of a zero-employment family"),
    }
    return words.get(code, code)


def _labelled(values: Mapping[str, Any]) -> list[Labelled]:
    names = {
        "exempt": _("Exempt from counter-guarantee"),
        "eligible": _("Meets the conditions"),
        "needed": _("Security must be arranged"),
        "cap": _("Highest amount"),
        "reason": _("Reason"),
        "amount": _("Amount within the cap"),
        "capped": _("Above the cap"),
        "contract_part": _("Added for the length of contracts"),
        "count": _("People who qualify"),
        "daily": _("A day"),
        "days": _("Days that count"),
        "each": _("A person"),
        "insured_months": _("Insured months that count"),
        "interns": _("Interns who qualify"),
        "layoff_rate": _("Layoff rate, per cent"),
        "months": _("Months of internship"),
        "proposal": _("First opinion"),
        "rate": _("Rate"),
        "retention": _("Kept after the internship, per cent"),
        "share": _("Share, per cent"),
    }
    shown = dict(values)
    if shown.get("reason"):
        shown["reason"] = local_name(str(shown["reason"]), str(shown.get("reason_en") or ""))
    return [
        Labelled(label=names.get(name, name), text=_with_unit(name, plain_value(value)))
        for name, value in shown.items()
        if name not in _FOR_MACHINES
    ]


def _with_unit(name: str, text: str) -> str:
    return f"{text} {unit_word('CNY')}" if name in _AMOUNTS else text


#: Outputs in yuan.
_AMOUNTS = frozenset({"amount", "cap", "contract_part", "daily", "each"})
#: Outputs that say the same as another one, for machines, for limits across cases, or in another language.
_FOR_MACHINES = frozenset({"reason_code", "reason_en", "hires", "intern_months", "person_months"})


def _rule(rule: Mapping[str, Any]) -> RuleView:
    return RuleView(
        row=rule["row"],
        text=" ".join(text for text in rule["annotations"].values() if text),
        citations=tuple(citation_view(Citation(**named)) for named in rule.get("citations", ())),
    )


def _parameter(value: Mapping[str, Any]) -> ParameterView:
    unit = unit_word(value["unit"])
    until = value.get("until")
    return ParameterView(
        label=_parameter_title(value["key"]),
        text=" ".join(part for part in (plain_value(_as_kept(value)), unit) if part),
        basis=value["basis"],
        confirm=bool(value.get("confirm")),
        since=date.fromisoformat(value["since"]),
        until=date.fromisoformat(until) if until else None,
        note=value.get("note") or "",
        citation=citation_view(Citation(**value["citation"])) if value.get("citation") else None,
    )


def _as_kept(value: Mapping[str, Any]) -> object:
    """The value of a parameter; a level is a word, though it may be made of digits."""
    return value["value"] if value["unit"] == "level" else _number(value["value"])


def _number(value: object) -> object:
    """Exact numbers are kept as texts in JSON."""
    if isinstance(value, str) and value.replace(".", "", 1).lstrip("-").isdecimal():
        return Decimal(value)
    return value


def _parameter_title(key: str) -> str:
    parameter = runtime().book.parameters.get(key)
    return local_name(parameter.title, parameter.title_en) if parameter else key
