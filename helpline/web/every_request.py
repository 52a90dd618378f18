"""What Flask does around every request, without what it would make anew each time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer


class Cookies(SecureCookieSessionInterface):
    """Sessions as Flask has them, by one reader: the keys stay while a process lasts."""

    def __init__(self) -> None:
        self._reader: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """What signs and reads the cookie."""
        if self._reader is None:
            self._reader = super().get_signing_serializer(app)
        return self._reader


def install(app: Flask) -> None:
    """None of our views and hooks is a coroutine, so Flask need not look for them each time."""
    app.session_interface = Cookies()
    app.ensure_sync = _as_it_is  # type: ignore[method-assign, assignment]


def _as_it_is(function: Callable[..., Any]) -> Callable[..., Any]:
    return function
