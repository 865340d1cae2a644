"""Payments, batches and budgets, for machines. Amounts are texts of yuan with two decimals."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from banjie.domain.awards import PaymentStatus
from banjie.domain.payments import FileFormat

#: What a row's number may be; PostgreSQL's bigint holds no larger one.
_ID = validate.Range(min=1, max=2**63 - 1)
_YEAR = validate.Range(min=2000, max=2099)


class Pot(Schema):
    """What a batch is paid from: a fund in a region in a year."""

    fund = fields.String(required=True, validate=validate.Length(min=1, max=60))
    region = fields.String(required=True, validate=validate.Length(min=1, max=12))
    year = fields.Integer(required=True, validate=_YEAR)


class DueQuery(Schema):
    """Which due orders to list; `after` is the `next` of the page before."""

    fund = fields.String(load_default=None)
    region = fields.String(load_default=None)
    year = fields.Integer(load_default=None, validate=_YEAR)
    q = fields.String(load_default="", validate=validate.Length(max=60))
    after = fields.Integer(load_default=0, validate=validate.Range(min=0, max=2**63 - 1))
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


class DueGroup(Pot):
    """The due orders of an agency from one pot."""

    agency = fields.String(required=True)
    count = fields.Integer(required=True)
    total = fields.String(required=True)


class Payment(Pot):
    """An order to pay; the account's last four digits only."""

    id = fields.Integer(required=True)
    case_no = fields.String(required=True)
    service = fields.String(required=True)
    agency = fields.String(required=True)
    attempt = fields.Integer(required=True)
    amount = fields.String(required=True)
    payee = fields.String(required=True)
    account = fields.String(required=True)
    bank_name = fields.String(required=True)
    status = fields.String(required=True)
    batch = fields.String(allow_none=True, required=True)
    paid_on = fields.Date(allow_none=True, required=True)
    reference = fields.String(allow_none=True, required=True)
    refusal_code = fields.String(allow_none=True, required=True)


class Due(Schema):
    """What is due: the sums, and a page of orders."""

    groups = fields.List(fields.Nested(DueGroup), required=True)
    items = fields.List(fields.Nested(Payment), required=True)
    next = fields.Integer(allow_none=True, required=True)


class BatchRequest(Pot):
    """Put due orders into a batch: those named, or (null) all, the first million."""

    payments = fields.List(
        fields.Integer(validate=_ID), load_default=None, allow_none=True, validate=validate.Length(min=1)
    )
    agency = fields.String(load_default=None, allow_none=True)


class BatchMade(Schema):
    """A new batch."""

    no = fields.String(required=True)
    count = fields.Integer(required=True)
    total = fields.String(required=True)


class Batch(Pot):
    """A batch as it stands."""

    no = fields.String(required=True)
    agency = fields.String(required=True)
    status = fields.String(required=True)
    count = fields.Integer(required=True)
    total = fields.String(required=True)
    made_by = fields.String(required=True)
    made_at = fields.DateTime(required=True)
    checked_by = fields.String(allow_none=True, required=True)
    checked_at = fields.DateTime(allow_none=True, required=True)
    exported_at = fields.DateTime(allow_none=True, required=True)
    file_format = fields.String(allow_none=True, required=True)
    file_sha256 = fields.String(allow_none=True, required=True)
    reason = fields.String(allow_none=True, required=True)


class Batches(Schema):
    """The newest batches; `next` names the page behind them."""

    items = fields.List(fields.Nested(Batch), required=True)
    next = fields.Integer(allow_none=True, required=True)


class BatchesQuery(Schema):
    """Batches older than the `next` of the page before."""

    before = fields.Integer(load_default=None, validate=_ID)


class Sum(Schema):
    """So many orders, so much money."""

    count = fields.Integer(required=True)
    total = fields.String(required=True)


class Return(Schema):
    """A return file that was read; `repeated` where it had been read before."""

    name = fields.String(required=True)
    sha256 = fields.String(required=True)
    paid = fields.Integer(required=True)
    paid_total = fields.String(required=True)
    refused = fields.Integer(required=True)
    at = fields.DateTime(required=True)
    repeated = fields.Boolean(required=True)


class BatchRead(Batch):
    """A batch with what became of it."""

    ordered = fields.Nested(Sum, required=True)
    paid = fields.Nested(Sum, required=True)
    refused = fields.Nested(Sum, required=True)
    open = fields.Nested(Sum, required=True)
    difference = fields.String(required=True)
    returns = fields.List(fields.Nested(Return), required=True)
    items = fields.List(fields.Nested(Payment), required=True)
    next = fields.Integer(allow_none=True, required=True)


class BatchQuery(Schema):
    """Which orders of the batch to list."""

    status = fields.String(load_default=None, validate=validate.OneOf([one.value for one in PaymentStatus]))
    after = fields.Integer(load_default=0, validate=validate.Range(min=0, max=2**63 - 1))
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


class SendBack(Schema):
    """Why a batch is sent back."""

    reason = fields.String(required=True)


class Export(Schema):
    """The format of the bank's file."""

    format = fields.String(load_default="csv", validate=validate.OneOf([one.value for one in FileFormat]))
