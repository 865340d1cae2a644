"""Registers, loads and comparisons, for machines."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from banjie.domain.loads import LoadStatus
from banjie.domain.registers import FactState, RegisterKind

_STATUS = validate.OneOf([status.value for status in LoadStatus])
_STATE = validate.OneOf([state.value for state in FactState])
_NUMBER = validate.Length(min=1, max=60)


class LoadStarted(Schema):
    """The id of a load."""

    id = fields.Integer(required=True)


class Load(Schema):
    """A file that is read into a register.

    `done_bytes` of `size` tell how far it is. `message` says in JSON why the file as a whole was refused.
    """

    id = fields.Integer(required=True)
    kind = fields.String(required=True, validate=validate.OneOf([kind.value for kind in RegisterKind]))
    region = fields.String(required=True)
    source = fields.String(required=True)
    as_of = fields.Date(required=True)
    name = fields.String(required=True)
    sha256 = fields.String(required=True)
    size = fields.Integer(required=True)
    skip_bad = fields.Boolean(required=True)
    status = fields.String(required=True, validate=_STATUS)
    lines = fields.Integer(required=True)
    good = fields.Integer(required=True)
    bad = fields.Integer(required=True)
    done_bytes = fields.Integer(required=True)
    message = fields.String(required=True, allow_none=True)
    started_at = fields.DateTime(required=True)
    ended_at = fields.DateTime(required=True, allow_none=True)


class Loads(Schema):
    """The newest loads for one's regions."""

    items = fields.List(fields.Nested(Load), required=True)


class ProblemsAsked(Schema):
    """Where to go on in a list."""

    cursor = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=80))
    limit = fields.Integer(load_default=100, validate=validate.Range(min=1, max=1_000))


class Problem(Schema):
    """What is wrong with a cell: the line of the file, the column's key, a code and facts."""

    line = fields.Integer(required=True)
    field = fields.String(required=True)
    code = fields.String(required=True)
    facts = fields.Dict(keys=fields.String(), required=True)


class Problems(Schema):
    """What is wrong with a file, by line; `cursor` asks for what follows, null at the end."""

    items = fields.List(fields.Nested(Problem), required=True)
    cursor = fields.String(required=True, allow_none=True)


class Holding(Schema):
    """What a source last brought for a region."""

    kind = fields.String(required=True)
    region = fields.String(required=True)
    source = fields.String(required=True)
    as_of = fields.Date(required=True)
    rows = fields.Integer(required=True)
    load_id = fields.Integer(required=True)


class Holdings(Schema):
    """What is held for one's regions."""

    items = fields.List(fields.Nested(Holding), required=True)


class LookUp(Schema):
    """An ID number or a credit code; in the body, so that no log of addresses holds it."""

    number = fields.String(required=True, validate=_NUMBER)


class Said(Schema):
    """What one source says."""

    value = fields.Raw(required=True, allow_none=True)
    source = fields.String(required=True)
    as_of = fields.Date(required=True)


class Fact(Schema):
    """A fact: its value, whose it is and of which day, how it stands, and what each source says, the newest first."""

    key = fields.String(required=True)
    value = fields.Raw(required=True, allow_none=True)
    source = fields.String(required=True, allow_none=True)
    as_of = fields.Date(required=True, allow_none=True)
    state = fields.String(required=True, validate=_STATE)
    declared = fields.Raw(required=True, allow_none=True)
    said = fields.List(fields.Nested(Said), required=True)


class Account(Schema):
    """An account, its number masked."""

    kind = fields.String(required=True)
    account_name = fields.String(required=True)
    account_no = fields.String(required=True)
    bank_name = fields.String(required=True)
    source = fields.String(required=True)
    as_of = fields.Date(required=True)


class InsuredMonth(Schema):
    """A month for which insurance was paid; `month` its first day."""

    month = fields.Date(required=True)
    uscc = fields.String(required=True)
    paid = fields.Decimal(required=True)
    source = fields.String(required=True)
    as_of = fields.Date(required=True)


class Certificate(Schema):
    """A certificate of skill."""

    certificate_no = fields.String(required=True)
    occupation = fields.String(required=True)
    level = fields.String(required=True)
    issued_on = fields.Date(required=True)
    source = fields.String(required=True)
    as_of = fields.Date(required=True)


class Entry(Schema):
    """What the registers hold of one number."""

    kind = fields.String(required=True)
    name = fields.String(required=True)
    region = fields.String(required=True)
    facts = fields.List(fields.Nested(Fact), required=True)
    accounts = fields.List(fields.Nested(Account), required=True)
    months = fields.List(fields.Nested(InsuredMonth), required=True)
    certificates = fields.List(fields.Nested(Certificate), required=True)


class ListedPerson(Schema):
    """Somebody in a list of the application: the list's key and the row from 1."""

    list = fields.String(required=True)
    row = fields.Integer(required=True)
    facts = fields.List(fields.Nested(Fact), required=True)


class Comparison(Schema):
    """What was compared in a case, at which step, by whom and when; of `now` nobody yet."""

    element = fields.String(required=True, allow_none=True)
    by = fields.String(required=True, allow_none=True)
    at = fields.DateTime(required=True)
    facts = fields.List(fields.Nested(Fact), required=True)
    people = fields.List(fields.Nested(ListedPerson), required=True)


class Comparisons(Schema):
    """The record of a case's comparisons, the newest first, and how things stand now."""

    now = fields.Nested(Comparison, required=True, allow_none=True)
    items = fields.List(fields.Nested(Comparison), required=True)
