"""What holds a case, as both its officers' and its applicant's pages tell it."""

from __future__ import annotations

from banjie.domain.proceedings import Proceeding, ProceedingKind
from banjie.edge.context import runtime
from banjie.services.clock_account import cited
from banjie.services.instances import CaseView
from banjie.web.common.frame import local_name


def holding(view: CaseView) -> Proceeding | None:
    """The proceeding that holds the case."""
    return next((one for one in view.proceedings if one.id == view.instance.hold), None)


def clocks_wait(one: Proceeding) -> bool:
    """Whether the clocks wait while it is open."""
    return one.kind is not ProceedingKind.SUSPENSION or one.ground is not None


def ground_title(key: str) -> str:
    """What a ground is called; its key where the house no longer has it."""
    known = runtime().book.grounds.get(key)
    return local_name(known.title, known.title_en) if known else key


def ground_text(one: Proceeding) -> str:
    """The ground with the provision that gives it."""
    return " ".join(
        part for part in (ground_title(one.ground or ""), cited(runtime(), one.citation) or "") if part
    )
