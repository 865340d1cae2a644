"""`banjie deploy`: put content live."""

from __future__ import annotations

from pathlib import Path

import click

from banjie.bootstrap import migrate
from banjie.cli.common import database_url, runtime, settings
from banjie.content.bundle import load_bundle, process_keys
from banjie.content.root import content_root
from banjie.services import deployments
from banjie.services.content_check import check


@click.command("deploy", short_help="Check the content and put it live.")
@click.argument("root", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--migrate", "with_tables", is_flag=True, help="Bring the tables up to date first.")
def command(root: Path | None, *, with_tables: bool) -> None:
    """Check a content folder and make its processes what new cases begin with; running cases keep their version."""
    folder = root or content_root()
    problems = check(folder)
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        raise SystemExit(1)
    if with_tables:
        migrate(database_url(settings()))
    with runtime() as (_, rt):
        for process in process_keys(folder):
            done = deployments.deploy(rt, load_bundle(folder, process))
            click.echo(
                f"{done.key} {done.version[:12]} {'is live now' if done.is_new else 'was live already'}"
            )
