"""What is done with a step beside completing it, for machines: hand on, urge, return, take back, jump."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

_ID = validate.Range(min=1, max=2**63 - 1)
_WORDS = validate.Length(min=1, max=500)
_NAME = validate.Length(min=1, max=200)


class HandOverRequest(Schema):
    """To whom, by user name, and why."""

    to = fields.String(required=True, validate=_NAME)
    reason = fields.String(required=True, validate=_WORDS)


class OpinionRequest(Schema):
    """The opinion that was asked for."""

    words = fields.String(required=True, validate=_WORDS)


class UrgeRequest(Schema):
    """Words of a reminder, if any."""

    words = fields.String(load_default="", validate=validate.Length(max=500))


class Urged(Schema):
    """The ids of the tasks that were urged."""

    tasks = fields.List(fields.Integer(), required=True)


class TaskColleague(Schema):
    """Somebody whom a task may be given to, or asked about."""

    username = fields.String(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True)
    agency = fields.String(required=True)


class TaskColleagues(Schema):
    """Candidates for the task, and officers who may be asked for an opinion."""

    receivers = fields.List(fields.Nested(TaskColleague), required=True)
    advisers = fields.List(fields.Nested(TaskColleague), required=True)


class ReturnRequest(Schema):
    """To which element, why, and what becomes of the other branches (keep, cancel, wait), where there are any.

    `limit` is the step's limit: rest or new; left out, as the diagram says.
    """

    target = fields.String(required=True, validate=_NAME)
    reason = fields.String(required=True, validate=_WORDS)
    siblings = fields.String(
        load_default=None, allow_none=True, validate=validate.OneOf(["keep", "cancel", "wait"])
    )
    limit = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(["rest", "new"]))


class Returned(Schema):
    """Whether the case has gone back; if not, the return waits for the other branches."""

    id = fields.Integer(required=True)
    returned = fields.Boolean(required=True)


class Sibling(Schema):
    """An open task beside another."""

    id = fields.Integer(required=True, attribute="task_id")
    element = fields.String(required=True)
    name = fields.String(required=True)


class ReturnChoice(Schema):
    """A step that the case has passed: by whom and when last, what was submitted, what a return would take with it."""

    element = fields.String(required=True)
    name = fields.String(required=True)
    by = fields.String(required=True, allow_none=True)
    at = fields.DateTime(required=True)
    values = fields.Raw(required=True)
    siblings = fields.List(fields.Nested(Sibling), required=True)
    limit = fields.String(required=True)


class ReturnChoices(Schema):
    """Where a task may be returned to, the latest first."""

    items = fields.List(fields.Nested(ReturnChoice), required=True)


class Reopened(Schema):
    """The task that a completion taken back has opened."""

    id = fields.Integer(required=True)


class JumpRequest(Schema):
    """The open tasks that jump, the element they jump to, why, and what becomes of the other branches."""

    tasks = fields.List(fields.Integer(validate=_ID), required=True, validate=validate.Length(min=1, max=100))
    target = fields.String(required=True, validate=_NAME)
    reason = fields.String(required=True, validate=_WORDS)
    siblings = fields.String(load_default="cancel", validate=validate.OneOf(["keep", "cancel"]))


class Proposed(Schema):
    """The id of a proposed jump."""

    id = fields.Integer(required=True)


class Jump(Schema):
    """A proposed jump that waits for a second person."""

    id = fields.Integer(required=True)
    case_no = fields.String(required=True)
    target = fields.String(required=True)
    target_name = fields.String(required=True)
    siblings = fields.String(required=True)
    tasks = fields.List(fields.Integer(), required=True)
    reason = fields.String(required=True)
    by = fields.String(required=True, allow_none=True)
    at = fields.DateTime(required=True)


class Jumps(Schema):
    """Proposed jumps, oldest first."""

    items = fields.List(fields.Nested(Jump), required=True)


class JumpBoard(Schema):
    """Where a case stands and where it could go: no names and no data."""

    case_no = fields.String(required=True)
    service = fields.String(required=True)
    status = fields.String(required=True)
    tasks = fields.List(fields.Nested(Sibling), required=True)
    targets = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    jumps = fields.List(fields.Nested(Jump), required=True)
