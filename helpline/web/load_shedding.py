"""Refuse requests at once while as many others use the database as may.

To find out inside Flask that there is no room costs as much as an answer: under overload nearly all
time would go into refusals. Only addresses that certainly need the database are refused here; the
bulkhead refuses the others. See docs/decisions/0013-crisis-page-needs-no-database.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

from helpline.web import db_bulkhead, last_resort_page, republish, request_log
from helpline.web.language import site_languages

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_OF_VISITORS, _OF_STAFF = ("/request/",), ("/desk/", "/floor/")
"""Beginnings of paths, beside the main page."""
_PAGE_SECONDS = 1.0


class LoadShedding:
    """WSGI middleware that answers 503 with crisis numbers from memory.

    Args:
        app: its limit, its languages and its crisis numbers.
        inner: the wrapped application.
    """

    def __init__(self, app: Flask, inner: WSGIApplication) -> None:
        self._app = app
        self._inner = inner
        self._page, self._page_until = b"", 0.0
        with app.app_context():
            self._languages = frozenset(site_languages())

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        endpoint = self._endpoint_of(environ["PATH_INFO"])
        if endpoint is None or db_bulkhead.has_room(self._app):
            return self._inner(environ, start_response)
        began = time.perf_counter()
        page = self._crisis_page()
        headers = [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(page))),
            ("Retry-After", str(db_bulkhead.RETRY_AFTER_SECONDS)),
            *last_resort_page.HEADERS,
        ]
        start_response("503 SERVICE UNAVAILABLE", headers)
        request_log.record_response_time(endpoint, 503, time.perf_counter() - began)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [page]

    def _endpoint_of(self, path: str) -> str | None:
        """Return a name for the metrics; None for a path that may need no database."""
        first, _slash, rest = path[1:].partition("/")
        bare = f"/{rest}" if first in self._languages else path
        if bare == "/" or bare.startswith(_OF_VISITORS):
            return "visitor.refused"
        return "advisor.refused" if path.startswith(_OF_STAFF) else None

    def _crisis_page(self) -> bytes:
        """Return the page, made afresh every second."""
        if time.monotonic() >= self._page_until:
            with self._app.app_context():
                self._page = republish.crisis_page().encode()
            self._page_until = time.monotonic() + _PAGE_SECONDS
        return self._page
