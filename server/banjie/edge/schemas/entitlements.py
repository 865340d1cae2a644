"""Entitlements and packages, for machines."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from banjie.domain.entitlements import EntitlementStatus, RunStatus

_STATUS = validate.OneOf([status.value for status in EntitlementStatus])
_NAME = validate.Length(min=1, max=100)


class Entitlement(Schema):
    """Somebody who may have a service; the number of a person is masked. `amount` in yuan."""

    id = fields.Integer(required=True)
    service = fields.String(required=True)
    name = fields.String(required=True)
    number = fields.String(required=True)
    region = fields.String(required=True)
    period = fields.String(required=True)
    found_on = fields.Date(required=True)
    amount = fields.String(required=True, allow_none=True)
    status = fields.String(required=True, validate=_STATUS)
    case_no = fields.String(required=True, allow_none=True)
    receipt = fields.Dict(keys=fields.String(), required=True)


class Entitlements(Schema):
    """Some rows; `cursor` asks for what follows, null at the end."""

    items = fields.List(fields.Nested(Entitlement), required=True)
    cursor = fields.String(required=True, allow_none=True)


class EntitlementsAsked(Schema):
    """Which rows."""

    service = fields.String(load_default=None, allow_none=True, validate=_NAME)
    status = fields.String(load_default=None, allow_none=True, validate=_STATUS)
    region = fields.String(load_default=None, allow_none=True, validate=_NAME)
    cursor = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=40))
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


class RunAsked(Schema):
    """A search of the registers."""

    service = fields.String(required=True, validate=_NAME)
    region = fields.String(required=True, validate=_NAME)


class Run(Schema):
    """How far a search is: `done` of `total` subjects were tried, `found` of them may have the service."""

    id = fields.Integer(required=True)
    service = fields.String(required=True)
    region = fields.String(required=True)
    on = fields.Date(required=True)
    status = fields.String(required=True, validate=validate.OneOf([status.value for status in RunStatus]))
    total = fields.Integer(required=True)
    done = fields.Integer(required=True)
    found = fields.Integer(required=True)
    stale = fields.Integer(required=True)
    started_at = fields.DateTime(required=True)
    ended_at = fields.DateTime(required=True, allow_none=True)


class Invite(Schema):
    """Whom to invite."""

    ids = fields.List(fields.Integer(strict=True), required=True, validate=validate.Length(min=1, max=500))


class Invited(Schema):
    """How many got a notice, and how many need a letter on paper."""

    told = fields.Integer(required=True)
    no_account = fields.Integer(required=True)


class Verify(Schema):
    """A name with the ID number or credit code that it goes with."""

    number = fields.String(required=True, validate=_NAME)
    name = fields.String(required=True, validate=_NAME)


class Verified(Schema):
    """Whom the account was proved to be."""

    kind = fields.String(required=True)
    name = fields.String(required=True)


class Consent(Schema):
    """The application that a case begins with; field key → value of the service's start form."""

    submission = fields.Dict(keys=fields.String(), required=True)


class Decline(Schema):
    """Why not, if one wants to say."""

    reason = fields.String(load_default="", validate=validate.Length(max=500))


class Begun(Schema):
    """The cases that a request began, by service."""

    cases = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
