"""The panel 数据比对 of a case: what was declared beside what registers say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from banjie.domain.assignment import is_at_an_office
from banjie.domain.effects import Effect
from banjie.edge.context import actor, runtime
from banjie.services import comparison
from banjie.services.comparison import Comparison
from banjie.services.instances import CaseView
from banjie.web.common.fact_lines import FactLine, fact_lines


@dataclass(frozen=True, kw_only=True)
class ComparisonPanel:
    """A comparison: `by` empty where it is not recorded yet; `contradictions` and `stale` count."""

    by: str
    at: datetime
    lines: tuple[FactLine, ...]
    contradictions: int
    stale: int


def comparison_panel(view: CaseView) -> ComparisonPanel | None:
    """The newest comparison of the case, else how things stand now; None where the process compares nothing."""
    reader, instance = actor(), view.instance
    elements = runtime().processes.compiled(instance.definition).definition.elements.values()
    if all(element.effect is not Effect.COMPARE for element in elements):
        return None
    if not is_at_an_office(reader) or reader.account_id == instance.applicant_id:
        return None
    kept = comparison.of_case(runtime(), reader, instance.case_no)
    found = kept[0] if kept else comparison.preview(runtime(), reader, instance.case_no)
    return _panel(found) if found else None


def _panel(found: Comparison) -> ComparisonPanel:
    lines = fact_lines(found.facts)
    for person in found.people:
        lines += fact_lines(person.facts, f"{person.row} {person.name}")
    return ComparisonPanel(
        by=found.by or "",
        at=found.at,
        lines=tuple(lines),
        contradictions=found.contradictions,
        stale=sum(line.state == "stale" for line in lines),
    )
