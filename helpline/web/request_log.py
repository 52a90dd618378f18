"""The request log, without addresses, with request ids."""

from __future__ import annotations

import re
import secrets
import time

import structlog
from flask import Flask, Response, g, request

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

HEADER = "X-Request-ID"
_FORMAT = re.compile(r"(?=.*[a-f])[0-9a-f-]{16,64}", re.IGNORECASE)
"""Hexadecimal, as web servers make them: it cannot be a name or a number."""

_UNTOLD = frozenset({"static", "health.alive", "health.ready", "health.measured"})
"""Polled by machines; not logged."""


def install(app: Flask) -> None:
    """First hook to begin and last to end."""
    app.before_request_funcs.setdefault(None, []).insert(0, _begin)
    app.after_request_funcs.setdefault(None, []).insert(0, _end)
    app.teardown_request(_forget)


def _begin() -> None:
    header = request.headers.get(HEADER, "")
    g.request_id = header if _FORMAT.fullmatch(header) else secrets.token_hex(16)
    g.began_at = time.perf_counter()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    """The id may come from the web server in front, and is returned so that both logs match."""
    if "request_id" in g:
        response.headers[HEADER] = g.request_id
        if request.endpoint not in _UNTOLD:
            log.info(
                "request",
                method=request.method,
                endpoint=request.endpoint or "none",
                status=response.status_code,
                ms=round((time.perf_counter() - g.began_at) * 1000, 1),
            )
    return response


def _forget(_error: BaseException | None) -> None:
    structlog.contextvars.unbind_contextvars("request_id")
