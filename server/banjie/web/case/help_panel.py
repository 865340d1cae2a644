"""The panel 帮扶记录 of a case: what helpers did, and the fields to write it down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from banjie.domain.help_log import HelpEntry, HelpKind
from banjie.edge.context import actor, runtime
from banjie.services import help_log
from banjie.services.help_log import LONGEST_WORDS
from banjie.services.instances import CaseView
from banjie.web.common.words import help_word


@dataclass(frozen=True, kw_only=True)
class HelpLine:
    """One entry in words."""

    kind: str
    on_day: date
    words: str
    author: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class HelpPanel:
    """The log of a case; `kinds` are what an entry may be (value, word), none where the reader may not add."""

    lines: Sequence[HelpLine]
    kinds: Sequence[tuple[str, str]]
    today: date
    longest: int = LONGEST_WORDS


def help_panel(view: CaseView) -> HelpPanel | None:
    """The log; None for the applicant and where the case's service keeps none."""
    if actor().account_id == view.instance.applicant_id:
        return None
    found = help_log.read(runtime(), actor(), view.instance.case_no)
    if found is None:
        return None
    kinds = [(kind.value, help_word(kind)) for kind in HelpKind] if found.may_add else []
    return HelpPanel(lines=[_line(entry) for entry in found.entries], kinds=kinds, today=runtime().today())


def _line(entry: HelpEntry) -> HelpLine:
    return HelpLine(
        kind=help_word(entry.kind), on_day=entry.on_day, words=entry.words, author=entry.author, at=entry.at
    )
