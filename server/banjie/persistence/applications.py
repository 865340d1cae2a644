"""What an application must know of others: who has a case open already."""

from __future__ import annotations

from dataclasses import dataclass

from banjie.persistence.database import Db


@dataclass(frozen=True, kw_only=True)
class OpenCase:
    """A running case and the account that applied for it."""

    id: int
    case_no: str
    applicant_id: int


class Applications:
    """Looks at running cases by applicant."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def lock_subject(self, subject: bytes, service: str) -> None:
        """Let nobody else begin a case of this applicant and service until the transaction ends."""
        key = int.from_bytes(subject[:8], "big", signed=True)
        self._db.one("SELECT pg_advisory_xact_lock(%s # hashtextextended(%s, 0))", (key, service))

    def open_of_subject(self, subject: bytes, service: str) -> OpenCase | None:
        """The newest running case of an applicant, told by the hash, for a service."""
        return self._open("subject = %s AND service = %s", (subject, service))

    def open_of_account(self, account_id: int, service: str) -> OpenCase | None:
        """The newest running case that an account has applied for, of a service."""
        return self._open("applicant_id = %s AND service = %s", (account_id, service))

    def _open(self, which: str, parameters: tuple[object, ...]) -> OpenCase | None:
        row = self._db.one(
            f"SELECT id, case_no, applicant_id FROM instance WHERE status = 'running' AND {which} "
            "ORDER BY id DESC LIMIT 1",
            parameters,
        )
        return OpenCase(id=row[0], case_no=row[1], applicant_id=row[2]) if row else None
