"""API errors as problem+json (RFC 9457), which flask-smorest does not write by itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from flask import Response, request
from werkzeug.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"
_HELPLESS_FROM = 500
_TOLD_ALONG = ("Allow", "Retry-After", "WWW-Authenticate")
_DETAILS = {
    400: "The request could not be parsed.",
    401: "Send the token of the callback in the header 'Authorization: Bearer <token>'.",
    403: "This website is not allowed. An admin of the helpline can add it to the list of "
    "websites.",
    404: "Not found. Check the address.",
    405: "This address does not support this method.",
    413: "The request is too large.",
    415: "Send the body as application/json.",
    422: "The request is not valid. See 'errors' for details.",
    429: "Too many requests. Try again after the number of seconds in Retry-After.",
    503: "The service is unavailable at the moment. Nothing was saved. Try again later.",
}

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
"""Problems that a status alone does not say, by the name in their type."""
NO_TYPE = "about:blank"


def problem_type(kind: str) -> str:
    """Return the type of a problem, an address on the page of the API."""
    return f"/api/v1/#{kind}"


class Problem(HTTPException):
    """An error of the API.

    Args:
        code: the HTTP status.
        kind: its name in the type's address, such as "slot-gone"; None for the status alone.
        detail: what is wrong, in words.
        errors: what is wrong with which field.
        headers: further headers.
        more: further members, such as the nearest free times.
    """

    def __init__(
        self,
        code: int,
        detail: str | None = None,
        *,
        kind: str | None = None,
        errors: Iterable[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.kind = kind
        self.errors = list(errors)
        self.headers = headers or {}
        self.more = more


def is_asked_by_a_program() -> bool:
    """Return whether this is an API request."""
    return request.path.startswith("/api/")


def answer(error: HTTPException, numbers: Iterable[Mapping[str, Any]]) -> Response:
    """Return the response for an error.

    Args:
        numbers: crisis numbers, included wherever the service cannot help.
    """
    code = error.code or _HELPLESS_FROM
    kind = getattr(error, "kind", None)
    body: dict[str, Any] = {
        "type": NO_TYPE if kind is None else problem_type(kind),
        "title": _title(code),
        "status": code,
        "detail": _detail(error, code),
    }
    if errors := _errors(error):
        body["errors"] = errors
    if code == HTTPStatus.TOO_MANY_REQUESTS or code >= _HELPLESS_FROM:
        body["crisis_numbers"] = list(numbers)
    body |= getattr(error, "more", {})
    response = Response(json.dumps(body, ensure_ascii=False), code, mimetype=MEDIA_TYPE)
    response.headers.update(
        {name: value for name, value in error.get_headers() if name in _TOLD_ALONG}
    )
    response.headers.update(getattr(error, "headers", {}))
    return response


def _title(code: int) -> str:
    try:
        return HTTPStatus(code).phrase
    except ValueError:
        return "Error"


def _detail(error: HTTPException, code: int) -> str:
    if isinstance(error, Problem) and error.description:
        return error.description
    return _DETAILS.get(code, _title(code))


def _errors(error: HTTPException) -> list[dict[str, str]]:
    """Our own errors, or those of the request's schema."""
    if isinstance(error, Problem):
        return [dict(item) for item in error.errors]
    messages = (getattr(error, "data", None) or {}).get("messages") or {}
    return [
        {"field": field, "message": message}
        for fields in messages.values()
        if isinstance(fields, Mapping)
        for field, messages in fields.items()
        for message in _flat(messages)
    ]


def _flat(messages: Any) -> list[str]:
    if isinstance(messages, Mapping):
        return [message for item in messages.values() for message in _flat(item)]
    if isinstance(messages, list):
        return [message for item in messages for message in _flat(item)]
    return [str(messages)]
