"""What is kept for a while only goes when its time is over, in batches of their own transactions."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from banjie.persistence.upkeep import Passing
from banjie.services.files import document_lock
from banjie.services.runtime import Runtime

log = logging.getLogger(__name__)

#: Rows a transaction, at the most.
BATCH = 1_000
#: How long a file waits for a submission that names it; a draft that is older names it in vain.
LOOSE_FILES = timedelta(days=7)
#: How long receiving a list may take at the most.
LISTS = timedelta(days=1)
#: How long a repeated request gets its first answer again.
ANSWERS = timedelta(days=30)
#: Longer than any window in which attempts are counted.
ATTEMPTS = timedelta(days=1)
#: How long a job that was given up can be looked at; its incident stays.
JOBS = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Tidied:
    """How many went: uploads that no case took, stored files that no upload named any more, and rows of each kind.

    `lists` are files for registers that came in and were never taken up.
    """

    loose_files: int
    documents: int
    lists: int
    answers: int
    attempts: int
    sessions: int
    jobs: int


def tidy(rt: Runtime) -> Tidied:
    """Forget what is past its time; notices, records and incidents are kept.

    A crash between two transactions leaves at worst a stored file that no upload names, never an upload without
    its file. Two workers at once share the work.
    """
    now = rt.now()
    loose, documents = _loose_files(rt, now - LOOSE_FILES)
    tidied = Tidied(
        loose_files=loose,
        documents=documents,
        lists=rt.spool.sweep(now - LISTS),
        answers=_all(lambda: _drop(rt, Passing.ANSWERS, now - ANSWERS)),
        attempts=_all(lambda: _drop(rt, Passing.ATTEMPTS, now - ATTEMPTS)),
        sessions=_all(lambda: _drop(rt, Passing.SESSIONS, now)),
        jobs=_all(lambda: rt.purge_jobs(now - JOBS, BATCH)),
    )
    log.info("housekeeping.done", extra=asdict(tidied))
    return tidied


def _all(batch: Callable[[], int]) -> int:
    """Repeat a batch until one is not full; how many went in all."""
    gone = 0
    while True:
        went = batch()
        gone += went
        if went < BATCH:
            return gone


def _drop(rt: Runtime, what: Passing, before: datetime) -> int:
    with rt.store.begin() as uow:
        return uow.upkeep.drop(what, before, BATCH)


def _loose_files(rt: Runtime, before: datetime) -> tuple[int, int]:
    """Forget old loose files; how many uploads, and how many stored files, went."""
    uploads = documents = 0
    while True:
        with rt.store.begin() as uow:
            digests = uow.upkeep.drop_loose(before, BATCH)
        uploads += len(digests)
        documents += sum(_remove_unused(rt, digest) for digest in sorted(set(digests)))
        if len(digests) < BATCH:
            return uploads, documents


def _remove_unused(rt: Runtime, digest: bytes) -> bool:
    """Remove a stored file unless an upload names it; who uploads the same content waits, and writes it anew."""
    with rt.store.begin() as uow:
        uow.upkeep.lock_name(document_lock(digest))
        if uow.upkeep.is_used(digest):
            return False
        rt.documents.remove(digest.hex())
        return True
