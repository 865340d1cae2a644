"""Batches, substitutions and cards, for machines."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from banjie.domain.bulk import MOST_ITEMS, BulkKind
from banjie.domain.proceedings import LONGEST_REASON

_ID = validate.Range(min=1, max=2**63 - 1)
_VERSION = validate.Range(min=0, max=2**31 - 1)
_NAME = validate.Length(min=1, max=200)
_WORDS = validate.Length(min=1, max=LONGEST_REASON)


class BulkTask(Schema):
    """A task of a run, and the version that was seen of it, null for any."""

    task = fields.Integer(required=True, validate=_ID)
    version = fields.Integer(load_default=None, allow_none=True, validate=_VERSION)


class BulkRequest(Schema):
    """What is done to many tasks; `submission` holds what is the same for all."""

    kind = fields.String(required=True, validate=validate.OneOf([kind.value for kind in BulkKind]))
    items = fields.List(
        fields.Nested(BulkTask), required=True, validate=validate.Length(min=1, max=MOST_ITEMS)
    )
    submission = fields.Dict(keys=fields.String(), load_default=dict)


class BulkStarted(Schema):
    """The id of a run."""

    id = fields.Integer(required=True)


class BulkRun(Schema):
    """A run of one's own; `finished_at` null while it lasts, `cancelled_at` where it was stopped."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True)
    total = fields.Integer(required=True)
    created_at = fields.DateTime(required=True)
    finished_at = fields.DateTime(allow_none=True, required=True)
    cancelled_at = fields.DateTime(allow_none=True, required=True)


class BulkRuns(Schema):
    """One's newest runs."""

    items = fields.List(fields.Nested(BulkRun), required=True)


class BulkItem(Schema):
    """How it ended for a task: done, failed (with the code of the error) or skipped; null while it waits."""

    task = fields.Integer(required=True)
    case_no = fields.String(required=True)
    outcome = fields.String(allow_none=True, required=True)
    code = fields.String(allow_none=True, required=True)
    message = fields.String(allow_none=True, required=True)
    at = fields.DateTime(allow_none=True, required=True)


class BulkProgress(BulkRun):
    """How far a run is; the items in their order."""

    done = fields.Integer(required=True)
    failed = fields.Integer(required=True)
    skipped = fields.Integer(required=True)
    items = fields.List(fields.Nested(BulkItem), required=True)


class SubstitutionRequest(Schema):
    """Who (user names; oneself, if left out) is absent, who substitutes, and from when until when (exclusive).

    Instants are cut to the minute. Without services or agencies it is for all.
    """

    absent = fields.String(load_default=None, allow_none=True, validate=_NAME)
    substitute = fields.String(required=True, validate=_NAME)
    from_at = fields.AwareDateTime(required=True)
    until_at = fields.AwareDateTime(required=True)
    reason = fields.String(required=True, validate=_WORDS)
    services = fields.List(
        fields.String(validate=_NAME), load_default=list, validate=validate.Length(max=200)
    )
    agencies = fields.List(
        fields.String(validate=_NAME), load_default=list, validate=validate.Length(max=200)
    )


class SubstitutionArranged(Schema):
    """The id of a substitution."""

    id = fields.Integer(required=True)


class Substitution(Schema):
    """A substitution, in force in [from_at, until_at) unless it ended before."""

    id = fields.Integer(required=True)
    absent_name = fields.String(required=True)
    substitute_name = fields.String(required=True)
    from_at = fields.DateTime(required=True)
    until_at = fields.DateTime(required=True)
    services = fields.List(fields.String(), required=True)
    agencies = fields.List(fields.String(), required=True)
    reason = fields.String(required=True)
    created_by_name = fields.String(required=True)
    ended_at = fields.DateTime(allow_none=True, required=True)


class Substitutions(Schema):
    """Where one is absent, where one substitutes, and, for heads, those of their agencies."""

    absent = fields.List(fields.Nested(Substitution), required=True)
    substituting = fields.List(fields.Nested(Substitution), required=True)
    in_agencies = fields.List(fields.Nested(Substitution), required=True)


class Card(Schema):
    """A card that waits for an answer; `due_at` is the limit that was missed."""

    id = fields.Integer(required=True)
    colour = fields.String(required=True, validate=validate.OneOf(["yellow", "red"]))
    case_no = fields.String(required=True)
    service = fields.String(required=True)
    agency = fields.String(required=True)
    element = fields.String(allow_none=True, required=True)
    clock = fields.String(required=True)
    due_at = fields.String(required=True)
    issued_at = fields.DateTime(required=True)
    may_answer = fields.Boolean(required=True)
    may_revoke = fields.Boolean(required=True)


class CardCount(Schema):
    """The cards of an agency: those that wait, and all that stand by colour."""

    agency = fields.String(required=True)
    waiting = fields.Integer(required=True)
    yellow = fields.Integer(required=True)
    red = fields.Integer(required=True)


class Cards(Schema):
    """The cards that wait, the oldest first, and the counts by agency."""

    items = fields.List(fields.Nested(Card), required=True)
    counts = fields.List(fields.Nested(CardCount), required=True)


class CardWords(Schema):
    """Why the limit was missed, or why the card was issued wrongly."""

    reason = fields.String(required=True, validate=_WORDS)
