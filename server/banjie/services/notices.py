"""Telling people what the outbox holds: a notice in the application, and a letter where there is an address."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from smtplib import SMTPException

from banjie.domain.assignment import Role
from banjie.notices.letters import letter
from banjie.persistence.desk import OutboxRow
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.runtime import Runtime

log = logging.getLogger(__name__)

#: Messages that have waited so long have lost their job; the sweep delivers them.
_FORGOTTEN_AFTER = timedelta(minutes=2)
#: Who takes a message has so long to send its letter; then others may try.
_LEASE = timedelta(minutes=5)
#: So many letters that fail make an incident; the message is tried on once a day.
_MOST_TRIES = 6
_ONE_DAY = timedelta(days=1)
_NEVER = datetime.max.replace(tzinfo=UTC)


def deliver(rt: Runtime, instance_id: int | None) -> int:
    """Tell what waits of one case, or (None) everything that was forgotten; returns how many were told.

    Each message by itself: its notices are written in one transaction; its letter goes out after that,
    without a lock, at least once, under the message's own id. A letter that cannot be sent stops no other
    message; it is tried again later, and becomes an incident after some tries.
    """
    now = rt.now()
    with rt.store.read() as uow:
        waiting = uow.desk.unsent(instance_id, now, before=now - _FORGOTTEN_AFTER)
    return sum(_tell(rt, message) for message in waiting)


def tell_again(rt: Runtime, outbox_id: int) -> bool:
    """Tell a message now, whatever pause it is in; True where it is told, also when it was already."""
    with rt.store.read() as uow:
        message = uow.desk.message(outbox_id)
    return message is None or _tell(rt, message, whatever_pause=True)


def _tell(rt: Runtime, message: OutboxRow, *, whatever_pause: bool = False) -> bool:
    now = rt.now()
    with rt.store.begin() as uow:
        due = _NEVER if whatever_pause else now
        if not uow.desk.take_message(message.id, due, now + _pause(message.tries)):
            return False
        people = _recipients(rt, uow, message)
        uow.desk.notify(message, [account_id for account_id, _ in people], now)
        addresses = [email for _, email in people if email]
        if not addresses:
            uow.desk.mark_sent(message.id, now)
            return True
    subject, body = letter(message.template, message.case_no, message.facts, rt.base_url)
    try:
        rt.mailer.send(addresses, subject, body, f"outbox-{message.id}")
    except (OSError, SMTPException) as error:
        _note_failure(rt, message, error)
        return False
    with rt.store.begin() as uow:
        uow.desk.mark_sent(message.id, rt.now())
    return True


def _pause(tries: int) -> timedelta:
    """How long nobody else takes the message: the lease first, then growing, a day at the most."""
    return min(_LEASE * (1 << min(tries, 10)), _ONE_DAY)


def _note_failure(rt: Runtime, message: OutboxRow, error: Exception) -> None:
    log.warning("letter.failed", extra={"outbox": message.id, "kind": type(error).__name__})
    if message.tries + 1 >= _MOST_TRIES:
        with rt.store.begin() as uow:
            kind = type(error).__name__
            uow.desk.add_incident("letter", str(message.id), message.instance_id, kind, rt.now())


def _recipients(rt: Runtime, uow: UnitOfWork, message: OutboxRow) -> list[tuple[int, str | None]]:
    kind, _, rest = message.recipient.partition(":")
    if kind == "applicant":
        contact = uow.people.contact(message.applicant_id)
        return [contact] if contact else []
    if kind == "u":
        person = uow.people.contact(int(rest))
        return [person] if person else []
    if kind == "head":
        return uow.people.holders(Role.HEAD, rest)
    unit = rt.book.agencies.get(rest)
    return uow.people.holders(f"{unit.kind}_officer", rest) if unit else []
