"""Due times by the working calendar."""

from __future__ import annotations

from typing import Any

from banjie.api.resource import Resource
from banjie.domain.clock import Due, deadline_of, read_deadline
from banjie.edge import schemas
from banjie.edge.auth import public
from banjie.edge.context import runtime

blueprint = Resource("calendar", __name__, url_prefix="/api/v1/calendar", description="Working days")


@blueprint.route("/deadline")
@public
@blueprint.arguments(schemas.DeadlineQuery, location="query")
@blueprint.response(200, schemas.Deadline)
def deadline(query: dict[str, Any]) -> dict[str, Any]:
    """When a limit of so many working days ends; the day of the start does not count."""
    rt = runtime()
    start, working_days = read_deadline(query["start"], str(query["limit"]))
    due: Due = deadline_of(start, working_days, rt.calendars.calendar_for(), rt.calendars.hours_for())
    return {"due_at": due.at, "warn_at": due.warn_at, "day": due.day, "provisional": due.provisional}
