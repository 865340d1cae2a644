"""Awards and payments follow their case: orders are made, and what is not paid is released when the case ends."""

from __future__ import annotations

from banjie.domain.changes import CaseChange
from banjie.persistence.database import Db

#: One order an award at a time; a second is refused by the index `payment_alive`.
_ORDER = """
INSERT INTO payment (award_id, instance_id, agency, fund, region, year, attempt, amount, payee, account_no, bank_name,
                     status, made_at)
SELECT a.id, a.instance_id, %s, a.fund, a.region, a.year,
       1 + (SELECT count(*) FROM payment p WHERE p.award_id = a.id), %s, %s, %s, %s, 'due', %s
FROM award a WHERE a.id = %s AND a.status = 'granted'
"""


def follow(db: Db, change: CaseChange) -> None:
    """Make the orders of a change. The case's row must be locked."""
    for order in change.payments:
        db.run(
            _ORDER,
            (
                order.agency,
                order.amount,
                order.payee,
                order.account_no,
                order.bank_name,
                change.at,
                order.award_id,
            ),
        )
