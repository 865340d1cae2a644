"""The inbox over HTTP with 10,000 and 100,000 open tasks of other people beside one's own."""

from __future__ import annotations

import http.client
import tempfile
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import psycopg

from banjie.services import demo
from bench.bench_cases import served
from bench.figures import Figure, median_ms, percentile, seconds
from support.office import Office

_MINE = 60
_LINES = 20
_GROUPS = 200

FILL = """
WITH base AS (SELECT id FROM instance LIMIT 1), made AS (
    INSERT INTO task (instance_id, token, element, name, role, agency, status, version, opened_at, due_at,
                      warn_at, search)
    SELECT base.id, 'bench-' || n, 'Review', '资格审核', 'bureau_officer',
           'agency-' || floor(power(random(), 2) * %(groups)s)::int, 'open', 1, now(),
           now() + (n || ' seconds')::interval, now(), to_tsvector('simple', '王小 小梅')
    FROM base, generate_series(%(first)s::int, %(last)s::int) AS n RETURNING id, agency, due_at
)
INSERT INTO inbox (principal, due, task_id) SELECT 'g:bureau_officer@' || agency, due_at, id FROM made"""


def run(database_url: str) -> list[Figure]:
    """p50 and p95 of the inbox page over HTTP, with 10 k and 100 k open tasks in the house."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        office = Office(database_url, Path(folder))
        for _ in range(_MINE):
            office.apply()
        with served(office, Path(folder)) as (port, _):
            cookie = _signed_in(port, "zhao")
            p50: dict[int, float] = {}
            have = 0
            for size in (10_000, 100_000):
                _fill(database_url, have + 1, size)
                have = size
                for _ in range(20):
                    _page(port, cookie)
                spent = [seconds(partial(_page, port, cookie)) for _ in range(200)]
                p95 = percentile(spent, 0.95) * 1000
                p50[size] = median_ms(spent)
                figures += [
                    Figure(name=f"inbox page over HTTP, {size:,} open tasks, p50", value=round(p50[size], 2),
                           unit="ms"),
                    Figure(name=f"inbox page over HTTP, {size:,} open tasks, p95", value=round(p95, 2), unit="ms",
                           target="<= 30", ok=p95 <= 30),
                ]  # fmt: skip
        growth = p50[100_000] / p50[10_000]
        figures.append(
            Figure(name="inbox page, 100 k / 10 k tasks of others", value=round(growth, 2), unit="×", target="<= 1.3",
                   ok=growth <= 1.3)
        )  # fmt: skip
        office.close()
    return figures


def _signed_in(port: int, username: str) -> str:
    """The cookie of a browser's session."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    body = urlencode({"name": username, "password": demo.PASSWORD})
    connection.request("POST", "/sign-in", body, {"Content-Type": "application/x-www-form-urlencoded"})
    cookie = connection.getresponse().getheader("Set-Cookie")
    connection.close()
    if cookie is None:
        raise RuntimeError(f"{username} could not sign in")
    return cookie.partition(";")[0]


def _page(port: int, cookie: str) -> None:
    """The first page of the candidates, as a browser gets it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/inbox?tab=candidate", headers={"Cookie": cookie})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    if answer.status != 200 or content.count(b"/cases/") < _LINES:
        raise RuntimeError(f"the inbox answered {answer.status} with {len(content)} bytes")


def _fill(database_url: str, first: int, last: int) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(FILL, {"groups": _GROUPS, "first": first, "last": last})
        connection.execute("ANALYZE task, inbox")
