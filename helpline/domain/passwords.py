"""Password strength: minimum length, and no password that is tried first.

Source: NIST SP 800-63B, 5.1.1.2: length counts, composition rules do not, and common words or words
about the service or the person are refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Literal

MIN_LENGTH = 12
MAX_LENGTH = 200
UNICODE_FORM: Literal["NFKD"] = "NFKD"
"""Unicode form in which passwords are stored and compared (NIST SP 800-63B, 5.1.1.2)."""

COMMON = frozenset(
    Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").split()
)
"""Words tried first, also with digits and signs around or inside them."""

_LEET = str.maketrans("013457@$!", "oieastasi")
_RUNS = ("01234567890123456789", "09876543210987654321", "abcdefghijklmnopqrstuvwxyz")


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
    core = _core_word(password)
    if core in COMMON or len(set(password)) < 5 or _is_run(password.lower()):
        return Weakness.COMMON
    known_words = {
        word
        for detail in about
        for word in (_core_word(detail), *map(_core_word, re.split(r"\W+", detail)))
    }
    return Weakness.ABOUT_YOU if core in known_words - {""} else None


def normalize_password(password: str) -> str:
    """Return the password in the Unicode form to hash and compare: keyboards differ in whether
    an accent or a nukta is part of its letter or follows it.
    """
    return unicodedata.normalize(UNICODE_FORM, password)


def _core_word(text: str) -> str:
    """The word without digits and signs at the ends, with 0 for o undone, and repetition
    removed.
    """
    letters = re.sub(r"^[^a-z]+|[^a-z]+$", "", text.lower())
    plain = re.sub(r"[^a-z]", "", letters.translate(_LEET))
    repeated = re.fullmatch(r"(.+?)\1+", plain)
    return repeated.group(1) if repeated else plain


def _is_run(text: str) -> bool:
    return any(text in run for run in _RUNS)
