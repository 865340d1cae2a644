"""The started system under clients, its processes killed again and again: nothing acknowledged is lost or doubled."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from banjie.services import demo
from support.office import Office

KILLS = 10
CLIENTS = 4
#: A client gives up on one request after so long; the whole test is bounded by it.
PATIENCE = 60.0


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


@dataclass
class Running:
    """`banjie serve` and `banjie worker` as processes of their own."""

    environment: dict[str, str]
    port: int
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, command: str) -> None:
        self.processes[command] = subprocess.Popen(
            [sys.executable, "-m", "banjie", command], env=self.environment, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def kill(self, command: str) -> None:
        """Kill -9, the processes that it started included."""
        process = self.processes.pop(command)
        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(process.pid).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    child.send_signal(signal.SIGKILL)
        process.kill()
        process.wait()

    def wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with suppress(OSError, http.client.HTTPException):
                if ask(self.port, "GET", "/healthz")[0] == 200:
                    return
            time.sleep(0.05)
        raise AssertionError("the server does not answer")


@contextmanager
def running(environment: dict[str, str], port: int) -> Iterator[Running]:
    system = Running(environment, port)
    try:
        for command in ("serve", "worker"):
            system.start(command)
        system.wait_until_it_answers()
        yield system
    finally:
        for command in list(system.processes):
            system.kill(command)


def ask(
    port: int, method: str, path: str, token: str = "", body: object = None, **headers: str
) -> tuple[int, dict[str, Any]]:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        sent = {
            "Content-Type": "application/json",
            **{key.replace("_", "-"): text for key, text in headers.items()},
        }
        if token:
            sent["Authorization"] = f"Bearer {token}"
        connection.request(method, path, json.dumps(body) if body is not None else None, sent)
        answer = connection.getresponse()
        text = answer.read()
        is_json = "json" in (answer.headers.get("Content-Type") or "")
        return answer.status, json.loads(text) if is_json else {}
    finally:
        connection.close()


@dataclass
class Client(threading.Thread):
    """Drives cases to their end, sending each step again under its key until it is acknowledged."""

    port: int
    tokens: dict[str, str]
    number: int
    stop: threading.Event
    acknowledged: list[tuple[str, int, str]] = field(default_factory=list)
    started: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        serial = 0
        try:
            while not self.stop.is_set():
                serial += 1
                self.case(serial)
        except AssertionError as fault:
            self.faults.append(str(fault))

    def case(self, serial: int) -> None:
        application = demo.individual_application(self.number * 200 + serial)
        case_no = self.insist(
            "POST", "/api/v1/cases", "wang", {"service": "guarantee-loan-individual", "submission": application},
            f"start-{self.number}-{serial}",
        )["case_no"]  # fmt: skip
        self.started.append(case_no)
        for element, officer in demo.OFFICERS.items():
            tasks = self.insist("GET", f"/api/v1/cases/{case_no}", "zhao")["tasks"]
            assert [task["element"] for task in tasks] == [element], (case_no, element, tasks)
            task_id = tasks[0]["id"]
            answer = demo.answer(element, datetime.now(UTC).date())
            done = self.insist(
                "POST", f"/api/v1/tasks/{task_id}/complete", officer, {"submission": answer},
                f"done-{self.number}-{task_id}",
            )  # fmt: skip
            assert done["task_id"] == task_id
            self.acknowledged.append((case_no, task_id, element))
            if self.stop.is_set():
                return

    def insist(self, method: str, path: str, by: str, body: object = None, key: str = "") -> dict[str, Any]:
        """Ask until there is an answer; a refusal is a fault."""
        deadline = time.monotonic() + PATIENCE
        headers = {"Idempotency_Key": key} if key else {}
        while time.monotonic() < deadline:
            with suppress(OSError, http.client.HTTPException):
                status, told = ask(self.port, method, path, self.tokens[by], body, **headers)
                if status in (200, 201):
                    return told
                assert status >= 500, (method, path, status, told)
            time.sleep(0.02)
        raise AssertionError(f"no answer to {method} {path}")


def test_ten_kills_under_four_clients_lose_and_double_nothing(database_url: str, tmp_path: Path) -> None:
    office = Office(database_url, tmp_path, now=datetime.now(UTC))
    port = free_port()
    environment = {
        **os.environ, "BANJIE_DATABASE_URL": database_url, "BANJIE_PORT": str(port), "BANJIE_VAR": str(tmp_path),
        "BANJIE_WEB_PROCESSES": "1", "BANJIE_ENV": "demo",
    }  # fmt: skip
    names = {"wang", *demo.OFFICERS.values()}
    draw = random.Random(7)  # noqa: S311  only spreads the moments
    stop = threading.Event()
    with running(environment, port) as system:
        tokens = {
            name: ask(port, "POST", "/api/v1/tokens", body={"username": name, "password": demo.PASSWORD})[1][
                "token"
            ]
            for name in sorted(names)
        }
        clients = [Client(port=port, tokens=tokens, number=number, stop=stop) for number in range(CLIENTS)]
        for client in clients:
            client.start()
        for _ in range(KILLS):
            time.sleep(draw.uniform(0.3, 1.0))
            for command in ("serve", "worker"):
                system.kill(command)
                system.start(command)
            system.wait_until_it_answers()
        time.sleep(1.0)
        stop.set()
        for client in clients:
            client.join(PATIENCE)

    assert [fault for client in clients for fault in client.faults] == []
    assert_record_is_the_clients(office, clients)
    checked = subprocess.run(
        [sys.executable, "-m", "banjie", "consistency"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stdout) == (0, "0 violations\n"), checked.stderr
    office.close()


def assert_record_is_the_clients(office: Office, clients: list[Client]) -> None:
    """What was acknowledged was done once, and nothing was done that no client asked for."""
    acknowledged = [done for client in clients for done in client.acknowledged]
    started = [case_no for client in clients for case_no in client.started]
    assert len(started) >= CLIENTS
    assert len(acknowledged) >= KILLS
    with office.rt.store.read() as uow:
        done = uow.db.rows(
            "SELECT i.case_no, e.task_id, e.element FROM event e JOIN instance i ON i.id = e.instance_id "
            "WHERE e.type = 'task.completed'"
        )
        cases = [row[0] for row in uow.db.rows("SELECT case_no FROM instance")]
    # A client that was told to stop may leave with its last wish unsent, never with one unanswered.
    assert sorted(tuple(row) for row in done) == sorted(acknowledged)
    assert sorted(cases) == sorted(started)
