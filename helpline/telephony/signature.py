"""Whether a webhook is really the carrier's."""

from __future__ import annotations

from collections.abc import Mapping

from twilio.request_validator import RequestValidator


def is_genuine(
    auth_token: str, url: str, params: Mapping[str, str | list[str]], signature: str | None
) -> bool:
    """Checks Twilio's signature over the public address and the posted parameters.

    Args:
        auth_token: the account's token.
        url: the whole public address, as the carrier asked for it.
        params: the posted form.
        signature: the header X-Twilio-Signature, if any.
    """
    if not auth_token or not signature:
        return False
    return bool(RequestValidator(auth_token).validate(url, params, signature))


def sign(auth_token: str, url: str, params: Mapping[str, str]) -> str:
    """The signature that the carrier would send with these parameters to this address."""
    return str(RequestValidator(auth_token).compute_signature(url, dict(params)))
