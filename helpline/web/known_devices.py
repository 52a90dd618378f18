"""Login attempts, and the device cookie of known browsers."""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import timedelta
from typing import cast

from flask import Response, after_this_request, current_app, request
from flask_security.mail_util import EmailValidateException
from itsdangerous import BadSignature, URLSafeSerializer

from helpline.current import settings
from helpline.privacy.encryption import keyed_hash
from helpline.staff.login_throttle.service import LoginAttempt
from helpline.staff.models import Staff
from helpline.web.remote_address import networks_of

_KNOWN_FOR = timedelta(days=90)
_MOST_KNOWN = 5


def login_attempt(account: str) -> LoginAttempt:
    """Return the login attempt of this request.

    Args:
        account: the e-mail address typed.
    """
    return LoginAttempt(
        account, networks_of(request.remote_addr), _known_devices().get(_mark(account))
    )


def account_of(email: str) -> str:
    """Return the account of an e-mail address: all spellings that the sign-in library accepts
    count as one.
    """
    with suppress(EmailValidateException):  # Nobody's address: no account is found under it.
        email = current_app.extensions["security"].mail_util.normalize(email)
    return email.strip().lower()


def remember(staff: Staff) -> None:
    """Set the device cookie: guesses from elsewhere do not delay this browser."""
    account = account_of(staff.email)

    @after_this_request
    def with_device(response: Response) -> Response:
        devices = _known_devices()
        devices.setdefault(_mark(account), secrets.token_urlsafe(12))
        newest = dict(list(devices.items())[-_MOST_KNOWN:])
        response.set_cookie(
            _cookie_name(),
            _signed().dumps(newest),
            max_age=_KNOWN_FOR,
            secure=settings().public_url.startswith("https://"),
            httponly=True,
            samesite="Lax",
        )
        return response


def _mark(account: str) -> str:
    return keyed_hash("known-device", account)[:16]


def _cookie_name() -> str:
    return "__Host-known" if settings().public_url.startswith("https://") else "known"


def _signed() -> URLSafeSerializer:
    return URLSafeSerializer(settings().secret_key.get_secret_value(), salt="known-device")


def _known_devices() -> dict[str, str]:
    try:
        cookie = _signed().loads(request.cookies.get(_cookie_name(), ""))
    except BadSignature:
        return {}
    return cast(dict[str, str], cookie)
