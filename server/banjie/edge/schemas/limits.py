"""Limits across cases, for machines."""

from __future__ import annotations

from marshmallow import Schema, fields


class EarlierAward(Schema):
    """An award that came first; the number of its case is told within its own region only."""

    case_no = fields.String(allow_none=True, required=True)
    service = fields.String(required=True)
    granted_on = fields.Date(required=True)


class LimitState(Schema):
    """How a limit stands: `taken` of `allowed` are held by other cases, this case would take `wanted`.

    They count grants, of a sum yuan; exact, as texts. `entry` is the place in the list that the limit goes by, from
    1; `missing` the path that should tell whose limit it is and holds nothing.
    """

    limit = fields.String(required=True)
    title = fields.String(required=True)
    title_en = fields.String(required=True)
    entry = fields.Integer(allow_none=True, required=True)
    free = fields.Boolean(required=True)
    allowed = fields.String(required=True)
    taken = fields.String(required=True)
    wanted = fields.String(required=True)
    missing = fields.String(allow_none=True, required=True)
    basis = fields.String(required=True)
    document = fields.String(allow_none=True, required=True)
    article = fields.String(allow_none=True, required=True)
    quote = fields.String(allow_none=True, required=True)
    note = fields.String(allow_none=True, required=True)
    earlier = fields.Nested(EarlierAward, allow_none=True, required=True)


class Limits(Schema):
    """The limits of a case's service, none where it has none."""

    items = fields.List(fields.Nested(LimitState), required=True)
