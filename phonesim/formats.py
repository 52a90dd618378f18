"""Twilio's ways of writing things: identifiers, dates, numbers, countries."""

from __future__ import annotations

import json
import re
import secrets
from datetime import UTC, datetime
from email.utils import format_datetime

API_VERSION = "2010-04-01"

E164 = re.compile(r"\+[1-9]\d{6,14}")
_FORMATTING = re.compile(r"[\s().\-]")

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


def rfc2822(moment: datetime | None) -> str | None:
    """`Mon, 23 Nov 2026 10:00:00 +0000`, as the 2010-04-01 API writes every date."""
    return (
        None if moment is None else format_datetime(moment.astimezone(UTC).replace(microsecond=0))
    )


def normalised(number: str) -> str:
    """A phone number without spaces and punctuation; Twilio forgives those."""
    return _FORMATTING.sub("", number.strip())


def is_e164(number: str) -> bool:
    """Whether this is a full international number."""
    return E164.fullmatch(number) is not None


def without_channel(address: str) -> str:
    """The phone number within an address of a channel: "+91..." of "whatsapp:+91..."."""
    return address.partition(":")[2] if ":" in address else address


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
