"""Publicity and objections, for machines."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from banjie.domain.publicity import ObjectionStatus, PublicityStatus
from banjie.services.objections import SIZES
from banjie.services.publicity import LONGEST_QUERY, MOST_A_PAGE, PAGE

_CURSOR = validate.Length(max=60)


def _sized(field: str) -> validate.Length:
    least, most = SIZES[field]
    return validate.Length(min=least, max=most)


class PublicityQuery(Schema):
    """Which publicities: of a region and those below it, whose titles hold a text."""

    region = fields.String(load_default="", validate=validate.Length(max=6))
    q = fields.String(load_default="", validate=validate.Length(max=LONGEST_QUERY))
    cursor = fields.String(load_default=None, validate=_CURSOR)
    limit = fields.Integer(load_default=PAGE, validate=validate.Range(min=1, max=MOST_A_PAGE))


class EntryQuery(Schema):
    """Which entries of a publicity: those whose names hold a text."""

    q = fields.String(load_default="", validate=validate.Length(max=LONGEST_QUERY))
    cursor = fields.String(load_default=None, validate=_CURSOR)
    limit = fields.Integer(load_default=PAGE, validate=validate.Range(min=1, max=MOST_A_PAGE))


class Publicity(Schema):
    """A publicity. Its days are both included; `total` in CNY; `is_open`: objections are taken until `closes_at`."""

    no = fields.String(required=True)
    title = fields.String(required=True)
    remark = fields.String(required=True)
    service = fields.String(required=True)
    region = fields.String(required=True)
    agency = fields.String(required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True)
    closes_at = fields.DateTime(required=True)
    entries = fields.Integer(required=True)
    total = fields.Decimal(required=True)
    status = fields.String(
        required=True, validate=validate.OneOf([status.value for status in PublicityStatus])
    )
    is_open = fields.Boolean(required=True)


class PublicityPage(Schema):
    """Publicities, those that can be objected to first, then the newest."""

    items = fields.List(fields.Nested(Publicity), required=True)
    next = fields.String(allow_none=True, required=True)


class PublicityEntry(Schema):
    """A line of a publicity: a person's name masked, `detail` an enterprise's credit code, masked; amount in CNY."""

    line = fields.Integer(required=True)
    name = fields.String(required=True)
    detail = fields.String(required=True)
    amount = fields.Decimal(allow_none=True, required=True)


class PublicityView(Schema):
    """A publicity with a page of its entries, none once it is over."""

    publicity = fields.Nested(Publicity, required=True)
    days_left = fields.Integer(required=True)
    entries = fields.List(fields.Nested(PublicityEntry), required=True)
    next = fields.String(allow_none=True, required=True)


class ObjectionRequest(Schema):
    """An objection; without a line to the publicity as a whole."""

    name = fields.String(required=True, validate=_sized("name"))
    contact = fields.String(required=True, validate=_sized("contact"))
    reason = fields.String(required=True, validate=_sized("reason"))
    line = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(min=1, max=2**63 - 1))


class ObjectionMade(Schema):
    """The number of the receipt."""

    receipt = fields.String(required=True)


class ObjectionQuery(Schema):
    """Which objections: of one status, or of all."""

    status = fields.String(
        load_default=None, validate=validate.OneOf([status.value for status in ObjectionStatus])
    )
    cursor = fields.String(load_default=None, validate=_CURSOR)


class Objection(Schema):
    """An objection. Name and contact are masked for all but the office that answers."""

    id = fields.Integer(required=True)
    receipt = fields.String(required=True)
    publicity = fields.String(required=True)
    case_no = fields.String(required=True)
    line = fields.Integer(allow_none=True, required=True)
    name = fields.String(required=True)
    contact = fields.String(required=True)
    reason = fields.String(required=True)
    at = fields.DateTime(required=True)
    status = fields.String(required=True)
    answer = fields.String(allow_none=True, required=True)
    handled_by = fields.String(allow_none=True, required=True)
    handled_at = fields.DateTime(allow_none=True, required=True)


class ObjectionPage(Schema):
    """Objections, the newest first."""

    items = fields.List(fields.Nested(Objection), required=True)
    next = fields.String(allow_none=True, required=True)


class ObjectionAnswer(Schema):
    """Whether the objection holds, and what its objector is told."""

    decision = fields.String(required=True, validate=validate.OneOf(["uphold", "dismiss"]))
    answer = fields.String(required=True, validate=validate.Length(min=2, max=1_000))
