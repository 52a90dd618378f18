"""Voice prompts: in spoken_words.json and the safety facts (English), and in the catalogs."""

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
from helpline.i18n import catalogs, times
from helpline.i18n.catalogs import FORMAT, SOURCE_LANGUAGE, VOICE, pgettext_noop

_NUMBER = re.compile(r"\+?\d(?:[ -]*\d){2,}", re.ASCII)
FILE = Path(__file__).with_name("spoken_words.json")
# Spoken formats of a time, on the hour and otherwise.
_FULL_HOUR = pgettext_noop("format", "EEEE d MMMM 'at' h a")
_ANY_TIME = pgettext_noop("format", "EEEE d MMMM 'at' h:mm a")


@dataclass(frozen=True, slots=True)
class Voice:
    """A language of voice prompts.

    Args:
        code: ours, such as "hi".
        locale: the carrier's, such as "hi-IN".
        voice: a carrier's voice that knows the locale.
    """

    code: str
    locale: str
    voice: str

    def say(self, key: str, /, **values: object) -> str:
        """Return a prompt; an unknown key raises KeyError."""
        return catalogs.translate(VOICE, _english_prompts()["words"][key], self.code).format(
            **values
        )

    def digits(self, number: str) -> str:
        """Return a number spoken slowly, digit by digit, with the + by its name."""
        spoken = [character for character in number if character.isdigit()]
        return ", ".join([self.say("plus")] * number.strip().startswith("+") + spoken)

    def spelled(self, text: str) -> str:
        """Return a text with its phone numbers spoken digit by digit."""
        return _NUMBER.sub(lambda found: self.digits(found[0]), text)

    def moment(self, at: datetime) -> str:
        """Return a spoken day and time: "Tuesday 24 November at 10 AM".

        Args:
            at: in the zone in which it is spoken.
        """
        pattern = catalogs.translate(FORMAT, _ANY_TIME if at.minute else _FULL_HOUR, self.code)
        return times.format_moment(at, pattern, Locale.parse(self.code, sep="-"))


def voice_for(code: str) -> Voice:
    """Return a language, or English where it has no prompts."""
    language = code if code in catalogs.available() else SOURCE_LANGUAGE
    carrier_values = (
        catalogs.translate(VOICE, _english_prompts()[key], language) for key in ("locale", "voice")
    )
    return Voice(language, *carrier_values)


def prompts() -> Mapping[str, str]:
    """Return all prompts by key, in English."""
    by_key: Mapping[str, str] = _english_prompts()["words"]
    return by_key


@cache
def _english_prompts() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return {**read, "words": {**read["words"], **voice_prompts()}}
