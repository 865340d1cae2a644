"""Version 1: one module a resource."""

from __future__ import annotations

from flask import Flask
from flask_smorest import Api

from banjie.api.v1 import (
    bulk,
    calendar,
    cards,
    cases,
    comments,
    entitlements,
    files,
    forms,
    help_log,
    limits,
    members,
    operations,
    payments,
    phrases,
    proceedings,
    publicity,
    registers,
    rosters,
    services,
    sheets,
    substitutions,
    tasks,
    tokens,
)

BLUEPRINTS = (tokens.blueprint, services.blueprint, forms.blueprint, cases.blueprint, tasks.blueprint,
              files.blueprint, calendar.blueprint, sheets.blueprint,
              comments.blueprint, help_log.blueprint, phrases.blueprint,
              operations.blueprint, members.blueprint, proceedings.blueprint,
              bulk.blueprint, substitutions.blueprint, cards.blueprint, publicity.blueprint, registers.blueprint,
              entitlements.blueprint,
              rosters.blueprint, limits.blueprint, payments.blueprint)  # fmt: skip

SETTINGS = {
    "API_TITLE": "banjie",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": "/api/v1",
    "OPENAPI_JSON_PATH": "openapi.json",
    "API_SPEC_OPTIONS": {
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{"token": []}],
    },
}


def register(app: Flask) -> None:
    """Mount the API."""
    app.config.update(SETTINGS)
    api = Api(app)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
