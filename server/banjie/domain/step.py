"""What one run of the engine changed: plain values between the engine adapter and the walk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from banjie.domain.decisions import Decision, Json


class Siblings(StrEnum):
    """What becomes of the other tokens of a block when one is taken out of it: they go on, or go with it."""

    KEEP = "keep"
    CANCEL = "cancel"


@dataclass(frozen=True, kw_only=True)
class OpenedTask:
    """A user task that has become ready.

    `token` is the engine's id of the activation (a UUID text, unique within the case). `scope` holds the
    tokens of the enclosing subprocess activations, outermost first. `item` is the element variable of a
    multi-instance child, else None.
    """

    token: str
    element: str
    scope: tuple[str, ...] = ()
    item: Json = None


@dataclass(frozen=True, kw_only=True)
class ClosedTask:
    """A user task that is no longer ready: completed by the command or cancelled by the diagram."""

    token: str
    element: str
    completed: bool


@dataclass(frozen=True, kw_only=True)
class Scope:
    """A subprocess activation that has begun or ended; it carries the span's clock where it has a limit."""

    token: str
    element: str
    scope: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EngineTimer:
    """A BPMN timer event that waits; `due_at` is aware UTC."""

    token: str
    element: str
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A send task was passed: tell somebody, by the template `notice`."""

    element: str
    notice: str


@dataclass(frozen=True, kw_only=True)
class Passed:
    """An element was passed automatically; for history and the diagram's trail, in order."""

    element: str
    token: str


@dataclass(frozen=True, kw_only=True)
class EngineStep:
    """The outcome of one run.

    `snapshot` replaces the stored one. `timers` is the whole list of waiting BPMN timers, not a change.
    `variables` are the new or changed top-level names of the case data (results of decisions).
    `outcome` is the outcome attribute of the end event reached last, when the case ended.
    """

    snapshot: bytes
    opened: tuple[OpenedTask, ...]
    closed: tuple[ClosedTask, ...]
    entered: tuple[Scope, ...]
    left: tuple[Scope, ...]
    timers: tuple[EngineTimer, ...]
    decisions: tuple[tuple[str, Decision], ...]
    notices: tuple[Notice, ...]
    trail: tuple[Passed, ...]
    variables: Mapping[str, Json]
    ended: bool
    outcome: str | None = None

    def then(self, later: EngineStep) -> EngineStep:
        """Both runs as one: what the later one undid of this one has never been."""
        gone = {closed.token for closed in later.closed} | {scope.token for scope in later.left}
        here = {opened.token for opened in self.opened} | {scope.token for scope in self.entered}
        return replace(
            later,
            opened=(*(one for one in self.opened if one.token not in gone), *later.opened),
            closed=(*self.closed, *(one for one in later.closed if one.token not in here)),
            entered=(*(one for one in self.entered if one.token not in gone), *later.entered),
            left=(*self.left, *(one for one in later.left if one.token not in here)),
            decisions=(*self.decisions, *later.decisions),
            notices=(*self.notices, *later.notices),
            trail=(*self.trail, *later.trail),
            variables={**self.variables, **later.variables},
        )
