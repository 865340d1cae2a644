"""The same applicant and service while a case is open: refused, joined to it, or let be, as the catalogue says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from banjie.domain.assignment import Actor
from banjie.domain.changes import CaseChange, Message, NewSubmission
from banjie.domain.decisions import Json
from banjie.domain.errors import AlreadyOpen
from banjie.domain.events import NewEvent
from banjie.domain.instances import Instance, InstanceStatus
from banjie.forms.model import Check, Field, Form
from banjie.persistence.text import canonical
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.policy.catalogue import ApplicantKind, Service, WhileOpen
from banjie.services.files import bind
from banjie.services.runtime import Runtime

#: The variable of an application that was added to an open case; the data of the case stay as they are.
JOINED = "application_joined"


def identity_field(service: Service, form: Form) -> str | None:
    """The field of a start form that tells the applicant: the ID number of a person, else the credit code."""
    wanted = Check.ID_NUMBER if service.applicant is ApplicantKind.PERSON else Check.USCC
    return next(
        (
            key
            for key, placed in form.fields.items()
            if isinstance(placed.component, Field) and placed.component.check is wanted
        ),
        None,
    )


def subject_of(rt: Runtime, service: Service, form: Form, application: Mapping[str, Json]) -> bytes | None:
    """What a case keeps to tell its applicant again; None where the form asks for no number."""
    field = identity_field(service, form)
    number = application.get(field) if field else None
    return rt.subject_key(number) if isinstance(number, str) and number else None


def open_case(rt: Runtime, actor: Actor, service: Service) -> str | None:
    """The number of an open case of the service that the account applied for, where that stands in the way."""
    if service.while_open is WhileOpen.ALLOW:
        return None
    with rt.store.read() as uow:
        found = uow.applications.open_of_account(actor.account_id, service.key)
    return found.case_no if found else None


def case_to_join(uow: UnitOfWork, actor: Actor, service: Service, subject: bytes | None) -> Instance | None:
    """The open case that an application is to be added to, its row locked; None where it begins a case.

    Until the transaction ends nobody else begins a case of this applicant and service. Raises AlreadyOpen, which
    names the case where the actor applied for it; another account's case is never joined, and not named.
    """
    if subject is None or service.while_open is WhileOpen.ALLOW:
        return None
    uow.applications.lock_subject(subject, service.key)
    found = uow.applications.open_of_subject(subject, service.key)
    if found is None:
        return None
    is_own = found.applicant_id == actor.account_id
    if service.while_open is WhileOpen.REFUSE or not is_own:
        named = {"case_no": found.case_no} if is_own else {}
        raise AlreadyOpen(service=service.key, rule=service.while_open.value, **named)
    instance = uow.cases.lock_by_id(found.id)
    # It may have ended while we waited for its row.
    return instance if instance is not None and instance.status is InstanceStatus.RUNNING else None


def join(
    uow: UnitOfWork, instance: Instance, service: Service, form: Form, application: Mapping[str, Json],
    actor: Actor, *, element: str, at: datetime,
) -> None:  # fmt: skip
    """Add an application to an open case, whose row is locked, and tell the officers of its open steps."""
    values = dict(application)
    change = CaseChange.of(instance, at=at, actor_id=actor.account_id)
    change.submissions.append(
        NewSubmission(
            element=element, variable=JOINED, form=service.start_form, by=actor.account_id, values=values
        )
    )
    digest = sha256(canonical(values).encode()).hexdigest()
    change.events.append(NewEvent(type="instance.joined", facts={"service": service.key, "sha256": digest}))
    agencies = sorted({task.agency for task in uow.cases.open_tasks(instance.id)})
    change.messages += [Message(recipient=f"desk:{agency}", template=JOINED, facts={}) for agency in agencies]
    bind(uow, form, values, actor, instance.id)
    uow.cases.apply(instance, change)
