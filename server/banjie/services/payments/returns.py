"""The bank's answers to a batch: read whole or not at all, then carried on to the cases."""

from __future__ import annotations

from dataclasses import replace
from hashlib import file_digest
from pathlib import Path

from banjie.domain.assignment import Actor
from banjie.domain.calendar import legal_date
from banjie.domain.errors import EngineFault, InvalidRequest
from banjie.domain.events import NewEvent
from banjie.domain.payments import MOST_FAULTS, BankReturn, Batch, BatchStatus, ReturnRefused
from banjie.persistence.bank_returns import Answered
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.payments.access import locked_batch, require_officer, stream_of
from banjie.services.payments.return_file import ReturnFile
from banjie.services.payments.settling import JOB
from banjie.services.runtime import Runtime

_LONGEST_NAME = 120


def read_return(rt: Runtime, actor: Actor, no: str, path: Path, name: str) -> BankReturn:
    """Read a return file (CSV or xlsx) for a batch that is with the bank; the cases go on in a worker's job.

    Each line must name an order of the batch once, with its account and its amount to the cent; what the bank does
    not answer stays with it. The same file again gives the same answer and changes nothing. Locks the batch, its
    budget and its orders.

    Raises NotFound, Forbidden for anybody but officers of the agency, WrongBatchStatus, UnreadableFile, MissingColumns,
    and ReturnRefused with each line that does not fit: then nothing was read.
    """
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    with rt.store.begin() as uow:
        batch = locked_batch(uow, no)
        require_officer(rt, actor, batch)
        earlier = uow.bank_returns.find(batch.id, digest)
        if earlier is not None:
            return replace(earlier, repeated=True)
        batch.require(BatchStatus.SENT)
        at = rt.now()
        _stage(rt, uow, batch, path)
        uow.budgets.lock(batch.pot)
        answered = uow.bank_returns.apply(batch.id, at)
        uow.budgets.move(
            batch.pot, committed=-(answered.paid_total + answered.refused_total), paid=answered.paid_total
        )
        uow.bank_returns.add(batch.id, digest, _plain(name), answered, actor.account_id, at)
        uow.bank_returns.close_batch(batch, at)
        uow.cases.defer([(None, JOB, {"batch_id": batch.id})])
        uow.desk.record(stream_of(batch.agency), [_read(batch, digest, answered)], actor.account_id, at)
        read = uow.bank_returns.find(batch.id, digest)
    if read is None:
        raise EngineFault("A return file was read and is not there.", batch=no)
    return read


def _stage(rt: Runtime, uow: UnitOfWork, batch: Batch, path: Path) -> None:
    """Lay out the file's rows; raises ReturnRefused where any of them is faulty or does not fit the batch."""
    sent_on = legal_date(batch.exported_at or batch.made_at)
    file = ReturnFile(path, sent_on=sent_on, today=rt.today())
    uow.bank_returns.stage(file.rows())
    faults = file.faults or uow.bank_returns.faults(batch.id, limit=MOST_FAULTS)
    if faults:
        raise ReturnRefused(faults, batch=batch.no)


def _read(batch: Batch, digest: str, answered: Answered) -> NewEvent:
    return NewEvent(
        type="return.read", agency=batch.agency,
        facts={
            "batch": batch.no, "sha256": digest, "paid": answered.paid, "paid_total": f"{answered.paid_total:.2f}",
            "refused": answered.refused, "refused_total": f"{answered.refused_total:.2f}",
        },
    )  # fmt: skip


def _plain(name: str) -> str:
    plain = "".join(char for char in name.replace("\\", "/").rsplit("/", 1)[-1] if char.isprintable())
    if not plain.strip():
        raise InvalidRequest("A file needs a name.")
    return plain[-_LONGEST_NAME:]
