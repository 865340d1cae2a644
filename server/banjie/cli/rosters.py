"""`banjie rosters`: bring lists that are paid without asking."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from banjie.cli.common import runtime
from banjie.domain.rosters import RosterStatus
from banjie.services import people
from banjie.services.rosters import begin, reading

_SHOWN = 20


@click.group("rosters", short_help="Bring lists that are paid without application.")
def command() -> None:
    """Bring lists of enterprises that are paid without application (免申即享)."""


@command.command("begin")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", required=True, help="The user name of the officer who brings the list.")
@click.option(
    "--service", default="job-stabilisation-refund", show_default=True, help="The service that is paid."
)
@click.option("--region", required=True, help="The code of the region.")
@click.option("--year", type=int, required=True, help="The year that is paid for.")
@click.option("--source", required=True, help="Who made the list.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day on which it held.")
@click.option("--skip-bad", is_flag=True, help="Leave bad rows out instead of refusing the list.")
def begin_list(
    file: Path, by: str, service: str, region: str, year: int, source: str, as_of: datetime, skip_bad: bool
) -> None:
    """Read and decide an xlsx or CSV list and open its case; exit code 1 where it was refused."""
    with runtime() as (_, rt):
        officer = people.actor_named(rt, by)
        wish = begin.BeginRoster(
            by=officer, service=service, region=region, year=year, name=file.name, source=source,
            as_of=as_of.date(), skip_bad=skip_bad,
        )  # fmt: skip
        with file.open("rb") as stream:
            roster_id = begin.begin(rt, wish, stream)
        reading.run(rt, roster_id)
        view = begin.view(rt, officer, roster_id)
        roster = view.roster
        click.echo(
            f"list {roster.id}: {roster.status}: {roster.lines} rows, {roster.eligible} to be paid, {roster.total:.2f}"
        )
        if roster.case_no:
            click.echo(f"case {roster.case_no}")
        if view.load and view.load.message:
            click.echo(view.load.message, err=True)
        for one in begin.problems(rt, officer, roster_id, limit=_SHOWN).items:
            click.echo(f"line {one.line}: {one.field}: {one.code}", err=True)
    if roster.status is RosterStatus.REFUSED:
        sys.exit(1)


@command.command("template")
@click.option("--english", is_flag=True, help="English titles.")
def template(english: bool) -> None:
    """Print an empty CSV list: its header."""
    sys.stdout.buffer.write(begin.template_csv(english=english))
