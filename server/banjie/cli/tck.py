"""`banjie tck`: run cases of the DMN technology compatibility kit."""

from __future__ import annotations

import click

from banjie.feel import tck


@click.command("tck", short_help="Run DMN TCK cases.", context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, required=True, metavar="DIR... [--json] [--failing]")
def command(arguments: tuple[str, ...]) -> None:
    """Run every case found under the folders; the last line is `N passed, M failed`, exit code 1 if any failed."""
    raise SystemExit(tck.main(list(arguments)))
