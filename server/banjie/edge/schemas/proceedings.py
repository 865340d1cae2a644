"""Supplements, extensions, excluded procedures and suspensions, for machines."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

_WORDS = validate.Length(min=1, max=500)
_KEY = validate.Length(max=100)
_DOCUMENT = validate.Length(min=1, max=200)


class Opened(Schema):
    """The id of the proceeding that was opened."""

    proceeding = fields.Integer(required=True)


class WordsRequest(Schema):
    """What is said to it."""

    words = fields.String(required=True, validate=_WORDS)


# ── supplements ──────────────────────────────────────────────────────────────────────────────────────


class MissingItem(Schema):
    """A field or a material by its key; anything else by its title. `note` says what is wrong with it."""

    kind = fields.String(required=True, validate=validate.OneOf(["field", "material", "other"]))
    key = fields.String(load_default="", validate=_KEY)
    title = fields.String(load_default="", validate=validate.Length(max=500))
    note = fields.String(load_default="", validate=validate.Length(max=500))


class SupplementRequest(Schema):
    """Everything that is missing, at once."""

    items = fields.List(fields.Nested(MissingItem), required=True, validate=validate.Length(min=1, max=50))
    words = fields.String(required=True, validate=_WORDS)


class SupplementChoice(Schema):
    """Something that may be asked for."""

    kind = fields.String(required=True)
    key = fields.String(required=True)
    title = fields.String(required=True)
    title_en = fields.String(required=True)


class SupplementChoices(Schema):
    """Whether one may ask now, the code of the refusal if not, and what for."""

    may_ask = fields.Boolean(required=True)
    refusal = fields.String(allow_none=True, required=True)
    fields_ = fields.List(fields.Nested(SupplementChoice), required=True, data_key="fields")
    materials = fields.List(fields.Nested(SupplementChoice), required=True)


class SupplementItem(Schema):
    """An item that was asked for; the answer gives it under `name`."""

    name = fields.String(required=True)
    kind = fields.String(required=True)
    key = fields.String(required=True)
    title = fields.String(required=True)
    note = fields.String(required=True)


class OpenSupplement(Schema):
    """The open request of a case; `form` is the key of the form whose rules hold for its fields."""

    proceeding = fields.Integer(required=True)
    opened_at = fields.DateTime(required=True)
    due_at = fields.DateTime(allow_none=True, required=True)
    citation = fields.String(allow_none=True, required=True)
    words = fields.String(required=True)
    items = fields.List(fields.Nested(SupplementItem), required=True)
    form = fields.String(required=True)
    may_answer = fields.Boolean(required=True)
    may_withdraw = fields.Boolean(required=True)


class SupplementState(Schema):
    """The open request of a case, null where there is none."""

    open = fields.Nested(OpenSupplement, allow_none=True, required=True)


class SupplementAnswer(Schema):
    """Every item that was asked for, by its name: a value, a list of file ids, or words."""

    values = fields.Dict(keys=fields.String(), required=True)


class SupplementAnswered(Schema):
    """That it was answered, and whether an officer did so for the applicant."""

    proceeding = fields.Integer(required=True)
    case_no = fields.String(required=True)
    on_behalf = fields.Boolean(required=True)
    repeated = fields.Boolean(required=True)


# ── extensions ───────────────────────────────────────────────────────────────────────────────────────


class ExtensionRequest(Schema):
    """So many days more, of the step's own limit or of the time for the case, and why."""

    days = fields.Integer(required=True, validate=validate.Range(min=1, max=366))
    reason = fields.String(required=True, validate=_WORDS)
    scope = fields.String(load_default="step", validate=validate.OneOf(["step", "case"]))


class ExtensionChoice(Schema):
    """What may be asked for until when; `refusal` is the code with which it would be refused now."""

    scope = fields.String(required=True)
    most = fields.Integer(allow_none=True, required=True)
    until = fields.DateTime(allow_none=True, required=True)
    refusal = fields.String(allow_none=True, required=True)


class ExtensionChoices(Schema):
    """One entry a scope."""

    items = fields.List(fields.Nested(ExtensionChoice), required=True)


class ExtensionDecision(Schema):
    """Whether it is granted, and why."""

    grant = fields.Boolean(required=True)
    words = fields.String(required=True, validate=_WORDS)


class ExtensionDecided(Schema):
    """How it was decided."""

    status = fields.String(required=True)


# ── procedures and suspensions ───────────────────────────────────────────────────────────────────────


class ExcludedRequest(Schema):
    """A procedure whose time does not count: on what ground, by which document, how long it is expected to take."""

    ground = fields.String(required=True, validate=validate.Length(min=1, max=60))
    document = fields.String(required=True, validate=_DOCUMENT)
    expected_days = fields.Integer(required=True, validate=validate.Range(min=1, max=366))
    words = fields.String(required=True, validate=_WORDS)


class ExcludedEnd(Schema):
    """By which document a procedure ended."""

    document = fields.String(required=True, validate=_DOCUMENT)
    words = fields.String(required=True, validate=_WORDS)


class SuspensionRequest(Schema):
    """Why a case is held up; only with a ground of a law, and its document, its clocks wait."""

    reason = fields.String(required=True, validate=_WORDS)
    ground = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=60))
    document = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))


class Ground(Schema):
    """A ground of a law on which time does not count."""

    key = fields.String(required=True)
    title = fields.String(required=True)
    title_en = fields.String(required=True)
    excluded = fields.Boolean(required=True)
    suspends = fields.Boolean(required=True)


class Grounds(Schema):
    """All grounds."""

    items = fields.List(fields.Nested(Ground), required=True)


class ProcedureQuery(Schema):
    """From when on procedures are counted (ISO 8601 with offset)."""

    since = fields.AwareDateTime(required=True)


class ProcedureCount(Schema):
    """Excluded procedures of one ground, officer and agency; `days` are working days taken so far."""

    ground = fields.String(required=True)
    officer = fields.String(required=True)
    agency = fields.String(required=True)
    open = fields.Integer(required=True)
    total = fields.Integer(required=True)
    days = fields.Integer(required=True)


class ProcedureCounts(Schema):
    """The counts, most days first."""

    items = fields.List(fields.Nested(ProcedureCount), required=True)
