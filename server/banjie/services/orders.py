"""The order to pay a case's award, drawn from its data."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from banjie.domain.awards import NewPayment
from banjie.domain.decisions import Json
from banjie.domain.effects import GRANT
from banjie.domain.errors import EngineFault

#: Where the account stands that money is paid to: a later correction goes before what was applied with.
_ACCOUNTS = ("account_correction", "application")


def order_of(data: Mapping[str, Json], agency: str, token: str) -> NewPayment | None:
    """The order for what was granted, to the account last given; None for a roster, whose job makes its orders.

    `token` is the activation of the step that waits for the money.

    Raises EngineFault where nothing was granted or no account is known.
    """
    granted = data.get(GRANT)
    if not isinstance(granted, Mapping):
        raise EngineFault("A step waits for money, but nothing was granted.")
    if "award" not in granted:
        return None
    for variable in _ACCOUNTS:
        account = data.get(variable)
        if isinstance(account, Mapping) and account.get("bank_account"):
            return NewPayment(
                award_id=int(str(granted["award"])), token=token, agency=agency,
                amount=Decimal(str(granted["amount"])),
                payee=str(account.get("account_name") or granted["payee"]),
                account_no=str(account["bank_account"]), bank_name=str(account.get("bank_name") or ""),
            )  # fmt: skip
    raise EngineFault("No account is known to pay to.")
