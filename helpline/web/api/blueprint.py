"""The API as flask-smorest knows it, so that its description is made from the views themselves."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask
from flask_smorest import Api, Blueprint

from helpline.web.api.schemas import Instant, ProblemSchema, Truth
from helpline.web.problem import MEDIA_TYPE

OPENAPI = "3.1.0"
VERSION = "1.0.0"
_ABOUT = (
    "Ask whether the helpline is open, which times it offers, and for a call; look at a request, "
    "move it, cancel it. Times are RFC 3339, in UTC. A token opens one request: keep it as you "
    "would a password. Errors are application/problem+json (RFC 9457)."
)

api = Blueprint("api", __name__, url_prefix="/api/v1", description="Callbacks and availability")


class _Api(Api):
    """Errors are ours to tell (see web/errors); so are the pages about the API."""

    ERROR_SCHEMA = ProblemSchema
    DEFAULT_ERROR_RESPONSE_NAME = None  # Each view names its own.

    def _register_error_handlers(self) -> None:
        """See web/errors."""

    def _register_responses(self) -> None:
        """Every error is a problem."""
        for status in HTTPStatus:
            if status >= 400:
                schema = self.ma_plugin.resolver.resolve_schema_dict(ProblemSchema)
                told = {"description": status.phrase, "content": {MEDIA_TYPE: {"schema": schema}}}
                self.spec.components.response(status.name, told, lazy=True)


def install(app: Flask) -> None:
    """Puts the API on the web."""
    plugin = MarshmallowPlugin(schema_name_resolver=_name_of)
    made = _Api(
        app,
        spec_kwargs={
            "title": "Helpline",
            "version": VERSION,
            "openapi_version": OPENAPI,
            "marshmallow_plugin": plugin,
            "info": {"description": _ABOUT},
            "jsonSchemaDialect": "https://spec.openapis.org/oas/3.1/dialect/base",
        },
    )
    made.register_field(Instant, "string", "date-time")
    made.register_field(Truth, "boolean", None)
    made.spec.components.security_scheme(
        "token", {"type": "http", "scheme": "bearer", "description": "The token of one callback."}
    )
    made.register_blueprint(api)


def spec_of(app: Flask) -> dict[str, Any]:
    """The description of the API, as OpenAPI 3.1 has it."""
    apis = app.extensions["flask-smorest"]["apis"]
    return dict(apis[""]["ext_obj"].spec.to_dict())


def _name_of(schema: Any) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    return kind.__name__.removesuffix("Schema")
