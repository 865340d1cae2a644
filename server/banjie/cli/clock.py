"""`banjie clock CASE`: the account of a case's clocks. `banjie clock audit`: the last audit of all of them."""

from __future__ import annotations

import click

from banjie.cli.common import runtime
from banjie.domain.clock_audit import BUCKET_SECONDS, Pulse
from banjie.domain.errors import NotFound
from banjie.persistence.clock_audit import StoredAudit
from banjie.persistence.clocks import people_of
from banjie.services import clock_audit
from banjie.services.clock_account import ClockAccount, account, cells, minute, plain_sentence
from banjie.services.clock_words import duration, word
from banjie.services.instances import clock_view
from banjie.services.runtime import Runtime

_AUDIT = "audit"
_EN = "en"


@click.command("clock", short_help="Print the account of a case's clocks, or the last audit of all.")
@click.argument("case_no", metavar="CASE|audit")
def command(case_no: str) -> None:
    """Print each clock of a case: its limit, its due time, every interval of its ledger, and the time of each party.

    With the word audit instead: the last audit of all clocks; the exit code is 1 where it found something, or where
    nothing has swept for the due timers in the last minutes.
    """
    with runtime() as (_, rt):
        if case_no == _AUDIT:
            _print_audit(clock_audit.latest(rt), clock_audit.sweep_pulse(rt))
        else:
            for line in _account_lines(rt, case_no):
                click.echo(line)


def _account_lines(rt: Runtime, case_no: str) -> list[str]:
    with rt.store.read() as uow:
        instance = uow.cases.find(case_no)
        if instance is None:
            raise NotFound(case=case_no)
        stored = uow.cases.clocks(instance.id, running_only=False)
        people = people_of(uow.db, stored)
    return [
        line
        for one in stored
        for line in _lines(account(rt, clock_view(rt, one), people), one.clock.subject.element or case_no)
    ]


def _lines(shown: ClockAccount, subject: str) -> list[str]:
    days = f"{shown.limit_days}+{shown.extension_days}" if shown.extension_days else str(shown.limit_days)
    due = "held while paused" if shown.due.held else f"due {minute(shown.due.at)}"
    provisional = ", provisional" if shown.due.provisional else ""
    basis = f", {shown.citation}" if shown.citation else ""
    parties = ", ".join(
        f"{word(party.value, _EN)} {duration(held, _EN)}" for party, held in shown.by_party.items()
    )
    return [
        f"{shown.kind.value} {subject}: {days} {shown.unit.value}, {due}{provisional}, {shown.light.value}{basis}",
        f"  {plain_sentence(shown, _EN)}",
        *("  " + "\t".join(cells(row, _EN)) for row in shown.rows),
        f"  {parties}; {duration(shown.whole, _EN)} in all",
    ]


def _print_audit(found: StoredAudit | None, pulse: Pulse) -> None:
    """Print the last audit and whether the sweep lives; ends with exit code 1 where either is bad."""
    if found is None:
        click.echo("no audit yet")
    else:
        noun = "clock" if found.clocks == 1 else "clocks"
        click.echo(f"{minute(found.at)}: {found.clocks} {noun}, {found.wrong} wrong")
        for finding in found.findings:
            click.echo(f"  {finding.case_no}\tclock {finding.clock_id}\t{finding.rule}\t{finding.detail}")
        click.echo("  late by\t" + "\t".join((*(f"<={bound} s" for bound in BUCKET_SECONDS), "more")))
        for kind, lateness in found.lateness.items():
            click.echo(f"  {kind}\t" + "\t".join(str(count) for count in lateness.counts))
    last = minute(pulse.last) if pulse.last else "never"
    click.echo(f"last sweep: {last}" + (" - the sweep is dead" if pulse.is_dead else ""))
    if pulse.is_dead or (found is not None and found.wrong):
        raise SystemExit(1)
