"""A part of a page that keeps itself up to date: sent once, and again only when it is another."""

from __future__ import annotations

from flask import Response, make_response, request
from werkzeug.http import generate_etag, parse_etags


def conditional(part: str) -> Response:
    """The part with its tag; to a browser that names the tag and so has it, 304 and nothing else.

    Nothing is stored for it: desk.js remembers the tag of what is on the screen, as long as it is.
    """
    response = make_response(part)
    response.set_etag(tag_of(part))
    response.make_conditional(request)
    return response


def tag_of(part: str) -> str:
    """What a part is known by."""
    return generate_etag(part.encode())


def matches(header: str, tag: str) -> bool:
    """Whether a browser that says this (If-None-Match) has the part of a tag."""
    return parse_etags(header).contains_weak(tag)
