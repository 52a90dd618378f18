"""Changing the account's auth token, on Twilio's accounts domain.

While there are two, either signs in. The primary one signs webhooks. Promoting the secondary one
ends the primary one at once (https://www.twilio.com/docs/iam/api/authtoken).
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from phonesim.twilio.account import NoSecondaryToken
from phonesim.twilio.carrier import Twilio
from phonesim.twilio.errors import TwilioError


def register(api: Blueprint, account: Twilio) -> None:
    """AuthTokens/Promote"""

    @api.post("/v1/AuthTokens/Promote")
    def promote() -> dict[str, Any]:
        try:
            token = account.tokens.promote()
        except NoSecondaryToken:
            raise TwilioError(20404, "/v1/AuthTokens/Promote") from None
        return {"account_sid": account.sid, "auth_token": token}
