"""The errors of the domain: a kind, a stable code and facts.

An error says what is wrong in facts; `edge` chooses the HTTP status and the words. The docstring of a
class is its message in English and never holds personal data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


class BanjieError(Exception):
    """Something was refused."""

    #: Stable, machine-readable name of the kind; part of the API.
    code = "error"

    def __init__(self, message: str | None = None, /, **facts: object) -> None:
        self.facts: Mapping[str, object] = facts
        self.message = message or (type(self).__doc__ or "").strip()
        super().__init__(self.message)

    def __str__(self) -> str:
        if not self.facts:
            return self.message
        facts = ", ".join(f"{key}={value}" for key, value in self.facts.items())
        return f"{self.message} ({facts})"


class NotFound(BanjieError):
    """There is no such thing, or it is not for you to see."""

    code = "not_found"


class Forbidden(BanjieError):
    """You may see this but not do that."""

    code = "forbidden"


class NotSignedIn(BanjieError):
    """Sign in first."""

    code = "not_signed_in"


class SignInRefused(BanjieError):
    """The name or the password is wrong, or the account is locked."""

    code = "sign_in_refused"


class RateLimited(BanjieError):
    """Too many attempts; try again later."""

    code = "rate_limited"


class Conflict(BanjieError):
    """The state has changed since you looked."""

    code = "conflict"


class TaskClosed(Conflict):
    """The task is no longer open."""

    code = "task_closed"


class TaskTaken(Conflict):
    """Another officer holds the task."""

    code = "task_taken"


class HandedOn(Conflict):
    """The task was handed on for an opinion; whoever was asked answers first."""

    code = "handed_on"


class StaleVersion(Conflict):
    """The task or case has changed since it was read."""

    code = "stale_version"


class AlreadyOpen(Conflict):
    """The applicant has an open case of this service, which takes one at a time (while_open: refuse)."""

    code = "already_open"


class InstanceEnded(Conflict):
    """The case has ended."""

    code = "instance_ended"


class FourEyes(Forbidden):
    """The same person may not do both steps."""

    code = "four_eyes"


class SubstitutionEnded(Forbidden):
    """The task is held in the place of an officer for whom you no longer act."""

    code = "substitution_ended"


class IdempotencyMismatch(Conflict):
    """The idempotency key was used before with another request."""

    code = "idempotency_mismatch"


@dataclass(frozen=True, kw_only=True)
class FieldError:
    """One fault of one field.

    `path` is the field's key; for a row of a dynamic list ``("partners", 0, "name")``.
    `code` is stable; `facts` fill the sentence that the edge words.
    """

    path: tuple[str | int, ...]
    code: str
    facts: Mapping[str, object]


class InvalidSubmission(BanjieError):
    """The submission does not fit its form."""

    code = "invalid_submission"

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__(fields=[".".join(map(str, error.path)) for error in errors])
        self.errors = tuple(errors)


class InvalidRequest(BanjieError):
    """The request is malformed."""

    code = "invalid_request"


class ContentError(BanjieError):
    """A diagram, form, table or parameter file breaks a rule."""

    code = "invalid_content"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One broken rule in one content file, with the element named."""

    file: str
    element: str
    rule: str
    message: str
    line: int | None = None

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.element}: {self.message} [{self.rule}]"


class EngineFault(BanjieError):
    """The diagram could not go on; the case stands where it stood."""

    code = "engine_fault"


class NoValueInForce(BanjieError):
    """No text gives a value for this parameter on this day in this region."""

    code = "no_value_in_force"
