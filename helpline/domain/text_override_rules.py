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


MAX_SEGMENTS = 3
_SAMPLE_VALUE = "0" * 30
"""As long as a time with the name of its zone, or two numbers."""
_SHORT_LENGTH, _LENGTH_FACTOR = 80, 3
_MAX_SMS_LENGTH = 300
_PAGE_PLACEHOLDER = re.compile(r"%\((\w+)\)([sd])|%")
# Pages show overrides within sentences and within attributes.
_MARKUP = '<>&"'


def placeholders(use: Use, text: str) -> tuple[str, ...]:
    """Return the placeholders of a text as written: "%(time)s", "{time}".

    Raises:
        InvalidText: a placeholder character has no placeholder.
    """
    if use is Use.PAGE:
        matches = list(_PAGE_PLACEHOLDER.finditer(text))
        if any(match[1] is None for match in matches):
            raise InvalidText(Violation.MALFORMED, ("%",))
        return tuple(sorted(match[0] for match in matches))
    try:
        parts = [part for part in Formatter().parse(text) if part[1] is not None]
    except ValueError as error:
        raise InvalidText(Violation.MALFORMED, ("{", "}")) from error
    if any(spec or conversion for _, _, spec, conversion in parts):
        raise InvalidText(Violation.MALFORMED, ("{", "}"))
    return tuple(sorted(f"{{{name}}}" for _, name, _, _ in parts))


def max_length(use: Use, original: str) -> int:
    """Return the maximum length of an override in characters."""
    return (
        _MAX_SMS_LENGTH if use is Use.TEXT else max(_SHORT_LENGTH, _LENGTH_FACTOR * len(original))
    )


def check(use: Use, original: str, override: str) -> None:
    """Validate an override.

    Args:
        original: in the same language.

    Raises:
        InvalidText: with the reason.
    """
    if not override.strip():
        raise InvalidText(Violation.EMPTY)
    limit = max_length(use, original)
    if len(override) > limit:
        raise InvalidText(Violation.TOO_LONG, (str(limit),))
    markup = sorted(set(override) & set(_MARKUP)) if use is Use.PAGE else ()
    if markup:
        raise InvalidText(Violation.MARKUP, tuple(markup))
    allowed, used = Counter(placeholders(use, original)), Counter(placeholders(use, override))
    if used - allowed:
        raise InvalidText(Violation.UNKNOWN, tuple(used - allowed))
    if allowed - used:
        raise InvalidText(Violation.MISSING, tuple(allowed - used))
    if use is Use.TEXT and _segments(override) > max(MAX_SEGMENTS, _segments(original)):
        raise InvalidText(Violation.TOO_MANY_TEXTS, (str(MAX_SEGMENTS),))


def _segments(text: str) -> int:
    """With all placeholders filled in."""
    for place in placeholders(Use.TEXT, text):
        text = text.replace(place, _SAMPLE_VALUE)
    return measure(text).segments
