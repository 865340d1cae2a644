"""The registers: written by loads, a whole file at a time, and read by number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from banjie.domain.decisions import Json
from banjie.domain.loads import IDENTITY
from banjie.domain.registers import Certificate, HeldAccount, InsuredMonth, RegisterKind, Said
from banjie.persistence.database import Db, Row
from banjie.persistence.text import dumps, loads


@dataclass(frozen=True, kw_only=True)
class Table:
    """A register's table: the columns that a file fills, with their types, beside source, as_of and load_id."""

    name: str
    columns: Mapping[str, str]
    key: str


_TABLES: Mapping[RegisterKind, Table] = {
    RegisterKind.PERSON: Table(
        name="reg_person", key="id_number, source",
        columns={"id_number": "text", "name": "text", "region": "text", "facts": "jsonb"},
    ),
    RegisterKind.ENTERPRISE: Table(
        name="reg_enterprise", key="uscc, source",
        columns={"uscc": "text", "name": "text", "region": "text", "facts": "jsonb"},
    ),
    RegisterKind.BANK: Table(name="reg_bank", key="code", columns={"code": "text", "name": "text"}),
    RegisterKind.ACCOUNT: Table(
        name="reg_account", key="subject, kind, source",
        columns={"subject": "text", "kind": "text", "account_name": "text", "account_no": "text", "bank_name": "text"},
    ),
    RegisterKind.INSURED_MONTH: Table(
        name="reg_insured_month", key="id_number, month, uscc, source",
        columns={"id_number": "text", "month": "date", "uscc": "text", "paid": "numeric"},
    ),
    RegisterKind.CERTIFICATE: Table(
        name="reg_certificate", key="certificate_no, source",
        columns={"certificate_no": "text", "id_number": "text", "occupation": "text", "level": "text",
                 "issued_on": "date"},
    ),
}  # fmt: skip


#: All that the registers hold of an applicant, in one shape: what it is, four texts of it, its source and day.
_OF_APPLICANT = """
SELECT what, one, two, three, four, source, as_of FROM (
    SELECT 'enterprise' AS what, row_number() OVER (ORDER BY source) AS place,
           uscc AS one, name AS two, region AS three, facts::text AS four, source, as_of
    FROM reg_enterprise WHERE uscc = %s
    UNION ALL
    SELECT 'person', row_number() OVER (ORDER BY source), id_number, name, region, facts::text, source, as_of
    FROM reg_person WHERE id_number = %s
    UNION ALL
    SELECT 'months', row_number() OVER (ORDER BY source), count(DISTINCT month)::text, '', '', '', source, max(as_of)
    FROM reg_insured_month WHERE id_number = %s GROUP BY source
    UNION ALL
    SELECT 'certificate', row_number() OVER (ORDER BY issued_on DESC, certificate_no, source),
           certificate_no, occupation, level, to_char(issued_on, 'YYYY-MM-DD'), source, as_of
    FROM reg_certificate WHERE id_number = %s
    UNION ALL
    SELECT 'account', row_number() OVER (ORDER BY as_of DESC, kind, source),
           kind, account_name, account_no, bank_name, source, as_of
    FROM reg_account WHERE subject = %s
) held ORDER BY what, place
"""


@dataclass(frozen=True, kw_only=True)
class HeldSubject:
    """A person or an enterprise as one source has it."""

    number: str
    name: str
    region: str
    source: str
    as_of: date
    facts: Mapping[str, Json]

    def said(self) -> list[Said]:
        return [
            Said(key=key, value=value, source=self.source, as_of=self.as_of)
            for key, value in self.facts.items()
        ]


@dataclass(frozen=True, kw_only=True)
class HeldOfApplicant:
    """What is held of an enterprise, a person and an account's owner, each list ordered as where it is read alone.

    `months` says of each source how many different months it has the person insured.
    """

    enterprise: Sequence[HeldSubject]
    person: Sequence[HeldSubject]
    months: Sequence[Said]
    certificates: Sequence[Certificate]
    accounts: Sequence[HeldAccount]


@dataclass(frozen=True, kw_only=True)
class Holding:
    """What a source last brought for a region: the rows of its newest file, and the day they are of."""

    kind: str
    region: str
    source: str
    as_of: date
    rows: int
    load_id: int


class Registers:
    """The registers of one unit of work."""

    def __init__(self, db: Db) -> None:
        self._db = db

    # ── a file comes in ──────────────────────────────────────────────────────────────────────────────

    def stage(self, kind: RegisterKind, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
        """Write the rows (line, values by column) of a file beside the register, to be taken in by `take_in`.

        They are gone when the transaction ends.
        """
        columns = _TABLES[kind].columns
        listed = ", ".join(f"{name} {type_}" for name, type_ in columns.items())
        self._db.run(f"CREATE TEMPORARY TABLE staged (line bigint NOT NULL, {listed}) ON COMMIT DROP")
        self._db.copy_in(
            f"COPY staged (line, {', '.join(columns)}) FROM STDIN",
            ((line, *(_plain(values[name]) for name in columns)) for line, values in rows),
        )

    def staged_twice(self, kind: RegisterKind) -> Iterator[int]:
        """The lines of staged rows that say of somebody what an earlier row says already, ascending."""
        identity = ", ".join(IDENTITY[kind])
        yield from (
            row[0]
            for row in self._db.stream(
                f"SELECT s.line FROM staged s JOIN (SELECT {identity}, min(line) AS first FROM staged "
                f"GROUP BY {identity} HAVING count(*) > 1) d USING ({identity}) WHERE s.line > d.first ORDER BY s.line"
            )
        )

    def take_in(self, kind: RegisterKind, load_id: int, source: str, as_of: date) -> None:
        """Write the staged rows into the register, the first of each subject.

        A row of the same source gives way unless it is newer, or of the same day from another region's file. In the
        order of the key, so that two files at once wait for each other instead of locking each other out.
        """
        table, identity = _TABLES[kind], ", ".join(IDENTITY[kind])
        columns = ", ".join(table.columns)
        has_source = "source" in table.key
        stamps = {"source": source, "as_of": as_of, "load_id": load_id}
        if not has_source:
            del stamps["source"]
        changed = [name for name in (*table.columns, *stamps) if name not in table.key.split(", ")]
        same_region = " AND held.region = excluded.region" if "region" in table.columns else ""
        self._db.run(
            f"INSERT INTO {table.name} AS held ({columns}, {', '.join(stamps)}) "
            f"SELECT DISTINCT ON ({identity}) {columns}, {', '.join('%s' for _ in stamps)} "
            f"FROM staged ORDER BY {identity}, line "
            f"ON CONFLICT ({table.key}) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in changed)} "
            f"WHERE held.as_of < excluded.as_of OR (held.as_of = excluded.as_of{same_region})",
            tuple(stamps.values()),
        )

    # ── what is held ─────────────────────────────────────────────────────────────────────────────────

    def enterprise(self, uscc: str) -> list[HeldSubject]:
        """An enterprise as each source has it."""
        return self._subjects("reg_enterprise", "uscc", uscc)

    def person(self, id_number: str) -> list[HeldSubject]:
        """A person as each source has them."""
        return self._subjects("reg_person", "id_number", id_number)

    def of_applicant(self, uscc: str, id_number: str, payee: str) -> HeldOfApplicant:
        """What is held of an enterprise, a person and the accounts of a number, in one statement; '' is nobody."""
        rows: dict[str, list[Row]] = {}
        for row in self._db.rows(_OF_APPLICANT, (uscc, id_number, id_number, id_number, payee)):
            rows.setdefault(row[0], []).append(row[1:])
        return HeldOfApplicant(
            enterprise=[_read_together(row) for row in rows.get("enterprise", ())],
            person=[_read_together(row) for row in rows.get("person", ())],
            months=[
                Said(key="insured_months_total", value=int(row[0]), source=row[4], as_of=row[5])
                for row in rows.get("months", ())
            ],
            certificates=[
                Certificate(certificate_no=row[0], occupation=row[1], level=row[2],
                            issued_on=date.fromisoformat(row[3]), source=row[4], as_of=row[5])
                for row in rows.get("certificate", ())
            ],
            accounts=[
                HeldAccount(kind=row[0], account_name=row[1], account_no=row[2], bank_name=row[3], source=row[4],
                            as_of=row[5])
                for row in rows.get("account", ())
            ],
        )  # fmt: skip

    def _subjects(self, table: str, key: str, number: str) -> list[HeldSubject]:
        rows = self._db.rows(
            f"SELECT {key}, name, region, source, as_of, facts::text FROM {table} WHERE {key} = %s ORDER BY source",
            (number,),
        )
        return [_subject(row) for row in rows]

    def enterprises_of(self, regions: Sequence[str]) -> Iterator[list[HeldSubject]]:
        """The enterprises of the regions in the order of their codes, each as every source has it; streamed."""
        yield from self._all("reg_enterprise", "uscc", regions)

    def persons_of(self, regions: Sequence[str]) -> Iterator[list[HeldSubject]]:
        """The persons of the regions in the order of their numbers, each as every source has them; streamed."""
        yield from self._all("reg_person", "id_number", regions)

    def _all(self, table: str, key: str, regions: Sequence[str]) -> Iterator[list[HeldSubject]]:
        rows = self._db.stream(
            f"SELECT {key}, name, region, source, as_of, facts::text FROM {table} WHERE region = ANY(%s) "
            f"ORDER BY {key}, source",
            (list(regions),),
        )
        for _number, group in groupby(rows, key=lambda row: row[0]):
            yield [_subject(row) for row in group]

    def accounts(self, subject: str) -> list[HeldAccount]:
        """The accounts of a number, the newest first, of one day by kind and source."""
        rows = self._db.rows(
            "SELECT kind, account_name, account_no, bank_name, source, as_of FROM reg_account WHERE subject = %s "
            "ORDER BY as_of DESC, kind, source",
            (subject,),
        )
        return [
            HeldAccount(kind=row[0], account_name=row[1], account_no=row[2], bank_name=row[3], source=row[4],
                        as_of=row[5])
            for row in rows
        ]  # fmt: skip

    def months(self, id_number: str, since: date, until: date) -> list[InsuredMonth]:
        """The insured months of a person whose first day lies in [since, until], ascending."""
        return self.months_of([id_number], since, until).get(id_number, [])

    def months_of(self, id_numbers: Sequence[str], since: date, until: date) -> dict[str, list[InsuredMonth]]:
        """As `months`, of many; people without any are not in it."""
        found: dict[str, list[InsuredMonth]] = {}
        for row in self._db.rows(
            "SELECT id_number, month, uscc, paid, source, as_of FROM reg_insured_month "
            "WHERE id_number = ANY(%s) AND month BETWEEN %s AND %s ORDER BY id_number, month, uscc, source",
            (list(id_numbers), since, until),
        ):
            month = InsuredMonth(month=row[1], uscc=row[2], paid=row[3], source=row[4], as_of=row[5])
            found.setdefault(row[0], []).append(month)
        return found

    def certificates(self, id_number: str) -> list[Certificate]:
        """A person's certificates, the newest first."""
        return self.certificates_of([id_number]).get(id_number, [])

    def certificates_of(self, id_numbers: Sequence[str]) -> dict[str, list[Certificate]]:
        """As `certificates`, of many; people without any are not in it."""
        found: dict[str, list[Certificate]] = {}
        for row in self._db.rows(
            "SELECT id_number, certificate_no, occupation, level, issued_on, source, as_of FROM reg_certificate "
            "WHERE id_number = ANY(%s) ORDER BY id_number, issued_on DESC, certificate_no, source",
            (list(id_numbers),),
        ):
            certificate = Certificate(
                certificate_no=row[1], occupation=row[2], level=row[3], issued_on=row[4], source=row[5], as_of=row[6]
            )  # fmt: skip
            found.setdefault(row[0], []).append(certificate)
        return found

    def holdings(self, regions: Sequence[str]) -> list[Holding]:
        """What sources last brought for the regions, by kind and source."""
        kinds = [kind.value for kind in RegisterKind]
        rows = self._db.rows(
            "SELECT DISTINCT ON (kind, source, region) kind, region, source, as_of, good, id FROM load "
            "WHERE status = 'done' AND region = ANY(%s) AND kind = ANY(%s) "
            "ORDER BY kind, source, region, as_of DESC, id DESC",
            (list(regions), kinds),
        )
        return [
            Holding(kind=row[0], region=row[1], source=row[2], as_of=row[3], rows=row[4], load_id=row[5])
            for row in rows
        ]

    # ── comparisons ──────────────────────────────────────────────────────────────────────────────────

    def add_comparison(
        self, instance_id: int, element: str, by_id: int | None, at: object, results: Mapping[str, Json]
    ) -> None:
        """Keep what was compared, by whom and when."""
        self._db.run(
            "INSERT INTO comparison (instance_id, element, by_id, at, results) VALUES (%s, %s, %s, %s, %s)",
            (instance_id, element, by_id, at, dumps(results)),
        )

    def comparisons(self, instance_id: int) -> Sequence[Row]:
        """Element, name of who compared, instant and results (JSON text) of each comparison, the newest first."""
        return self._db.rows(
            "SELECT c.element, a.display_name, c.at, c.results FROM comparison c LEFT JOIN account a ON a.id = c.by_id "
            "WHERE c.instance_id = %s ORDER BY c.id DESC",
            (instance_id,),
        )


def _plain(value: object) -> object:
    return dumps(value) if isinstance(value, dict) else value


def _read_together(row: Row) -> HeldSubject:
    """A subject of `_OF_APPLICANT`, whose facts come before its source."""
    number, name, region, facts, source, as_of = row
    return _subject((number, name, region, source, as_of, facts))


def _subject(row: Row) -> HeldSubject:
    return HeldSubject(
        number=row[0], name=row[1], region=row[2], source=row[3], as_of=row[4], facts=loads(row[5])
    )
