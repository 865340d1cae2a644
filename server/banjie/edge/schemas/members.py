"""Members of panels, for machines."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

_WORDS = validate.Length(min=1, max=500)
_NAME = validate.Length(min=1, max=200)


class MemberRequest(Schema):
    """Who is to sit on the panel, with which weight, and why."""

    username = fields.String(required=True, validate=_NAME)
    weight = fields.Integer(load_default=1, validate=validate.Range(min=1, max=1_000))
    veto = fields.Boolean(load_default=False)
    reason = fields.String(required=True, validate=_WORDS)


class WhyRequest(Schema):
    """Why."""

    reason = fields.String(required=True, validate=_WORDS)


class ReplaceRequest(Schema):
    """Who takes the seat, and why."""

    by = fields.String(required=True, validate=_NAME)
    reason = fields.String(required=True, validate=_WORDS)


class Panel(Schema):
    """The case after a change of its panel, and the tasks that it opened."""

    case_no = fields.String(required=True)
    status = fields.String(required=True)
    outcome = fields.String(required=True, allow_none=True)
    opened = fields.List(fields.Integer(), required=True)
