"""`banjie deadline`: when a limit ends."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from banjie.content.root import content_root
from banjie.domain.calendar import legal_date
from banjie.domain.clock import deadline_line
from banjie.domain.errors import BanjieError
from banjie.policy.calendars import CalendarBook, load_calendars


@click.command("deadline", short_help="Tell when a limit of working days ends.")
@click.option("--start", metavar="INSTANT", help="ISO 8601 with offset, as 2025-09-30T10:00+08:00.")
@click.option("--limit", metavar="DAYS", help="Working days; the day of the start does not count.")
@click.option("--stdin", "from_stdin", is_flag=True, help="Read lines `start limit`, print a line each.")
def command(start: str | None, limit: str | None, from_stdin: bool) -> None:
    """Tell when a limit of working days ends, by China's official days and the default office hours."""
    root = content_root()
    calendars = load_calendars(root / "policy" / "calendars", legal_date(datetime.now(UTC)).year)
    if from_stdin:
        _lines(calendars)
        return
    if start is None or limit is None:
        raise click.UsageError("Give --start and --limit, or --stdin.")
    click.echo(deadline_line(start, limit, calendars.calendar_for(), calendars.hours_for()))


def _lines(calendars: CalendarBook) -> None:
    """One answer a line, in order; a line that cannot be read is told on stderr and ends the run with 1."""
    failed = False
    calendar, hours = calendars.calendar_for(), calendars.hours_for()
    for number, line in enumerate(sys.stdin, start=1):
        start, _, limit = line.strip().partition(" ")
        try:
            sys.stdout.write(deadline_line(start, limit.strip(), calendar, hours) + "\n")
        except BanjieError as error:
            failed = True
            sys.stdout.write("\n")
            click.echo(f"line {number}: {error}", err=True)
    if failed:
        raise SystemExit(1)
