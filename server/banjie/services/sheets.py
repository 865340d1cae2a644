"""A case on paper and as one file: the print sheet (审批单) and the export."""

from __future__ import annotations

from hashlib import sha256

from banjie.documents.archive import zip_of
from banjie.documents.sheet import print_sheet
from banjie.domain.assignment import Actor
from banjie.domain.calendar import LEGAL_ZONE
from banjie.domain.events import NewEvent
from banjie.persistence.audit import Audit
from banjie.services import instances
from banjie.services.case_export import files_of
from banjie.services.instances import CaseView
from banjie.services.runtime import Runtime
from banjie.services.sheet_content import absent_of, sheet_of


def approval_sheet(rt: Runtime, actor: Actor, case_no: str, *, language: str = "zh") -> bytes:
    """The print sheet of a case as PDF, in "zh" or "en", with what the actor sees of the case.

    The applicant's names no officer and holds no officer's paper. That an officer printed it stands on record
    with the officer's account. Raises NotFound where the case is not the actor's to see.
    """
    view = instances.view(rt, actor, case_no)
    printed = _printed(rt, actor, view, language)
    _tell(rt, actor, view, "case.printed", printed)
    return printed


def export(rt: Runtime, actor: Actor, case_no: str, *, language: str = "zh") -> bytes:
    """Everything that the actor sees of a case as one ZIP; `language` is the sheet's.

    It holds `case.json`, `sheet.pdf`, `record.csv`, `files/…` and, last, `MANIFEST.json` with the SHA-256 of each.
    Recorded as `approval_sheet` is. Raises NotFound, InvalidRequest where the files are too large together.
    """
    view = instances.view(rt, actor, case_no)
    instance = view.instance
    told = {event.seq for event in view.events}
    with rt.store.read() as uow:
        # Neither what is not told to the reader, nor what has been recorded since the view was read.
        record = [event for event in Audit(uow.db).record(instance.id) if event.seq in told]
    files = files_of(
        rt, view, record, _printed(rt, actor, view, language), for_applicant=_is_applicant(actor, view)
    )
    packed = zip_of(files, (instance.ended_at or instance.started_at).astimezone(LEGAL_ZONE))
    _tell(rt, actor, view, "case.exported", packed)
    return packed


def _printed(rt: Runtime, actor: Actor, view: CaseView, language: str) -> bytes:
    absent = {found for event in view.events if (found := absent_of(event)) is not None}
    names: dict[int, str] = {}
    if absent and not _is_applicant(actor, view):
        with rt.store.read() as uow:
            names = Audit(uow.db).names(absent)
    return print_sheet(sheet_of(rt, view, printer=actor.name, language=language, names=names))


def _is_applicant(actor: Actor, view: CaseView) -> bool:
    return actor.account_id == view.instance.applicant_id


def _tell(rt: Runtime, actor: Actor, view: CaseView, kind: str, content: bytes) -> None:
    """Record that a case left the house on paper or as a file; one's own case may be taken home untold."""
    if _is_applicant(actor, view):
        return
    facts = {"case_no": view.instance.case_no, "sha256": sha256(content).hexdigest()}
    with rt.store.begin() as uow:
        uow.desk.record(
            f"account:{actor.account_id}", [NewEvent(type=kind, facts=facts)], actor.account_id, rt.now()
        )
