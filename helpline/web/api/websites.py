"""CORS: websites that may call the API, from the list that an admin keeps.

Fetch standard, section 3.3 (CORS protocol): https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from __future__ import annotations

from flask import Flask, Response, request
from sqlalchemy.exc import SQLAlchemyError

from helpline.db import db
from helpline.web import problem_json
from helpline.web.access import is_own
from helpline.web.api.blueprint import api
from helpline.web.language import speak
from helpline.web.problem_json import Problem
from helpline.websites import queries

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_MAY_SEND = "Authorization, Content-Type, Idempotency-Key"
_MAY_READ = "Retry-After"
_REMEMBERED_SECONDS = "600"
_SERVER_ERROR = 500


def install(app: Flask) -> None:
    """Add CORS headers to every response below /api."""
    app.after_request(_tell_browsers)


def origin() -> str | None:
    """Return the origin of the request; None for programs that are not browsers."""
    return request.headers.get("Origin")


def may_tell_page() -> bool:
    """Whether requests of this website may name the page they came from."""
    website = queries.in_force(db.session()).of(origin())
    return website is not None and website.may_tell_page


def _only_those_let_in() -> None:
    """A browser would hide our response from another website's page, but still send its request."""
    speak(request.args.get("lang"))
    if request.method in _SAFE:
        return
    if request.content_length and not request.is_json:
        raise Problem(415)
    if (told := origin()) is not None and not is_own(told) and not _is_let_in(told):
        raise Problem(403, kind="website-not-let-in")


api.before_request(_only_those_let_in)


def _is_let_in(told: str) -> bool:
    return queries.in_force(db.session()).of(told) is not None


def _tell_browsers(response: Response) -> Response:
    if not problem_json.is_asked_by_a_program():
        return response
    headers = response.headers
    response.vary.add("Origin")
    told = origin()
    if told is None:
        return response
    try:
        readable_by = told if _is_let_in(told) else None
    except SQLAlchemyError:  # No database, so no list; the error reveals nothing.
        db.session.rollback()
        readable_by = "*" if response.status_code >= _SERVER_ERROR else None
    if readable_by is None:
        return response
    headers["Access-Control-Allow-Origin"] = readable_by
    headers["Access-Control-Expose-Headers"] = _MAY_READ
    if request.method == "OPTIONS":
        headers["Access-Control-Allow-Methods"] = headers.get("Allow", "")
        headers["Access-Control-Allow-Headers"] = _MAY_SEND
        headers["Access-Control-Max-Age"] = _REMEMBERED_SECONDS
    return response
