"""What completing a step does beside moving the case on: money is granted, a list is published, a team is convened.

A diagram names the effect of a user task by `banjie:effect`; what it does is a service. It happens in the transaction
of the completion, before the diagram goes on, and may refuse it.
"""

from __future__ import annotations

from enum import StrEnum


class Effect(StrEnum):
    """The effects that a diagram may name.

    COMPARE sets what was declared against the registers and records it; CONVENE seats a review team; PUBLISH begins a
    publicity, CLOSE_PUBLICITY ends it; GRANT takes the limits across cases and reserves the money; PAY is the step
    that waits for money: it is completed by the bank's answer, never by a person.
    """

    COMPARE = "compare"
    CONVENE = "convene"
    PUBLISH = "publish"
    CLOSE_PUBLICITY = "close_publicity"
    GRANT = "grant"
    PAY = "pay"


#: The variables of the case data that effects fill, beside that of their own step.
FACTS = "facts"
GRANT = "grant"
FILLED = {Effect.COMPARE: FACTS, Effect.GRANT: GRANT}
