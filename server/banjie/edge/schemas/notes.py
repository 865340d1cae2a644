"""Comments, copies, stock phrases and files of steps, for machines."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from banjie.edge.schemas import CaseRow, File

#: What a row's number may be; PostgreSQL's bigint holds no larger one.
_ID = validate.Range(min=1, max=2**63 - 1)


class CommentRequest(Schema):
    """A comment; `@username` in the words mentions somebody, `files` are ids of uploads of one's own."""

    words = fields.String(required=True, validate=validate.Length(min=1, max=2_000))
    task_id = fields.Integer(load_default=None, allow_none=True, validate=_ID)
    files = fields.List(fields.Integer(validate=_ID), load_default=list, validate=validate.Length(max=10))


class CommentAdded(Schema):
    """The id of a comment."""

    id = fields.Integer(required=True)


class Comment(Schema):
    """A comment; of a withdrawn one the words are empty."""

    id = fields.Integer(required=True)
    task_id = fields.Integer(allow_none=True, required=True)
    element = fields.String(allow_none=True, required=True)
    author = fields.String(required=True)
    username = fields.String(required=True)
    agency = fields.String(required=True)
    at = fields.DateTime(required=True)
    words = fields.String(required=True)
    mentioned = fields.List(fields.String(), required=True)
    withdrawn_at = fields.DateTime(allow_none=True, required=True)
    files = fields.List(fields.Nested(File), required=True)
    may_withdraw = fields.Boolean(required=True)


class Colleague(Schema):
    """Somebody by name."""

    username = fields.String(required=True)
    name = fields.String(required=True)


class Thread(Schema):
    """The comments of a case, oldest first, and who may be mentioned."""

    items = fields.List(fields.Nested(Comment), required=True)
    people = fields.List(fields.Nested(Colleague), required=True)


class CopyRequest(Schema):
    """To whom a case is sent to read, and why."""

    usernames = fields.List(
        fields.String(validate=validate.Length(min=1, max=100)),
        required=True,
        validate=validate.Length(min=1, max=50),
    )
    words = fields.String(load_default="", validate=validate.Length(max=500))


class CopySent(Schema):
    """How many people did not have the case yet."""

    sent = fields.Integer(required=True)


class Copy(Schema):
    """A copy of a case in somebody's hands."""

    to = fields.String(required=True)
    by = fields.String(required=True)
    at = fields.DateTime(required=True)
    words = fields.String(required=True)
    read_at = fields.DateTime(allow_none=True, required=True)


class Copies(Schema):
    """Who has a copy of a case, and who may be sent one."""

    items = fields.List(fields.Nested(Copy), required=True)
    people = fields.List(fields.Nested(Colleague), required=True)


class CopiedCase(Schema):
    """A case that was sent to the reader."""

    by = fields.String(required=True)
    at = fields.DateTime(required=True)
    words = fields.String(required=True)
    read_at = fields.DateTime(allow_none=True, required=True)
    case = fields.Nested(CaseRow, required=True)


class CopiedCases(Schema):
    """The cases that were sent to the reader, unread first; counts are capped at 100."""

    items = fields.List(fields.Nested(CopiedCase), required=True)
    next = fields.String(allow_none=True, required=True)
    total = fields.Integer(required=True)
    unread = fields.Integer(required=True)


class TaskFile(Schema):
    """A file that was added to a step."""

    id = fields.Integer(required=True)


class PhraseRequest(Schema):
    """The words of a stock phrase."""

    words = fields.String(required=True, validate=validate.Length(min=1, max=200))


class PhraseAdded(Schema):
    """The id of a stock phrase."""

    id = fields.Integer(required=True)


class Phrase(Schema):
    """A stock phrase of one's own."""

    id = fields.Integer(required=True)
    words = fields.String(required=True)
    position = fields.Integer(required=True)
    uses = fields.Integer(required=True)


class HousePhrase(Schema):
    """A stock phrase of the house, and the decision that it goes with."""

    decision = fields.String(allow_none=True, required=True)
    words = fields.String(required=True)
    words_en = fields.String(required=True)


class Phrases(Schema):
    """One's own phrases in one's order, and those of the house."""

    items = fields.List(fields.Nested(Phrase), required=True)
    house = fields.List(fields.Nested(HousePhrase), required=True)


class PhraseOrder(Schema):
    """The ids of all one's phrases in their new order."""

    ids = fields.List(fields.Integer(validate=_ID), required=True, validate=validate.Length(max=50))
