"""`banjie consistency`: does the record agree with itself."""

from __future__ import annotations

import click

from banjie.cli.common import runtime
from banjie.services import consistency


@click.command("consistency", short_help="Check that tasks, clocks, timers and record agree.")
def command() -> None:
    """Check every case: tasks against the engine, clocks against their ledgers, jobs, record and its chain.

    Prints a line for each violation and their number; exit code 1 when there are any.
    """
    with runtime() as (_, rt):
        findings = consistency.check(rt)
    for finding in findings:
        click.echo(f"{finding.rule}: {finding.subject}: {finding.detail}")
    click.echo(f"{len(findings)} violations")
    if findings:
        raise SystemExit(1)
