"""`banjie calendar`: which due times the present calendar moves."""

from __future__ import annotations

import click

from banjie.cli.common import runtime
from banjie.domain.calendar import LEGAL_ZONE
from banjie.services import recompute


@click.command("calendar", short_help="Show or apply due times that the calendar moves.")
@click.option("--apply", "write", is_flag=True, help="Store the new due times.")
def command(write: bool) -> None:
    """Show the running clocks whose due time is another by the present calendar; --apply stores it.

    A year without its official notice is provisional; when the notice is loaded, its make-up days move what
    was computed before. A worker does the same once a day.
    """
    with runtime() as (_, rt):
        changes = recompute.changed(rt)
        for change in changes:
            old, new = (due.at.astimezone(LEGAL_ZONE) for due in (change.old, change.new))
            provisional = ", provisional" if change.new.provisional else ""
            click.echo(
                f"{change.case_no}\t{change.kind} {change.element or 'case'}\t"
                f"{old:%Y-%m-%d %H:%M} → {new:%Y-%m-%d %H:%M}{provisional}"
            )
        count = recompute.apply(rt) if write else len(changes)
    noun = "clock" if count == 1 else "clocks"
    click.echo(f"{count} {noun} changed" if write else f"{count} {noun} would change")
