"""The words that are spoken to callers: in spoken_words.json and the safety facts, in English, and
in the catalogs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale

from helpline.domain.safety_facts import voice_prompts
from helpline.languages import catalogs, times
from helpline.languages.catalogs import FORMAT, MOTHER_TONGUE, VOICE

_NUMBER = re.compile(r"\+?\d(?:[ -]*\d){2,}", re.ASCII)
FILE = Path(__file__).with_name("spoken_words.json")
PATTERNS = (_FULL_HOUR, _ANY_TIME) = ("EEEE d MMMM 'at' h a", "EEEE d MMMM 'at' h:mm a")
"""How a moment is said, at the full hour and between."""


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language as the carrier speaks it.

    Args:
        code: ours, such as "hi".
        locale: the carrier's, such as "hi-IN".
        voice: which of the carrier's voices; it must know the locale.
    """

    code: str
    locale: str
    voice: str

    def say(self, key: str, /, **values: object) -> str:
        """The words of this key.

        Raises:
            KeyError: there are no such words.
        """
        return catalogs.told(VOICE, _english()["words"][key], self.code).format(**values)

    def digits(self, number: str) -> str:
        """A number as it is spoken, slowly: one digit after the other, and the + by its name."""
        spoken = [each for each in number if each.isdigit()]
        return ", ".join([self.say("plus")] * number.strip().startswith("+") + spoken)

    def spelled(self, text: str) -> str:
        """Words with the phone numbers in them spoken digit by digit."""
        return _NUMBER.sub(lambda found: self.digits(found[0]), text)

    def moment(self, at: datetime) -> str:
        """A day and a time as they are said: "Tuesday 24 November at 10 AM".

        Args:
            at: in the zone in which it is told.
        """
        pattern = catalogs.told(FORMAT, _ANY_TIME if at.minute else _FULL_HOUR, self.code)
        return times.moment_words(at, pattern, Locale.parse(self.code, sep="-"))


def tongue(code: str) -> Tongue:
    """A language; English for a code without words."""
    found = code if code in catalogs.available() else MOTHER_TONGUE
    carriers = (catalogs.told(VOICE, _english()[each], found) for each in ("locale", "voice"))
    return Tongue(found, *carriers)


def prompts() -> Mapping[str, str]:
    """Every prompt by its key, as our sources have it."""
    words: Mapping[str, str] = _english()["words"]
    return words


@cache
def _english() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return {**read, "words": {**read["words"], **voice_prompts()}}
