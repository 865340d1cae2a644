"""Completions in process and over HTTP, the floor beside them, bytes a case, and the cost of a late step."""

from __future__ import annotations

import http.client
import json
import multiprocessing
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil
import psycopg

from banjie.bootstrap import Choices, make_runtime
from banjie.content.bundle import load_bundle
from banjie.content.root import content_root
from banjie.services import demo, deployments, instances, people, tasks
from banjie.settings import Settings
from bench.figures import Figure, median_ms, percentile, seconds
from bench.floor import Floor, Rows
from bench.line import write_line_process
from support.office import MONDAY, Office

ROUNDS = 5
CASES_A_ROUND = 12
HTTP_CASES = 160
#: What each of four processes completes: a few to warm up, the rest measured.
_WARM_UP, _SHARE = 8, 50


def run(database_url: str, floor_url: str) -> list[Figure]:
    """All figures about cases, on two databases of one server with default durability."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        office = Office(database_url, Path(folder))
        figures += _in_process(office, floor_url, Path(folder))
        figures += _four_in_process(office)
        figures += _sizes(office)
        figures += _late_steps(office, Path(folder))
        figures += _over_http(office, Path(folder))
        office.close()
    return figures


def _in_process(office: Office, floor_url: str, folder: Path) -> list[Figure]:
    other = Office(floor_url, folder / "floor")
    other.close()
    probe = _walk(office, collect=None)
    view = office.view(probe)
    rows = Rows(
        data=json.dumps(dict(view.instance.data), default=str, ensure_ascii=False),
        snapshot=view.instance.snapshot,
        values=json.dumps(dict(view.submissions[-1].values), default=str, ensure_ascii=False),
        receipt=json.dumps(dict(view.decisions[-1].receipt), default=str, ensure_ascii=False),
        facts='{"due_at":"2026-09-14T09:30:00+00:00"}',
    )  # fmt: skip
    ours: list[float] = []
    floor: list[float] = []
    ratios: list[float] = []
    with psycopg.connect(floor_url) as connection:
        bare = Floor(connection, rows)
        for round_ in range(ROUNDS + 1):
            mine: list[float] = []
            beneath: list[float] = []
            for _ in range(CASES_A_ROUND):
                _walk(office, collect=mine)
                opened = bare.open_case()
                for _step in range(5):
                    start = time.perf_counter()
                    opened = bare.complete(*opened)
                    beneath.append(time.perf_counter() - start)
            if round_:  # the first one warms up
                ours += mine
                floor += beneath
                ratios.append(statistics.median(mine) / statistics.median(beneath))
    ratio = statistics.median(ratios)
    return [
        Figure(name="floor transaction, same rows, p50", value=round(median_ms(floor), 2), unit="ms"),
        Figure(name="completion in process, p50", value=round(median_ms(ours), 2), unit="ms"),
        Figure(
            name="completion in process / floor",
            value=round(ratio, 2),
            unit="×",
            target="<= 4",
            ok=ratio <= 4,
        ),
        Figure(name="completions in process, 1 client", value=round(1 / statistics.mean(ours)), unit="/s"),
    ]


def _four_in_process(office: Office) -> list[Figure]:
    """Four processes of their own, each completing its share of the same office's tasks."""
    task_ids = [task_id for task_id, _ in _open_tasks(office, 4 * (_WARM_UP + _SHARE))]
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        shares = [(office.database_url, str(office.settings.var), task_ids[index::4]) for index in range(4)]
        spans = pool.starmap(_complete_share, shares)
    wall = max(end for _, end in spans) - min(start for start, _ in spans)
    rate = round(4 * _SHARE / wall)
    return [Figure(name="completions in process, 4 clients", value=rate, unit="/s")]


def _complete_share(database_url: str, var: str, task_ids: list[int]) -> tuple[float, float]:
    """When one process began and ended completing its tasks, after a few to warm up."""
    rt = make_runtime(Settings(var=Path(var)), database_url, Choices(now=lambda: MONDAY))
    officer = people.actor_named(rt, "zhao")
    submission = demo.answer("Accept", MONDAY.date())
    start = 0.0
    for number, task_id in enumerate(task_ids):
        if number == _WARM_UP:
            start = time.time()
        tasks.complete(rt, tasks.CompleteTask(task_id=task_id, by=officer, submission=submission))
    return start, time.time()


def _walk(office: Office, collect: list[float] | None) -> str:
    case_no = office.apply()
    while open_tasks := office.view(case_no).tasks:
        task = open_tasks[0]
        command = tasks.CompleteTask(
            task_id=task.id, by=office.actors[demo.OFFICERS[task.element]],
            submission=demo.answer(task.element, office.rt.today()),
        )  # fmt: skip
        spent = seconds(partial(tasks.complete, office.rt, command))
        if collect is not None:
            collect.append(spent)
    return case_no


def _sizes(office: Office) -> list[Figure]:
    case_no = office.apply()
    office.advance_to(case_no, "Disburse")
    with psycopg.connect(office.database_url) as connection:
        row = connection.execute(
            "SELECT pg_column_size(snapshot), pg_column_size(data) FROM instance WHERE case_no = %s",
            (case_no,),
        ).fetchone()
        total = connection.execute(
            "SELECT (SELECT sum(pg_total_relation_size(t)) FROM unnest(ARRAY['instance','task','inbox','submission',"
            "'decision','clock','interval','timer','event','outbox']::regclass[]) t) / (SELECT count(*) FROM instance)"
        ).fetchone()
    assert row is not None
    assert total is not None
    state = (row[0] + row[1]) / 1024
    return [
        Figure(name="state of a running loan at its last step (snapshot + case data)", value=round(state, 2), unit="kB",
               target="<= 6", ok=state <= 6),
        Figure(name="all rows and indexes of a finished loan", value=round(float(total[0]) / 1024, 1), unit="kB"),
    ]  # fmt: skip


def _late_steps(office: Office, folder: Path) -> list[Figure]:
    root = folder / "line"
    shutil.copytree(content_root() / "policy", root / "policy")
    write_line_process(root, steps=22)
    deployments.deploy(office.rt, load_bundle(root, "bench_line"))
    rt = office.rt
    spent: dict[int, list[float]] = {2: [], 20: []}
    for _ in range(15):
        case_no = _start_line(office)
        for step in range(1, 21):
            task = office.open_task(case_no)
            command = tasks.CompleteTask(
                task_id=task.id, by=office.actors["zhao"], submission={"note": "可以"}
            )
            took = seconds(partial(tasks.complete, rt, command))
            if step in spent:
                spent[step].append(took)
    ratio = statistics.median(spent[20]) / statistics.median(spent[2])
    return [
        Figure(
            name="cost of step 20 / step 2 of a case",
            value=round(ratio, 2),
            unit="×",
            target="<= 1.3",
            ok=ratio <= 1.3,
        )
    ]


def _start_line(office: Office) -> str:
    service = office.rt.book.services["guarantee-loan-individual"]
    line = replace(service, key="bench-line", process="bench_line", start_form="bench_line/apply")
    book = replace(office.rt.book, services={**office.rt.book.services, "bench-line": line})
    rt = replace(office.rt, book=book)
    office.rt = rt
    command = instances.StartCase(
        service="bench-line", by=office.actors["wang"], submission={"region": demo.COUNTY, "note": "试"}
    )
    return instances.start(rt, command).case_no


# ── over HTTP ────────────────────────────────────────────────────────────────────────────────────────


def _over_http(office: Office, folder: Path) -> list[Figure]:
    work = _open_tasks(office, HTTP_CASES)
    with served(office, folder) as (port, server):
        token = token_of(port, "zhao")
        empty = [seconds(lambda: get(port, "/healthz")) for _ in range(200)]
        first, rest = work[: HTTP_CASES // 4], work[HTTP_CASES // 4 :]
        one = _drive(port, token, first[5:])
        spread = [rest[index::4] for index in range(4)]
        start = time.perf_counter()
        with multiprocessing.get_context("spawn").Pool(4) as pool:
            pool.starmap(_warm, [(port, token)] * 4)
            start = time.perf_counter()
            answers = pool.starmap(_drive, [(port, token, part) for part in spread])
        wall = time.perf_counter() - start
        done = sum(len(part) for part in answers)
        memory = max(
            child.memory_info().rss for child in psutil.Process(server.pid).children(recursive=True)
        ) / (1 << 20)
    p50 = median_ms(one)
    alone = round(len(one) / sum(one))
    rate = done / wall
    return [
        Figure(name="empty endpoint over HTTP, p50", value=round(median_ms(empty), 2), unit="ms"),
        Figure(name="completion over HTTP, 1 client, p50", value=round(p50, 2), unit="ms",
               target="<= 15", ok=p50 <= 15),
        Figure(name="completion over HTTP, 1 client, p95", value=round(percentile(one, 0.95) * 1000, 2), unit="ms"),
        Figure(name="completions over HTTP, 1 client", value=alone, unit="/s"),
        Figure(name="completions over HTTP, 4 clients", value=round(rate), unit="/s", target=">= 150", ok=rate >= 150),
        Figure(name="resident memory of a web process", value=round(memory), unit="MB",
               target="<= 150", ok=memory <= 150),
    ]  # fmt: skip


def _open_tasks(office: Office, count: int) -> list[tuple[int, str]]:
    """Acceptance tasks of fresh cases: task id and the answer's body."""
    body = json.dumps({"submission": demo.answer("Accept", MONDAY.date())})
    return [(office.open_task(office.apply()).id, body) for _ in range(count)]


@contextmanager
def served(office: Office, folder: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The real server on the office's database, as its own processes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {
        **os.environ, "BANJIE_DATABASE_URL": office.database_url, "BANJIE_PORT": str(port),
        "BANJIE_VAR": str(folder), "PYTHONUNBUFFERED": "1",
    }  # fmt: skip
    server = subprocess.Popen(
        [sys.executable, "-m", "banjie", "serve"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        for _ in range(200):
            try:
                get(port, "/healthz")
                break
            except OSError:
                time.sleep(0.1)
        yield port, server
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)


def get(port: int, path: str, token: str = "") -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status} {content[:200]!r}")
    return content


def token_of(port: int, username: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(
        "POST", "/api/v1/tokens", json.dumps({"username": username, "password": demo.PASSWORD}),
        {"Content-Type": "application/json"},
    )  # fmt: skip
    return str(json.loads(connection.getresponse().read())["token"])


def _warm(port: int, token: str) -> None:
    get(port, "/api/v1/tasks?limit=1", token)


def _drive(port: int, token: str, work: list[tuple[int, str]]) -> list[float]:
    """Complete tasks one after the other over one connection; returns seconds each."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "If-Match": '"1"'}
    spent = []
    for task_id, body in work:
        start = time.perf_counter()
        connection.request(
            "POST", f"/api/v1/tasks/{task_id}/complete", body, {**headers, "Idempotency-Key": str(task_id)}
        )
        answer = connection.getresponse()
        content = answer.read()
        spent.append(time.perf_counter() - start)
        if answer.status != 200:
            raise RuntimeError(f"task {task_id}: {answer.status} {content[:300]!r}")
    return spent
