"""The worker: fires timers and tells what the outbox holds. Start as many as you like."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

from banjie.domain.rosters import GRANT_ROSTER, ORDER_ROSTER, READ_ROSTER
from banjie.jobs.app import run_worker
from banjie.services import (
    bulk,
    cards,
    clock_audit,
    entitlements,
    housekeeping,
    incidents,
    loads,
    notices,
    recompute,
    substitutes,
    timers,
)
from banjie.services.payments import settling
from banjie.services.rosters import granting, reading
from banjie.services.runtime import Runtime

log = logging.getLogger(__name__)

CONCURRENCY = 2
#: The first of these that finds a worker in a legal day does the day's work: at 00:20 as a rule.
_HOURLY = "20 * * * *"


def run(rt: Runtime, database_url: str, *, name: str, stop_when_idle: bool = False) -> None:
    """Run jobs until told to stop, or (`stop_when_idle`) until none is due."""
    run_worker(
        database_url,
        handlers={
            "fire_timer": partial(_fire_timer, rt),
            "deliver": partial(_deliver, rt),
            "run_bulk": lambda arguments: bulk.run(rt, arguments["bulk_id"]),
            loads.JOB: partial(_load, rt),
            READ_ROSTER: partial(_read_roster, rt),
            GRANT_ROSTER: partial(_grant_roster, rt),
            ORDER_ROSTER: partial(_order_roster, rt),
            settling.JOB: partial(_settle, rt),
            entitlements.JOB: partial(_match, rt),
        },
        periodic={"* * * * * sweep": lambda: sweep(rt), f"{_HOURLY} daily": lambda: daily(rt)},
        give_up=partial(_give_up, rt),
        name=name,
        concurrency=CONCURRENCY,
        stop_when_idle=stop_when_idle,
    )


def sweep(rt: Runtime) -> None:
    """Each minute: fire what is due though its job was lost, and tell what was forgotten."""
    swept = timers.sweep(rt)
    clock_audit.beat(rt)
    told = notices.deliver(rt, None)
    substitutes.end_due(rt)
    if swept.fired or swept.failed or told:
        log.info("sweep.done", extra={"fired": swept.fired, "failed": len(swept.failed), "told": told})


def daily(rt: Runtime) -> None:
    """Once a legal day: audit the clocks, then put due times right by the present calendar, then tidy up.

    The audit comes first: it would find nothing in what has just been put right. Where something fails, all of it
    is done again an hour later.
    """
    if not clock_audit.day_is_due(rt):
        return
    audit = clock_audit.run(rt)
    log.info(
        "daily.done",
        extra={"audited": audit.clocks, "wrong": audit.wrong, "recomputed": recompute.apply(rt)},
    )
    cards.escalate(rt)
    housekeeping.tidy(rt)
    clock_audit.day_is_done(rt)


def _fire_timer(rt: Runtime, arguments: Mapping[str, Any]) -> None:
    timers.fire(rt, arguments["instance_id"], arguments["clock_id"], arguments["token"])


def _settle(rt: Runtime, arguments: Mapping[str, Any]) -> None:
    settling.settle_batch(rt, arguments["batch_id"])


def _load(rt: Runtime, arguments: Mapping[str, Any]) -> None:
    loads.run(rt, arguments["load_id"])


def _match(rt: Runtime, arguments: Mapping[str, Any]) -> None:
    entitlements.run(rt, arguments["run_id"])


def _read_roster(rt: Runtime, arguments: Mapping[str, Any]) -> None:
    reading.run(rt, arguments["roster_id"])


def _grant_roster(rt: Runtime, arguments: Mapping[str, Any]) -> None:
    granting.run_grant(rt, arguments["roster_id"], arguments["by"])


def _order_roster(rt: Runtime, arguments: Mapping[str, Any]) -> None:
    granting.run_order(rt, arguments["instance_id"])


def _give_up(rt: Runtime, job: str, arguments: Mapping[str, Any], error: BaseException) -> None:
    incidents.record(rt, job, arguments, error)
    if job == loads.JOB:
        loads.fail(rt, arguments["load_id"], error)
    if job == READ_ROSTER:
        reading.fail(rt, arguments["roster_id"], error)
    if job == entitlements.JOB:
        entitlements.fail(rt, arguments["run_id"])


def _deliver(rt: Runtime, arguments: Mapping[str, Any]) -> None:
    notices.deliver(rt, arguments["instance_id"])
