"""The catalogue of services."""

from __future__ import annotations

from typing import Any

from banjie.api.resource import Resource
from banjie.edge import schemas
from banjie.edge.auth import public
from banjie.edge.context import runtime

blueprint = Resource("services", __name__, url_prefix="/api/v1/services", description="The catalogue (事项)")


@blueprint.route("")
@public
@blueprint.response(200, schemas.Services)
def catalogue() -> dict[str, Any]:
    """All services that may be asked for."""
    return {
        "items": [
            {"key": service.key, "title": service.title, "title_en": service.title_en, "process": service.process,
             "form": service.start_form}
            for service in runtime().book.services.values()
        ]
    }  # fmt: skip
