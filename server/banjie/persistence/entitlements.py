"""Entitlements: runs over the registers, what they found, and whom accounts were proved to be."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby

from banjie.domain.decisions import Json
from banjie.domain.entitlements import (
    OPEN,
    Entitlement,
    EntitlementStatus,
    Found,
    MatchRun,
    RunStatus,
    VerifiedSubject,
)
from banjie.domain.registers import RegisterKind
from banjie.persistence.database import Db, Row
from banjie.persistence.registers import HeldSubject
from banjie.persistence.text import dumps, loads

_RUN = (
    "SELECT id, service, region, on_day, status, total, done, found, stale, reached, started_by, started_at, ended_at "
    "FROM entitlement_run "
)
_ROW = (
    "SELECT e.id, e.service, e.subject, e.number, e.name, e.region, e.period, e.found_on, e.amount, e.receipt, "
    "e.prefill, e.status, e.invited_at, e.answered_at, e.instance_id, i.case_no "
    "FROM entitlement e LEFT JOIN instance i ON i.id = e.instance_id "
)
_OPEN = [status.value for status in OPEN]
_TABLES = {
    RegisterKind.PERSON: ("reg_person", "id_number"),
    RegisterKind.ENTERPRISE: ("reg_enterprise", "uscc"),
}


@dataclass(frozen=True, kw_only=True)
class Employed:
    """A person for whom an employer paid insurance: month (its first day) → paid, and what sources hold of them."""

    number: str
    months: Mapping[date, Decimal]
    held: Sequence[HeldSubject]


class Entitlements:
    """The entitlements of one unit of work."""

    def __init__(self, db: Db) -> None:
        self._db = db

    # ── the registers, as a run reads them ───────────────────────────────────────────────────────────

    def count_subjects(self, kind: RegisterKind, regions: Sequence[str]) -> int:
        """How many persons or enterprises the registers hold for the regions."""
        table, key = _TABLES[kind]
        row = self._db.only(
            f"SELECT count(DISTINCT {key}) FROM {table} WHERE region = ANY(%s)", (list(regions),)
        )
        return int(row[0])

    def subjects(
        self, kind: RegisterKind, regions: Sequence[str], *, after: str, limit: int
    ) -> list[list[HeldSubject]]:
        """The next subjects of the regions beyond a number, in order, each as every source has it."""
        table, key = _TABLES[kind]
        rows = self._db.rows(
            f"SELECT {key}, name, region, source, as_of, facts::text FROM {table} WHERE {key} IN "
            f"(SELECT DISTINCT {key} FROM {table} WHERE region = ANY(%s) AND {key} > %s ORDER BY {key} LIMIT %s) "
            f"AND region = ANY(%s) ORDER BY {key}, source",
            (list(regions), after, limit, list(regions)),
        )
        return [[_held(row) for row in group] for _number, group in groupby(rows, key=lambda row: row[0])]

    def employed_by(self, usccs: Sequence[str]) -> dict[str, list[Employed]]:
        """Employer → the people for whom it paid insurance, in the order of their ID numbers.

        Where several sources have a month the newest counts.
        """
        paid = self._db.rows(
            "SELECT DISTINCT ON (uscc, id_number, month) uscc, id_number, month, paid FROM reg_insured_month "
            "WHERE uscc = ANY(%s) ORDER BY uscc, id_number, month, as_of DESC, source",
            (list(usccs),),
        )
        months: dict[tuple[str, str], dict[date, Decimal]] = {}
        for uscc, number, month, amount in paid:
            months.setdefault((uscc, number), {})[month] = amount
        held: dict[str, list[HeldSubject]] = {}
        for row in self._db.rows(
            "SELECT id_number, name, region, source, as_of, facts::text FROM reg_person WHERE id_number = ANY(%s) "
            "ORDER BY id_number, source",
            (sorted({number for _uscc, number in months}),),
        ):
            held.setdefault(row[0], []).append(_held(row))
        employed: dict[str, list[Employed]] = {}
        for (uscc, number), of in months.items():
            one = Employed(number=number, months=of, held=held.get(number, ()))
            employed.setdefault(uscc, []).append(one)
        return employed

    # ── runs ─────────────────────────────────────────────────────────────────────────────────────────

    def add_run(
        self, *, service: str, region: str, on: date, total: int, started_by: int | None, at: datetime
    ) -> int | None:
        """A new run; None where one of the service and region goes on."""
        row = self._db.one(
            "INSERT INTO entitlement_run (service, region, on_day, status, total, started_by, started_at) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (service, region) WHERE ended_at IS NULL DO NOTHING "
            "RETURNING id",
            (service, region, on, RunStatus.RUNNING.value, total, started_by, at),
        )
        return int(row[0]) if row else None

    def find_run(self, run_id: int, *, lock: bool = False) -> MatchRun | None:
        """A run by its id, its row locked where asked."""
        row = self._db.one(_RUN + "WHERE id = %s" + (" FOR UPDATE" if lock else ""), (run_id,))
        return _run(row) if row else None

    def runs(self, regions: Sequence[str], *, limit: int) -> list[MatchRun]:
        """The newest runs for the regions."""
        rows = self._db.rows(
            _RUN + "WHERE region = ANY(%s) ORDER BY id DESC LIMIT %s", (list(regions), limit)
        )
        return [_run(row) for row in rows]

    def advance(self, run_id: int, *, reached: str, done: int, found: int) -> None:
        """Note how far a run has come: `done` and `found` more."""
        self._db.run(
            "UPDATE entitlement_run SET reached = %s, done = done + %s, found = found + %s WHERE id = %s",
            (reached, done, found, run_id),
        )

    def end_run(self, run: MatchRun, regions: Sequence[str], status: RunStatus, at: datetime) -> None:
        """End a run; when it is done, what waits for an answer and was not found again is stale."""
        stale = 0
        if status is RunStatus.DONE:
            stale = self._db.run(
                "UPDATE entitlement SET status = %s WHERE service = %s AND region = ANY(%s) AND run_id <> %s "
                "AND status = ANY(%s)",
                (EntitlementStatus.STALE.value, run.service, list(regions), run.id, _OPEN),
            )
        self._db.run(
            "UPDATE entitlement_run SET status = %s, stale = %s, done = CASE WHEN %s THEN total ELSE done END, "
            "ended_at = %s WHERE id = %s",
            (status.value, stale, status is RunStatus.DONE, at, run.id),
        )

    # ── what was found ───────────────────────────────────────────────────────────────────────────────

    def shut_out(self, service: str, subjects: Collection[bytes], period: str, year: int) -> set[bytes]:
        """Those of the subjects who have an open case of the service, have refused it, or have answered."""
        if not subjects:
            return set()
        listed = list(subjects)
        rows = self._db.rows(
            "SELECT subject FROM instance WHERE service = %s AND status = 'running' AND subject = ANY(%s) "
            "UNION SELECT subject FROM reg_refusal WHERE service = %s AND year = %s AND subject = ANY(%s) "
            "UNION SELECT subject FROM entitlement WHERE service = %s AND period = %s AND subject = ANY(%s) "
            "AND status = ANY(%s)",
            (
                service, listed, service, year, listed, service, period, listed,
                [EntitlementStatus.ACCEPTED.value, EntitlementStatus.DECLINED.value],
            ),
        )  # fmt: skip
        return {bytes(row[0]) for row in rows}

    def keep(self, service: str, found: Sequence[Found], run_id: int, on: date) -> None:
        """Store what a run found; what waits for an answer is brought up to date, what was stale waits again."""
        for one in found:
            self._db.run(
                "INSERT INTO entitlement AS held (service, subject, number, name, region, period, found_on, run_id, "
                "amount, receipt, prefill, status) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
                "ON CONFLICT (service, subject, period) DO UPDATE SET name = excluded.name, region = excluded.region, "
                "run_id = excluded.run_id, amount = excluded.amount, receipt = excluded.receipt, "
                "prefill = excluded.prefill, found_on = excluded.found_on, "
                "status = CASE WHEN held.status = %s THEN excluded.status ELSE held.status END "
                "WHERE held.status = ANY(%s)",
                (
                    service, one.subject, one.number, one.name, one.region, one.period, on, run_id, one.amount,
                    dumps(one.receipt), dumps(one.prefill), EntitlementStatus.FOUND.value,
                    EntitlementStatus.STALE.value, [*_OPEN, EntitlementStatus.STALE.value],
                ),
            )  # fmt: skip

    def page(
        self, regions: Sequence[str], *, service: str | None, status: str | None, after: int, limit: int
    ) -> list[Entitlement]:
        """Rows of the regions beyond an id, in the order of the ids."""
        rows = self._db.rows(
            _ROW + "WHERE e.region = ANY(%s) AND (%s::text IS NULL OR e.service = %s) "
            "AND (%s::text IS NULL OR e.status = %s) AND e.id > %s ORDER BY e.id LIMIT %s",
            (list(regions), service, service, status, status, after, limit),
        )
        return [_entitlement(row) for row in rows]

    def counts(self, regions: Sequence[str]) -> dict[tuple[str, str], int]:
        """How many rows there are in the regions, by service and status."""
        rows = self._db.rows(
            "SELECT service, status, count(*) FROM entitlement WHERE region = ANY(%s) GROUP BY service, status",
            (list(regions),),
        )
        return {(row[0], row[1]): int(row[2]) for row in rows}

    def find(self, entitlement_id: int, *, lock: bool = False) -> Entitlement | None:
        """A row by its id, locked where asked."""
        row = self._db.one(_ROW + "WHERE e.id = %s" + (" FOR UPDATE OF e" if lock else ""), (entitlement_id,))
        return _entitlement(row) if row else None

    def of_subjects(self, subjects: Sequence[bytes]) -> list[Entitlement]:
        """What subjects may have or have answered, the newest first; nothing stale."""
        rows = self._db.rows(
            _ROW + "WHERE e.subject = ANY(%s) AND e.status <> %s ORDER BY e.id DESC",
            (list(subjects), EntitlementStatus.STALE.value),
        )
        return [_entitlement(row) for row in rows]

    def invite(self, entitlement_id: int, status: EntitlementStatus, by: int, at: datetime) -> None:
        """Note that somebody was invited; the row must be locked."""
        self._db.run(
            "UPDATE entitlement SET status = %s, invited_by = %s, invited_at = %s WHERE id = %s",
            (status.value, by, at, entitlement_id),
        )

    def answer(
        self, entitlement_id: int, status: EntitlementStatus, by: int, at: datetime, instance_id: int | None
    ) -> None:
        """Note the answer and the case that it began, if any; the row must be locked."""
        self._db.run(
            "UPDATE entitlement SET status = %s, answered_by = %s, answered_at = %s, instance_id = %s WHERE id = %s",
            (status.value, by, at, instance_id, entitlement_id),
        )

    def refuse(
        self, subject: bytes, service: str, year: int, reason: str, by: int | None, at: datetime
    ) -> None:
        """Note that somebody does not want a service in a year; a second refusal changes nothing."""
        self._db.run(
            "INSERT INTO reg_refusal (subject, service, year, reason, by_id, at) VALUES (%s, %s, %s, %s, %s, %s) "
            "ON CONFLICT DO NOTHING",
            (subject, service, year, reason, by, at),
        )

    # ── accounts and whom they were proved to be ─────────────────────────────────────────────────────

    def verify(self, account_id: int, proved: VerifiedSubject) -> None:
        """Note whom an account was proved to be."""
        self._db.run(
            "INSERT INTO account_subject (account_id, subject, kind, number, name, verified_at) "
            "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (account_id, subject) "
            "DO UPDATE SET name = excluded.name, verified_at = excluded.verified_at",
            (account_id, proved.subject, proved.kind, proved.number, proved.name, proved.verified_at),
        )

    def verified(self, account_id: int) -> list[VerifiedSubject]:
        """Whom an account was proved to be, by kind and number."""
        rows = self._db.rows(
            "SELECT subject, kind, number, name, verified_at FROM account_subject WHERE account_id = %s "
            "ORDER BY kind, number",
            (account_id,),
        )
        return [
            VerifiedSubject(
                subject=bytes(row[0]), kind=row[1], number=row[2], name=row[3], verified_at=row[4]
            )
            for row in rows
        ]

    def accounts_of(self, subject: bytes) -> list[int]:
        """The accounts that were proved to be a subject."""
        rows = self._db.rows(
            "SELECT account_id FROM account_subject WHERE subject = %s ORDER BY account_id", (subject,)
        )
        return [int(row[0]) for row in rows]

    def tell(
        self, account_ids: Sequence[int], template: str, facts: Mapping[str, Json], at: datetime
    ) -> None:
        """Put a notice that belongs to no case into people's boxes."""
        row = self._db.only(
            "INSERT INTO outbox (recipient, template, facts, created_at, sent_at) VALUES ('accounts', %s, %s, %s, %s) "
            "RETURNING id",
            (template, dumps(facts), at, at),
        )
        self._db.run(
            "INSERT INTO notice (outbox_id, account_id, template, facts, at) "
            "SELECT %s, id, %s, %s, %s FROM unnest(%s::bigint[]) AS id",
            (row[0], template, dumps(facts), at, list(account_ids)),
        )

    def copy_file(self, file_id: int, owner_id: int) -> int | None:
        """Another row for a loose file of a person's, so that two cases may have it; None where there is none."""
        row = self._db.one(
            "INSERT INTO attachment (owner_id, field, sha256, name, media_type, size, at) "
            "SELECT owner_id, field, sha256, name, media_type, size, at FROM attachment "
            "WHERE id = %s AND owner_id = %s AND instance_id IS NULL RETURNING id",
            (file_id, owner_id),
        )
        return int(row[0]) if row else None

    def instance_of(self, case_no: str) -> int:
        """The id of a case that is there."""
        return int(self._db.only("SELECT id FROM instance WHERE case_no = %s", (case_no,))[0])


def _held(row: Row) -> HeldSubject:
    return HeldSubject(
        number=row[0], name=row[1], region=row[2], source=row[3], as_of=row[4], facts=loads(row[5])
    )


def _run(row: Row) -> MatchRun:
    return MatchRun(
        id=row[0], service=row[1], region=row[2], on=row[3], status=RunStatus(row[4]), total=row[5], done=row[6],
        found=row[7], stale=row[8], reached=row[9], started_by=row[10], started_at=row[11], ended_at=row[12],
    )  # fmt: skip


def _entitlement(row: Row) -> Entitlement:
    return Entitlement(
        id=row[0], service=row[1], subject=bytes(row[2]), number=row[3], name=row[4], region=row[5], period=row[6],
        found_on=row[7], amount=row[8], receipt=loads(row[9]), prefill=loads(row[10]),
        status=EntitlementStatus(row[11]), invited_at=row[12], answered_at=row[13], instance_id=row[14],
        case_no=row[15],
    )  # fmt: skip
