"""The secrets of the simulated account: what signs in, and what signs webhooks.

- https://www.twilio.com/docs/iam/api/secondary_authtoken: either of two tokens signs in.
- https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys: a shared key signs webhooks with
  HMAC-SHA256 in place of the token, and a header names it.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from twilio.request_validator import (  # type: ignore[import-untyped, unused-ignore]
    HMAC_SHA256,
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
)

from phonesim.settings import Settings

SHARED_KEY_NAME = "webhooks_sharedkey_00000000000000000000000001"


class NoSecondaryToken(Exception):
    """There is no second token to promote."""


class Tokens:
    """The account's auth tokens, and its shared key if it has one."""

    def __init__(self, settings: Settings) -> None:
        self.primary = settings.auth_token
        self.secondary = settings.secondary_auth_token
        self._shared_key = settings.shared_key

    def sign_in(self, password: str) -> bool:
        """Whether a password is one of the tokens."""
        tokens = [token for token in (self.primary, self.secondary) if token]
        return any(hmac.compare_digest(password.encode(), token.encode()) for token in tokens)

    def promote(self) -> str:
        """The secondary token takes the place of the primary one; gives it."""
        if not self.secondary:
            raise NoSecondaryToken
        self.primary, self.secondary = self.secondary, ""
        return self.primary

    def headers(self, url: str, form: Mapping[str, Any], *, forged: bool = False) -> dict[str, str]:
        """The headers that sign a webhook.

        Args:
            forged: with a signature that is wrong.
        """
        headers = {}
        if self._shared_key:
            validator = RequestValidator(self._shared_key)
            signature = validator.compute_signature(url, form, HMAC_SHA256)
            settings = f"key={SHARED_KEY_NAME},algorithm={HMAC_SHA256}"
            headers[SIGNATURE_SETTINGS_HEADER] = settings
        else:
            signature = RequestValidator(self.primary).compute_signature(url, form)
        return headers | {SIGNATURE_HEADER: signature[::-1] if forged else signature}
