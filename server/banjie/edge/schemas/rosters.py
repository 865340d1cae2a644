"""Lists that are paid without asking, for machines."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from banjie.domain.rosters import RosterStatus, RowState

_STATUS = validate.OneOf([status.value for status in RosterStatus])
_STATE = validate.OneOf([state.value for state in RowState])


class RosterBegun(Schema):
    """The id of a list."""

    id = fields.Integer(required=True)


class Roster(Schema):
    """A list. `on_day` is the day whose law decides; `done` the last line that the job in hand has worked on.

    `case_no` is null until the list has been read and decided. Amounts in CNY.
    """

    id = fields.Integer(required=True)
    service = fields.String(required=True)
    region = fields.String(required=True)
    year = fields.Integer(required=True)
    title = fields.String(required=True)
    on_day = fields.Date(required=True)
    status = fields.String(required=True, validate=_STATUS)
    case_no = fields.String(required=True, allow_none=True)
    lines = fields.Integer(required=True)
    eligible = fields.Integer(required=True)
    total = fields.String(required=True)
    done = fields.Integer(required=True)
    made_at = fields.DateTime(required=True)


class Rosters(Schema):
    """The newest lists for one's regions."""

    items = fields.List(fields.Nested(Roster), required=True)


class RowsAsked(Schema):
    """Which rows, in which order; `words` are part of a name or a whole credit code."""

    state = fields.String(load_default=None, allow_none=True, validate=_STATE)
    reason = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=60))
    words = fields.String(load_default="", validate=validate.Length(max=60))
    by = fields.String(load_default="line", validate=validate.OneOf(["line", "name", "amount"]))
    cursor = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=240))
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


class Row(Schema):
    """A row: what became of it, and how its payment stands. The account's number is masked."""

    line = fields.Integer(required=True)
    uscc = fields.String(required=True)
    name = fields.String(required=True)
    eligible = fields.Boolean(required=True, allow_none=True)
    amount = fields.String(required=True, allow_none=True)
    reason_code = fields.String(required=True, allow_none=True)
    state = fields.String(required=True, validate=_STATE)
    account_no = fields.String(required=True, allow_none=True)
    payment = fields.String(required=True, allow_none=True)


class Rows(Schema):
    """Some rows; `cursor` asks for what follows, null at the end."""

    items = fields.List(fields.Nested(Row), required=True)
    cursor = fields.String(required=True, allow_none=True)


class RowReceipt(Schema):
    """A row with the receipt of its decision.

    `recomputed` tells whether the same table decides the same anew; null where the table has changed since.
    """

    row = fields.Nested(Row, required=True)
    receipt = fields.Dict(keys=fields.String(), required=True)
    recomputed = fields.Boolean(required=True, allow_none=True)


class Refuse(Schema):
    """An enterprise that wants nothing of a service in a year, and why."""

    service = fields.String(required=True, validate=validate.Length(min=1, max=80))
    year = fields.Integer(required=True, validate=validate.Range(min=2000, max=2100))
    uscc = fields.String(required=True, validate=validate.Length(min=1, max=40))
    reason = fields.String(required=True, validate=validate.Length(min=1, max=1000))


class Refused(Schema):
    """Out of how many lists it was taken."""

    lists = fields.Integer(required=True)
