"""Packages (直补快办): what an enterprise may have of several services at once, and one request that begins all cases.

What is entered once goes to every service that asks for it; each service judges its part by its own form, and all
cases begin in one transaction or none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from banjie.domain.assignment import Actor, Role
from banjie.domain.decisions import Json
from banjie.domain.entitlements import Found, NotVerified, VerifiedSubject
from banjie.domain.errors import (
    FieldError,
    Forbidden,
    IdempotencyMismatch,
    InvalidRequest,
    InvalidSubmission,
    NotFound,
)
from banjie.domain.registers import RegisterKind
from banjie.forms.codes import FieldCode
from banjie.forms.model import Field, FieldType, Form
from banjie.forms.reader import load_form
from banjie.forms.validation import validate
from banjie.persistence.text import canonical, dumps, loads, read_id
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.policy.catalogue import Service
from banjie.policy.packages import Package, PackagePart
from banjie.services import deployments, entitlements, instances
from banjie.services.entitlement_match import Subject
from banjie.services.runtime import Runtime

#: The field of the request that says which enterprise asks.
_NUMBER = "uscc"
_PERSON = "id_number"


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One service of a package, for one enterprise.

    `found` is what the registers say it may have, None where nothing; `is_open` whether applications are taken today;
    `open_case` the number of a case that is under way.
    """

    service: Service
    found: Found | None
    is_open: bool
    open_case: str | None


@dataclass(frozen=True, kw_only=True)
class Offered:
    """A package for one enterprise: its services, the request as far as the registers know it, and what is missing.

    `missing` are the required fields of the form that nothing fills.
    """

    package: Package
    subject: VerifiedSubject
    offers: Sequence[Offer]
    prefill: Mapping[str, Json]
    missing: Sequence[FieldError]


@dataclass(frozen=True, kw_only=True)
class Opened:
    """The cases that a request began, by service; `repeated` where the same request was answered before."""

    cases: Mapping[str, str]
    repeated: bool = False


def package_of(rt: Runtime, key: str) -> Package:
    """A package by its key. Raises NotFound."""
    found = rt.book.packages.get(key)
    if found is None:
        raise NotFound(package=key[:80])
    return found


def form_of(rt: Runtime, package: Package) -> Form:
    """The form of a package's request."""
    return _form(rt.book.root, package.form)


@lru_cache(maxsize=64)
def _form(root: Path, key: str) -> Form:
    path = root / "forms" / f"{key}.form"
    return load_form(path.name, path.read_bytes())


def offered(rt: Runtime, actor: Actor, key: str, subject: bytes) -> Offered:
    """What a package holds today for an enterprise that one's account was proved to be. Raises NotFound."""
    package = package_of(rt, key)
    with rt.store.read() as uow:
        proved = _own(uow, actor, subject)
        held = uow.registers.enterprise(proved.number)
        known = Subject.of(RegisterKind.ENTERPRISE, held) if held else None
        offers = [_offer(rt, uow, rt.book.services[name], known, proved) for name in package.services]
    prefill = _merged(package, offers, proved, known)
    return Offered(
        package=package, subject=proved, offers=offers, prefill=prefill,
        missing=_missing(form_of(rt, package), prefill, rt.form_context({})),
    )  # fmt: skip


def open_all(
    rt: Runtime, actor: Actor, key: str, submission: Mapping[str, object], *, idempotency_key: str | None = None
) -> Opened:  # fmt: skip
    """Begin a case of each service that a request names, in one transaction: all or none.

    Raises Forbidden unless the actor is an applicant, NotVerified unless the account was proved to be the enterprise,
    InvalidSubmission by the fields of the request's own form, and what `instances.start` raises of any service.
    """
    package = package_of(rt, key)
    if not actor.has(Role.APPLICANT):
        raise Forbidden(package=key)
    if len(idempotency_key or "") > instances.LONGEST_KEY:
        raise InvalidRequest("The idempotency key is too long.", limit=instances.LONGEST_KEY)
    form = form_of(rt, package)
    values = validate(form, submission, context=rt.form_context({}))
    chosen = _chosen(package, values)
    with rt.store.begin() as uow:
        request = sha256(canonical(["package", key, submission]).encode()).digest()
        if idempotency_key and not uow.cases.reserve_answer(
            actor.account_id, idempotency_key, request, rt.now()
        ):
            return _repeated(uow, actor, idempotency_key, request)
        subject = rt.subject_key(str(values[_NUMBER]))
        if subject not in {one.subject for one in uow.entitlements.verified(actor.account_id)}:
            raise NotVerified("The account was not proved to be this enterprise.", field=_NUMBER)
        parts = _submissions(rt, uow, actor, package, chosen, values)
        cases = {name: _begin(rt, uow, actor, name, part, subject) for name, part in parts.items()}
        if idempotency_key:
            uow.cases.fill_answer(actor.account_id, idempotency_key, dumps(cases))
    return Opened(cases=cases)


def _repeated(uow: UnitOfWork, actor: Actor, key: str, request: bytes) -> Opened:
    found = uow.cases.answered(actor.account_id, key)
    if found is None or found[0] != request or not found[1]:
        raise IdempotencyMismatch(key=key)
    return Opened(cases=loads(found[1]), repeated=True)


# ── what it holds for an enterprise ──────────────────────────────────────────────────────────────────


def _own(uow: UnitOfWork, actor: Actor, subject: bytes) -> VerifiedSubject:
    for one in uow.entitlements.verified(actor.account_id):
        if one.subject == subject and one.kind == RegisterKind.ENTERPRISE:
            return one
    raise NotFound("Nobody was proved to be this enterprise.")


def _offer(
    rt: Runtime, uow: UnitOfWork, service: Service, known: Subject | None, proved: VerifiedSubject
) -> Offer:
    under_way = uow.applications.open_of_subject(proved.subject, service.key)
    found = entitlements.for_subject(rt, uow, service, known, rt.today()) if known else None
    return Offer(
        service=service, found=found, is_open=service.is_open_on(rt.today()),
        open_case=under_way.case_no if under_way else None,
    )  # fmt: skip


def _merged(
    package: Package, offers: Sequence[Offer], proved: VerifiedSubject, known: Subject | None
) -> dict[str, Json]:
    """The request as far as the services' own applications fill it; of two the first."""
    merged: dict[str, Json] = {"enterprise_name": proved.name, _NUMBER: proved.number}
    if known is not None:
        merged["region"] = known.region
    people: dict[str, dict[str, Json]] = {}
    for offer in offers:
        if offer.found is None:
            continue
        part = package.services[offer.service.key]
        for name, value in offer.found.prefill.items():
            if name != package.people:
                merged.setdefault(name, value)
        for one in _rows(offer.found.prefill.get(package.people)):
            person = people.setdefault(str(one.get(_PERSON)), {})
            for name, value in {**one, package.group: _group_of(package, part, one)}.items():
                person.setdefault(name, value)
    merged[package.choose] = [offer.service.key for offer in offers if offer.found is not None]
    if people:
        merged[package.people] = list(people.values())
    return {name: value for name, value in merged.items() if value not in (None, [])}


def _group_of(package: Package, part: PackagePart, row: Mapping[str, Json]) -> Json:
    """The group that a person of a service's list has in the request."""
    said = row.get(package.group)
    return said if said in part.of else part.of[0]


def _missing(form: Form, prefill: Mapping[str, Json], context: Mapping[str, Json]) -> list[FieldError]:
    try:
        validate(form, prefill, context=context)
    except InvalidSubmission as refused:
        return [one for one in refused.errors if one.code == FieldCode.REQUIRED]
    return []


# ── one request, many cases ──────────────────────────────────────────────────────────────────────────


def _chosen(package: Package, values: Mapping[str, Json]) -> list[str]:
    """The services asked for, in the package's order."""
    said = values.get(package.choose)
    wanted = set(said) if isinstance(said, list | tuple) else set()
    chosen = [name for name in package.services if name in wanted]
    if not chosen:
        raise _fault((package.choose,), FieldCode.REQUIRED)
    return chosen


def _submissions(
    rt: Runtime, uow: UnitOfWork, actor: Actor, package: Package, chosen: Sequence[str], values: Mapping[str, Json]
) -> dict[str, dict[str, Json]]:  # fmt: skip
    """Service → its own application, with files of its own. Raises InvalidSubmission by the request's fields."""
    parts: dict[str, dict[str, Json]] = {}
    faults: list[FieldError] = []
    for name in chosen:
        form = deployments.start_form(rt, name)
        part, places = _part(package, package.services[name], form, values)
        if not places:
            faults.append(
                FieldError(path=(package.people,), code=FieldCode.REQUIRED, facts={"service": name})
            )
            continue
        try:
            validate(
                form, part, context=rt.form_context({instances.APPLICATION: rt.book.services[name].constants})
            )
        except InvalidSubmission as refused:
            faults += [_placed(one, package.people, places) for one in refused.errors]
        parts[name] = part if not parts else _with_own_files(uow, actor, form, part)
    if faults:
        raise InvalidSubmission(list({(one.path, one.code): one for one in faults}.values()))
    return parts


def _part(
    package: Package, part: PackagePart, form: Form, values: Mapping[str, Json]
) -> tuple[dict[str, Json], list[int]]:
    """What a service's form asks for of a request, and the places that its people have in the request's list."""
    own = {name: value for name, value in values.items() if name in form.fields and name != package.people}
    known, rows, places = form.row_fields.get(package.people, {}), [], []
    for place, row in enumerate(_rows(values.get(package.people))):
        group = str(row.get(package.group))
        if group not in part.of:
            continue
        told: dict[str, Json] = {name: value for name, value in row.items() if name in known}
        if package.group in known:
            told[package.group] = part.groups.get(group, group)
        rows.append(told)
        places.append(place)
    return {**own, package.people: rows}, places


def _placed(error: FieldError, people: str, places: Sequence[int]) -> FieldError:
    """A fault of a service's own application, at its place in the request."""
    if len(error.path) > 1 and error.path[0] == people and isinstance(error.path[1], int):
        path = (people, places[error.path[1]], *error.path[2:])
        return FieldError(path=path, code=error.code, facts=error.facts)
    return error


def _with_own_files(uow: UnitOfWork, actor: Actor, form: Form, part: dict[str, Json]) -> dict[str, Json]:
    """The application with copies of its files: a file belongs to one case."""
    own = dict(part)
    for name, placed in form.fields.items():
        ids, component = part.get(name), placed.component
        if isinstance(component, Field) and component.type is FieldType.FILEPICKER and isinstance(ids, list):
            own[name] = [_copied(uow, actor, str(one)) for one in ids]
    return own


def _copied(uow: UnitOfWork, actor: Actor, file_id: str) -> str:
    """The id of a copy; where there is nothing to copy the id itself, which the case refuses."""
    try:
        copy = uow.entitlements.copy_file(read_id(file_id), actor.account_id)
    except ValueError:
        return file_id
    return file_id if copy is None else str(copy)


def _begin(
    rt: Runtime, uow: UnitOfWork, actor: Actor, service: str, submission: Mapping[str, object], subject: bytes
) -> str:  # fmt: skip
    """Begin the case of one service, and take what was offered to the enterprise as accepted."""
    started = instances.start_in(
        rt, uow, instances.StartCase(service=service, by=actor, submission=submission)
    )
    for row in uow.entitlements.of_subjects([subject]):
        if row.service == service and row.is_open:
            locked = uow.entitlements.find(row.id, lock=True)
            if locked is not None and locked.is_open:
                entitlements.take(rt, uow, actor, locked, started)
    return started.case_no


def _rows(value: Json) -> Iterator[Mapping[str, Json]]:
    yield from (row for row in (value if isinstance(value, list | tuple) else ()) if isinstance(row, Mapping))


def _fault(path: tuple[str | int, ...], code: FieldCode) -> InvalidSubmission:
    return InvalidSubmission([FieldError(path=path, code=code, facts={})])
