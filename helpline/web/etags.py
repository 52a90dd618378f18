"""ETags of page fragments that are polled."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, make_response, request
from werkzeug.http import generate_etag


def conditional(facts: object, render: Callable[[], str]) -> Response:
    """Return a fragment with its ETag, or 304 to a browser that has it.

    Nothing is stored: desk.js remembers the tag of what is on the screen.

    Args:
        facts: all that the fragment shows; equal ones have the same ``repr`` in every process.
        render: renders the fragment.
    """
    tag = generate_etag(repr(facts).encode())
    is_on_screen = request.if_none_match.contains_weak(tag)
    response = Response(status=304) if is_on_screen else make_response(render())
    response.set_etag(tag)
    return response
