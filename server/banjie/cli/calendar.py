"""`banjie calendar`: which due times the present calendar moves."""

from __future__ import annotations

import click

from banjie.cli.common import runtime
from banjie.services import recompute
from banjie.services.clock_account import minute


@click.group(
    "calendar", short_help="Show or apply due times that the calendar moves.", invoke_without_command=True
)
@click.option("--apply", "write", is_flag=True, help="Store the new due times.")
@click.pass_context
def command(context: click.Context, *, write: bool) -> None:
    """Show the running clocks whose due time is another by the present calendar; --apply stores it.

    A year without its official notice is provisional; when the notice is loaded, its make-up days move what
    was computed before. A worker does the same once a day.
    """
    if context.invoked_subcommand is None:
        _recompute(write=write)


@command.command("recompute", short_help="The same, by name.")
@click.option(
    "--preview/--apply", "only_show", default=True, help="Show what would change, or store it as well."
)
def recompute_command(*, only_show: bool) -> None:
    """Show each running clock whose due time is another by the present calendar; --apply stores all in one go."""
    _recompute(write=not only_show)


def _recompute(*, write: bool) -> None:
    with runtime() as (_, rt):
        count = failed = 0
        for found in recompute.preview(rt):
            subject = f"{found.case_no}\t{found.kind} {found.element or 'case'}"
            if isinstance(found, recompute.Failure):
                failed += 1
                click.echo(f"{subject}\tcannot be computed: {found.error}", err=True)
                continue
            count += 1
            provisional = ", provisional" if found.new.provisional else ""
            click.echo(f"{subject}\t{minute(found.old.at)} → {minute(found.new.at)}{provisional}")
        if write:
            count = recompute.apply(rt)
    noun = "clock" if count == 1 else "clocks"
    click.echo(f"{count} {noun} changed" if write else f"{count} {noun} would change")
    if failed:
        click.echo(f"{failed} cannot be computed", err=True)
        raise SystemExit(1)
