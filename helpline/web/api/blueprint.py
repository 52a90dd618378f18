"""The API's blueprint on flask-smorest, so that its description is generated from the views."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any, cast

from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask
from flask_smorest import Api, Blueprint
from marshmallow import Schema

from helpline.current import settings
from helpline.web import rate_limits
from helpline.web.access import ANY_SITE, ANYONE, allow
from helpline.web.api.schemas import FailureSchema, HereSchema, KeySchema, ProblemSchema
from helpline.web.problem_json import MEDIA_TYPE

OPENAPI = "3.1.0"
VERSION = "1.0.0"
_DESCRIPTION = (
    "Check whether the helpline is open, list the times it offers, request a callback, and get, "
    "reschedule or cancel a request. Times are RFC 3339, in UTC. A token gives access to one "
    "request: keep it as secret as a password. Errors are application/problem+json (RFC 9457)."
)
_FAILURES = frozenset({429, 500, 503})
_RETRY_AFTER = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
}
_HEADERS = {
    401: {"WWW-Authenticate": {"description": "Bearer", "schema": {"type": "string"}}},
    405: {"Allow": {"description": "The methods there are.", "schema": {"type": "string"}}},
    429: _RETRY_AFTER,
    503: _RETRY_AFTER,
}

api = Blueprint("api", __name__, url_prefix="/api/v1", description="Callbacks and availability")

View = Callable[..., Any]


class _Api(Api):  # type: ignore[misc]
    ERROR_SCHEMA = ProblemSchema
    DEFAULT_ERROR_RESPONSE_NAME = None  # Each view names its own.


def endpoint(
    path: str,
    response: type[Schema],
    *,
    operation_id: str,
    method: str = "GET",
    code: int = 200,
    limit: str | None = None,
    key: bool = False,
    body: type[Schema] | None = None,
    token: bool = False,
    conflicts: bool = False,
) -> Callable[[View], View]:
    """Register a view of the API and describe it.

    The view's arguments are, in this order: headers (with ``key``), region and language, the body.

    Args:
        response: schema of the response.
        operation_id: its name in generated clients.
        limit: rate limit bucket, "reads" or "changes".
        key: whether the request needs an Idempotency-Key.
        body: schema of the request body.
        token: whether it needs the token of a callback.
        conflicts: whether it can return 409.
    """
    refusals = {
        404,
        405,
        422,
        500,
        503,
        *((403,) if method != "GET" else ()),
        *((429,) if limit or key else ()),
    }
    refusals |= {400, 413, 415} if body else set()
    refusals |= ({401} if token else set()) | ({409} if conflicts else set())

    def register(view: View) -> View:
        @wraps(view)
        def within_limit(*args: Any) -> Any:
            if limit is not None:
                rate_limits.require_within_limits(
                    rate_limits.of_address(f"api-{limit}", _rate_limit(limit))
                )
            return view(*args)

        decorated: Any = allow(ANYONE, ANY_SITE)(within_limit)
        for refused in sorted(refusals):
            decorated = api.alt_response(
                refused,
                schema=FailureSchema if refused in _FAILURES else ProblemSchema,
                content_type=MEDIA_TYPE,
                headers=_HEADERS.get(refused),
            )(decorated)
        decorated = api.response(code, response)(decorated)
        security: list[dict[str, list[str]]] = [{"token": []}] if token else []
        decorated = api.doc(operationId=operation_id, security=security)(decorated)
        if body is not None:
            decorated = api.arguments(body)(decorated)
        decorated = api.arguments(HereSchema, location="query")(decorated)
        if key:
            decorated = api.arguments(KeySchema, location="headers")(decorated)
        return cast(View, api.route(path, methods=[method])(decorated))

    return register


def _rate_limit(limit: str) -> str:
    return str(getattr(settings(), f"limit_{limit}_of_address"))


@cache
def openapi_spec() -> dict[str, Any]:
    """Return the API's description as OpenAPI 3.1, generated once.

    By an application of its own: that takes as long as all the rest of making an application, and
    few processes are ever asked for the description.
    """
    smorest = _Api(
        Flask(__name__, static_folder=None),
        spec_kwargs={
            "title": "Helpline",
            "version": VERSION,
            "openapi_version": OPENAPI,
            "marshmallow_plugin": MarshmallowPlugin(schema_name_resolver=_schema_name),
            "info": {"description": _DESCRIPTION},
            "jsonSchemaDialect": "https://spec.openapis.org/oas/3.1/dialect/base",
        },
    )
    smorest.spec.components.security_scheme(
        "token", {"type": "http", "scheme": "bearer", "description": "The token of one callback."}
    )
    smorest.register_blueprint(api)
    return dict(smorest.spec.to_dict())


def _schema_name(schema: Any) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    return kind.__name__.removesuffix("Schema")
