"""App codes (TOTP) and recovery codes."""

from __future__ import annotations

import secrets
from datetime import datetime

from passlib.exc import TokenError
from passlib.totp import TOTP

from helpline.domain.unreadable import is_unreadable
from helpline.privacy.encryption import keyed_hash

RECOVERY_CODE_COUNT = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Characters without look-alikes."""


def new_secret() -> str:
    """Return a new app secret, in base 32."""
    return str(TOTP.new().base32_key)


def provisioning_uri(secret: str, *, issuer: str, label: str) -> str:
    """Return the ``otpauth`` URI for the QR code."""
    return str(TOTP(key=secret, format="base32", issuer=issuer, label=label).to_uri())


def grouped_secret(secret: str) -> str:
    """Return the secret in groups, for typing."""
    return str(TOTP(key=secret, format="base32").pretty_key())


def matching_counter(code: str, secret: str, *, after: int | None, now: datetime) -> int | None:
    """Return the time step of a code; None if it is wrong or was used.

    One step before and after the present one is accepted, for clocks that differ.

    Args:
        after: the time step of the last accepted code.
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
    """Return new recovery codes (59 bits each), such as "abcd-efgh-jkmn"."""
    return ["-".join(_random_letters(4) for _ in range(3)) for _ in range(RECOVERY_CODE_COUNT)]


def recovery_hash(staff_id: int, code: str) -> str:
    """Return the hash under which a code is stored; case, spaces and hyphens make no difference."""
    normalized = "".join(character for character in code.lower() if character.isalnum())
    return keyed_hash("recovery-code", f"{staff_id}:{normalized}")


def _random_letters(count: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(count))
