"""The queue: deferring on a given connection, and running what is due.

A job carries ids only. It is deferred on the connection of the transaction that needs it, so that a case
and its jobs commit together; it runs at least once, so that every handler must bear a repetition.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import procrastinate
import psycopg
from procrastinate import exceptions, jobs, schema

log = logging.getLogger(__name__)

JobRequest = tuple[datetime | None, str, Mapping[str, Any]]
Handler = Callable[[Mapping[str, Any]], None]
GiveUp = Callable[[str, Mapping[str, Any], BaseException], None]

#: After so many attempts a job becomes an incident; the pauses between them grow by this factor.
MAX_ATTEMPTS = 6
_BACKOFF = 3
#: A worker that gave no sign of life for so long is dead, its jobs are taken over.
_DEAD_AFTER_SECONDS = 60


class Jobs:
    """Defers and cancels jobs on connections that others open."""

    def __init__(self) -> None:
        # The connector only builds statements here; it opens no pool of its own.
        self._manager = procrastinate.App(connector=procrastinate.SyncPsycopgConnector()).job_manager

    def defer(self, connection: psycopg.Connection[Any], requests: Sequence[JobRequest]) -> Sequence[int]:
        """Defer all in one statement; returns their ids in order."""
        deferred = self._manager.batch_defer_jobs(
            [
                jobs.Job(queue="default", lock=None, queueing_lock=None, task_name=name, task_kwargs=dict(arguments),
                         scheduled_at=at)
                for at, name, arguments in requests
            ],
            connection=connection,
        )  # fmt: skip
        return [job.id for job in deferred if job.id is not None]

    def cancel(self, connection: psycopg.Connection[Any], job_ids: Sequence[int]) -> None:
        """Delete those that wait; a job that runs already finds nothing to do."""
        connection.execute(
            "SELECT procrastinate_cancel_job_v1(id, false, true) FROM unnest(%s::bigint[]) AS id",
            (list(job_ids),),
        )

    def live(self, connection: psycopg.Connection[Any], job_ids: Sequence[int]) -> set[int]:
        """Those of the ids that wait or run."""
        rows = connection.execute(
            "SELECT id FROM procrastinate_jobs WHERE id = ANY(%s) AND status IN ('todo', 'doing')",
            (list(job_ids),),
        )
        return {row[0] for row in rows}

    def purge(self, connection: psycopg.Connection[Any], before: datetime, limit: int) -> int:
        """Forget jobs that came to an end before an instant, `limit` at the most; returns how many.

        Those that succeeded go at once; what is left was given up, and its incident tells of it.
        """
        done = connection.execute(
            "DELETE FROM procrastinate_jobs WHERE id = ANY(ARRAY(SELECT j.id FROM procrastinate_jobs j "
            "WHERE j.status IN ('succeeded', 'failed', 'cancelled', 'aborted') AND NOT EXISTS (SELECT 1 "
            "FROM procrastinate_events e WHERE e.job_id = j.id AND e.at >= %s) "
            "ORDER BY j.id LIMIT %s FOR UPDATE SKIP LOCKED))",
            (before, limit),
        )
        return done.rowcount


def install(database_url: str) -> None:
    """Create the queue's tables where they are missing."""
    with psycopg.connect(database_url) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(7317002)")
        found = connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone()
        if found and found[0] is None:
            connection.execute(_schema().encode())


def _schema() -> str:
    return schema.SchemaManager.get_schema()


def run_worker(
    database_url: str,
    handlers: Mapping[str, Handler],
    periodic: Mapping[str, Callable[[], None]],
    give_up: GiveUp,
    *,
    name: str,
    concurrency: int,
    stop_when_idle: bool = False,
) -> None:
    """Run jobs until a stop signal, or until none is due.

    `handlers` by job name; one that raises is tried again with growing pauses, then handed to `give_up`.
    `periodic` maps a cron expression with an optional name (``"* * * * * sweep"``) to what runs then, in
    one worker only, however many there are.
    """
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=database_url))
    for job_name, handler in handlers.items():
        _register(app, job_name, handler, give_up)
    for entry, action in periodic.items():
        _register_periodic(app, entry, action)
    app.run_worker(
        name=name,
        concurrency=concurrency,
        wait=not stop_when_idle,
        fetch_job_polling_interval=5,
        delete_jobs="successful",
        listen_notify=not stop_when_idle,
        install_signal_handlers=not stop_when_idle,
    )


def _register(app: procrastinate.App, name: str, handler: Handler, give_up: GiveUp) -> None:
    def run(context: procrastinate.JobContext, /, **arguments: Any) -> None:
        try:
            handler(arguments)
        except Exception as error:
            log.warning(
                "job.failed",
                extra={"job": name, "attempt": context.job.attempts, "kind": type(error).__name__},
            )
            if context.job.attempts + 1 >= MAX_ATTEMPTS:
                give_up(name, arguments, error)
            raise

    retry = procrastinate.RetryStrategy(max_attempts=MAX_ATTEMPTS - 1, exponential_wait=_BACKOFF)
    app.task(name=name, pass_context=True, retry=retry)(run)


def _register_periodic(app: procrastinate.App, entry: str, action: Callable[[], None]) -> None:
    *cron, name = entry.split()

    async def run(context: procrastinate.JobContext, /, timestamp: int) -> None:  # noqa: ARG001  passed to each
        manager = context.app.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=_DEAD_AFTER_SECONDS):
            try:
                await manager.retry_job(job)
            except exceptions.ConnectorException:  # another worker was quicker
                continue
        await procrastinate.utils.sync_to_async(action)

    task = app.task(name=name, pass_context=True, queueing_lock=name)(run)
    app.periodic(cron=" ".join(cron))(task)
