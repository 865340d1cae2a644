"""`banjie check`: is the content fit to be put live."""

from __future__ import annotations

from pathlib import Path

import click

from banjie.content.root import content_root
from banjie.domain.errors import Problem
from banjie.services.content_check import check, check_file, notes


@click.command("check", short_help="Check diagrams, forms, tables and parameters.")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
def command(paths: tuple[Path, ...]) -> None:
    """Check the content: all of it, a content folder (with bpmn, forms, policy), or single files.

    Prints a line for each broken rule, naming file, element and rule; exit code 1 when there are any.
    """
    problems: list[Problem] = []
    for path in paths or (content_root(),):
        problems += check(path) if path.is_dir() else check_file(path)
    for problem in problems:
        click.echo(str(problem))
    if not problems:
        for root in paths or (content_root(),):
            for note in notes(root) if root.is_dir() else ():
                click.echo(f"note: {note}")
    click.echo(f"{len(problems)} problems")
    if problems:
        raise SystemExit(1)
