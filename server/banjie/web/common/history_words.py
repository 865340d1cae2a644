"""What was written about an event: the record keeps its hash, the words stand in the proceeding beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from banjie.domain.proceedings import Proceeding, ProceedingKind
from banjie.domain.worklist import EventRow

_BY_EVENT: Mapping[str, ProceedingKind] = {
    "task.returned": ProceedingKind.RETURN,
    "task.return_deferred": ProceedingKind.RETURN,
    "task.taken_back": ProceedingKind.TAKE_BACK,
    "task.transferred": ProceedingKind.TRANSFER,
    "task.delegated": ProceedingKind.DELEGATION,
    "task.resolved": ProceedingKind.DELEGATION,
    "task.reassigned": ProceedingKind.REASSIGNMENT,
    "task.urged": ProceedingKind.URGE,
    "supplement.granted": ProceedingKind.SUPPLEMENT_GRANT,
}
_BY_FAMILY: Mapping[str, ProceedingKind] = {
    "supplement": ProceedingKind.SUPPLEMENT,
    "extension": ProceedingKind.EXTENSION,
    "excluded": ProceedingKind.EXCLUDED,
    "suspension": ProceedingKind.SUSPENSION,
    "jump": ProceedingKind.JUMP,
    "countersign": ProceedingKind.COUNTERSIGN,
    "card": ProceedingKind.CARD,
}
#: Events that close what was opened before; of all others the words are those with which it was opened.
_CLOSING = frozenset(
    {
        "task.resolved", "supplement.withdrawn", "extension.granted", "extension.refused", "excluded.ended",
        "suspension.ended", "jump.refused", "jump.taken_back", "card.answered", "card.revoked",
    }
)  # fmt: skip
#: Of these the applicant is told the reason; of a granted extension why it was asked for.
_TOLD = frozenset({"supplement.asked", "excluded.started", "suspension.started"})


def words_of_event(event: EventRow, proceedings: Sequence[Proceeding]) -> str:
    """The reason or the answer that belongs to an event; empty where nothing was written."""
    found = _of_kind(event, proceedings)
    if event.type in _CLOSING:
        return next((one.answer or "" for one in found if one.closed_at == event.at), "")
    return next((one.reason for one in found if one.opened_at == event.at), "")


def words_of_applicant(event: EventRow, proceedings: Sequence[Proceeding]) -> str:
    """What the law has the applicant told of an event."""
    if event.type in _TOLD:
        return words_of_event(event, proceedings)
    if event.type != "extension.granted":
        return ""
    granted = (one.reason for one in _of_kind(event, proceedings) if one.closed_at == event.at)
    return next(granted, "")


def _of_kind(event: EventRow, proceedings: Sequence[Proceeding]) -> list[Proceeding]:
    """The proceedings that the event may be about; those of its own task where it names one."""
    kind = _BY_EVENT.get(event.type) or _BY_FAMILY.get(event.type.partition(".")[0])
    return [
        one
        for one in proceedings
        if one.kind is kind and (event.task_id is None or one.task_id in (None, event.task_id))
    ]
