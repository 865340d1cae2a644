"""What I may have (我可享受的政策): proving who one is, what the registers found, consent, and several at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from banjie.domain.assignment import Role
from banjie.domain.entitlements import NotVerified, VerifiedSubject
from banjie.domain.errors import FieldError, InvalidRequest, InvalidSubmission, NotFound
from banjie.domain.identity import mask_id_number
from banjie.domain.registers import RegisterKind
from banjie.edge.auth import roles
from banjie.edge.context import actor, runtime
from banjie.forms.model import Field, Form
from banjie.forms.view import FormView
from banjie.services import entitlements, instances, packages, subjects
from banjie.web.common.entitlement_lines import EntitlementLine, entitlement_line
from banjie.web.common.frame import done, local_name, service_title
from banjie.web.common.language import current_language
from banjie.web.common.language import gettext as _
from banjie.web.common.task_form import IDEMPOTENCY_FIELD, Posted, draw, new_key, posted
from banjie.web.portal.apply import application_form
from banjie.web.portal.listed import own_lines
from banjie.web.portal.services import known_service, service_page

blueprint = Blueprint("entitled", __name__)

#: The package that the page of several at once is about.
_PACKAGE = "hiring-benefit-package"
_LONGEST = 100

Answer = Response | str | tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class Whom:
    """Somebody whom the account was proved to be; a person's number is masked."""

    name: str
    number: str
    package_url: str


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A form with the key that tells a second sending from a new one."""

    form: FormView
    idempotency_key: str


@dataclass(frozen=True, kw_only=True)
class OfferLine:
    """One service of a package; `state` says why it is not to be had, empty where it is."""

    title: str
    amount: str
    reason: str
    state: str
    found: bool


@blueprint.get("/mine/entitlements")
@roles(Role.APPLICANT)
def mine() -> str:
    """Whom one was proved to be, and what they may have."""
    return _mine()


@blueprint.post("/mine/entitlements/verify")
@roles(Role.APPLICANT)
def verify() -> Answer:
    """Prove who one is, by name and number."""
    number, name = request.form.get("number", "")[:_LONGEST], request.form.get("name", "")[:_LONGEST]
    try:
        subjects.verify(runtime(), actor(), number, name)
    except NotVerified:
        return _mine(refused=_("The registers do not hold this name with this number. Check both.")), 422
    except InvalidRequest:
        return _mine(refused=_("This is neither an ID number nor a credit code.")), 422
    return redirect(url_for("entitled.mine", said="subject_verified"), 303)


@blueprint.get("/mine/entitlements/<int:entitlement_id>/accept")
@roles(Role.APPLICANT)
def consent(entitlement_id: int) -> str:
    """The application as far as the registers fill it; the rest is asked."""
    return _consent(entitlement_id)


@blueprint.post("/mine/entitlements/<int:entitlement_id>/accept")
@roles(Role.APPLICANT)
def accept(entitlement_id: int) -> Answer:
    """Consent and hand in the application; a form with faults comes back with them marked."""
    row = _own(entitlement_id)
    sent = posted(application_form(known_service(row.service)))
    key = request.form.get(IDEMPOTENCY_FIELD) or None
    try:
        sent.require_files()
        started = entitlements.accept(runtime(), actor(), entitlement_id, sent.values, key=key)
    except InvalidSubmission as refused:
        return _consent(entitlement_id, sent=sent, errors=refused.errors), 422
    return done("portal.mine_case", "applied", case_no=started.case_no)


@blueprint.post("/mine/entitlements/<int:entitlement_id>/decline")
@roles(Role.APPLICANT)
def decline(entitlement_id: int) -> Response:
    """Say no; it is not offered again this year."""
    entitlements.decline(runtime(), actor(), entitlement_id, request.form.get("reason", ""))
    return redirect(url_for("entitled.mine", said="entitlement_declined"), 303)


@blueprint.get("/mine/package")
@roles(Role.APPLICANT)
def package() -> str:
    """Several subsidies at once (直补快办), for an enterprise that one was proved to be."""
    return _package()


@blueprint.post("/mine/package")
@roles(Role.APPLICANT)
def send() -> Answer:
    """Begin all cases that were ticked, or none."""
    sent = posted(_package_form(), beside=("subject",))
    key = request.form.get(IDEMPOTENCY_FIELD) or None
    try:
        sent.require_files()
        opened = packages.open_all(runtime(), actor(), _PACKAGE, sent.values, idempotency_key=key)
    except InvalidSubmission as refused:
        return _package(sent=sent, errors=refused.errors), 422
    except NotVerified:
        return _package(sent=sent, refused=_("Prove first that you act for this enterprise.")), 422
    return render_template(
        "portal/package_done.html",
        cases=[(service_title(name), no, url_for("portal.mine_case", case_no=no)) for name, no in opened.cases.items()],
    )  # fmt: skip


def _mine(*, refused: str = "") -> str:
    lines: Sequence[EntitlementLine] = [
        entitlement_line(one, own=True) for one in entitlements.mine(runtime(), actor())
    ]
    return render_template(
        "portal/entitled.html",
        people=[_whom(one) for one in subjects.verified(runtime(), actor())],
        open=[one for one in lines if one.is_open],
        answered=[one for one in lines if not one.is_open],
        listed=own_lines(),
        refused=refused,
    )


def _whom(one: VerifiedSubject) -> Whom:
    is_person = one.kind == RegisterKind.PERSON
    url = "" if is_person else url_for("entitled.package", subject=one.subject.hex())
    return Whom(
        name=one.name, number=mask_id_number(one.number) if is_person else one.number, package_url=url
    )


def _own(entitlement_id: int) -> Any:  # noqa: ANN401  an Entitlement
    """One of one's own rows; to anybody else, officers too, it is not there."""
    for row in entitlements.mine(runtime(), actor()):
        if row.id == entitlement_id:
            return row
    raise NotFound(entitlement=entitlement_id)


def _consent(entitlement_id: int, *, sent: Posted | None = None, errors: Sequence[FieldError] = ()) -> str:
    row = _own(entitlement_id)
    service = known_service(row.service)
    values: Mapping[str, object] = sent.values if sent else row.prefill
    form = draw(
        application_form(service), values, {instances.APPLICATION: dict(service.constants)}, errors=errors,
        uploaded=sent.uploaded if sent else None,
    )  # fmt: skip
    note = service.entitlement.note if service.entitlement else ""
    return render_template(
        "portal/consent.html", service=service_page(service), line=entitlement_line(row, own=True), note=note,
        task=Filled(form=form, idempotency_key=new_key()),
    )  # fmt: skip


def _package_form() -> Form:
    return packages.form_of(runtime(), packages.package_of(runtime(), _PACKAGE))


def _package(*, sent: Posted | None = None, errors: Sequence[FieldError] = (), refused: str = "") -> str:
    enterprises = [
        one for one in subjects.verified(runtime(), actor()) if one.kind == RegisterKind.ENTERPRISE
    ]
    wanted = request.values.get("subject", "")
    chosen = next((one for one in enterprises if one.subject.hex() == wanted), next(iter(enterprises), None))
    found = packages.offered(runtime(), actor(), _PACKAGE, chosen.subject) if chosen else None
    about = packages.package_of(runtime(), _PACKAGE)
    task = None
    if found is not None:
        values: Mapping[str, object] = sent.values if sent else found.prefill
        view = draw(_package_form(), values, {}, errors=errors, uploaded=sent.uploaded if sent else None)
        task = Filled(form=view, idempotency_key=new_key())
    return render_template(
        "portal/package.html",
        title=local_name(about.title, about.title_en),
        summary=local_name(about.summary, about.summary_en),
        note=about.note or "",
        enterprises=[(one.subject.hex(), one.name, one is chosen) for one in enterprises],
        subject=chosen.subject.hex() if chosen else "",
        offers=[_offer(one) for one in found.offers] if found else [],
        missing=_missing_words(found) if found else [],
        refused=refused,
        task=task,
    )


def _offer(one: packages.Offer) -> OfferLine:
    state = ""
    if one.open_case:
        state = _("Under way: case %(number)s") % {"number": one.open_case}
    elif not one.is_open:
        state = _("The time for applications is over")
    elif one.found is None:
        state = _("The registers show nobody for it; apply if you know better")
    value = one.found.receipt.value if one.found else {}
    return OfferLine(
        title=local_name(one.service.title, one.service.title_en),
        amount=f"{one.found.amount:,.2f}" if one.found and one.found.amount is not None else "",
        reason=local_name(str(value.get("reason") or ""), str(value.get("reason_en") or "")),
        state=state, found=one.found is not None,
    )  # fmt: skip


def _missing_words(found: packages.Offered) -> list[str]:
    """The labels of what nothing fills, each once."""
    form, lang = _package_form(), current_language().code
    words: list[str] = []
    for fault in found.missing:
        outer, last = str(fault.path[0]), str(fault.path[-1])
        placed = form.fields[outer] if len(fault.path) == 1 else form.row_fields[outer][last]
        if isinstance(placed.component, Field) and placed.component.label is not None:
            words.append(placed.component.label.in_language(lang))
    return list(dict.fromkeys(words))
