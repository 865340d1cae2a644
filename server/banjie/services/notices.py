"""Telling people what the outbox holds: a notice in the application, and a letter where there is an address."""

from __future__ import annotations

from datetime import timedelta

from banjie.domain.assignment import Role
from banjie.notices.letters import letter
from banjie.persistence.desk import OutboxRow
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.runtime import Runtime

#: Messages that have waited so long have lost their job; the sweep delivers them.
_FORGOTTEN_AFTER = timedelta(minutes=2)


def deliver(rt: Runtime, instance_id: int | None) -> int:
    """Tell what waits of one case, or (None) everything that was forgotten; returns how many.

    A message is marked as told in the transaction that writes its notices; a letter is sent before that
    transaction ends, under the message's own id, so that it goes out at least once.
    """
    now = rt.now()
    with rt.store.begin() as uow:
        before = now - _FORGOTTEN_AFTER if instance_id is None else None
        waiting = uow.desk.unsent(instance_id, before=before)
        for message in waiting:
            people = _recipients(rt, uow, message)
            uow.desk.notify(message, [account_id for account_id, _ in people], now)
            addresses = [email for _, email in people if email]
            if addresses:
                subject, body = letter(message.template, message.case_no, message.facts, rt.base_url)
                rt.mailer.send(addresses, subject, body, f"outbox-{message.id}")
    return len(waiting)


def _recipients(rt: Runtime, uow: UnitOfWork, message: OutboxRow) -> list[tuple[int, str | None]]:
    kind, _, rest = message.recipient.partition(":")
    if kind == "applicant":
        contact = uow.people.contact(message.applicant_id)
        return [contact] if contact else []
    if kind == "head":
        return uow.people.holders(Role.HEAD, rest)
    unit = rt.book.agencies.get(rest)
    return uow.people.holders(f"{unit.kind}_officer", rest) if unit else []
