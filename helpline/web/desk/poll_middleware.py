"""Answer 304 to a desk whose queue has not changed, before Flask is involved.

Desks poll every few seconds, and mostly nothing has changed; Flask and its libraries cost twice
as much per request as the answer itself. Only 304 is answered here. Everything else goes on to
the view, including expired sessions and database errors. Access and content are decided by the
same code as in the view.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.http import quote_etag

from helpline.web import db_bulkhead, metrics
from helpline.web.access import audience_of, is_allowed
from helpline.web.desk.queue_fragment import cached_queue, load_queue, load_session_and_desk
from helpline.web.etags import matches, tag_of
from helpline.web.sessions import load_session

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_ENDPOINT = "advisor.queue_fragment"
_IF_NONE_MATCH = "HTTP_IF_NONE_MATCH"
_HX_REQUEST = "HTTP_HX_REQUEST"
"""Polling does not count as use of a session: see ``sessions.note_use``."""


def install(app: Flask) -> None:
    """Wrap the application, outside of any middleware installed before."""
    app.wsgi_app = _PollMiddleware(app, app.wsgi_app)  # type: ignore[method-assign, assignment]


class _PollMiddleware:
    def __init__(self, app: Flask, behind: WSGIApplication) -> None:
        self._app, self._behind = app, behind
        [rule] = app.url_map.iter_rules(_ENDPOINT)
        self._path = rule.rule
        with app.app_context():
            self._audience = audience_of(_ENDPOINT)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        tag = self._tag_on_screen(environ) if self._is_asked_for(environ) else None
        if tag is None:
            return self._behind(environ, start)
        start("304 NOT MODIFIED", [("ETag", quote_etag(tag)), ("Cache-Control", "no-store")])
        return ()

    def _is_asked_for(self, environ: WSGIEnvironment) -> bool:
        return (
            environ["PATH_INFO"] == self._path
            and environ["REQUEST_METHOD"] == "GET"
            and bool(environ.get(_IF_NONE_MATCH))
            and bool(environ.get(_HX_REQUEST))
        )

    def _tag_on_screen(self, environ: WSGIEnvironment) -> str | None:
        """Return the queue's ETag if the browser has it already, else None (the view answers)."""
        began = time.perf_counter()
        with self._app.app_context():
            db_bulkhead.count_as_request()
            try:
                part = self._part(environ)
            except SQLAlchemyError:
                return None
            tag = tag_of(part) if part is not None else None
            if tag is None or not matches(environ[_IF_NONE_MATCH], tag):
                return None
            metrics.record_response_time(_ENDPOINT, 304, time.perf_counter() - began)
            return tag

    def _part(self, environ: WSGIEnvironment) -> str | None:
        """Return the cached queue fragment; None if the user may not see it or it is not cached."""
        request = self._app.request_class(environ)
        cookie = self._app.session_interface.open_session(self._app, request)
        who = load_session(cookie or {}, load_session_and_desk)
        if who is None or not is_allowed(who, self._audience):
            return None
        return cached_queue(load_queue(who.id))
