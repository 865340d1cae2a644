"""Every address says who may come: its view carries a guard, be it only `public`."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from flask import Flask

from banjie.app import create_app
from banjie.services.runtime import Runtime
from banjie.settings import Settings


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application without a runtime: nothing is asked of it here but its addresses."""
    settings = Settings(var=Path(tmp_path_factory.mktemp("var")))
    return create_app(settings, cast(Runtime, object()))


def test_every_route_has_a_guard(app: Flask) -> None:
    published = {"static", "api-docs.openapi_json"}

    bare = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in published and _guard(app, rule.endpoint) is None
    }

    assert bare == set()


def _guard(app: Flask, endpoint: str) -> str | None:
    view = app.view_functions[endpoint]
    return getattr(view, "guard", None)


def test_no_page_that_changes_something_is_asked_for_by_get(app: Flask) -> None:
    mixed = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if {"GET", "POST"} <= (rule.methods or set()) and _guard(app, rule.endpoint) != "public"
    }

    assert mixed == set()
