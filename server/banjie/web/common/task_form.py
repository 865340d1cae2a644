"""Forms of tasks and applications: drawn by the server, read back from a post, files stored on the way."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from flask import request

from banjie.domain.decisions import Json
from banjie.domain.errors import FieldError, InvalidRequest, InvalidSubmission
from banjie.edge.auth import CSRF_FIELD
from banjie.edge.context import actor, runtime
from banjie.forms.codes import FieldCode
from banjie.forms.formdata import raw_from_formdata
from banjie.forms.model import Field, FieldType, Form, Option, Wording
from banjie.forms.presentation import present
from banjie.forms.view import FormView
from banjie.forms.wording import options_of
from banjie.services import files
from banjie.web.common.language import current_language, gettext

_ = gettext

VERSION_FIELD = "version"
IDEMPOTENCY_FIELD = "idempotency_key"
#: Names of the envelope, which are no fields of any form.
ENVELOPE = frozenset({CSRF_FIELD, VERSION_FIELD, IDEMPOTENCY_FIELD})

Options = Mapping[str, Sequence[Option]]


def new_key() -> str:
    """A key that tells a second sending of the same page from a new one."""
    return uuid.uuid4().hex


def form_options(case_data: Mapping[str, Json], uploaded: Options | None = None) -> Options:
    """The choices that forms draw from the house: counties, banks; and the names of files already sent."""
    context = runtime().form_context(case_data)
    listed = {key: options_of(value) for key, value in context.items() if isinstance(value, list)}
    return {**listed, **(uploaded or {})}


def draw(
    form: Form,
    values: Mapping[str, object],
    case_data: Mapping[str, Json],
    *,
    errors: Sequence[FieldError] = (),
    uploaded: Options | None = None,
) -> FormView:
    """The form in the language of the request."""
    options = form_options(case_data, {**_sent_before(form, values), **_not_empty(uploaded or {})})
    return present(form, values=values, errors=errors, lang=current_language().code, options=options)


def _sent_before(form: Form, values: Mapping[str, object]) -> Options:
    """Files of an earlier sending, which are known by their ids only."""
    found: dict[str, list[Option]] = {}
    for key, placed in form.fields.items():
        ids = values.get(key)
        if getattr(placed.component, "type", None) is FieldType.FILEPICKER and isinstance(ids, list | tuple):
            found[key] = [_file_option(str(one), f"{_('File')} {one}") for one in ids]
    return found


def _not_empty(options: Options) -> Options:
    return {key: given for key, given in options.items() if given}


def _file_option(file_id: str, name: str) -> Option:
    return Option(value=file_id, label=Wording(zh=name, en=name))


@dataclass(frozen=True, kw_only=True)
class Posted:
    """What a request brought for a form.

    `values` are field key → raw value, `uploaded` the names of the files that came with it, and `faults`
    those of fields whose files were refused.
    """

    values: Mapping[str, object]
    uploaded: Options
    faults: tuple[FieldError, ...]

    def require_files(self) -> None:
        """Raise InvalidSubmission where a file was refused."""
        if self.faults:
            raise InvalidSubmission(self.faults)


NOTHING = Posted(values={}, uploaded={}, faults=())


def posted(form: Form, *, beside: Collection[str] = ()) -> Posted:
    """The submission of this request, without the envelope and the names that the page has sent `beside` the form.

    Files are stored first and stand in the submission by their ids; those sent before come as hidden values.
    """
    left = {*ENVELOPE, *beside}
    items = {name: values for name, values in request.form.lists() if name not in left}
    uploaded: dict[str, list[Option]] = {}
    faults: list[FieldError] = []
    for key, placed in form.fields.items():
        field = placed.component
        if isinstance(field, Field) and field.type is FieldType.FILEPICKER:
            uploaded[key] = _store(key, faults)
            if uploaded[key] and not field.multiple:
                items.pop(key, None)
            items[key] = [*items.get(key, []), *(option.value for option in uploaded[key])]
    return Posted(values=raw_from_formdata(form, items), uploaded=uploaded, faults=tuple(faults))


def _store(field: str, faults: list[FieldError]) -> list[Option]:
    stored = []
    for sent in request.files.getlist(field):
        if not sent.filename:
            continue
        try:
            kept = files.upload(runtime(), actor(), field=field, name=sent.filename, content=sent.read())
        except InvalidRequest:
            faults.append(FieldError(path=(field,), code=FieldCode.NOT_A_FILE, facts={}))
        else:
            stored.append(_file_option(str(kept.id), kept.name))
    return stored
