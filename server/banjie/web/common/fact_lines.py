"""Facts as pages show them: what is declared, what each source says, and how the two stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from banjie.domain.registers import Fact, FactState
from banjie.web.common.cell_words import fact_title, fact_value, state_words
from banjie.web.common.language import gettext as _


@dataclass(frozen=True, kw_only=True)
class SaidLine:
    """What one source says."""

    value: str
    source: str
    as_of: date


@dataclass(frozen=True, kw_only=True)
class FactLine:
    """A fact; `sign` and `state_text` say how it stands, `tone` the colour: good, bad, warn or none."""

    title: str
    declared: str
    said: tuple[SaidLine, ...]
    state: str
    sign: str
    state_text: str
    tone: str


def fact_lines(facts: Iterable[Fact], of: str = "") -> list[FactLine]:
    """Those that contradict first, then those out of date, then the others in their order; `of` is whose they are."""
    rank = {FactState.CONFLICT: 0, FactState.STALE: 1}
    return [_line(fact, of) for fact in sorted(facts, key=lambda fact: rank.get(fact.state, 2))]


def _line(fact: Fact, of: str) -> FactLine:
    sign, text, tone = state_words(fact.state, is_declared=fact.declared is not None)
    title = fact_title(fact.key)
    return FactLine(
        title=_("%(who)s: %(what)s") % {"who": of, "what": title} if of else title,
        declared=fact_value(fact.key, fact.declared),
        said=tuple(
            SaidLine(value=fact_value(fact.key, one.value), source=one.source, as_of=one.as_of)
            for one in fact.said
        ),
        state=fact.state.value,
        sign=sign,
        state_text=text,
        tone=tone,
    )
