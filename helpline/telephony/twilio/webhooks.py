"""Verify Twilio's webhook signatures.

Twilio signs the address and every posted parameter with the account's auth token (HMAC-SHA1), or,
where a webhook rule says so, with a shared key and the algorithm that the request names:

- https://www.twilio.com/docs/usage/webhooks/webhooks-security
- https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys (HMAC-SHA256)
- https://www.twilio.com/docs/iam/api/authtoken (which of two tokens signs changes at once)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from twilio.request_validator import (
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

__all__ = ["SIGNATURE_HEADER", "SIGNATURE_SETTINGS_HEADER", "is_genuine", "sign"]


def is_genuine(
    secrets: Iterable[str],
    url: str,
    posted: Mapping[str, Any],
    signature: str | None,
    signature_settings: str | None = None,
) -> bool:
    """Verify the signature of a webhook.

    Args:
        secrets: the account's auth tokens and shared keys; any of them may have signed.
        url: the whole public address as the carrier requested it.
        posted: the form. A parameter may have several values (``getlist``), each signed once.
        signature: the header X-Twilio-Signature, if any.
        signature_settings: the header X-Twilio-Webhooks-Signature-Settings, if any, which names
            the algorithm: "key=...,algorithm=HMAC_SHA256".
    """
    if not signature:
        return False
    algorithm = get_signature_algorithm(signature_settings)
    return any(
        RequestValidator(secret).validate(url, posted, signature, algorithm)
        for secret in secrets
        if secret
    )


def sign(auth_token: str, url: str, params: Mapping[str, str]) -> str:
    """Return the carrier's signature for these parameters and address."""
    return str(RequestValidator(auth_token).compute_signature(url, dict(params)))
