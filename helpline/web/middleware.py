"""What runs around every request, in order.

Flask runs hooks before a request from first to last, and hooks after it, or in teardown, from last
to first: an entry surrounds those below it. Extensions whose own hooks come between ours are set up
at their place in the list.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from helpline.current import services_of, settings
from helpline.db import db
from helpline.extensions import csrf
from helpline.web import (
    access,
    db_bulkhead,
    errors,
    formatting,
    forwarded,
    headers,
    navigation,
    request_log,
    static_files,
)
from helpline.web.api import websites
from helpline.web.auth import sign_in
from helpline.web.inbound_fallback import InboundFallback
from helpline.web.last_resort_page import LastResortPage
from helpline.web.load_shedding import LoadShedding

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def _set_up(app: Flask, bind: Callable[[Flask], object]) -> None:
    bind(app)


def _error(app: Flask, handler: tuple[type[Exception], Callable[..., Any]]) -> None:
    app.register_error_handler(*handler)


def _wrap(app: Flask, middleware: Callable[[Flask, WSGIApplication], WSGIApplication]) -> None:
    app.wsgi_app = middleware(app, app.wsgi_app)  # type: ignore[method-assign, assignment]


def _behind_proxies(app: Flask, inner: WSGIApplication) -> WSGIApplication:
    number = services_of(app).settings.trusted_proxies
    return ProxyFix(inner, x_for=number, x_proto=number, x_host=number)


def _watch_proxies(response: Response) -> Response:
    # `flask helpline doctor` sends the header on purpose.
    is_doctor = request.endpoint == "health.instance"
    if "X-Forwarded-For" in request.headers and not (settings().trusted_proxies or is_doctor):
        forwarded.report(response)
    return response


def _add_cors_headers(response: Response) -> Response:
    return websites.add_cors_headers(response) if request.path.startswith("/api/") else response


MIDDLEWARE: tuple[tuple[Callable[[Flask, Any], object], Any], ...] = (
    # Every request has an id, and is timed and logged whatever becomes of it.
    (Flask.before_request, request_log.begin),
    (Flask.after_request, request_log.end),
    (Flask.teardown_request, request_log.unbind),
    # No page, link or cache for a host of someone else's choosing.
    (Flask.before_request, headers.require_own_host),
    # Nothing that a form library or the database would fail on.
    (Flask.before_request, headers.require_small_body),
    (Flask.before_request, headers.require_accepted_content),
    # Before Flask-Login: it must not read the session for pages that need no database.
    (Flask.before_request, access.treat_as_visitor),
    # Around the session of the database: a request is counted until it has closed it.
    (Flask.teardown_appcontext, db_bulkhead.leave),
    (_set_up, db.init_app),
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
    (_wrap, InboundFallback),
)


def install(app: Flask) -> None:
    """Set everything up, in order."""
    for register, hook in MIDDLEWARE:
        register(app, hook)
