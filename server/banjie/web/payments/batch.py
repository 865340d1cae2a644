"""The page of a batch: checked, exported, answered, reconciled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from banjie.domain.assignment import Role
from banjie.domain.awards import PaymentStatus
from banjie.domain.errors import InvalidRequest
from banjie.domain.money import capital_yuan, format_yuan
from banjie.domain.payments import (
    FINANCE_OFFICER,
    Batch,
    BatchStatus,
    FileFormat,
    Reconciliation,
    ReturnFault,
    ReturnRefused,
    Sum,
)
from banjie.domain.proceedings import LONGEST_REASON
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.edge.lists import takes_lists
from banjie.services.payments import bank_file, batches, returns, rosters, settling
from banjie.web.common.error_words import words_of
from banjie.web.common.language import gettext
from banjie.web.common.payment_lines import batch_line, payment_line, payment_word
from banjie.web.payments.asked import PageLinks, whole
from banjie.web.payments.fault_words import fault_word, field_word

_ = gettext

Answer = Response | tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class Rights:
    """What the reader may do with the batch as it stands."""

    check: bool
    send_back: bool
    is_own: bool
    export: bool
    download: bool
    read: bool
    retry: bool


@dataclass(frozen=True, kw_only=True)
class FaultLine:
    """What is wrong with a line of a return file."""

    line: int
    field: str
    words: str


def register(blueprint: Blueprint) -> None:
    """Add the pages of a batch."""
    blueprint.get("/payments/batches/<no>", endpoint="batch")(signed_in(show))
    for deed, view in (("check", check), ("send-back", send_back), ("export", export), ("settle", settle)):
        name = deed.replace("-", "_")
        blueprint.post(f"/payments/batches/<no>/{deed}", endpoint=name)(signed_in(view))
    blueprint.post("/payments/batches/<no>/return", endpoint="return")(takes_lists(signed_in(read_return)))
    blueprint.get("/payments/batches/<no>/file", endpoint="file")(signed_in(file))
    blueprint.post("/payments/<int:payment_id>/again", endpoint="again")(signed_in(order_again))


def back(no: str, said: str) -> Response:
    """Go on to the page of a batch after a change."""
    return redirect(url_for("payments.batch", no=no, said=said), 303)


def show(no: str) -> str:
    """A batch with its reconciliation and orders."""
    return _page(no)


def check(no: str) -> Answer:
    """Approve what another person made."""
    batches.check_batch(runtime(), actor(), no)
    return back(no, "batch_checked")


def send_back(no: str) -> Answer:
    """Refuse what another person made, with a reason."""
    reason = request.form.get("reason", "")
    try:
        batches.send_back(runtime(), actor(), no, reason)
    except InvalidRequest:
        return _page(no, reason_missing=True, reason=reason), 422
    return back(no, "batch_sent_back")


def export(no: str) -> Answer:
    """Make the bank's file; it is downloaded from the page."""
    kind = FileFormat.XLSX if request.form.get("format") == FileFormat.XLSX else FileFormat.CSV
    bank_file.export(runtime(), actor(), no, kind)
    return back(no, "batch_exported")


def file(no: str) -> Response:
    """The bank's file."""
    found = bank_file.bank_file(runtime(), actor(), no)
    return send_file(
        found.content,
        mimetype=found.media_type,
        as_attachment=True,
        download_name=found.name,
        etag=found.sha256,
    )


def read_return(no: str) -> Answer:
    """Read the bank's answers; a file that does not fit is refused whole, with its lines."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _page(no, refused=_("Choose the bank's file first.")), 422
    incoming = runtime().spool.receive(sent.stream)
    try:
        read = returns.read_return(runtime(), actor(), no, incoming.path, sent.filename)
    except ReturnRefused as refused:
        return _page(no, refused=words_of(refused, 422)[1], faults=refused.faults), 422
    except InvalidRequest as refused:
        return _page(no, refused=words_of(refused, 422)[1]), 422
    finally:
        runtime().spool.drop(incoming)
    return back(no, "return_repeated" if read.repeated else "return_read")


def settle(no: str) -> Answer:
    """Carry on once more the cases whose money was answered and that still wait."""
    settling.settle_again(runtime(), actor(), no)
    return back(no, "batch_settled")


def order_again(payment_id: int) -> Answer:
    """Order a refused payment of a list once more, to a corrected account."""
    rosters.order_again(
        runtime(), actor(), payment_id, payee=request.form.get("payee", ""),
        account_no=request.form.get("account_no", ""), bank_name=request.form.get("bank_name", ""),
    )  # fmt: skip
    return back(request.form.get("batch", ""), "ordered_again")


def _page(
    no: str, *, reason_missing: bool = False, reason: str = "", refused: str = "",
    faults: Sequence[ReturnFault] = (),
) -> str:  # fmt: skip
    asked, after = request.args.get("status", ""), whole(request.args.get("after")) or 0
    status = PaymentStatus(asked) if asked in set(PaymentStatus) else None
    found = batches.view(runtime(), actor(), no, status=status, after=after)
    one = found.batch
    kept: dict[str, Any] = {"no": no, "status": asked or None}
    return render_template(
        "payments/batch.html",
        batch=batch_line(one),
        stored=one,
        capitals=capital_yuan(one.total),
        rights=_rights(one),
        sums=_sums(found.reconciliation),
        difference=_signed(found.reconciliation.difference),
        is_balanced=not found.reconciliation.difference,
        returns=found.returns,
        paid_total=format_yuan,
        payments=[payment_line(payment) for payment in found.payments],
        statuses=[(value.value, payment_word(value)) for value in PaymentStatus],
        status=asked,
        reason_missing=reason_missing,
        reason=reason,
        longest=LONGEST_REASON,
        refused=refused,
        faults=[FaultLine(line=f.line, field=field_word(f.field), words=fault_word(f.code)) for f in faults],
        page=PageLinks(
            shown=len(found.payments),
            first_url=url_for("payments.batch", **kept, _anchor="orders") if after else None,
            next_url=url_for("payments.batch", **kept, after=found.next, _anchor="orders") if found.next else None,
        ),
    )  # fmt: skip


def _rights(batch: Batch) -> Rights:
    reader = actor()
    is_officer = reader.holds(FINANCE_OFFICER, batch.agency)
    works_here = is_officer or reader.holds(Role.HEAD, batch.agency)
    is_own = batch.made_by == reader.account_id
    is_made = batch.status is BatchStatus.MADE
    answered = batch.status in (BatchStatus.SENT, BatchStatus.SETTLED)
    return Rights(
        check=works_here and is_made and not is_own,
        send_back=works_here and batch.status in (BatchStatus.MADE, BatchStatus.CHECKED) and not is_own,
        is_own=is_made and is_own,
        export=works_here and batch.status is BatchStatus.CHECKED,
        download=works_here and batch.file_sha256 is not None,
        read=is_officer and batch.status is BatchStatus.SENT, retry=is_officer and answered,
    )  # fmt: skip


def _sums(stand: Reconciliation) -> list[tuple[str, int, str]]:
    named: list[tuple[str, Sum]] = [
        (_("Ordered"), stand.ordered), (_("Paid"), stand.paid), (_("Sent back by the bank"), stand.refused),
        (_("Open"), stand.open),
    ]  # fmt: skip
    return [(label, one.count, format_yuan(one.total)) for label, one in named]


def _signed(amount: Decimal) -> str:
    return f"{'-' if amount < 0 else ''}{format_yuan(abs(amount))}"
