"""Error pages with crisis numbers."""

from __future__ import annotations

import structlog
from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, HTTPException, InternalServerError, ServiceUnavailable

from helpline.web import crisis_text, db_bulkhead, problem_json
from helpline.web.access import as_visitor
from helpline.web.language import gettext as _
from helpline.web.visitor_context import cached_visitor_page, visitor_page

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


def http_error(error: HTTPException) -> ResponseReturnValue:
    """Answer an HTTP error."""
    code = error.code or 500
    if error.response is not None or code < 400:
        return error
    return _told(error)


def database_unavailable(error: Exception) -> ResponseReturnValue:
    """Answer with 503. A refusal is no error of ours: the request log has its status."""
    if not isinstance(error, db_bulkhead.TooBusy):
        _log(error)
    return _told(ServiceUnavailable(retry_after=db_bulkhead.RETRY_AFTER_SECONDS))


def nested_too_deep(error: RecursionError) -> ResponseReturnValue:
    """Answer JSON nested beyond Python's recursion limit with 400."""
    return _told(BadRequest()) if request.is_json else unexpected(error)


def unexpected(error: Exception) -> ResponseReturnValue:
    """Answer with 500."""
    _log(error)
    return _told(InternalServerError())


def _told(error: HTTPException) -> Response:
    """The carrier gets the status, a program a problem, a person a page."""
    code = error.code or 500
    if request.path.startswith("/webhooks/"):
        return Response(status=code)
    if problem_json.is_asked_by_a_program():
        return problem_json.answer(error, crisis_text.lines_here())
    page = error_page(code)
    page.headers.update(
        {name: value for name, value in error.get_headers() if name == "Retry-After"}
    )
    return page


def _log(error: Exception) -> None:
    """Log where it happened, without the message: a database error repeats the values."""
    log.error("request failed", endpoint=request.endpoint, exc_info=error)


def error_page(code: int) -> Response:
    """Return an error page with crisis numbers."""
    as_visitor()
    return cached_visitor_page("error", lambda: _render(code), code, code=code)


def _render(code: int) -> str:
    heading, sentence = _sayings(code)
    return render_template(
        "visitor/error.html", **visitor_page(), code=code, heading=heading, words=sentence
    )


def _sayings(code: int) -> tuple[str, str]:
    return {
        400: (
            _("We could not read that"),
            _("Please go back and try again. The numbers below are there for you."),
        ),
        401: (
            _("You have been signed out"),
            _("Please sign in again. What you just sent was not saved. Go back to copy it."),
        ),
        403: (
            _("This page is for staff only"),
            _("If you work here, sign in with another account."),
        ),
        404: (
            _("We could not find this page"),
            _("The link may be incomplete or old. You can ask for a call on our home page."),
        ),
        405: (
            _("That did not work"),
            _("Please start again from our home page."),
        ),
        413: (
            _("That was too long"),
            _("Please go back and write a little less. Nothing was sent."),
        ),
        429: (
            _("Too many attempts"),
            _("Please wait a minute and try again. The numbers below are there for you."),
        ),
        503: (
            _("We cannot take requests at the moment"),
            _(
                "Something is not working on our side, and we are fixing it. Nothing was sent. "
                "Please try again in a few minutes. The numbers below are there for you."
            ),
        ),
    }.get(
        code,
        (
            _("Something went wrong on our side"),
            _("Please try again in a few minutes. The numbers below are there for you."),
        ),
    )
