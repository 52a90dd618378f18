"""Documentation of the API: OpenAPI for programs, a page without script for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, jsonify, render_template
from flask.typing import ResponseReturnValue

from helpline.current import settings
from helpline.web.access import ANY_SITE, ANYONE, allow
from helpline.web.api.blueprint import spec_of
from helpline.web.visitor_context import visitor_page

about_api = Blueprint("about_api", __name__, url_prefix="/api/v1")

_ORDER = tuple(f"/api/v1/{each}" for each in ("availability", "slots", "callbacks", "callback"))

PROBLEMS = {
    "slot-gone": "The time is fully booked or no longer offered. nearest lists up to three free "
    "times.",
    "overtaken": "An advisor has already claimed the request, or it is closed.",
    "no-opening": "The helpline has no opening hours planned, so it cannot take requests. Show "
    "the crisis numbers.",
    "key-used": "The Idempotency-Key was already used for a different request.",
    "too-many-bookings": "Too many times were booked from this network in the last hour.",
    "website-not-let-in": "This website is not allowed. An admin must add its origin to the list "
    "of websites.",
}


@dataclass(frozen=True, slots=True)
class Field:
    """A property of a request or response."""

    name: str
    kind: str
    required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Deed:
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
    return jsonify(spec_of(current_app) | {"servers": [{"url": settings().public_url}]})


@about_api.get("/")
@allow(ANYONE)
def page() -> ResponseReturnValue:
    spec = spec_of(current_app)
    return render_template(
        "api/docs_page.html",
        **visitor_page(),
        about=spec["info"]["description"],
        version=spec["info"]["version"],
        base=settings().public_url,
        deeds=list(_deeds(spec)),
        shapes={
            name: (shape.get("description", ""), list(_fields(shape)))
            for name, shape in sorted(spec["components"]["schemas"].items())
        },
        problems=PROBLEMS,
    )


def _deeds(spec: Mapping[str, Any]) -> Iterator[Deed]:
    in_order = sorted(spec["paths"].items(), key=lambda each: _ORDER.index(each[0]))
    for path, methods in in_order:
        for method, told in methods.items():
            if method == "parameters":
                continue
            body = told.get("requestBody", {}).get("content", {}).get("application/json", {})
            yield Deed(
                anchor=f"{method}-{path.rsplit('/', 1)[-1]}",
                method=method.upper(),
                path=path,
                summary=told.get("summary", "").removesuffix("."),
                description=tuple(told.get("description", "").split("`")),
                needs_token=bool(told.get("security")),
                parameters=tuple(
                    Field(
                        each["name"],
                        f"{_kind(each['schema'])}, {each['in']}",
                        each.get("required", False),
                        each.get("description", ""),
                    )
                    for each in told.get("parameters", ())
                ),
                body=_named(body.get("schema", {})),
                answers=tuple(_answers(spec, told)),
            )


def _answers(
    spec: Mapping[str, Any], told: Mapping[str, Any]
) -> Iterator[tuple[str, str, str | None]]:
    for code, answer in sorted(told["responses"].items()):
        found = answer
        if "$ref" in answer:
            found = spec["components"]["responses"][answer["$ref"].rsplit("/", 1)[-1]]
        shapes = [_named(each["schema"]) for each in found.get("content", {}).values()]
        yield code, found["description"], next(iter(shapes), None)


def _fields(shape: Mapping[str, Any]) -> Iterator[Field]:
    required = shape.get("required", ())
    for name, told in shape.get("properties", {}).items():
        yield Field(name, _kind(told), name in required, told.get("description", ""))


def _kind(told: Mapping[str, Any]) -> str:
    """Such as "string (date-time) or null", or the name of a schema."""
    named = _named(told)
    if named is not None:
        return named
    kinds = told.get("type", "any")
    if kinds == "array":
        return f"list of {_kind(told['items'])}"
    words = " or ".join([kinds] if isinstance(kinds, str) else kinds)
    return f"{words} ({told['format']})" if "format" in told else words


def _named(told: Mapping[str, Any]) -> str | None:
    reference = told.get("$ref")
    return reference.rsplit("/", 1)[-1] if reference else None
