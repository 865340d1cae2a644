"""`banjie feel`: evaluate an expression."""

from __future__ import annotations

import json
from decimal import Decimal

import click

from banjie.feel import FeelSyntaxError, compile_expression
from banjie.feel.values import to_json
from banjie.persistence.text import dumps


@click.command("feel", short_help="Evaluate a FEEL expression.")
@click.argument("expression")
@click.option("--context", default="{}", metavar="JSON", help="The variables, as a JSON object.")
def command(expression: str, context: str) -> None:
    """Print the value of a FEEL expression as JSON, and its diagnostics on stderr."""
    try:
        variables = json.loads(context, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise click.BadParameter(f"not JSON: {error}", param_hint="--context") from None
    if not isinstance(variables, dict):
        raise click.BadParameter("must be a JSON object", param_hint="--context")
    try:
        compiled = compile_expression(expression, names=tuple(variables))
    except FeelSyntaxError as error:
        click.echo(str(error), err=True)
        raise SystemExit(1) from None
    found = compiled.evaluate(variables)
    for diagnostic in found.diagnostics:
        click.echo(str(diagnostic), err=True)
    click.echo(dumps(to_json(found.value)))
