"""The nightly audit of the clocks, and the alarm where nothing sweeps.

Every clock that runs, or stopped since the last audit, is computed anew from its ledger and compared with what is
stored. The audit only looks; what a changed calendar moves is left to `recompute`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain

from banjie.domain.calendar import LEGAL_ZONE, legal_date
from banjie.domain.changes import StoredClock
from banjie.domain.clock_audit import SWEEP_DEAD_AFTER, AuditFinding, Pulse, pulse
from banjie.domain.errors import Conflict
from banjie.domain.ledger import LedgerFault, check_partition
from banjie.persistence.clock_audit import ClockAudits, StoredAudit
from banjie.persistence.clocks import RunningClocks
from banjie.services.recompute import PresentDue
from banjie.services.runtime import Runtime

#: The job under which findings become an incident, one for all clocks.
JOB = "clock_audit"
_SUBJECT = "clocks"
_SWEEP, _DAILY = "sweep", "daily"
#: So many findings are kept with an audit; all are counted.
_MOST_KEPT = 100
_BEFORE_ALL = datetime(1900, 1, 1, tzinfo=UTC)


def run(rt: Runtime) -> StoredAudit:
    """Audit all clocks, store the result and return it; findings become one incident, none resolve it.

    A due time that differs because its clock was computed on another calendar is no finding.
    """
    now = rt.now()
    last = latest(rt)
    since = last.at if last else _BEFORE_ALL
    clocks, findings = _audited(rt, since)
    wrong = len({finding.clock_id for finding in findings})
    with rt.store.begin() as uow:
        audits = ClockAudits(uow.db)
        lateness = audits.lateness(since, now)
        kept = tuple(findings[:_MOST_KEPT])
        audit_id = audits.add(at=now, clocks=clocks, wrong=wrong, findings=kept, lateness=lateness)
        if findings:
            rules = ", ".join(sorted({finding.rule for finding in findings}))
            uow.desk.add_incident(JOB, _SUBJECT, None, f"{wrong} wrong: {rules}", now)
        else:
            audits.resolve(JOB, now)
    return StoredAudit(id=audit_id, at=now, clocks=clocks, wrong=wrong, findings=kept, lateness=lateness)


def _audited(rt: Runtime, since: datetime) -> tuple[int, list[AuditFinding]]:
    """How many clocks run or stopped after the instant, and what is wrong with them."""
    present = PresentDue(rt)
    seen = 0
    findings: list[AuditFinding] = []
    with rt.store.read() as uow:
        table = RunningClocks(uow.db)
        for batch in chain(table.all(), table.stopped_since(since)):
            seen += len(batch)
            faults = [(stored, *fault) for stored in batch for fault in _faults(present, stored)]
            if not faults:
                continue
            cases = table.named_cases([_case_of(stored) for stored, _, _ in faults])
            findings += [
                AuditFinding(clock_id=stored.id, case_no=cases[_case_of(stored)][0], rule=rule, detail=detail)
                for stored, rule, detail in faults
            ]
    return seen, findings


def day_is_due(rt: Runtime) -> bool:
    """Whether the work of this legal day is not done yet."""
    with rt.store.read() as uow:
        last, _ = ClockAudits(uow.db).last_beat(_DAILY, rt.now())
    return last is None or legal_date(last) < rt.today()


def day_is_done(rt: Runtime) -> None:
    """Note that the work of this legal day is done."""
    with rt.store.begin() as uow:
        ClockAudits(uow.db).beat(_DAILY, rt.now())


def latest(rt: Runtime) -> StoredAudit | None:
    """The last audit."""
    with rt.store.read() as uow:
        return ClockAudits(uow.db).latest()


def audit_again(rt: Runtime) -> None:
    """Audit now; raises Conflict while there are findings."""
    found = run(rt)
    if found.wrong:
        raise Conflict("The audit still finds wrong clocks.", clocks=found.wrong)


def beat(rt: Runtime) -> None:
    """Note that the sweep lives; one statement."""
    with rt.store.begin() as uow:
        ClockAudits(uow.db).beat(_SWEEP, rt.now())


def sweep_pulse(rt: Runtime) -> Pulse:
    """Whether the sweep lives; one statement."""
    now = rt.now()
    with rt.store.read() as uow:
        last, waits = ClockAudits(uow.db).last_beat(_SWEEP, now - SWEEP_DEAD_AFTER)
    return pulse(last, now, timers_wait=waits)


def _faults(present: PresentDue, stored: StoredClock) -> Iterator[tuple[str, str]]:
    """Rule and detail of what is wrong with a clock."""
    try:
        check_partition(stored.clock)
    except LedgerFault as fault:
        yield "ledger-is-a-partition", str(fault)
        return
    try:
        expected = present.of(stored)
        calendar, _ = present.basis(stored.agency)
    except Exception as error:  # noqa: BLE001  a clock that nothing can compute is a finding, not the end
        yield "ledger-gives-the-due-time", type(error).__name__
        return
    if stored.clock.calendar != calendar.version:
        return
    for name, kept, computed in (
        ("due", stored.due.at, expected.at),
        ("warning", stored.due.warn_at, expected.warn_at),
    ):
        if kept != computed:
            yield "ledger-gives-the-due-time", f"{name} stored {_local(kept)}, computed {_local(computed)}"


def _case_of(stored: StoredClock) -> int:
    return int(stored.clock.subject.instance)


def _local(instant: datetime) -> str:
    return instant.astimezone(LEGAL_ZONE).isoformat()
