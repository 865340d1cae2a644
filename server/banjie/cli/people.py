"""`banjie people`: accounts."""

from __future__ import annotations

import click

from banjie.cli.common import runtime
from banjie.domain.assignment import Membership
from banjie.services import people


@click.group("people", short_help="List, add, switch on and off accounts.")
def command() -> None:
    """List, add, switch on and off accounts."""


@command.command("list")
def listing() -> None:
    """Print each account with its roles."""
    with runtime() as (_, rt):
        for username, name, active, memberships in people.people(rt):
            held = ", ".join(f"{role}@{agency or region or '-'}" for role, agency, region in memberships)
            click.echo(f"{username}\t{name}\t{'active' if active else 'off'}\t{held}")


@command.command("add")
@click.argument("username")
@click.option("--name", required=True, help="The name that others see.")
@click.option("--email", default=None, help="Where letters go.")
@click.option(
    "--role", "roles", multiple=True, required=True, metavar="ROLE[@AGENCY][%REGION]",
    help="bank_officer@bank-hinggan, manager%152200, applicant; may be repeated.",
)  # fmt: skip
@click.password_option(help="Asked for when it is not given.")
def add(username: str, name: str, email: str | None, roles: tuple[str, ...], password: str) -> None:
    """Open an account."""
    with runtime() as (_, rt):
        account_id = people.add_person(
            rt, username=username, password=password, display_name=name, email=email,
            memberships=[_membership(role) for role in roles],
        )  # fmt: skip
    click.echo(f"account {account_id}")


@command.command("off")
@click.argument("username")
def off(username: str) -> None:
    """Switch an account off and end its sessions."""
    with runtime() as (_, rt):
        people.set_active(rt, username, active=False)


@command.command("on")
@click.argument("username")
def on(username: str) -> None:
    """Switch an account on again."""
    with runtime() as (_, rt):
        people.set_active(rt, username, active=True)


def _membership(text: str) -> Membership:
    rest, _, region = text.partition("%")
    role, _, agency = rest.partition("@")
    return Membership(role=role, agency=agency, region=region)
