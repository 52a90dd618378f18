"""What a stored error code means, whichever carrier it came from: their ranges do not overlap."""

from __future__ import annotations

from helpline.telephony.problems import Meaning
from helpline.telephony.twilio import codes as twilio

REGION_CODES = twilio.REGION_CODES
"""Codes of calls that reject a whole region."""

BAD_CREDENTIALS = twilio.BAD_CREDENTIALS
"""The code that stands for all codes of bad credentials."""


def meaning_of(code: int | None) -> Meaning:
    """Return the meaning of a code."""
    return twilio.meaning_of(code)
