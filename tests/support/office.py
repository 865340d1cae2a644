"""A whole office on a virtual clock: the real engine, forms, policy and PostgreSQL, with the cast signed in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from banjie.bootstrap import Choices, make_runtime, read_policy
from banjie.content.bundle import load_bundle
from banjie.content.root import content_root
from banjie.domain.assignment import Actor
from banjie.domain.calendar import LEGAL_ZONE
from banjie.domain.tasks import Task
from banjie.engine.definitions import DefinitionCache
from banjie.forms.prefill import prefilled
from banjie.identity.passwords import Passwords
from banjie.policy.book import Book
from banjie.policy.decide import Decider
from banjie.services import consistency, demo, deployments, instances, people, tasks, timers
from banjie.services.runtime import Runtime
from banjie.services.usual import Usual
from banjie.settings import Settings
from banjie.worker import loop

#: Monday, in a week without holidays.
MONDAY = datetime(2026, 9, 7, 10, 0, tzinfo=LEGAL_ZONE)


@dataclass
class VirtualClock:
    """Stands still until it is moved."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now.astimezone(UTC)

    def set(self, moment: datetime | str) -> None:
        """Move to an instant; a text without offset is Beijing time."""
        parsed = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        self.now = parsed if parsed.tzinfo else parsed.replace(tzinfo=LEGAL_ZONE)

    def pass_(self, **delta: float) -> None:
        """Let time pass, as `timedelta` counts it."""
        self.now += timedelta(**delta)


@dataclass
class SentMail:
    """A mailer that keeps its letters."""

    letters: list[tuple[list[str], str, str]] = field(default_factory=list)

    def send(self, to: Any, subject: str, body: str, message_id: str) -> None:
        self.letters.append((list(to), subject, message_id))


def run_worker(rt: Runtime, database_url: str) -> None:
    """Let a worker do what is due, in a thread of its own: a browser test may have left an event loop in ours."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(loop.run, rt, database_url, name="worker", stop_when_idle=True).result()


#: Hashing at the library's cost would be most of a test's time.
CHEAP = Passwords(time_cost=1, memory_cost=8, parallelism=1)


#: What is compiled and read once for all offices: a version and a content tree are what their files say.
_COMPILED = DefinitionCache()


def _policy(root: Path) -> tuple[Book, Decider]:
    files = sorted((root / "policy").rglob("*.*"))
    return _read_policy(root, tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in files))


@lru_cache(maxsize=8)
def _read_policy(root: Path, _files: object) -> tuple[Book, Decider]:
    return read_policy(root)


class Office:
    """One installation with its people; `clock` is its time."""

    def __init__(
        self, database_url: str, var: Path, *, now: datetime = MONDAY, content: Path | None = None
    ) -> None:
        self.clock = VirtualClock(now)
        self.mail = SentMail()
        self.settings = Settings(var=var)
        self.database_url = database_url
        self.rt: Runtime = make_runtime(
            self.settings,
            database_url,
            Choices(
                now=self.clock,
                passwords=CHEAP,
                mailer=self.mail,
                content=content,
                policy=_policy,
                definitions=_COMPILED,
            ),
        )
        demo.add_people(self.rt)
        self.content = content or content_root()
        self.usual = Usual.load(self.content)
        self.deployed: set[str] = set()
        self.deploy("guarantee_loan")
        self.actors: dict[str, Actor] = {
            person.username: people.actor_named(self.rt, person.username) for person in demo.CAST
        }
        self.serial = 0

    def close(self) -> None:
        self.rt.store.database.close()

    def deploy(self, process: str) -> None:
        """Put a process live, once."""
        if process not in self.deployed:
            deployments.deploy(self.rt, load_bundle(self.content, process))
            self.deployed.add(process)

    # ── what people do ───────────────────────────────────────────────────────────────────────────────

    def apply(self, service: str = "guarantee-loan-individual", by: str = "wang", **more: Any) -> str:
        """Apply for a service; returns the case number."""
        self.serial += 1
        if service in self.usual.start:
            self.deploy(self.rt.book.services[service].process)
            submission = self.usual.application(service, self.serial, self.rt.today(), **more)
        else:
            make = demo.sme_application if service.endswith("sme") else demo.individual_application
            submission = make(self.serial, **more)
        command = instances.StartCase(service=service, by=self.actors[by], submission=submission)
        return instances.start(self.rt, command).case_no

    def view(self, case_no: str, by: str = "feng") -> instances.CaseView:
        return instances.view(self.rt, self.actors[by], case_no)

    def case_of(self, task: Task) -> str:
        """The number of the case that a task belongs to."""
        with self.rt.store.read() as uow:
            instance = uow.cases.find_by_id(task.instance_id)
        assert instance is not None
        return instance.case_no

    def open_task(self, case_no: str, element: str | None = None) -> Task:
        """The open task of a case; of an element where several are open."""
        found = [task for task in self.view(case_no).tasks if element in (None, task.element)]
        assert len(found) == 1, [task.element for task in found]
        return found[0]

    def open_elements(self, case_no: str) -> list[str]:
        return [task.element for task in self.view(case_no).tasks]

    def complete(
        self, case_no: str, element: str | None = None, *, by: str | None = None,
        submission: Mapping[str, Any] | None = None, **more: Any,
    ) -> tasks.Completed:  # fmt: skip
        """Complete the open task as the usual officer, with the usual answer changed by `more`.

        Of a panel's tasks it is that of the member `by`, the first member's where nobody is named.
        """
        open_ = [task for task in self.view(case_no).tasks if element in (None, task.element)]
        votes = [task for task in open_ if task.member and by in (None, task.member)]
        task = votes[0] if votes else self.open_task(case_no, element)
        officer, usual = self.usual_answer(case_no, task.element)
        given = dict(submission) if submission is not None else {**usual, **more}
        return tasks.complete(
            self.rt,
            tasks.CompleteTask(
                task_id=task.id, by=self.actors[by or task.member or officer], submission=given
            ),
        )

    def usual_answer(self, case_no: str, element: str) -> tuple[str, dict[str, Any]]:
        """Who answers at a step as a rule, and what; what the form proposes is taken over."""
        instance, today = self.view(case_no).instance, self.rt.today()
        if element not in self.usual.answers.get(instance.process, {}):
            return demo.OFFICERS.get(element, ""), demo.answer(
                element, today
            ) if element in demo.ANSWERS else {}
        form = self.rt.processes.compiled(instance.definition).definition.elements[element].form
        assert form is not None
        proposed = prefilled(
            self.rt.processes.form(instance.definition, form), self.rt.form_context(instance.data)
        )
        answer = self.usual.answer(instance.process, element, self.serial, today)
        return self.usual.officers[instance.process].get(element, ""), {**proposed, **answer}

    def advance_to(self, case_no: str, element: str) -> Task:
        """Pass the usual steps until an element is open."""
        while element not in self.open_elements(case_no):
            self.complete(case_no)
        return self.open_task(case_no, element)

    def tick(self, moment: datetime | str | None = None, **delta: float) -> timers.Swept:
        """Move the clock and fire what is due."""
        if moment is not None:
            self.clock.set(moment)
        if delta:
            self.clock.pass_(**delta)
        return timers.sweep(self.rt)

    def findings(self) -> list[str]:
        """What `banjie consistency` would print."""
        return [
            f"{finding.rule}: {finding.subject}: {finding.detail}" for finding in consistency.check(self.rt)
        ]


AnOffice = TypeVar("AnOffice", bound=Office)


@contextmanager
def checked(office: AnOffice) -> Iterator[AnOffice]:
    """An office whose record must agree with itself in the end; it is closed however that ends."""
    try:
        yield office
        assert office.findings() == []
    finally:
        office.close()
