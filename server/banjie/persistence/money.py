"""Awards and payments follow their case: orders are made, and what is not paid is released when the case ends."""

from __future__ import annotations

from collections.abc import Mapping

from banjie.domain.awards import NewPayment, PaymentUnderWay
from banjie.domain.changes import CaseChange
from banjie.domain.effects import GRANT
from banjie.domain.errors import EngineFault
from banjie.domain.instances import Instance, InstanceStatus
from banjie.persistence import awards
from banjie.persistence.database import Db

#: One order an award at a time; a second is refused by the index `payment_alive`.
_ORDER = """
INSERT INTO payment (award_id, instance_id, token, agency, fund, region, year, attempt, amount, payee, account_no,
                     bank_name, status, made_at)
SELECT a.id, a.instance_id, %s, %s, a.fund, a.region, a.year,
       1 + (SELECT count(*) FROM payment p WHERE p.award_id = a.id), %s, %s, %s, %s, 'due', %s
FROM award a WHERE a.id = %s AND a.status = 'granted'
"""

_CANCEL = """
UPDATE payment SET status = 'cancelled', ended_at = %s
WHERE instance_id = %s AND token = ANY(%s) AND status = 'due'
"""

#: What a single case was paid counts too: between the bank's answer and its step's completion nothing else may be.
_UNDER_WAY = """
SELECT id FROM payment WHERE instance_id = %s AND token = ANY(%s)
    AND (status IN ('batched', 'sent') OR (status = 'paid' AND roster_id IS NULL)) LIMIT 1
"""


def follow(db: Db, instance: Instance, change: CaseChange) -> None:
    """Cancel orders whose step closed without the money, make those of a change, release what an ended case had.

    What is paid is not released. The case's row must be locked.
    Raises PaymentUnderWay where a step's money is in a batch or with the bank, or paid while the step is still open.
    """
    _cancel(db, instance, change)
    for order in change.payments:
        _order(db, order, change)
    if change.status is not InstanceStatus.RUNNING:
        awards.release(db, instance.id, change.at)
        granted = change.data[GRANT]
        if isinstance(granted, Mapping) and "roster" in granted:
            db.run("UPDATE roster SET status = 'settled' WHERE instance_id = %s", (instance.id,))


def _cancel(db: Db, instance: Instance, change: CaseChange) -> None:
    tokens = [closed.token for closed in change.closed if not closed.completed]
    if not tokens:
        return
    # Cancelling first waits for a batch that is being made of the orders; what it took is then seen.
    db.run(_CANCEL, (change.at, instance.id, tokens))
    under_way = db.one(_UNDER_WAY, (instance.id, tokens))
    if under_way is not None:
        raise PaymentUnderWay(case_no=instance.case_no, payment=under_way[0])


def _order(db: Db, order: NewPayment, change: CaseChange) -> None:
    made = db.run(
        _ORDER,
        (
            order.token, order.agency, order.amount, order.payee, order.account_no, order.bank_name, change.at,
            order.award_id,
        ),
    )  # fmt: skip
    if not made:
        raise EngineFault("What is to be paid is not granted, or is paid already.", award=order.award_id)
