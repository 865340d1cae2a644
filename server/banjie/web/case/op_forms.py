"""What the forms of operations choose from, each in one read of its service."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from banjie.domain.handovers import Colleague
from banjie.domain.returns import ReturnChoice
from banjie.edge.context import actor, runtime
from banjie.forms.wording import Options, display
from banjie.policy.grounds import Ground
from banjie.services import countersign, extensions, handovers, procedures, returns, supplements
from banjie.services.clock_account import cited
from banjie.services.extensions import Scope
from banjie.services.instances import CaseView
from banjie.services.offers import Offer, Operation
from banjie.web.case.op_sent import OTHER_LINES, Sent, missing_items
from banjie.web.case.panel import panel_of
from banjie.web.common.frame import agency_name, local_name
from banjie.web.common.language import current_language, gettext
from banjie.web.common.receipts import Labelled
from banjie.web.common.task_form import form_options
from banjie.web.common.words import role_word

_ = gettext

#: Up to so many people are listed; of more, one writes the beginning of the name.
MOST_LISTED = 12


@dataclass(frozen=True, kw_only=True)
class Item:
    """Something that may be asked for; `name` is what the form calls it."""

    name: str
    title: str
    chosen: bool
    note: str


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who may be chosen."""

    username: str
    label: str


@dataclass(frozen=True, kw_only=True)
class ScopeChoice:
    """What may be extended: by how many days at the most, and until when it must be granted."""

    key: str
    label: str
    most: int
    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class GroundChoice:
    """A ground of a law."""

    key: str
    label: str
    citation: str


@dataclass(frozen=True, kw_only=True)
class BackTo:
    """A step to which the case may be returned; `beside` are the open steps that would be lost."""

    key: str
    name: str
    by: str
    agency: str
    at: datetime
    limit: str
    fields: tuple[Labelled, ...]
    beside: tuple[str, ...]


Names = Mapping[str, Any]


def names_for(view: CaseView, offer: Offer, typed: Sent) -> Names:
    """The names of the template of an operation beside those that every operation has."""
    make = _FORMS.get(offer.operation)
    return make(view, offer, typed) if make else {}


def _supplement(_view: CaseView, offer: Offer, typed: Sent) -> Names:
    found = supplements.choices(runtime(), actor(), offer.task_id or 0)
    ticked = set(typed.chosen.get("item", ()))

    def items(choices: Sequence[supplements.Choice]) -> list[Item]:
        names = [(f"{one.kind.value}:{one.key}", local_name(one.title, one.title_en)) for one in choices]
        return [
            Item(name=name, title=title, chosen=name in ticked, note=typed.text(f"note:{name}"))
            for name, title in names
        ]

    fields, materials = items(found.fields), items(found.materials)
    titles = {item.name: item.title for item in (*fields, *materials)}
    preview = [
        Labelled(label=one.title or titles.get(f"{one.kind.value}:{one.key}", one.key), text=one.note)
        for one in missing_items(typed)
    ]
    return {
        "fields": fields, "materials": materials, "others": range(1, OTHER_LINES + 1),
        "preview": preview if typed.text("preview") else [],
    }  # fmt: skip


def _extension(_view: CaseView, offer: Offer, _typed: Sent) -> Names:
    labels = {Scope.STEP: _("The limit of this step"), Scope.CASE: _("The limit of the case")}
    choices = extensions.choices(runtime(), actor(), offer.task_id or 0)
    return {
        "scopes": [
            ScopeChoice(key=one.scope.value, label=labels[one.scope], most=one.most or 1, until=one.until)
            for one in choices
            if one.refusal is None
        ]
    }


def _decide(view: CaseView, offer: Offer, _typed: Sent) -> Names:
    pending = extensions.pending(runtime(), actor(), view.instance.case_no)
    return {"asked": next((one for one in pending if one.proceeding.id == offer.proceeding), None)}


def _procedure(_view: CaseView, offer: Offer, _typed: Sent) -> Names:
    found = procedures.choices(runtime(), actor(), offer.task_id or 0).grounds
    return {"grounds": _grounds(found), "most_days": procedures.MOST_DAYS}


def _suspend(view: CaseView, _offer: Offer, _typed: Sent) -> Names:
    return {"grounds": _grounds(procedures.holding(runtime(), actor(), view.instance.case_no).grounds)}


def _grounds(found: Sequence[Ground]) -> list[GroundChoice]:
    return [
        GroundChoice(
            key=one.key,
            label=local_name(one.title, one.title_en),
            citation=cited(runtime(), f"{one.citation.document} {one.citation.article}") or "",
        )
        for one in found
    ]


def _return(view: CaseView, offer: Offer, _typed: Sent) -> Names:
    found = returns.choices(runtime(), actor(), offer.task_id or 0)
    options = form_options(view.instance.data)
    targets = [_back_to(view, one, options) for one in found]
    return {"targets": targets, "loses": any(one.beside for one in targets)}


def _back_to(view: CaseView, choice: ReturnChoice, options: Options) -> BackTo:
    passed = choice.passed
    element = view.definition.elements.get(passed.element)
    form = (
        runtime().processes.form(view.instance.definition, element.form) if element and element.form else None
    )
    shown = display(form, passed.values, current_language().code, options) if form else []
    limits = {"new": _("a limit of its own, anew"), "rest": _("what was left of its limit")}
    return BackTo(
        key=passed.element,
        name=passed.name,
        by=passed.by_name or _("by law"),
        agency=agency_name(passed.agency),
        at=passed.at,
        limit=limits[choice.limit.value],
        fields=tuple(Labelled(label=label, text=text) for label, text in shown),
        beside=tuple(one.name for one in choice.siblings),
    )


def _receivers(_view: CaseView, offer: Offer, _typed: Sent) -> Names:
    return _people(handovers.receivers(runtime(), actor(), offer.task_id or 0))


def _advisers(_view: CaseView, offer: Offer, _typed: Sent) -> Names:
    return _people(handovers.advisers(runtime(), actor(), offer.task_id or 0))


def _people(found: Sequence[Colleague]) -> Names:
    people = [
        Person(
            username=one.username,
            label=" · ".join((one.name, role_word(one.role), agency_name(one.agency))),
        )
        for one in found
    ]
    return {"people": people, "is_listed": len(people) <= MOST_LISTED}


def _panel(view: CaseView, offer: Offer, _typed: Sent) -> Names:
    task = next(one for one in view.tasks if one.id == offer.task_id)
    panel = panel_of(view, task.element)
    seats = panel.seats if panel else ()
    seated = {seat.username for seat in seats}
    free = [one for one in countersign.newcomers(runtime(), actor(), task.id) if one.username not in seated]
    return {
        **_people(free),
        "members": [seat for seat in seats if not seat.vote],
        "is_weighted": panel is not None and panel.is_weighted,
        "knows_veto": panel is not None and panel.knows_veto,
    }


_FORMS: Mapping[Operation, Callable[[CaseView, Offer, Sent], Names]] = {
    Operation.SUPPLEMENT: _supplement,
    Operation.EXTENSION: _extension,
    Operation.EXTENSION_DECIDE: _decide,
    Operation.PROCEDURE: _procedure,
    Operation.SUSPEND: _suspend,
    Operation.RETURN: _return,
    Operation.TRANSFER: _receivers,
    Operation.REASSIGN: _receivers,
    Operation.DELEGATE: _advisers,
    Operation.PANEL: _panel,
}
