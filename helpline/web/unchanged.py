"""A part of a page that keeps itself up to date: sent once, and again only when it is another."""

from __future__ import annotations

from flask import Response, make_response, request


def unless_unchanged(part: str) -> Response:
    """The part with its tag; to a browser that names the tag and so has it, 304 and nothing else.

    Nothing is stored for it: desk.js remembers the tag of what is on the screen, as long as it is.
    """
    response = make_response(part)
    response.add_etag()
    response.make_conditional(request)
    return response
