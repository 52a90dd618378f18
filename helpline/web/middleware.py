"""What runs around every request, in order.

Flask runs hooks before a request from first to last, and hooks after it, or in teardown, from last
to first: an entry surrounds those below it. Extensions whose own hooks come between ours are set up
at their place in the list.
"""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import structlog
from flask import Flask, Response, request
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Request

from helpline.current import services, services_of, settings, signer_of
from helpline.extensions import csrf
from helpline.web import (
    access,
    db_bulkhead,
    errors,
    formatting,
    forwarded,
    headers,
    inbound_fallback,
    last_resort_page,
    metrics,
    navigation,
    republish,
    request_log,
    static_files,
)
from helpline.web.api import websites
from helpline.web.auth import sign_in
from helpline.web.inbound_fallback import WebhookKind
from helpline.web.language import site_languages

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

DEADLINE_SECONDS = 8.0
"""Of the carrier's 15; the rest is for the network."""
_LARGEST_BODY = 64 * 1024
_KINDS = (
    (re.compile(r"/webhooks/voice/inbound(/\d+|/fallback)?"), WebhookKind.CALLER),
    (re.compile(r"/webhooks/voice/inbound/\d+/advisor(/pressed)?"), WebhookKind.ADVISOR),
    (re.compile(r"/webhooks/text(/fallback)?"), WebhookKind.TEXT),
)
"""Inbound webhooks by path."""
_OF_VISITORS, _OF_STAFF = ("/request/",), ("/desk/", "/floor/")
"""Beginnings of paths, beside the main page."""
_PAGE_SECONDS = 1.0
_SERVER_ERROR, _NOT_FOUND = "500 Internal Server Error", 404


def _set_up(app: Flask, bind: Callable[[Flask], object]) -> None:
    bind(app)


def _error(app: Flask, handler: tuple[type[Exception], Callable[..., Any]]) -> None:
    app.register_error_handler(*handler)


def _wrap(app: Flask, middleware: Callable[[Flask, WSGIApplication], WSGIApplication]) -> None:
    app.wsgi_app = middleware(app, app.wsgi_app)  # type: ignore[method-assign, assignment]


def _behind_proxies(app: Flask, inner: WSGIApplication) -> WSGIApplication:
    number = services_of(app).settings.trusted_proxies
    fixed = ProxyFix(inner, x_for=number, x_proto=number, x_host=number)

    def repeat_single_values(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        # Many proxies pass these two on as the first has set them: as if each had added the same.
        for header in ("HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST"):
            value = environ.get(header, "")
            if value and "," not in value:
                environ[header] = ",".join([value] * max(1, number))
        return fixed(environ, start)

    return repeat_single_values


def _watch_proxies(response: Response) -> Response:
    # `flask helpline doctor` sends the header on purpose.
    is_doctor = request.endpoint == "health.instance"
    if "X-Forwarded-For" in request.headers and not (settings().trusted_proxies or is_doctor):
        forwarded.report(response)
    return response


def _add_cors_headers(response: Response) -> Response:
    return websites.add_cors_headers(response) if request.path.startswith("/api/") else response


class LoadShedding:
    """WSGI middleware that answers 503 with crisis numbers while as many requests as may use the
    database.

    To find out inside Flask that there is no room costs as much as an answer: under overload nearly
    all time would go into refusals. Only addresses that certainly need the database are refused
    here; the bulkhead refuses the others. See docs/decisions/0013-crisis-page-needs-no-database.

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
        if endpoint is None or db_bulkhead.has_capacity(self._app):
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


class LastResortPage:
    """WSGI middleware for an application that raises.

    Args:
        app: for its settings, where they can be read.
        inner: the wrapped application.
    """

    def __init__(self, app: Flask, inner: WSGIApplication) -> None:
        self._app = app
        self._inner = inner

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        has_started = False

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            nonlocal has_started
            has_started = True
            return start_response(status, headers, *more)

        try:
            return self._inner(environ, start)
        except Exception:
            log.exception("error page could not be rendered")
            kind, body = last_resort_page.response_to(self._app, str(environ.get("PATH_INFO", "")))
            length = ("Content-Length", str(len(body)))
            headers = [("Content-Type", kind), length, *last_resort_page.HEADERS]
            # PEP 3333: with exc_info in place of what was started and not sent yet.
            start_response(_SERVER_ERROR, headers, *([sys.exc_info()] if has_started else []))
            return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]


@dataclass
class _Response:
    """The application's response."""

    status: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    @property
    def code(self) -> int:
        return int(self.status.split(" ", 1)[0] or 0)

    def is_failure(self, kind: WebhookKind) -> bool:
        """Whether the caller or sender would get nothing. Text webhooks are 404 where text
        messages are off.
        """
        is_unknown = self.code == _NOT_FOUND and kind != WebhookKind.TEXT
        return self.code >= 500 or is_unknown or not self.code


class InboundFallback:
    """WSGI middleware for inbound webhooks.

    Args:
        app: for its settings.
        inner: the wrapped application.
        deadline_seconds: how long it may take.
    """

    def __init__(
        self, app: Flask, inner: WSGIApplication, deadline_seconds: float = DEADLINE_SECONDS
    ) -> None:
        self._app = app
        self._inner = inner
        inbound_fallback.install(app)
        metrics.count_fallbacks_of(WebhookKind)
        self._last_resorts = {
            carrier: (
                webhooks.render(inbound_fallback.NOTHING_WORKS),
                webhooks.render_sms_reply(None),
                f"{webhooks.content_type}; charset=utf-8",
            )
            for carrier, webhooks in services_of(app).webhooks.items()
        }
        self.deadline_seconds = deadline_seconds

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        kind = _kind_of(environ)
        if kind is None:
            return self._inner(environ, start_response)
        body = _read(environ)
        answer = self._within_deadline(environ)
        if answer is None or answer.is_failure(kind):
            log.error(
                "inbound webhook failed, fallback response sent", status=answer and answer.code
            )
            form = dict(parse_qsl(body.decode("utf-8", "replace")))
            answer = self._fallback_response(kind, form, Request(environ, shallow=True))
        start_response(answer.status, answer.headers)
        return [answer.body]

    def _within_deadline(self, environ: WSGIEnvironment) -> _Response | None:
        """The application's response; None where it raises or takes too long. It may still finish
        then, but gets no further connection to the database.
        """
        answer, is_done, is_late = _Response(), threading.Event(), threading.Event()
        environ[db_bulkhead.ANSWERED_OTHERWISE] = is_late

        def start(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
            answer.status, answer.headers = status, headers
            return None

        def ask() -> None:
            try:
                chunks = self._inner(environ, start)
                try:
                    answer.body = b"".join(chunks)
                finally:
                    if hasattr(chunks, "close"):
                        chunks.close()
            except Exception:
                log.exception("webhook failed")
                answer.status = ""
            finally:
                is_done.set()

        # In no application context but its own: a late thread must not share a session.
        threading.Thread(target=ask, daemon=True).start()
        if is_done.wait(self.deadline_seconds):
            return answer
        is_late.set()
        return None

    def _fallback_response(
        self, kind: WebhookKind, form: Mapping[str, str], received: Request
    ) -> _Response:
        """The document of the carrier that signed the webhook, else of the first one."""
        carrier = next(iter(self._last_resorts))
        try:
            with self._app.app_context():
                metrics.count_fallback(kind)
                url = settings().public_url + received.full_path.rstrip("?")
                carrier = signer_of(url, form, dict(received.headers)) or carrier
                webhooks = services().webhooks[carrier]
                response_text = inbound_fallback.response_to(kind, form, webhooks)
        except Exception:
            log.exception("fallback response failed")
            voice, sms, _type = self._last_resorts[carrier]
            response_text = sms if kind == WebhookKind.TEXT else voice
        content_type = self._last_resorts[carrier][2]
        sent = response_text.encode()
        headers = [("Content-Type", content_type), ("Content-Length", str(len(sent)))]
        return _Response("200 OK", headers, sent)


def _kind_of(environ: WSGIEnvironment) -> WebhookKind | None:
    if environ.get("REQUEST_METHOD") != "POST":
        return None
    path = str(environ.get("PATH_INFO", ""))
    return next((kind for pattern, kind in _KINDS if pattern.fullmatch(path)), None)


def _read(environ: WSGIEnvironment) -> bytes:
    """Read the body, which the application then reads from memory; nothing of one that is too
    large, which it refuses by its length.
    """
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > _LARGEST_BODY:
        return b""
    body: bytes = environ["wsgi.input"].read(length) if length > 0 else b""
    environ["wsgi.input"] = BytesIO(body)
    return body


def _inbound_fallback(app: Flask, inner: WSGIApplication) -> WSGIApplication:
    return InboundFallback(app, inner) if services_of(app).webhooks else inner


MIDDLEWARE: tuple[tuple[Callable[[Flask, Any], object], Any], ...] = (
    # Every request has an id, and is timed and logged whatever becomes of it.
    (Flask.before_request, request_log.begin),
    (Flask.after_request, request_log.end),
    (Flask.teardown_request, request_log.unbind),
    # No page, link or cache for a host of someone else's choosing.
    (Flask.before_request, headers.require_known_host),
    # Nothing that a form library or the database would fail on.
    (Flask.before_request, headers.require_small_body),
    (Flask.before_request, headers.require_accepted_content),
    # Before Flask-Login: it must not read the session for pages that need no database.
    (Flask.before_request, access.treat_as_visitor),
    # Flask-Login and Flask-Security, then Flask-WTF's check of forms.
    (_set_up, sign_in.init_security),
    (_set_up, csrf.init_app),
    # Access last: by now it is known that the request is well formed and who sent it.
    (Flask.before_request, access.require_access),
    # On the finished response, so also on errors.
    (Flask.after_request, _add_cors_headers),
    (Flask.after_request, _watch_proxies),
    (Flask.after_request, headers.add_headers),
    # First of all that runs after a view: the others see the body as it is sent.
    (Flask.after_request, static_files.compress),
    # What templates and links need.
    (Flask.context_processor, formatting.page_context),
    (Flask.context_processor, navigation.navigation_context),
    (Flask.url_defaults, static_files.name_content),
    # Errors, by the nearest class.
    (_error, (HTTPException, errors.http_error)),
    (_error, (OperationalError, errors.database_unavailable)),
    (_error, (InterfaceError, errors.database_unavailable)),
    (_error, (PoolTimeout, errors.database_unavailable)),
    (_error, (RecursionError, errors.nested_too_deep)),
    (_error, (Exception, errors.unexpected)),
    # Around Flask, the innermost first: the address of the visitor, refusals under overload, the
    # page for when error pages fail, and the carrier's answer within its time whatever happened
    # before.
    (_wrap, _behind_proxies),
    (_wrap, LoadShedding),
    (_wrap, LastResortPage),
    (_wrap, _inbound_fallback),
)


def install(app: Flask) -> None:
    """Set everything up, in order."""
    for register, hook in MIDDLEWARE:
        register(app, hook)
