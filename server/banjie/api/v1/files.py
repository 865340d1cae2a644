"""Uploads, to be named by a submission."""

from __future__ import annotations

from flask import request

from banjie.api.resource import Resource
from banjie.domain.errors import InvalidRequest
from banjie.edge import schemas
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.services import files

blueprint = Resource("files", __name__, url_prefix="/api/v1/files", description="Uploaded files")


@blueprint.route("", methods=["POST"])
@signed_in
@blueprint.response(201, schemas.File)
def upload() -> files.Uploaded:
    """Upload one file as multipart/form-data: `file`, and `field`, the form field it is for."""
    given = request.files.get("file")
    if given is None:
        raise InvalidRequest("The request holds no file.", field="file")
    return files.upload(
        runtime(),
        actor(),
        field=request.form.get("field", ""),
        name=given.filename or "",
        content=given.read(),
    )
