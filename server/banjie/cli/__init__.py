"""The command line: every command is a thin shell over a service; each lives in a module of its own."""

from __future__ import annotations

import importlib
from typing import Any

import click

from banjie.domain.errors import BanjieError

#: Command → the module of this package that holds it, imported when it is used.
COMMANDS = (
    "up", "serve", "worker", "check", "deploy", "deadline", "feel", "tck", "people", "consistency", "clock",
    "calendar", "incidents", "payments", "registers", "rosters",
)  # fmt: skip


class _Lazy(click.Group):
    """A group whose commands are imported when they are asked for, so that each starts quickly."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"banjie.cli.{cmd_name}").command
        return command

    def main(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  as click has it
        """Run; what is refused is told in one sentence, with exit code 1."""
        try:
            return super().main(*args, **kwargs)
        except BanjieError as error:
            click.echo(f"banjie: {error}", err=True)
            raise SystemExit(1) from None


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Banjie (办结): approval processes on a lawful working-day clock.

    Settings come from the environment (BANJIE_DATABASE_URL, BANJIE_PORT, …); deploy/env.example lists them.
    """
