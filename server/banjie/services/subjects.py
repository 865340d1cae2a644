"""Real names: an account is proved to be a person or an enterprise by name and number, against the registers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from banjie.domain.assignment import Actor, Role
from banjie.domain.entitlements import NotVerified, VerifiedSubject
from banjie.domain.errors import Forbidden, InvalidRequest, RateLimited
from banjie.domain.events import NewEvent
from banjie.domain.identity import credit_code_fault, id_number_fault
from banjie.domain.registers import RegisterKind
from banjie.services.runtime import Runtime

STREAM = "entitlements"
#: So many wrong pairs a day for an account: a name cannot be found out by trying.
_TRIES = 5
_WINDOW = timedelta(days=1)
_NAMES = {RegisterKind.PERSON: "person_name", RegisterKind.ENTERPRISE: "registered_name"}


def verify(rt: Runtime, actor: Actor, number: str, name: str) -> VerifiedSubject:
    """Prove an applicant's account to be whom an ID number or credit code stands for; each try is recorded.

    The record keeps the keyed hash of the number. Raises Forbidden unless the actor is an applicant, InvalidRequest
    for what is no such number, RateLimited after too many wrong pairs, NotVerified where the registers do not hold
    the number under the name; whether they hold the number at all is not told.
    """
    if not actor.has(Role.APPLICANT):
        raise Forbidden("Only applicants prove who they are.")
    number, name = "".join(number.upper().split()), "".join(name.split())
    kind = _kind(rt, number)
    now, bucket = rt.now(), f"verify:{actor.account_id}"
    if kind is RegisterKind.PERSON:
        said = rt.registers.facts_of_person(number)
    else:
        said = rt.registers.facts_of_enterprise(number)
    known = [one for one in said if one.key == _NAMES[kind]]
    held = next((one for one in known if "".join(str(one.value).split()) == name), None)
    proved = None
    with rt.store.begin() as uow:
        if uow.people.attempts(bucket, now - _WINDOW) >= _TRIES:
            raise RateLimited(retry_after_seconds=int(_WINDOW.total_seconds()))
        subject = rt.subject_key(number)
        if held is None:
            uow.people.count_attempt(bucket, now, now - _WINDOW)
        else:
            proved = VerifiedSubject(
                subject=subject, kind=kind.value, number=number, name=str(held.value), verified_at=now
            )
            uow.entitlements.verify(actor.account_id, proved)
        event = NewEvent(
            type="subject.verified" if proved else "subject.refused",
            facts={"kind": kind.value, "subject": subject.hex()},
        )
        uow.desk.record(STREAM, [event], actor.account_id, now)
    # Raised outside: the count of wrong pairs must not roll back with the refusal.
    if proved is None:
        raise NotVerified("The registers do not hold this name with this number.")
    return proved


def verified(rt: Runtime, actor: Actor) -> Sequence[VerifiedSubject]:
    """Whom one's own account was proved to be."""
    with rt.store.read() as uow:
        return uow.entitlements.verified(actor.account_id)


def _kind(rt: Runtime, number: str) -> RegisterKind:
    if id_number_fault(number, rt.today()) is None:
        return RegisterKind.PERSON
    if credit_code_fault(number) is None:
        return RegisterKind.ENTERPRISE
    raise InvalidRequest("This is neither an ID number nor a credit code.", field="number")
