"""The helper's log (帮扶记录) of cases whose service keeps one: what officers did while the case runs.

It is for the offices only: the applicant learns what was done from the helper, and the words may speak of others.
A service keeps a log where its constant ``help_log`` is true.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from banjie.domain.assignment import Actor
from banjie.domain.calendar import legal_date
from banjie.domain.changes import CaseChange
from banjie.domain.errors import Conflict, Forbidden, InvalidRequest, NotFound
from banjie.domain.events import NewEvent
from banjie.domain.help_log import HelpEntry, HelpKind
from banjie.domain.instances import Instance
from banjie.services.runtime import Runtime
from banjie.services.sight import require_colleague

LONGEST_WORDS = 1_000
#: Entries of one case.
MOST_ENTRIES = 500
#: The constant of a service whose cases have a log.
KEEPS_LOG = "help_log"


@dataclass(frozen=True, kw_only=True)
class AddHelp:
    """The wish to write down what was done on a day, today at the latest."""

    case_no: str
    by: Actor
    kind: HelpKind
    on_day: date
    words: str


@dataclass(frozen=True, kw_only=True)
class HelpBook:
    """The log of a case, oldest entry first; `may_add` holds for the reader, now."""

    entries: Sequence[HelpEntry]
    may_add: bool


def read(rt: Runtime, actor: Actor, case_no: str) -> HelpBook | None:
    """The log of a case; None where its service keeps none. Raises NotFound, Forbidden for the applicant."""
    with rt.store.read() as uow:
        instance = require_colleague(rt, uow, actor, uow.cases.find(case_no), case_no)
        if not _keeps_log(rt, instance):
            return None
        entries = uow.help_log.of_case(instance.id)
    return HelpBook(entries=entries, may_add=instance.ended_at is None and _handles(actor, instance))


def add(rt: Runtime, command: AddHelp) -> int:
    """Write an entry down; returns its id. Locks the case.

    Raises NotFound where the case is not seen or its service keeps no log; Forbidden for the applicant and for people
    of no agency of the case; InstanceEnded; InvalidRequest for a day before the case or after today, and for empty or
    too long words; Conflict when the log is full.
    """
    actor, words = command.by, _checked(command.words)
    with rt.store.begin() as uow:
        at, case_no = rt.now(), command.case_no
        instance = require_colleague(rt, uow, actor, uow.cases.lock(case_no), case_no)
        if not _keeps_log(rt, instance):
            raise NotFound(help_log=case_no[:40])
        if not _handles(actor, instance):
            raise Forbidden("Only the offices of the case write its log.", case=case_no)
        instance.require_running()
        if not legal_date(instance.started_at) <= command.on_day <= legal_date(at):
            raise InvalidRequest("The day lies before the case or after today.", field="on_day")
        if len(uow.help_log.of_case(instance.id)) >= MOST_ENTRIES:
            raise Conflict("The log is full.", case=case_no, limit=MOST_ENTRIES)
        entry_id = uow.help_log.add(
            instance_id=instance.id, kind=command.kind, on_day=command.on_day, words=words,
            by_id=actor.account_id, at=at,
        )  # fmt: skip
        change = CaseChange.of(instance, at=at, actor_id=actor.account_id)
        facts = {"entry": entry_id, "kind": command.kind.value, "on_day": command.on_day.isoformat()}
        change.events.append(
            NewEvent(type="help.added", facts={**facts, "sha256": sha256(words.encode()).hexdigest()})
        )
        uow.cases.apply(instance, change)
    return entry_id


def _keeps_log(rt: Runtime, instance: Instance) -> bool:
    return rt.book.services[instance.service].constants.get(KEEPS_LOG) is True


def _handles(actor: Actor, instance: Instance) -> bool:
    return not actor.agencies.isdisjoint(instance.agencies.values())


def _checked(words: str) -> str:
    plain = "\n".join(line.rstrip() for line in words.strip().splitlines())
    if not plain or len(plain) > LONGEST_WORDS:
        raise InvalidRequest(
            "An entry has 1 to 1,000 characters.", field="words", longest=LONGEST_WORDS
        )  # fmt: skip
    return plain
