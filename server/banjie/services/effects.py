"""What completing a step does beside moving its case on, by the effect that the diagram names (ADR 0012)."""

from __future__ import annotations

from collections.abc import Mapping

from banjie.domain.decisions import Json
from banjie.domain.effects import Effect
from banjie.policy.catalogue import Mode
from banjie.services import awards, comparison, meetings, publicity
from banjie.services.deeds import Act, Deed
from banjie.services.rosters import granting


def _grant(deed: Deed) -> Mapping[str, Json]:
    """One award for a case that somebody applied for, those of all its rows for a list's."""
    by_list = deed.rt.book.services[deed.instance.service].mode is Mode.AUTOMATIC
    return granting.grant(deed) if by_list else awards.grant(deed)


#: PAY has no act: `payments` completes its step.
ACTS: dict[Effect, Act] = {
    Effect.COMPARE: comparison.compare,
    Effect.GRANT: _grant,
    Effect.CONVENE: meetings.convene,
    Effect.PUBLISH: publicity.publish,
    Effect.CLOSE_PUBLICITY: publicity.close,
}


def act(deed: Deed) -> Mapping[str, Json]:
    """Do what the step's effect says; the variables to be set in the case data, none where it has no effect."""
    effect = deed.element.effect
    return ACTS[effect](deed) if effect in ACTS else {}
