"""Report X-Forwarded-For without a trusted proxy: all visitors behind that proxy would share one
rate limit.
"""

from __future__ import annotations

import time
from contextlib import suppress

import structlog
from flask import Flask, Response
from sqlalchemy.exc import SQLAlchemyError

from helpline import clock
from helpline.app_state import AppState
from helpline.preflight import service as preflight

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

_NOTED_AGAIN_SECONDS = 24 * 60 * 60.0


class ForwardedReports:
    """Logs it once, and records it for preflight once a day while it continues."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._was_logged, self._noted_at = False, -_NOTED_AGAIN_SECONDS

    def report(self, response: Response) -> None:
        """Report it when the response was sent: nobody waits for it."""
        if time.monotonic() >= self._noted_at + _NOTED_AGAIN_SECONDS:
            self._noted_at = time.monotonic()
            response.call_on_close(self._record)

    def _record(self) -> None:
        if not self._was_logged:
            self._was_logged = True
            log.warning(
                "X-Forwarded-For received, but no proxy is trusted: all visitors behind it share "
                "one rate limit. See 'Start' in docs/running.md."
            )
        with self._app.app_context(), suppress(SQLAlchemyError):  # The log has it in any case.
            preflight.record_forwarded_header(now=clock.now())


_REPORTS = AppState[ForwardedReports]("forwarded-headers")


def install(app: Flask) -> None:
    _REPORTS.install(app, ForwardedReports(app))


def report(response: Response) -> None:
    """Report that this request has the header."""
    _REPORTS.get().report(response)
