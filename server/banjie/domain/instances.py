"""The case: one run of a process, with its case data and the head of its record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from banjie.domain.decisions import Json
from banjie.domain.errors import FourEyes, InstanceEnded
from banjie.domain.proceedings import CaseHeld


class InstanceStatus(StrEnum):
    """Running, or how it stopped."""

    RUNNING = "running"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"


@dataclass(kw_only=True)
class Instance:
    """A case as stored.

    `definition` is the version it began with. `agencies` maps a candidate role to the agency that fills
    it for this case. `data` is the case data: variable → submission or decision. `events` counts the
    events of its record, `chain` is the hash of the last one. `version` grows with every change.
    `follow_digits` are the last four of the applicant's ID number, for the public follow-up. `hold` is the
    proceeding that keeps its tasks from being completed while it is open. `subject` tells the same applicant
    again: a keyed hash of the ID number or credit code.
    """

    id: int
    case_no: str
    service: str
    process: str
    definition: str
    region: str
    applicant_id: int
    applicant_name: str
    follow_digits: str
    agencies: Mapping[str, str]
    status: InstanceStatus
    outcome: str | None
    version: int
    started_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None
    data: Mapping[str, Json]
    snapshot: bytes
    events: int
    chain: bytes
    hold: int | None = None
    subject: bytes | None = None

    def require_running(self) -> None:
        """Raise InstanceEnded unless the case still runs."""
        if self.status is not InstanceStatus.RUNNING:
            raise InstanceEnded(case_no=self.case_no, status=self.status.value, at=self.ended_at)

    def require_not_applicant(self, *account_ids: int) -> None:
        """Raise FourEyes where one of the people applied for it: nobody decides on an application of their own."""
        if self.applicant_id in account_ids:
            raise FourEyes("Nobody decides on an application of their own.", case_no=self.case_no)

    def require_free(self) -> None:
        """Raise InstanceEnded, or CaseHeld while a proceeding holds the case."""
        self.require_running()
        if self.hold is not None:
            raise CaseHeld(case_no=self.case_no, proceeding=self.hold)
