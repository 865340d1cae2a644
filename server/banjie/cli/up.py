"""`banjie up`: everything on one machine by one command, with demo data."""

from __future__ import annotations

import os
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import click

from banjie.bootstrap import make_runtime, migrate
from banjie.cli.common import settings
from banjie.cli.supervisor import Child, StopRequested, banjie_command, stop_on_signals, supervise
from banjie.content.bundle import load_bundle, process_keys
from banjie.content.root import content_root
from banjie.persistence.embedded import embedded_postgres
from banjie.services import demo, demo_money, deployments, instances, people
from banjie.services.runtime import Runtime
from banjie.settings import Settings, SettingsError

_READY_SECONDS = 60.0
_LONGEST_ANSWER = 500
_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  what to ask when all addresses are served


@click.command("up", short_help="Start everything on this machine, with demo data.")
def command() -> None:
    """Start the database, the web server and a worker, with demo people and cases; Ctrl-C stops all of it.

    With BANJIE_DATABASE_URL that server is used instead of the embedded one; with BANJIE_ENV=production nothing of
    the demonstration is loaded.
    """
    up(settings())


def up(chosen: Settings) -> None:
    """Run until Ctrl-C or SIGTERM. Raises BanjieError with one sentence where something prevents the start."""
    began = time.monotonic()
    stop_on_signals()
    try:
        _refuse_taken_port(chosen)
        _make_var(chosen)
        with ExitStack() as stack:
            url = chosen.database_url or stack.enter_context(_database(chosen))
            _prepare(chosen, url)
            children = _children(chosen, url)
            stack.enter_context(_stopped_in_order(children))
            _say("Starting the web server and the worker")
            for child in children:
                child.start()
            _await_ready(chosen, children)
            _welcome(chosen, time.monotonic() - began)
            supervise(children, _say, watch=partial(_health, _own_host(chosen)))
    except StopRequested:
        _say("Stopped")


def _refuse_taken_port(chosen: Settings) -> None:
    family = socket.AF_INET6 if ":" in chosen.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # Connections that linger after a stop do not count; a listener does.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((chosen.host, chosen.port))
        except OSError as error:
            where = f"{chosen.host}:{chosen.port}"
            raise SettingsError(
                f"{where} cannot be served ({error.strerror}); set BANJIE_PORT to another."
            ) from None


def _make_var(chosen: Settings) -> None:
    try:
        chosen.var.mkdir(parents=True, exist_ok=True)
        with (chosen.var / ".writable").open("w"):
            pass
        (chosen.var / ".writable").unlink()
    except OSError as error:
        raise SettingsError(
            f"The folder {chosen.var} cannot be written ({error.strerror}); set BANJIE_VAR."
        ) from None


@contextmanager
def _database(chosen: Settings) -> Iterator[str]:
    folder = chosen.var / "pg"
    is_new = not (folder / "PG_VERSION").exists()
    _say(f"{'Making' if is_new else 'Starting'} the embedded PostgreSQL in {folder}")
    with embedded_postgres(folder) as url:
        try:
            yield url
        finally:
            _say("Stopping the database")


def _prepare(chosen: Settings, url: str) -> None:
    """Tables, content and, in a demonstration, people and cases: what is there already stays."""
    _say("Bringing the tables up to date")
    migrate(url)
    rt = make_runtime(chosen, url)
    try:
        _say("Deploying the content")
        root = content_root()
        for key in process_keys(root):
            deployments.deploy(rt, load_bundle(root, key))
        if not chosen.is_production:
            _load_demo(rt, root)
    finally:
        rt.store.database.close()


def _load_demo(rt: Runtime, root: Path) -> None:
    """People and, where the first of them has none yet, cases; later starts find what has become of both."""
    _say("Looking for the demo people and cases")
    demo.add_people(rt)
    applicant = people.actor_named(rt, demo.CAST[0].username)
    cases, _ = instances.my_cases(rt, applicant, limit=1)
    if not cases:
        _say("Loading demo cases")
        demo.add_cases(rt)
        demo_money.add(rt, root)


def _children(chosen: Settings, url: str) -> list[Child]:
    environment = {**os.environ, "BANJIE_DATABASE_URL": url, "BANJIE_VAR": str(chosen.var)}
    return [banjie_command(name, environment) for name in ("serve", "worker")]


@contextmanager
def _stopped_in_order(children: Sequence[Child]) -> Iterator[None]:
    """First who takes requests, then who works them off; the database, an outer block, comes last."""
    try:
        yield
    finally:
        for child in children:
            if child.process is not None:
                _say(f"Stopping banjie {child.name}")
            child.stop()


def _await_ready(chosen: Settings, children: Sequence[Child]) -> None:
    address = f"http://{_own_host(chosen)}/healthz"
    give_up = time.monotonic() + _READY_SECONDS
    while time.monotonic() < give_up:
        for child in children:
            if child.has_ended():
                raise SettingsError(
                    f"banjie {child.name} ended while starting; its last lines above say why."
                )
        try:
            urllib.request.urlopen(address, timeout=2).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise SettingsError(f"{address} did not answer within {_READY_SECONDS:.0f} s.")


def _own_host(chosen: Settings) -> str:
    host = _ANY_ADDRESS.get(chosen.host, chosen.host)
    return f"{f'[{host}]' if ':' in host else host}:{chosen.port}"


def _health(host: str) -> str | None:
    """What ails the installation, as one sentence; None where it is well, or where nobody answers just now."""
    address = f"http://{host}/health"
    try:
        urllib.request.urlopen(address, timeout=2).close()
    except urllib.error.HTTPError as answer:
        with answer:
            return f"{address} says {answer.read(_LONGEST_ANSWER).decode(errors='replace').strip()}"
    except (urllib.error.URLError, OSError):
        return None
    return None


def _welcome(chosen: Settings, seconds: float) -> None:
    click.echo(f"\nbanjie 办结 is at {chosen.base_url} (started in {seconds:.1f} s)\n")
    if chosen.is_production:
        return
    click.echo(f"Sign in with the password {demo.PASSWORD} as")
    for person in demo.CAST:
        click.echo(f"  {person.username:<8}{person.name}  {person.title}, {person.title_en}")
    click.echo("\nCtrl-C stops everything; your cases stay.\n")


def _say(sentence: str) -> None:
    click.echo(f"banjie: {sentence}")
