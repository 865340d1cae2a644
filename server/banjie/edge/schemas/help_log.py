"""The helper's log, for machines."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from banjie.domain.help_log import HelpKind

_KINDS = [kind.value for kind in HelpKind]


class HelpRequest(Schema):
    """What was done on a day, today at the latest and not before the case began."""

    kind = fields.String(required=True, validate=validate.OneOf(_KINDS))
    on_day = fields.Date(required=True)
    words = fields.String(required=True, validate=validate.Length(min=1, max=1_000))


class HelpAdded(Schema):
    """The id of an entry."""

    id = fields.Integer(required=True)


class HelpEntry(Schema):
    """An entry; `at` is when it was written down."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(_KINDS))
    on_day = fields.Date(required=True)
    words = fields.String(required=True)
    author = fields.String(required=True)
    at = fields.AwareDateTime(required=True)


class HelpBook(Schema):
    """The log of a case, oldest entry first; `may_add` holds for the reader, now."""

    items = fields.List(fields.Nested(HelpEntry), required=True)
    may_add = fields.Boolean(required=True)
