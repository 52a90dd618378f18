"""What makes a password good enough: its length, and that it is none that is tried first.

After NIST SP 800-63B, 5.1.1.2: length counts, composition rules do not, and what is common, or
about the service or the person, is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Literal

LEAST = 12
MOST = 200
ONE_FORM: Literal["NFKD"] = "NFKD"
"""The Unicode form in which passwords are kept and compared (NIST SP 800-63B, 5.1.1.2)."""

COMMON = frozenset(
    Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").split()
)
"""Words that are tried first, also with digits and signs around and in them."""

_LEET = str.maketrans("013457@$!", "oieastasi")
_RUNS = ("01234567890123456789", "09876543210987654321", "abcdefghijklmnopqrstuvwxyz")


class Weakness(StrEnum):
    """Why a password is refused."""

    SHORT = "short"
    LONG = "long"
    COMMON = "common"
    ABOUT_YOU = "about_you"


def weakness(password: str, about: Iterable[str] = ()) -> Weakness | None:
    """Why a password is not good enough; None if it is.

    Args:
        about: what anybody would try for this person: their name, address, the service's name.
    """
    if len(password) < LEAST:
        return Weakness.SHORT
    if len(password) > MOST:
        return Weakness.LONG
    core = _core(password)
    if core in COMMON or len(set(password)) < 5 or _is_run(password.lower()):
        return Weakness.COMMON
    known = {word for told in about for word in (_core(told), *map(_core, re.split(r"\W+", told)))}
    return Weakness.ABOUT_YOU if core in known - {""} else None


def in_one_form(password: str) -> str:
    """The same password, whichever way a keyboard writes its letters: an accent or a nukta may be
    a part of its letter, or come after it. It is to be hashed and compared so."""
    return unicodedata.normalize(ONE_FORM, password)


def _core(text: str) -> str:
    """The word that is left when what people put around and into it is taken away: digits and
    signs at the ends, 0 for o, the whole thing twice."""
    letters = re.sub(r"^[^a-z]+|[^a-z]+$", "", text.lower())
    plain = re.sub(r"[^a-z]", "", letters.translate(_LEET))
    repeated = re.fullmatch(r"(.+?)\1+", plain)
    return repeated.group(1) if repeated else plain


def _is_run(text: str) -> bool:
    return any(text in run for run in _RUNS)
