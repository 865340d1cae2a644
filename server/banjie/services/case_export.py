"""Everything of a case as files, for an archive or another system, as far as its reader sees the case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256

from banjie.documents.archive import csv_of
from banjie.domain.calendar import LEGAL_ZONE
from banjie.domain.decisions import Json
from banjie.domain.errors import InvalidRequest
from banjie.domain.proceedings import Proceeding
from banjie.domain.worklist import AttachmentRow
from banjie.persistence.audit import RawEvent
from banjie.persistence.text import canonical, loads
from banjie.services.instances import CaseView, ClockView
from banjie.services.runtime import Runtime

#: Names the shape of `case.json`; a new shape gets a new name.
FORMAT = "banjie-case/1"
MANIFEST = "MANIFEST.json"
#: Bytes of all attachments together: an export is built in memory, and each file can be had on its own.
LARGEST = 256 * 1024 * 1024
#: Characters that some systems do not allow in a file's name.
_NOT_IN_NAMES = frozenset('\\/:*?"<>|')
#: Fields of ledgers and proceedings that name officers.
_PEOPLE = {"opened_by", "opened_by_name", "closed_by", "closed_by_name"}
_COLUMNS = ("seq", "at", "type", "element", "element_name", "agency", "actor", "facts", "hash")


def files_of(
    rt: Runtime, view: CaseView, record: Sequence[RawEvent], sheet: bytes, *, for_applicant: bool
) -> dict[str, bytes]:
    """The files of an export by their names, in order, the manifest with their SHA-256 last.

    `record` is the case's, as hashed. The applicant gets no ids of people.
    Raises InvalidRequest where the attachments are too large together.
    """
    if sum(row.size for row in view.attachments) > LARGEST:
        raise InvalidRequest(
            "The files of this case are too large together; fetch them singly.", limit=LARGEST
        )
    actors = {event.seq: event.actor for event in view.events}
    files = {
        "case.json": _case(view, record, actors, for_applicant=for_applicant),
        "sheet.pdf": sheet,
        "record.csv": csv_of(
            _COLUMNS, [_line(view, event, actors, for_applicant=for_applicant) for event in record]
        ),
        **{_name(row): rt.documents.get(row.sha256) for row in view.attachments},
    }
    sums = {name: sha256(content).hexdigest() for name, content in files.items()}
    made = {"case_no": view.instance.case_no, "exported_at": rt.now(), "sha256": sums}
    return {**files, MANIFEST: canonical(made).encode()}


def _case(
    view: CaseView,
    record: Sequence[RawEvent],
    actors: Mapping[int, str | None],
    *,
    for_applicant: bool,
) -> bytes:
    instance = view.instance
    told = {
        "format": FORMAT,
        "case": {
            "case_no": instance.case_no, "service": instance.service, "process": instance.process,
            "definition": instance.definition, "region": instance.region, "agencies": instance.agencies,
            "applicant": instance.applicant_name, "status": instance.status.value, "outcome": instance.outcome,
            "started_at": instance.started_at, "accepted_at": instance.accepted_at, "ended_at": instance.ended_at,
            "events": instance.events, "chain": instance.chain.hex(),
        },
        "submissions": [
            {"element": row.element, "variable": row.variable, "form": row.form, "by": row.by, "at": row.at,
             "values": row.values}
            for row in view.submissions
        ],
        "decisions": [
            {"element": row.element, "key": row.key, "at": row.at, "green": row.green, "receipt": row.receipt}
            for row in view.decisions
        ],
        "proceedings": [_proceeding(one, for_applicant=for_applicant) for one in view.proceedings],
        "clocks": [_clock(clock, for_applicant=for_applicant) for clock in view.clocks],
        "record": [_event(event, actors, for_applicant=for_applicant) for event in record],
        "files": [
            {"name": _name(row), "field": row.field, "media_type": row.media_type, "size": row.size,
             "sha256": row.sha256, "at": row.at}
            for row in view.attachments
        ],
    }  # fmt: skip
    return canonical(told).encode()


def _clock(shown: ClockView, *, for_applicant: bool) -> dict[str, object]:
    clock, due = shown.stored.clock, shown.stored.due
    left_out = _PEOPLE if for_applicant else set()
    return {
        "kind": clock.kind.value, "element": clock.subject.element, "agency": shown.stored.agency,
        "limit": asdict(clock.limit), "started_at": clock.start, "stopped_at": clock.stopped_at,
        "due_at": due.at, "due_day": due.day, "warn_at": due.warn_at, "provisional": due.provisional,
        "state": shown.state.value, "used_days": shown.elapsed.used_days,
        "not_counted_days": shown.elapsed.not_counted_days, "missed": shown.stored.missed,
        "intervals": [
            {name: value for name, value in asdict(interval).items() if name not in left_out}
            for interval in clock.intervals
        ],
    }  # fmt: skip


def _proceeding(proceeding: Proceeding, *, for_applicant: bool) -> dict[str, object]:
    left_out = {"instance_id"} | (_PEOPLE if for_applicant else set())
    return {name: value for name, value in asdict(proceeding).items() if name not in left_out}


def _event(event: RawEvent, actors: Mapping[int, str | None], *, for_applicant: bool) -> dict[str, Json]:
    """An entry with all that its hash covers (`domain.events.link`).

    For applicants without its actor and its facts, which name people by their ids.
    """
    told: dict[str, Json] = {
        "stream": event.stream, "seq": event.seq, "type": event.type, "at": event.at.isoformat(),
        "agency": event.agency, "element": event.element, "task_id": event.task_id, "hash": event.hash.hex(),
    }  # fmt: skip
    if not for_applicant:
        told |= {
            "actor_id": event.actor_id, "actor": actors.get(event.seq), "facts": loads(event.facts),
            "facts_as_hashed": event.facts,
        }  # fmt: skip
    return told


def _line(
    view: CaseView, event: RawEvent, actors: Mapping[int, str | None], *, for_applicant: bool
) -> tuple[str, ...]:
    element = view.definition.elements.get(event.element or "")
    return (
        str(event.seq), event.at.astimezone(LEGAL_ZONE).isoformat(timespec="seconds"), event.type,
        event.element or "", element.name if element else "", event.agency or "", actors.get(event.seq) or "",
        "" if for_applicant else event.facts, event.hash.hex(),
    )  # fmt: skip


def _name(row: AttachmentRow) -> str:
    plain = "".join("_" if char in _NOT_IN_NAMES else char for char in row.name)
    return f"files/{row.id}-{plain}"
