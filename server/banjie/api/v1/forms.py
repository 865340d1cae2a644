"""Forms as they are deployed, in form-js JSON."""

from __future__ import annotations

import orjson
from flask import Response

from banjie.api.resource import Resource
from banjie.edge.auth import public
from banjie.edge.context import runtime
from banjie.services import deployments

blueprint = Resource("forms", __name__, url_prefix="/api/v1/forms", description="Forms")


@blueprint.route("/<process>/<name>")
@public
@blueprint.response(200)
def form(process: str, name: str) -> Response:
    """The newest deployed version of a form."""
    text = deployments.form_source(runtime(), f"{process}/{name}")
    return Response(orjson.dumps(orjson.loads(text)), content_type="application/json")
