"""`banjie payments`: hand out a bank file, read a return."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from banjie.cli.common import runtime
from banjie.services import people
from banjie.services.payments import bank_file, returns


@click.group("payments", short_help="Hand out bank files and read returns.")
def command() -> None:
    """Hand out the bank file of a batch, and read the bank's return; in the name of somebody who may."""


@command.command("export")
@click.argument("no", metavar="BATCH")
@click.argument("target", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--as", "username", required=True, metavar="USER", help="A finance officer, or their head.")
def export(no: str, target: Path, username: str) -> None:
    """Write the bank file of a batch that was exported to TARGET, the same bytes each time."""
    with runtime() as (_, rt):
        found = bank_file.bank_file(rt, people.actor_named(rt, username), no)
        with found.content as content, target.open("wb") as file:
            shutil.copyfileobj(content, file)
    click.echo(f"{target}\t{found.sha256}")


@command.command("return")
@click.argument("no", metavar="BATCH")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "username", required=True, metavar="USER", help="A finance officer.")
def read(no: str, file: Path, username: str) -> None:
    """Read the bank's return FILE (CSV or xlsx) for a batch: whole or not at all, once."""
    with runtime() as (_, rt):
        found = returns.read_return(rt, people.actor_named(rt, username), no, file, file.name)
    again = ", read before" if found.repeated else ""
    click.echo(f"{no}\tpaid {found.paid} ({found.paid_total:.2f})\trefused {found.refused}{again}")
