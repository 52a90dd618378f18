"""ETags of page fragments that are polled."""

from __future__ import annotations

from flask import Response, make_response, request
from werkzeug.http import generate_etag, parse_etags


def conditional(part: str) -> Response:
    """Return the fragment with its ETag, or 304 to a browser that has it.

    Nothing is stored: desk.js remembers the tag of what is on the screen.
    """
    response = make_response(part)
    response.set_etag(tag_of(part))
    response.make_conditional(request)
    return response


def tag_of(part: str) -> str:
    return generate_etag(part.encode())


def matches(header: str, tag: str) -> bool:
    """Return whether an If-None-Match header has the tag."""
    return parse_etags(header).contains_weak(tag)
