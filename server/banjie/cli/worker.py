"""`banjie worker`: timers and deliveries."""

from __future__ import annotations

import os
import socket

import click

from banjie.bootstrap import refuse_demo_accounts
from banjie.cli.common import database_url, runtime
from banjie.worker import loop


@click.command("worker", short_help="Fire timers and deliver notices.")
@click.option("--until-idle", is_flag=True, help="Stop when nothing is due.")
def command(until_idle: bool) -> None:
    """Fire timers and deliver notices until stopped; start as many as you like."""
    with runtime() as (chosen, rt):
        refuse_demo_accounts(chosen, rt)
        name = f"{socket.gethostname()}-{os.getpid()}"
        loop.run(rt, database_url(chosen), name=name, stop_when_idle=until_idle)
