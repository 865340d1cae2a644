"""What a case's page tells of its payments."""

from __future__ import annotations

from collections.abc import Sequence

from banjie.domain.effects import GRANT
from banjie.domain.instances import Instance
from banjie.domain.payments import Payment
from banjie.services.runtime import Runtime


def payments_of(rt: Runtime, instance: Instance) -> Sequence[Payment]:
    """The orders of a case that the reader may see, the newest first; of a list its hundred newest.

    A case that was granted nothing asks nothing of the database.
    """
    if instance.data.get(GRANT) is None:
        return ()
    with rt.store.read() as uow:
        return uow.payments.of_case(instance.id)
