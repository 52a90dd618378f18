"""Documentation of the API: OpenAPI for programs, a page without script for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from helpline.current import settings
from helpline.web.access import ANY_SITE, ANYONE, allow
from helpline.web.api.blueprint import openapi_spec
from helpline.web.problem_json import PROBLEMS
from helpline.web.visitor_context import visitor_page

about_api = Blueprint("about_api", __name__, url_prefix="/api/v1")

_ORDER = tuple(f"/api/v1/{name}" for name in ("availability", "slots", "callbacks", "callback"))


@dataclass(frozen=True, slots=True)
class Field:
    """A property of a request or response."""

    name: str
    kind: str
    required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of the API. Every second part of its description is code."""

    anchor: str
    method: str
    path: str
    summary: str
    description: tuple[str, ...]
    needs_token: bool
    parameters: tuple[Field, ...]
    body: str | None
    answers: tuple[tuple[str, str, str | None], ...]


@about_api.get("/openapi.json")
@allow(ANYONE, ANY_SITE)
def openapi() -> ResponseReturnValue:
    return jsonify(openapi_spec() | {"servers": [{"url": settings().public_url}]})


@about_api.get("/")
@allow(ANYONE)
def page() -> ResponseReturnValue:
    spec = openapi_spec()
    return render_template(
        "api/docs_page.html",
        **visitor_page(),
        about=spec["info"]["description"],
        version=spec["info"]["version"],
        base=settings().public_url,
        operations=list(_operations(spec)),
        shapes={
            name: (shape.get("description", ""), list(_fields(shape)))
            for name, shape in sorted(spec["components"]["schemas"].items())
        },
        problems=PROBLEMS,
    )


def _operations(spec: Mapping[str, Any]) -> Iterator[Operation]:
    in_order = sorted(spec["paths"].items(), key=lambda each: _ORDER.index(each[0]))
    for path, methods in in_order:
        for method, operation in methods.items():
            if method == "parameters":
                continue
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            yield Operation(
                anchor=f"{method}-{path.rsplit('/', 1)[-1]}",
                method=method.upper(),
                path=path,
                summary=operation.get("summary", "").removesuffix("."),
                description=tuple(operation.get("description", "").split("`")),
                needs_token=bool(operation.get("security")),
                parameters=tuple(
                    Field(
                        parameter["name"],
                        f"{_type_text(parameter['schema'])}, {parameter['in']}",
                        parameter.get("required", False),
                        parameter.get("description", ""),
                    )
                    for parameter in operation.get("parameters", ())
                ),
                body=_schema_name(body.get("schema", {})),
                answers=tuple(_responses(operation)),
            )


def _responses(operation: Mapping[str, Any]) -> Iterator[tuple[str, str, str | None]]:
    for code, answer in sorted(operation["responses"].items()):
        shapes = [_schema_name(content["schema"]) for content in answer.get("content", {}).values()]
        yield code, answer["description"], next(iter(shapes), None)


def _fields(shape: Mapping[str, Any]) -> Iterator[Field]:
    required = shape.get("required", ())
    for name, schema in shape.get("properties", {}).items():
        yield Field(name, _type_text(schema), name in required, schema.get("description", ""))


def _type_text(schema: Mapping[str, Any]) -> str:
    """Such as "string (date-time) or null", or the name of a schema."""
    named = _schema_name(schema)
    if named is not None:
        return named
    kinds = schema.get("type", "any")
    if kinds == "array":
        return f"list of {_type_text(schema['items'])}"
    text = " or ".join([kinds] if isinstance(kinds, str) else kinds)
    return f"{text} ({schema['format']})" if "format" in schema else text


def _schema_name(schema: Mapping[str, Any]) -> str | None:
    """Return the name of a schema that is one of the document's, or null."""
    for one in schema.get("anyOf", (schema,)):
        if "$ref" in one:
            return str(one["$ref"]).rsplit("/", 1)[-1]
    return None
