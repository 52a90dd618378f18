"""The words that are spoken to callers, by language. They stand in spoken_words.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("spoken_words.json")


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
        words: str = _told()[self.code]["words"][key]
        return words.format(**values)


def languages() -> tuple[str, ...]:
    """The languages there are words in."""
    return tuple(_told())


def tongue(code: str) -> Tongue:
    """A language; the first one for a code without words."""
    found = code if code in _told() else languages()[0]
    return Tongue(found, _told()[found]["locale"], _told()[found]["voice"])


def digits(number: str) -> str:
    """A number as it is spoken, slowly: one digit after the other."""
    return ", ".join(each for each in number if each.isdigit())


@cache
def _told() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return read
