"""CORS: websites that may call the API, from the list that an admin keeps.

Fetch standard, section 3.3 (CORS protocol): https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from __future__ import annotations

from flask import Response, request
from sqlalchemy.exc import SQLAlchemyError

from helpline.db import db
from helpline.web.access import is_own
from helpline.web.api.blueprint import api
from helpline.web.language import set_language
from helpline.web.problem_json import Problem
from helpline.websites import queries

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_ALLOWED_HEADERS = "Authorization, Content-Type, Idempotency-Key"
_EXPOSED_HEADERS = "Retry-After"
_MAX_AGE_SECONDS = "600"
_SERVER_ERROR = 500


def origin() -> str | None:
    """Return the origin of the request; None for programs that are not browsers."""
    return request.headers.get("Origin")


def may_name_page() -> bool:
    """Whether requests of this website may name the page they came from."""
    website = queries.in_force(db.session()).of(origin())
    return website is not None and website.may_tell_page


def _refuse_other_websites() -> None:
    """A browser would hide our response from another website's page, but still send its request."""
    set_language(request.args.get("lang"))
    if request.method in _SAFE:
        return
    if request.content_length and not request.is_json:
        raise Problem(415)
    if (
        (website := origin()) is not None
        and not is_own(website)
        and not _is_allowed_website(website)
    ):
        raise Problem(403, kind="website-not-let-in")


api.before_request(_refuse_other_websites)


def _is_allowed_website(website: str) -> bool:
    return queries.in_force(db.session()).of(website) is not None


def add_cors_headers(response: Response) -> Response:
    """Let browsers show the response to allowed websites."""
    headers = response.headers
    response.vary.add("Origin")
    website = origin()
    if website is None:
        return response
    try:
        readable_by = website if _is_allowed_website(website) else None
    except SQLAlchemyError:  # No database, so no list; the error reveals nothing.
        db.session.rollback()
        readable_by = "*" if response.status_code >= _SERVER_ERROR else None
    if readable_by is None:
        return response
    headers["Access-Control-Allow-Origin"] = readable_by
    headers["Access-Control-Expose-Headers"] = _EXPOSED_HEADERS
    if request.method == "OPTIONS":
        headers["Access-Control-Allow-Methods"] = headers.get("Allow", "")
        headers["Access-Control-Allow-Headers"] = _ALLOWED_HEADERS
        headers["Access-Control-Max-Age"] = _MAX_AGE_SECONDS
    return response
