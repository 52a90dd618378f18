"""What a stored error code means, by the carrier that it came from."""

from __future__ import annotations

from helpline.telephony.adapters import ADAPTERS
from helpline.telephony.problems import Meaning


def meaning_of(carrier: str, code: int | None) -> Meaning:
    """Return the meaning of a carrier's code."""
    return ADAPTERS[carrier].meaning_of(code)


def region_codes(carrier: str) -> frozenset[int]:
    """Return the codes of calls that reject a whole region."""
    return ADAPTERS[carrier].region_codes


def bad_credentials(carrier: str) -> int:
    """Return the code that stands for all codes of bad credentials."""
    return ADAPTERS[carrier].bad_credentials
