"""`banjie serve`: the web server."""

from __future__ import annotations

import os

import click
from granian import Granian
from granian.constants import Interfaces

from banjie.bootstrap import make_runtime, refuse_demo_accounts
from banjie.cli.common import database_url, settings


@click.command("serve", short_help="Serve the pages and the API.")
def command() -> None:
    """Serve the pages and the API until stopped."""
    chosen = settings()
    url = database_url(chosen)
    os.environ["BANJIE_DATABASE_URL"] = url  # the server's processes make their own runtime from it
    rt = make_runtime(chosen, url)
    try:
        refuse_demo_accounts(chosen, rt)
    finally:
        rt.store.database.close()
    Granian(
        "banjie.app:create_app",
        factory=True,
        address=chosen.host,
        port=chosen.port,
        interface=Interfaces.WSGI,
        workers=chosen.web_processes,
        blocking_threads=chosen.web_threads,
        respawn_failed_workers=True,
        websockets=False,
        log_access=False,
    ).serve()
