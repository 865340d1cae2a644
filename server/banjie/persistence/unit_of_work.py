"""One transaction with everything that a use case may read and write in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

from banjie.persistence.applications import Applications
from banjie.persistence.awards import Awards
from banjie.persistence.bank_returns import BankReturns
from banjie.persistence.budgets import Budgets
from banjie.persistence.bulks import Bulks
from banjie.persistence.cards import Cards
from banjie.persistence.case_lists import CaseLists
from banjie.persistence.cases import Cases, JobRequest
from banjie.persistence.comments import Comments
from banjie.persistence.copies import Copies
from banjie.persistence.database import Database, Db
from banjie.persistence.definitions import Definitions
from banjie.persistence.desk import Desk
from banjie.persistence.entitlements import Entitlements
from banjie.persistence.help_log import HelpLog
from banjie.persistence.loads import Loads
from banjie.persistence.payments import Payments
from banjie.persistence.people import People
from banjie.persistence.phrases import Phrases
from banjie.persistence.procedures import Procedures
from banjie.persistence.publicity import Publicities
from banjie.persistence.registers import Registers
from banjie.persistence.rosters import Rosters
from banjie.persistence.substitutions import Substitutions
from banjie.persistence.upkeep import Upkeep
from banjie.persistence.worklists import Worklists

Defer = Callable[[psycopg.Connection[Any], Sequence[JobRequest]], Sequence[int]]
Cancel = Callable[[psycopg.Connection[Any], Sequence[int]], None]


class UnitOfWork:
    """The repositories on one connection."""

    def __init__(self, db: Db, defer: Defer, cancel: Cancel) -> None:
        self.db = db
        self.people = People(db)
        self.definitions = Definitions(db)
        self.desk = Desk(db)
        self.lists = Worklists(db)
        self.substitutions = Substitutions(db)
        self.bulks = Bulks(db)
        self.cards = Cards(db)
        self.comments = Comments(db)
        self.copies = Copies(db)
        self.help_log = HelpLog(db)
        self.phrases = Phrases(db)
        self.procedures = Procedures(db)
        self.publicity = Publicities(db)
        self.case_lists = CaseLists(db)
        self.applications = Applications(db)
        self.upkeep = Upkeep(db)
        self.registers = Registers(db)
        self.entitlements = Entitlements(db)
        self.loads = Loads(db)
        self.rosters = Rosters(db)
        self.awards = Awards(db)
        self.payments = Payments(db)
        self.budgets = Budgets(db)
        self.bank_returns = BankReturns(db)
        self.cases = Cases(
            db,
            lambda requests: defer(db.driver_connection, requests),
            lambda job_ids: cancel(db.driver_connection, job_ids),
        )


class Store:
    """The database as the services see it."""

    def __init__(self, database: Database, defer: Defer, cancel: Cancel) -> None:
        self.database = database
        self._defer = defer
        self._cancel = cancel

    @contextmanager
    def begin(self) -> Iterator[UnitOfWork]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        with self.database.transaction() as db:
            yield UnitOfWork(db, self._defer, self._cancel)

    @contextmanager
    def read(self) -> Iterator[UnitOfWork]:
        """The same repositories for reading, without a transaction."""
        with self.database.read() as db:
            yield UnitOfWork(db, self._defer, self._cancel)
