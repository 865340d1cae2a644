"""`banjie clock CASE`: a case's clocks with their ledgers."""

from __future__ import annotations

import click

from banjie.cli.common import runtime
from banjie.domain.calendar import LEGAL_ZONE
from banjie.domain.errors import NotFound
from banjie.services.instances import clock_view


@click.command("clock", short_help="Print the ledger of a case's clocks.")
@click.argument("case_no")
def command(case_no: str) -> None:
    """Print each clock of a case: its limit, its due time, and every interval of its ledger."""
    with runtime() as (_, rt), rt.store.read() as uow:
        instance = uow.cases.find(case_no)
        if instance is None:
            raise NotFound(case=case_no)
        for stored in uow.cases.clocks(instance.id, running_only=False):
            view = clock_view(rt, stored)
            clock = stored.clock
            due = stored.due.at.astimezone(LEGAL_ZONE)
            click.echo(
                f"{clock.kind.value} {clock.subject.element or case_no}: {clock.limit.value} {clock.limit.unit.value}, "
                f"day {view.elapsed.used_days}, due {due:%Y-%m-%d %H:%M}, {view.state.value}"
            )
            for interval in clock.intervals:
                end = f"{interval.end.astimezone(LEGAL_ZONE):%Y-%m-%d %H:%M}" if interval.end else "now"
                start = interval.start.astimezone(LEGAL_ZONE)
                ground = f", {interval.ground}" if interval.ground else ""
                click.echo(
                    f"  {start:%Y-%m-%d %H:%M} – {end}  {interval.kind.value}, {interval.party.value}{ground}"
                )
