"""The bank's file of a batch: written once, then handed out again byte for byte."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from banjie.documents.bank_file import as_csv, as_xlsx
from banjie.domain.assignment import Actor
from banjie.domain.errors import NotFound
from banjie.domain.events import NewEvent
from banjie.domain.payments import Batch, BatchStatus, FileFormat
from banjie.persistence.payments import BankLine
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.payments.access import locked_batch, require_checker, require_no_case_held, stream_of
from banjie.services.runtime import Runtime


@dataclass(frozen=True, kw_only=True)
class BankFile:
    """A file as it went to the bank; whoever reads `content` closes it."""

    name: str
    media_type: str
    sha256: str
    content: BinaryIO


_MEDIA = {
    FileFormat.CSV: "text/csv; charset=utf-8",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def export(rt: Runtime, actor: Actor, no: str, kind: FileFormat) -> None:
    """Write the file of a checked batch; from now on its orders are with the bank. Locks the batch.

    One batch has one file of one kind: two files could be paid twice. Raises NotFound, Forbidden for anybody but
    officers and the head of the agency, WrongBatchStatus where it is not checked or was exported, CaseHeld where a
    case of it has been held up meanwhile.
    """
    with rt.store.begin() as uow:
        batch = locked_batch(uow, no)
        require_checker(rt, actor, batch)
        batch.require(BatchStatus.CHECKED)
        require_no_case_held(uow, batch)
        at = rt.now()
        write = as_csv if kind is FileFormat.CSV else as_xlsx
        digest = rt.documents.keep(write(_control(batch), _lines(rt, uow, batch)))
        uow.payments.mark_sent(batch.id, actor.account_id, at, kind, digest)
        facts = {"batch": no, "format": kind.value, "sha256": digest, "total": f"{batch.total:.2f}"}
        event = NewEvent(type="batch.exported", agency=batch.agency, facts=facts)
        uow.desk.record(stream_of(batch.agency), [event], actor.account_id, at)


def bank_file(rt: Runtime, actor: Actor, no: str) -> BankFile:
    """The file of a batch that was exported, the same bytes each time; raises as `export`, NotFound before it."""
    with rt.store.read() as uow:
        batch = uow.payments.batch(no)
    if batch is None:
        raise NotFound(batch=no)
    require_checker(rt, actor, batch)
    if batch.file_sha256 is None or batch.file_format is None:
        raise NotFound(batch=no, file=None)
    return BankFile(
        name=batch.file_name, media_type=_MEDIA[batch.file_format], sha256=batch.file_sha256,
        content=rt.documents.open(batch.file_sha256),
    )  # fmt: skip


def _control(batch: Batch) -> Sequence[str]:
    """The line by which the bank checks that it has the whole file."""
    return ("批次号", batch.no, "笔数", str(batch.count), "金额合计", f"{batch.total:.2f}")


def _lines(rt: Runtime, uow: UnitOfWork, batch: Batch) -> Iterator[Sequence[str]]:
    titles = {key: service.title for key, service in rt.book.services.items()}
    for line in uow.payments.bank_lines(batch.id):
        yield _cells(line, titles.get(line.service, line.service))


def _cells(line: BankLine, purpose: str) -> Sequence[str]:
    return (str(line.id), line.payee, line.account_no, line.bank_name, f"{line.amount:.2f}", purpose)
