"""Does the record agree with itself? Each finding names what, where and by which rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from banjie.domain.changes import StoredClock
from banjie.domain.clock import due
from banjie.domain.errors import BanjieError
from banjie.domain.events import GENESIS, link
from banjie.domain.instances import Instance
from banjie.domain.ledger import check_partition
from banjie.persistence.audit import Audit
from banjie.services.runtime import Runtime
from banjie.services.walk import agency_calendar


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One broken rule."""

    rule: str
    subject: str
    detail: str


def check(rt: Runtime) -> list[Finding]:
    """Every rule over every case; an empty list is what it should be. Reads all running cases."""
    return list(_findings(rt))


def _findings(rt: Runtime) -> Iterator[Finding]:
    with rt.store.read() as uow:
        audit = Audit(uow.db)
        for instance_id in audit.running_ids():
            instance = audit.instance(instance_id)
            if instance is None:
                continue
            opened = {task.token for task in uow.cases.open_tasks(instance_id)}
            yield from _engine_agrees(rt, instance, opened)
            yield from _clocks_agree(rt, uow.cases.clocks(instance_id))
        for rule, subject, detail in audit.violations():
            yield Finding(rule=rule, subject=subject, detail=detail)
        timers = audit.timer_jobs()
        live = rt.live_jobs([job_id for _, job_id in timers])
        for timer_id, job_id in timers:
            if job_id not in live:
                yield Finding(
                    rule="live-job-per-timer", subject=f"timer {timer_id}", detail=f"job {job_id} is gone"
                )
        yield from _chains_hold(audit)


def _engine_agrees(rt: Runtime, instance: Instance, opened: set[str]) -> Iterator[Finding]:
    compiled = rt.processes.compiled(instance.definition)
    ready = {task.token for task in rt.engine.ready(compiled, instance.snapshot)}
    for token in sorted(opened ^ ready):
        side = "open but not ready in the engine" if token in opened else "ready in the engine but not open"
        yield Finding(
            rule="open-tasks-are-ready-tasks", subject=f"case {instance.case_no}", detail=f"{token}: {side}"
        )


def _clocks_agree(rt: Runtime, clocks: Sequence[StoredClock]) -> Iterator[Finding]:
    for stored in clocks:
        subject = f"clock {stored.id}"
        calendar, hours = agency_calendar(rt, stored.agency)
        try:
            check_partition(stored.clock)
        except BanjieError as fault:
            yield Finding(rule="ledger-is-a-partition", subject=subject, detail=str(fault))
        try:
            expected = due(stored.clock, calendar, hours)
        except BanjieError as fault:
            yield Finding(rule="ledger-gives-the-due-time", subject=subject, detail=str(fault))
            continue
        for name, kept, computed in (
            ("due", stored.due.at, expected.at),
            ("warning", stored.due.warn_at, expected.warn_at),
        ):
            if kept != computed:
                yield Finding(
                    rule="ledger-gives-the-due-time", subject=subject,
                    detail=f"{name} stored {kept.isoformat()}, computed {computed.isoformat()}",
                )  # fmt: skip


def _chains_hold(audit: Audit) -> Iterator[Finding]:
    stream, chain, expected = "", GENESIS, 0
    for event in audit.events():
        if event.stream != stream:
            stream, chain, expected = event.stream, GENESIS, 0
        expected += 1
        body = f"{event.element or ''}\n{event.task_id or ''}\n{event.agency or ''}\n{event.facts}"
        chain = link(
            chain,
            stream=stream,
            seq=event.seq,
            kind=event.type,
            at=event.at,
            actor_id=event.actor_id,
            body=body,
        )
        if event.seq != expected or chain != event.hash:
            yield Finding(rule="record-is-chained", subject=stream, detail=f"event {event.seq}")
            chain, expected = event.hash, event.seq
