"""The id, the log line and the times of each request; none reveals an address."""

from __future__ import annotations

import re
import secrets
import time
from datetime import datetime

import structlog
from flask import Response, g, request
from prometheus_client import Histogram

from helpline import clock

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

HEADER = "X-Request-ID"
_FORMAT = re.compile(r"(?=.*[a-f])[0-9a-f-]{16,64}", re.IGNORECASE)
"""Hexadecimal, as web servers make them: it cannot be a name or a number."""

_UNTOLD = frozenset({"static", "health.alive", "health.ready", "health.measured"})
"""Polled by machines; not logged."""


_PAGE_SECONDS = Histogram(
    "helpline_page_seconds",
    "Response time, in seconds.",
    ("endpoint", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_WEBHOOK_LAG_SECONDS = Histogram(
    "helpline_webhook_lag_seconds",
    "Time from an event at the carrier until its webhook arrived, in seconds.",
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)


def record_response_time(endpoint: str | None, status: int, seconds: float) -> None:
    _PAGE_SECONDS.labels(endpoint or "none", f"{status // 100}xx").observe(seconds)


def begin() -> None:
    """Start the clock, and give the request an id."""
    header = request.headers.get(HEADER, "")
    g.request_id = header if _FORMAT.fullmatch(header) else secrets.token_hex(16)
    g.began_at = time.perf_counter()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def end(response: Response) -> Response:
    """Record and log the request.

    The id may come from the web server in front, and is returned so that both logs match.
    """
    if "request_id" in g:
        seconds = time.perf_counter() - g.began_at
        record_response_time(request.endpoint, response.status_code, seconds)
        response.headers[HEADER] = g.request_id
        if request.endpoint not in _UNTOLD:
            log.info(
                "request",
                method=request.method,
                endpoint=request.endpoint or "none",
                status=response.status_code,
                ms=round(seconds * 1000, 1),
            )
    return response


def unbind(_error: BaseException | None) -> None:
    """Take the id out of the log."""
    structlog.contextvars.unbind_contextvars("request_id")


def record_webhook_delay(sent_at: datetime | None) -> None:
    """Record the delay of a webhook.

    Args:
        sent_at: the carrier's time of the event, if given.
    """
    if sent_at is not None:
        _WEBHOOK_LAG_SECONDS.observe(max(0.0, (clock.now() - sent_at).total_seconds()))
