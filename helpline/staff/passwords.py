"""Password strength: a minimum length, and a minimum number of guesses as zxcvbn estimates it.

Source: NIST SP 800-63B, 5.1.1.2: length counts, composition rules do not, and common words or words
about the service or the person are refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from threading import Lock
from typing import Literal

MIN_LENGTH = 12
MAX_LENGTH = 200
UNICODE_FORM: Literal["NFKD"] = "NFKD"
"""Unicode form in which passwords are stored and compared (NIST SP 800-63B, 5.1.1.2)."""

COMMON_WORDS = [
    "advisor",
    "advisors",
    "callback",
    "changeit",
    "correcthorsebatterystaple",
    "default",
    "helpline",
    "hyderabad",
    "iamthebest",
    "lakshmi",
    "login",
    "myspace",
    "omnamahshivaya",
    "passphrase",
    "rockyou",
    "sachin",
    "strongpassword",
    "supersecret",
    "suresh",
    "temppassword",
    "thisisapassword",
    "trustno1",
    "trustnoone",
    "waheguru",
    "welcomehome",
]
"""Words tried early that zxcvbn, which knows English, does not rank as such."""

_MIN_SCORE = 4  # 10,000,000,000 guesses
_RATED_LENGTH = 32
"""How much of a password is rated: 72 contrived characters take zxcvbn more than two seconds."""
_ONE_AT_A_TIME = Lock()
"""zxcvbn keeps the words about a person in a dictionary of its module."""


class Weakness(StrEnum):
    """Why a password is refused."""

    SHORT = "short"
    LONG = "long"
    COMMON = "common"
    ABOUT_YOU = "about_you"


def weakness(password: str, about: Iterable[str] = ()) -> Weakness | None:
    """Return why a password is too weak, or None.

    Args:
        about: words that an attacker would try for this person: name, address, service name.
    """
    if len(password) < MIN_LENGTH:
        return Weakness.SHORT
    if len(password) > MAX_LENGTH:
        return Weakness.LONG
    # Here, since few processes ever rate a password and the import takes long.
    from zxcvbn import zxcvbn  # noqa: PLC0415

    personal_words = _words_in(about)
    with _ONE_AT_A_TIME:
        rating = zxcvbn(password[:_RATED_LENGTH], [*personal_words, *COMMON_WORDS])
    if rating["score"] >= _MIN_SCORE:
        return None
    found_words = {match.get("matched_word") for match in rating["sequence"]}
    return Weakness.COMMON if found_words.isdisjoint(personal_words) else Weakness.ABOUT_YOU


def normalize_password(password: str) -> str:
    """Return the password in the Unicode form to hash and compare: keyboards differ in whether
    an accent or a nukta is part of its letter or follows it.
    """
    return unicodedata.normalize(UNICODE_FORM, password)


def _words_in(about: Iterable[str]) -> list[str]:
    """Return each text whole, without its spaces, and word by word."""
    texts = [text.lower() for text in about]
    return [
        word
        for text in texts
        for word in (text, re.sub(r"\W+", "", text), *re.split(r"\W+", text))
        if word
    ]
