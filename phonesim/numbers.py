"""Phone numbers as people and networks write them."""

from __future__ import annotations

import re

E164 = re.compile(r"\+[1-9]\d{6,14}")
_FORMATTING = re.compile(r"[\s().\-]")

INDIA = "+91"
ANONYMOUS = "anonymous"
WITHHELD = (
    *(ANONYMOUS, "Anonymous", "Restricted", "restricted", "unknown", "unavailable", ""),
    *("+266696687", "+86282452253", "+7378742833", "+2562533", "+8656696", "+464"),
)
"""Forms of a withheld number: words of the caller's carrier, and the same words typed on a
phone's keys (+266696687 is ANONYMOUS)
https://help.twilio.com/articles/223179988-Why-am-I-getting-calls-from-these-strange-numbers-
"""


def normalised(number: str) -> str:
    """Remove spaces and punctuation from a phone number; carriers forgive those."""
    return _FORMATTING.sub("", number.strip())


def is_e164(number: str) -> bool:
    """Whether this is a full international number."""
    return E164.fullmatch(number) is not None


def without_channel(address: str) -> str:
    """The phone number within an address of a channel: "+91..." of "whatsapp:+91..."."""
    return address.partition(":")[2] if ":" in address else address


def presents(digits: str, number: str) -> bool:
    """Whether digits are a form of a number: with or without its country code and a leading 0."""
    bare = digits.removeprefix("0")
    return bare.isascii() and bare.isdigit() and len(bare) >= 8 and number.endswith(bare)
