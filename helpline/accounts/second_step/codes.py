"""Codes: an app's, which change every half minute, and recovery codes, each good once."""

from __future__ import annotations

import secrets
from datetime import datetime

from passlib.exc import TokenError
from passlib.totp import TOTP

from helpline.domain.unreadable import is_unreadable
from helpline.privacy.encryption import keyed_hash

HOW_MANY = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""None that is taken for another when it is written by hand."""


def new_secret() -> str:
    """A fresh secret for an app, in base 32."""
    return str(TOTP.new().base32_key)


def address_of(secret: str, *, issuer: str, label: str) -> str:
    """What an app reads from the picture.

    Args:
        issuer: the service, as the app lists it.
        label: whose code it is.
    """
    return str(TOTP(key=secret, format="base32", issuer=issuer, label=label).to_uri())


def written_out(secret: str) -> str:
    """The secret in groups, to be typed."""
    return str(TOTP(key=secret, format="base32").pretty_key())


def counter_of(code: str, secret: str, *, after: int | None, now: datetime) -> int | None:
    """The half minute that a code belongs to; None if it is wrong or was used.

    One before and one after the present one are taken too, for clocks that differ.

    Args:
        after: the half minute of the last code that was taken.
    """
    if is_unreadable(secret):
        return None
    try:
        match = TOTP(key=secret, format="base32").match(
            code, time=now.timestamp(), window=30, last_counter=after
        )
    except TokenError:
        return None
    return int(match.counter)


def new_recovery_codes() -> list[str]:
    """Fresh recovery codes (59 bits each), as they are written down: "abcd-efgh-jkmn"."""
    return ["-".join(_letters(4) for _ in range(3)) for _ in range(HOW_MANY)]


def recovery_hash(staff_id: int, code: str) -> str:
    """Under what a recovery code is kept; capitals, spaces and hyphens make no difference."""
    plain = "".join(each for each in code.lower() if each.isalnum())
    return keyed_hash("recovery-code", f"{staff_id}:{plain}")


def _letters(count: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(count))
