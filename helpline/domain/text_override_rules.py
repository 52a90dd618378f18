"""Validation of text overrides, so that no page, text message or call breaks.

An override has exactly the placeholders of the original (a time, a number of minutes), so that no
name or number can get into a text message.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from string import Formatter

from helpline.domain.errors import DomainError
from helpline.domain.sms_length import measure


class Use(StrEnum):
    """Where a text is used."""

    PAGE = "page"
    TEXT = "text"
    VOICE = "voice"


class Violation(StrEnum):
    """Why an override is refused."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    TOO_MANY_TEXTS = "too_many_texts"
    MARKUP = "markup"
    MALFORMED = "malformed"
    UNKNOWN = "unknown"
    MISSING = "missing"


@dataclass
class InvalidText(DomainError):
    """An override that cannot replace the original.

    Args:
        reason: the rule it breaks.
        names: what breaks it, or how much is allowed.
    """

    reason: Violation
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__init__(self.reason, *self.names)


MOST_TEXTS = 3
_FILLED_IN = "0" * 30
"""As long as a time with the name of its zone, or two numbers."""
_SHORT, _TIMES_LONGER = 80, 3
_LONGEST_TEXT = 300
_OPEN_IN_PAGE = re.compile(r"%\((\w+)\)([sd])|%")
# On pages our words stand as they are, within sentences and within attributes.
_MARKUP = '<>&"'


def open_places(use: Use, words: str) -> tuple[str, ...]:
    """Return the placeholders of a text as written: "%(time)s", "{time}".

    Raises:
        WrongWords: a placeholder character stands alone.
    """
    if use is Use.PAGE:
        found = list(_OPEN_IN_PAGE.finditer(words))
        if any(each[1] is None for each in found):
            raise InvalidText(Violation.MALFORMED, ("%",))
        return tuple(sorted(each[0] for each in found))
    try:
        parts = [each for each in Formatter().parse(words) if each[1] is not None]
    except ValueError as error:
        raise InvalidText(Violation.MALFORMED, ("{", "}")) from error
    if any(spec or conversion for _, _, spec, conversion in parts):
        raise InvalidText(Violation.MALFORMED, ("{", "}"))
    return tuple(sorted(f"{{{name}}}" for _, name, _, _ in parts))


def longest(use: Use, ours: str) -> int:
    """Return the maximum length of an override in characters."""
    return _LONGEST_TEXT if use is Use.TEXT else max(_SHORT, _TIMES_LONGER * len(ours))


def check(use: Use, ours: str, theirs: str) -> None:
    """Validate an override.

    Args:
        ours: the original, in the same language.

    Raises:
        WrongWords: with the reason.
    """
    if not theirs.strip():
        raise InvalidText(Violation.EMPTY)
    most = longest(use, ours)
    if len(theirs) > most:
        raise InvalidText(Violation.TOO_LONG, (str(most),))
    found = sorted(set(theirs) & set(_MARKUP)) if use is Use.PAGE else ()
    if found:
        raise InvalidText(Violation.MARKUP, tuple(found))
    allowed, left_open = Counter(open_places(use, ours)), Counter(open_places(use, theirs))
    if left_open - allowed:
        raise InvalidText(Violation.UNKNOWN, tuple(left_open - allowed))
    if allowed - left_open:
        raise InvalidText(Violation.MISSING, tuple(allowed - left_open))
    if use is Use.TEXT and _segments(theirs) > max(MOST_TEXTS, _segments(ours)):
        raise InvalidText(Violation.TOO_MANY_TEXTS, (str(MOST_TEXTS),))


def _segments(text: str) -> int:
    """Segments of a text message with all placeholders filled in."""
    for place in open_places(Use.TEXT, text):
        text = text.replace(place, _FILLED_IN)
    return measure(text).segments
