"""Report X-Forwarded-For without a trusted proxy: all visitors behind that proxy would share one
rate limit.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wsgi import ClosingIterator

from helpline import clock
from helpline.preflight import service as preflight

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)

_NOTED_AGAIN_SECONDS = 24 * 60 * 60.0


class ForwardedWatch:
    """Logs it once, and records it for preflight once a day while it continues."""

    def __init__(self, app: Flask) -> None:
        self._app, self._inner = app, app.wsgi_app
        self._was_said, self._noted_at = False, -_NOTED_AGAIN_SECONDS

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answer = self._inner(environ, start_response)
        if (
            "HTTP_X_FORWARDED_FOR" not in environ
            or time.monotonic() < self._noted_at + _NOTED_AGAIN_SECONDS
        ):
            return answer
        self._noted_at = time.monotonic()
        return ClosingIterator(answer, self._say)

    def _say(self) -> None:
        if not self._was_said:
            self._was_said = True
            log.warning(
                "X-Forwarded-For received, but no proxy is trusted: all visitors behind it share "
                "one rate limit. See 'Start' in docs/running.md."
            )
        with self._app.app_context(), suppress(SQLAlchemyError):  # The log has it in any case.
            preflight.record_forwarded_header(now=clock.now())
