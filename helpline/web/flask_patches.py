"""Parts of Flask's request handling that are cached here instead of rebuilt for every request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature, URLSafeTimedSerializer

_REMEMBERED = 1024


class Cookies(SecureCookieSessionInterface):
    """Flask's cookie sessions with one cached serializer."""

    def __init__(self) -> None:
        self._reader: URLSafeTimedSerializer | None = None
        self._read = lru_cache(_REMEMBERED)(self._read_anew)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        if self._reader is None:
            self._reader = super().get_signing_serializer(app)
        return self._reader

    def said_in(self, app: Flask, cookies: Mapping[str, str]) -> Mapping[str, Any]:
        """Return the contents of a session cookie, read-only; empty if it is not ours. Whether the
        session is valid, the database knows.
        """
        cookie = cookies.get(self.get_cookie_name(app))
        with suppress(BadSignature):
            return self._read(app, cookie or "")
        return {}

    def _read_anew(self, app: Flask, cookie: str) -> Mapping[str, Any]:
        reader = self.get_signing_serializer(app)
        if reader is None:
            return {}
        longest = int(app.permanent_session_lifetime.total_seconds())
        return MappingProxyType(reader.loads(cookie, max_age=longest))


def install(app: Flask) -> None:
    """No view or hook is a coroutine, so Flask need not check on every request."""
    app.session_interface = Cookies()
    app.ensure_sync = _as_it_is  # type: ignore[method-assign, assignment]


def _as_it_is(function: Callable[..., Any]) -> Callable[..., Any]:
    return function
