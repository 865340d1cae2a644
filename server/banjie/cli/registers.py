"""`banjie registers`: read files into the registers."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from banjie.cli.common import runtime
from banjie.domain.loads import Load, LoadStatus
from banjie.domain.registers import RegisterKind
from banjie.services import loads

_KINDS = click.Choice([kind.value for kind in RegisterKind])
_SHOWN = 20


@click.group("registers", short_help="Read files into the registers.")
def command() -> None:
    """Read files into the registers: persons, enterprises, banks, accounts, insured months, certificates."""


@command.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--kind", type=_KINDS, required=True, help="The register that the file is read into.")
@click.option("--source", required=True, help="Who says it, as it is shown beside each fact.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day on which it held.")
@click.option("--region", required=True, help="The code of the region whose register it is.")
@click.option("--skip-bad", is_flag=True, help="Leave bad rows out instead of refusing the file.")
def load(file: Path, kind: str, source: str, as_of: datetime, region: str, skip_bad: bool) -> None:
    """Read an xlsx or CSV file, whole or not at all; exit code 1 where it was refused."""
    with runtime() as (_, rt):
        with file.open("rb") as stream:
            load_id = loads.start(
                rt, None, kind, stream, name=file.name, source=source, as_of=as_of.date(), region=region,
                skip_bad=skip_bad,
            )  # fmt: skip
        ended = loads.run(rt, load_id)
        _tell(ended)
        for one in loads.problems(rt, None, load_id, limit=_SHOWN).items:
            click.echo(f"line {one.line}: {one.field}: {one.code}", err=True)
    if ended.status is not LoadStatus.DONE:
        sys.exit(1)


@command.command("template")
@click.option("--kind", type=_KINDS, required=True, help="The register that the file is for.")
@click.option("--english", is_flag=True, help="English titles.")
def template(kind: str, english: bool) -> None:
    """Print an empty CSV file of a register: its header."""
    sys.stdout.buffer.write(loads.template_csv(kind, english=english))


def _tell(load: Load) -> None:
    click.echo(f"load {load.id}: {load.status}: {load.lines} rows, {load.good} good, {load.bad} bad")
    if load.message:
        click.echo(load.message, err=True)
