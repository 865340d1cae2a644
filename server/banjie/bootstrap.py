"""The one place that chooses real adapters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from banjie.content.root import content_root
from banjie.documents.spool import Spool
from banjie.documents.store import DocumentStore
from banjie.engine.definitions import DefinitionCache
from banjie.engine.spiff import SpiffEngine
from banjie.identity.passwords import Passwords
from banjie.identity.subjects import subject_hasher
from banjie.jobs.app import Jobs, install
from banjie.notices.mail import NoMailer, SmtpMailer
from banjie.persistence import migrate as migrations
from banjie.persistence.database import Database
from banjie.persistence.unit_of_work import Store
from banjie.policy.book import Book
from banjie.policy.decide import Decider
from banjie.policy.fresh_calendars import FreshCalendars
from banjie.services import people
from banjie.services.deployments import DeployedProcesses
from banjie.services.registers import DatabaseRegisters
from banjie.services.runtime import Mailer, Runtime
from banjie.settings import Settings, SettingsError


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What tests choose otherwise than production does."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    passwords: Passwords | None = None
    content: Path | None = None
    mailer: Mailer | None = None
    policy: Callable[[Path], tuple[Book, Decider]] | None = None
    definitions: DefinitionCache | None = None


def migrate(database_url: str) -> None:
    """Bring the tables, ours and the queue's, to the newest revision."""
    migrations.upgrade(database_url)
    install(database_url)


def read_policy(root: Path) -> tuple[Book, Decider]:
    """The policy of a content tree, and what decides by it. Raises ContentError."""
    book = Book.load(root)
    return book, Decider(book)


def make_runtime(settings: Settings, database_url: str, choices: Choices | None = None) -> Runtime:
    """A runtime on a migrated database. Raises ContentError where the policy content is broken."""
    chosen = choices or Choices()
    root = chosen.content or content_root()
    jobs = Jobs()
    database = Database(database_url, pool_size=settings.web_threads + 2)
    store = Store(database, jobs.defer, jobs.cancel)
    book, decider = (chosen.policy or read_policy)(root)

    def live_jobs(job_ids: Sequence[int]) -> set[int]:
        with database.read() as db:
            return jobs.live(db.driver_connection, job_ids)

    def purge_jobs(before: datetime, limit: int) -> int:
        with database.transaction() as db:
            return jobs.purge(db.driver_connection, before, limit)

    return Runtime(
        store=store,
        engine=SpiffEngine(),
        processes=DeployedProcesses(store, chosen.definitions),
        book=book,
        decide=lambda key, facts, on, region: decider.decide(key, facts, on=on, region=region),
        decide_many=lambda key, columns, on, region: decider.decide_many(key, columns, on=on, region=region),
        calendars=FreshCalendars(root / "policy" / "calendars", chosen.now),
        passwords=chosen.passwords or Passwords(),
        documents=DocumentStore(settings.var / "documents", limit=settings.upload_limit_bytes),
        spool=Spool(settings.var / "lists", limit=settings.list_limit_bytes),
        registers=DatabaseRegisters(store),
        mailer=chosen.mailer or _mailer(settings),
        now=chosen.now,
        live_jobs=live_jobs,
        purge_jobs=purge_jobs,
        subject_key=subject_hasher(settings.secret),
        base_url=settings.base_url,
    )


def refuse_demo_accounts(settings: Settings, rt: Runtime) -> None:
    """Raise SettingsError where production would serve accounts whose passwords everybody knows."""
    if settings.is_production and people.has_demo_accounts(rt):
        raise SettingsError("The database holds demo accounts, and production does not run with them.")


def _mailer(settings: Settings) -> Mailer:
    smtp = settings.smtp
    if smtp is None:
        return NoMailer()
    return SmtpMailer(
        host=smtp.host, port=smtp.port, sender=smtp.sender, user=smtp.user, password=smtp.password,
        starttls=smtp.starttls,
    )  # fmt: skip
