"""Connections to the service: each thread keeps its own open for a moment, as a proxy does."""

from __future__ import annotations

import http.client
import math
import threading
import time
from urllib.parse import SplitResult, urlsplit

KEPT_SECONDS = 1.0
"""Servers close idle connections after some seconds; a request that crosses such a close is
lost.
"""

_KINDS: dict[str, type[http.client.HTTPConnection]] = {
    "http": http.client.HTTPConnection,
    "https": http.client.HTTPSConnection,
}


class Connections:
    """Requests over connections that are kept."""

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout_seconds = timeout_seconds
        self._kept = threading.local()

    def request(
        self,
        method: str,
        url: str,
        body: str | None,
        headers: dict[str, str],
        seconds: float | None = None,
    ) -> tuple[int, bytes, str]:
        """Status, body and content type of the answer.

        Args:
            seconds: how long it may take, where it has less time than others.

        Raises:
            OSError, http.client.HTTPException: none came.
        """
        asked = urlsplit(url)
        connection = self._take(asked)
        path = asked.path or "/"
        try:
            if connection.sock is None:
                connection.connect()
            connection.sock.settimeout(min(seconds or math.inf, self._timeout_seconds))
            connection.request(
                method, f"{path}?{asked.query}" if asked.query else path, body, headers
            )
            answer = connection.getresponse()
            found = answer.status, answer.read(), answer.headers.get("Content-Type", "")
        except BaseException:
            connection.close()
            raise
        self._open[asked.scheme, asked.netloc] = connection, time.monotonic()
        return found

    def _take(self, asked: SplitResult) -> http.client.HTTPConnection:
        connection, used_at = self._open.pop((asked.scheme, asked.netloc), (None, 0.0))
        if connection is not None and time.monotonic() - used_at < KEPT_SECONDS:
            return connection
        if connection is not None:
            connection.close()
        return _KINDS[asked.scheme](asked.netloc, timeout=self._timeout_seconds)

    @property
    def _open(self) -> dict[tuple[str, str], tuple[http.client.HTTPConnection, float]]:
        if not hasattr(self._kept, "open"):
            self._kept.open = {}
        found: dict[tuple[str, str], tuple[http.client.HTTPConnection, float]] = self._kept.open
        return found
