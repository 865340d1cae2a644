"""What completing a step does beside moving its case on, by the effect that the diagram names (ADR 0012)."""

from __future__ import annotations

from collections.abc import Mapping

from banjie.domain.decisions import Json
from banjie.domain.effects import Effect
from banjie.services import awards, comparison, meetings, publicity
from banjie.services.deeds import Act, Deed

#: PAY has no act: `payments` completes its step.
ACTS: dict[Effect, Act] = {
    Effect.COMPARE: comparison.compare,
    Effect.GRANT: awards.grant,
    Effect.CONVENE: meetings.convene,
    Effect.PUBLISH: publicity.publish,
    Effect.CLOSE_PUBLICITY: publicity.close,
}


def act(deed: Deed) -> Mapping[str, Json]:
    """Do what the step's effect says; the variables to be set in the case data, none where it has no effect."""
    effect = deed.element.effect
    return ACTS[effect](deed) if effect in ACTS else {}
