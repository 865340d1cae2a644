"""Envelopes of requests and shapes of answers, for machines; what a submission holds is checked by its form."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

_SHORT = validate.Length(min=1, max=200)


class TokenRequest(Schema):
    """A user name and a password."""

    username = fields.String(required=True, validate=_SHORT)
    password = fields.String(required=True, validate=_SHORT, load_only=True)


class Token(Schema):
    """A bearer token; it is shown once."""

    token = fields.String(required=True)
    token_type = fields.String(required=True)
    expires_at = fields.DateTime(required=True)


class PageQuery(Schema):
    """Where a list goes on, and how much of it."""

    cursor = fields.String(load_default=None, validate=validate.Length(max=200))
    limit = fields.Integer(load_default=20, validate=validate.Range(min=1, max=100))


class TasksQuery(PageQuery):
    """Which tab of the inbox, and words to search for."""

    tab = fields.String(
        load_default="candidate", validate=validate.OneOf(["mine", "candidate", "substitute", "done"])
    )
    query = fields.String(load_default="", validate=validate.Length(max=100))


class CasesQuery(PageQuery):
    """Whose cases, and which of them; the filters hold for the scope "region"."""

    scope = fields.String(load_default="own", validate=validate.OneOf(["own", "region"]))
    status = fields.String(
        load_default="", validate=validate.OneOf(["", "running", "ended", "withdrawn", "cancelled"])
    )
    service = fields.String(load_default="", validate=validate.Length(max=200))
    agency = fields.String(load_default="", validate=validate.Length(max=200))
    late = fields.Boolean(load_default=False)
    query = fields.String(load_default="", validate=validate.Length(max=100))
    order = fields.String(load_default="descending", validate=validate.OneOf(["ascending", "descending"]))


class StartRequest(Schema):
    """An application: the service and what its start form holds, field key → value."""

    service = fields.String(required=True, validate=_SHORT)
    submission = fields.Dict(keys=fields.String(), required=True)


class SubmissionRequest(Schema):
    """What a form holds, field key → value."""

    submission = fields.Dict(keys=fields.String(), required=True)


class ReasonRequest(Schema):
    """Why."""

    reason = fields.String(required=True, validate=validate.Length(min=1, max=500))


class DeadlineQuery(Schema):
    """When something was received (ISO 8601 with offset) and within how many working days it is due."""

    start = fields.String(required=True, validate=validate.Length(max=64))
    limit = fields.Integer(required=True, validate=validate.Range(min=0, max=10_000))


class Deadline(Schema):
    """When a limit ends."""

    due_at = fields.DateTime(required=True)
    warn_at = fields.DateTime(required=True)
    day = fields.Date(required=True)
    provisional = fields.Boolean(required=True)


class Service(Schema):
    """A service that may be asked for."""

    key = fields.String(required=True)
    title = fields.String(required=True)
    title_en = fields.String(required=True)
    process = fields.String(required=True)
    form = fields.String(required=True)


class Services(Schema):
    """The catalogue."""

    items = fields.List(fields.Nested(Service), required=True)


class Started(Schema):
    """The case that an application opened, or (`joined`) the open one that it was added to."""

    case_no = fields.String(required=True)
    status = fields.String(required=True)
    joined = fields.Boolean(required=True)


class CaseRow(Schema):
    """A case in a list; the applicant's name is masked."""

    case_no = fields.String(required=True)
    service = fields.String(required=True)
    region = fields.String(required=True)
    applicant = fields.String(required=True)
    status = fields.String(required=True)
    outcome = fields.String(allow_none=True)
    started_at = fields.DateTime(required=True)
    accepted_at = fields.DateTime(allow_none=True)
    ended_at = fields.DateTime(allow_none=True)


class CasePage(Schema):
    """A page of cases; `next` is the cursor of the following one."""

    items = fields.List(fields.Nested(CaseRow), required=True)
    next = fields.String(allow_none=True, required=True)


class Interval(Schema):
    """A stretch of a ledger, [start, end), with the days counted in it and who opened and closed it."""

    start = fields.DateTime(required=True)
    end = fields.DateTime(allow_none=True)
    kind = fields.String(required=True)
    party = fields.String(required=True)
    ground = fields.String(allow_none=True)
    citation = fields.String(allow_none=True)
    document = fields.String(allow_none=True)
    opened_by = fields.String(allow_none=True)
    closed_by = fields.String(allow_none=True)
    days = fields.Integer(required=True)
    extra_days = fields.Integer(required=True)


class Clock(Schema):
    """A clock with its ledger; `by_party` are seconds, whose sum is the whole time."""

    kind = fields.String(required=True)
    element = fields.String(allow_none=True)
    agency = fields.String(required=True)
    parameter = fields.String(allow_none=True)
    limit = fields.Integer(required=True)
    unit = fields.String(required=True)
    started_at = fields.DateTime(required=True)
    stopped_at = fields.DateTime(allow_none=True)
    due_at = fields.DateTime(required=True)
    warn_at = fields.DateTime(required=True)
    state = fields.String(required=True)
    provisional = fields.Boolean(required=True)
    used_days = fields.Integer(required=True)
    extension_days = fields.Integer(required=True)
    not_counted_days = fields.Integer(required=True)
    by_party = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    sentence = fields.String(required=True)
    sentence_zh = fields.String(required=True)
    intervals = fields.List(fields.Nested(Interval), required=True)


class Task(Schema):
    """A task; `version` is what If-Match compares."""

    id = fields.Integer(required=True)
    case_no = fields.String(required=True)
    element = fields.String(required=True)
    name = fields.String(required=True)
    agency = fields.String(required=True)
    status = fields.String(required=True)
    assignee_id = fields.Integer(allow_none=True)
    assignee = fields.String(allow_none=True)
    version = fields.Integer(required=True)
    opened_at = fields.DateTime(required=True)
    warn_at = fields.DateTime(allow_none=True)
    due_at = fields.DateTime(allow_none=True)


class TaskDetail(Task):
    """A task with the key of its form and the saved draft."""

    form = fields.String(allow_none=True)
    draft = fields.Raw(allow_none=True)


class TaskPage(Schema):
    """A page of tasks, soonest due first; `counts` of the tabs are capped at 100."""

    items = fields.List(fields.Nested(Task), required=True)
    next = fields.String(allow_none=True, required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class Event(Schema):
    """A fact of a case's record."""

    seq = fields.Integer(required=True)
    type = fields.String(required=True)
    at = fields.DateTime(required=True)
    actor = fields.String(allow_none=True)
    agency = fields.String(allow_none=True)
    element = fields.String(allow_none=True)
    facts = fields.Raw(required=True)


class Case(CaseRow):
    """A case with its tasks, clocks, decisions and record; `reason` is why it was withdrawn or cancelled."""

    reason = fields.String(allow_none=True, required=True)
    tasks = fields.List(fields.Nested(Task), required=True)
    clocks = fields.List(fields.Nested(Clock), required=True)
    decisions = fields.List(fields.Raw(), required=True)
    submissions = fields.List(fields.Raw(), required=True)
    history = fields.List(fields.Nested(Event), required=True)


class Claimed(Schema):
    """The version of a task after a claim or a release."""

    id = fields.Integer(required=True)
    version = fields.Integer(required=True)


class Completed(Schema):
    """What a completion led to."""

    task_id = fields.Integer(required=True)
    case_no = fields.String(required=True)
    status = fields.String(required=True)
    outcome = fields.String(allow_none=True)
    opened = fields.List(fields.Integer(), required=True)


class File(Schema):
    """An uploaded file; its id goes into a submission's file field."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)
