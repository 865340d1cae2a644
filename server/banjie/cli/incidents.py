"""`banjie incidents`: jobs that were given up."""

from __future__ import annotations

import click

from banjie.cli.common import runtime
from banjie.domain.calendar import LEGAL_ZONE
from banjie.services import incidents


@click.group("incidents", short_help="List failed jobs and do them again.")
def command() -> None:
    """List the jobs that failed too often, and do them again."""


@command.command("list")
def listing() -> None:
    """Print each open incident: its number, time, job, case or subject, and kind of error."""
    with runtime() as (_, rt):
        for row in incidents.waiting(rt):
            at = row.at.astimezone(LEGAL_ZONE)
            click.echo(
                f"{row.id}\t{at:%Y-%m-%d %H:%M}\t{row.job}\t{row.case_no or row.subject}\t{row.message}"
            )


@command.command("retry")
@click.argument("incident_id", type=int)
def retry(incident_id: int) -> None:
    """Do a failed job again now; the incident is closed when its work is done."""
    with runtime() as (_, rt):
        incidents.mend(rt, incident_id)
    click.echo(f"incident {incident_id} is closed")
