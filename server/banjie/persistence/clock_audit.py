"""The audits of the clocks, how late their timers fired, and the sign of life of what fires them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from banjie.domain.clock_audit import BUCKET_SECONDS, AuditFinding, Lateness
from banjie.persistence.database import Db
from banjie.persistence.text import dumps, loads

#: Written at most this often, whoever sweeps.
_A_BEAT = timedelta(seconds=50)

_BUCKETS = ", ".join(str(seconds) for seconds in BUCKET_SECONDS)
#: One row a kind and bucket; `width_bucket` counts from 0 and puts a value that equals a bound above it.
_LATENESS = f"""
SELECT kind, width_bucket(late, ARRAY[{_BUCKETS}]::double precision[]), count(*) FROM (
    SELECT 'warned' AS kind, extract(epoch FROM warned_at - warn_at)::double precision - 1e-6 AS late
    FROM clock WHERE warned_at > %s AND warned_at <= %s
    UNION ALL
    SELECT 'missed', extract(epoch FROM missed_at - due_at)::double precision - 1e-6
    FROM clock WHERE missed_at > %s AND missed_at <= %s
) fired GROUP BY 1, 2"""


@dataclass(frozen=True, kw_only=True)
class StoredAudit:
    """An audit as stored: clocks recomputed, how many were wrong, the findings that are kept, and the lateness."""

    id: int
    at: datetime
    clocks: int
    wrong: int
    findings: Sequence[AuditFinding]
    lateness: Mapping[str, Lateness]


class ClockAudits:
    """The tables of one unit of work."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def latest(self) -> StoredAudit | None:
        """The audit that was stored last."""
        row = self._db.one(
            "SELECT id, at, clocks, wrong, findings, lateness FROM clock_audit ORDER BY id DESC LIMIT 1"
        )
        if row is None:
            return None
        return StoredAudit(
            id=row[0], at=row[1], clocks=row[2], wrong=row[3],
            findings=tuple(AuditFinding(**finding) for finding in loads(row[4])),
            lateness={kind: Lateness(counts=tuple(counts)) for kind, counts in loads(row[5]).items()},
        )  # fmt: skip

    def lateness(self, since: datetime, until: datetime) -> dict[str, Lateness]:
        """How late the warnings and the limits fired whose firing lies in (since, until]."""
        counts = {kind: [0] * (len(BUCKET_SECONDS) + 1) for kind in ("warned", "missed")}
        for kind, bucket, count in self._db.rows(_LATENESS, (since, until, since, until)):
            counts[kind][bucket] += count
        return {kind: Lateness(counts=tuple(found)) for kind, found in counts.items()}

    def add(
        self,
        *,
        at: datetime,
        clocks: int,
        wrong: int,
        findings: Sequence[AuditFinding],
        lateness: Mapping[str, Lateness],
    ) -> int:
        """Store an audit; returns its id."""
        row = self._db.only(
            "INSERT INTO clock_audit (at, clocks, wrong, findings, lateness) VALUES (%s, %s, %s, %s, %s) RETURNING id",
            (
                at, clocks, wrong, dumps([vars(finding) for finding in findings]),
                dumps({kind: found.counts for kind, found in lateness.items()}),
            ),
        )  # fmt: skip
        return int(row[0])

    def resolve(self, job: str, at: datetime) -> None:
        """Close the open incident of a job whose work is done."""
        self._db.run("UPDATE incident SET resolved_at = %s WHERE job = %s AND resolved_at IS NULL", (at, job))

    def beat(self, name: str, at: datetime) -> None:
        """Note a sign of life."""
        self._db.run(
            "INSERT INTO heartbeat (name, at) VALUES (%s, %s) "
            "ON CONFLICT (name) DO UPDATE SET at = excluded.at WHERE heartbeat.at < excluded.at - %s",
            (name, at, _A_BEAT),
        )

    def last_beat(self, name: str, waiting_before: datetime) -> tuple[datetime | None, bool]:
        """The last sign of life, and whether a timer waits whose instant lay before the given one."""
        row = self._db.only(
            "SELECT (SELECT at FROM heartbeat WHERE name = %s), EXISTS (SELECT 1 FROM timer WHERE fire_at < %s)",
            (name, waiting_before),
        )
        return row[0], row[1]
