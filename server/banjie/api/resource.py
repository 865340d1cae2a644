"""A resource of the API: a blueprint that reads bodies through our own door."""

from __future__ import annotations

from typing import Any

import flask
import flask_smorest
from webargs import core
from webargs.flaskparser import FlaskParser, is_json_request


class _ExactParser(FlaskParser):
    """webargs would read bodies with the standard library: numbers as floats, and whatever nests deeply."""

    def _raw_load_json(self, req: flask.Request) -> Any:  # noqa: ANN401  any JSON
        if not is_json_request(req):
            return core.missing
        return flask.current_app.json.loads(req.get_data(cache=True))


class Resource(flask_smorest.Blueprint):  # type: ignore[misc]  # it ships no types
    """A blueprint of the API."""

    ARGUMENTS_PARSER = _ExactParser()
