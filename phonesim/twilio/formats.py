"""Twilio's ways of writing things: identifiers, tokens, countries."""

from __future__ import annotations

import json
import secrets

API_VERSION = "2010-04-01"

# The countries that demos and tests use; others are left empty, as Twilio does when unsure.
_COUNTRIES = {"+91": "IN", "+977": "NP", "+44": "GB", "+1": "US", "+61": "AU", "+353": "IE"}


def new_sid(prefix: str) -> str:
    """A fresh identifier: two letters (CA, SM, RE, ...) and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)


def new_token(about: str) -> str:
    """Return a CallToken: JSON that an application sends back to forward a call with its caller's
    number.

    https://www.twilio.com/docs/voice/api/call-resource#create-a-call (CallToken)
    """
    told = {"parentCallInfoToken": secrets.token_urlsafe(48), "identityHeaderTokens": []}
    return json.dumps(told | {"from": about})


def country_of(number: str) -> str:
    """The ISO country of a number, or an empty string."""
    for length in (4, 3, 2):
        if number[:length] in _COUNTRIES:
            return _COUNTRIES[number[:length]]
    return ""


def parties(from_: str, to: str) -> dict[str, str]:
    """The parameters about both parties that come with every voice webhook.

    Places other than the country are sent empty, as Twilio does where it does not know them.
    """
    params = {"From": from_, "Caller": from_, "To": to, "Called": to}
    for name, number in (("From", from_), ("Caller", from_), ("To", to), ("Called", to)):
        params[f"{name}Country"] = country_of(number)
        params.update({f"{name}{place}": "" for place in ("State", "City", "Zip")})
    return params
