"""Bearer tokens for machines and tests."""

from __future__ import annotations

from typing import Any

from flask import request

from banjie.api.resource import Resource
from banjie.edge import schemas
from banjie.edge.auth import public
from banjie.edge.context import runtime
from banjie.services import people

blueprint = Resource("tokens", __name__, url_prefix="/api/v1/tokens", description="Signing in")


@blueprint.route("", methods=["POST"])
@public
@blueprint.arguments(schemas.TokenRequest)
@blueprint.response(201, schemas.Token)
def sign_in(body: dict[str, Any]) -> dict[str, Any]:
    """Exchange a user name and a password for a token."""
    opened = people.sign_in(
        runtime(), body["username"], body["password"], address=request.remote_addr or "", kind="api"
    )
    return {"token": opened.token, "token_type": "Bearer", "expires_at": opened.expires_at}
