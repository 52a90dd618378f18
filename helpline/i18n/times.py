"""Dates and times by patterns of Unicode's locale data, with midnight as people say it."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from babel import Locale
from babel.dates import format_datetime, format_time

MIDNIGHT_ENDS_DAY = frozenset({"hi"})
"""Languages in which 12 at night belongs to the day that ends, not to the one that begins."""

_DAY = timedelta(days=1)
_AFTER_MIDNIGHT = time(0, 1)


def midnight_ends_day(locale: Locale) -> bool:
    """Whether midnight belongs to the day that ends, in this language."""
    return locale.language in MIDNIGHT_ENDS_DAY


def clock_words(wall: time, pattern: str, locale: Locale) -> str:
    """A time of day. Midnight has the name of the night around it: "midnight 12:00" says it twice,
    and in Hindi it is a word of books."""
    words = str(format_time(wall, pattern, locale=locale))
    return _as_night(words, pattern, locale) if wall == time() else words


def moment_words(at: datetime, pattern: str, locale: Locale) -> str:
    """A date and a time of day.

    Args:
        at: in the zone in which it is told.
    """
    if at.time() != time():
        return str(format_datetime(at, pattern, locale=locale))
    # A shift of the wall clock: whatever the zone does that night, the day that ends is the one
    # before.
    shown = at - _DAY if midnight_ends_day(locale) else at
    return _as_night(str(format_datetime(shown, pattern, locale=locale)), pattern, locale)


def _as_night(words: str, pattern: str, locale: Locale) -> str:
    if "B" not in pattern:
        return words
    midnight, night = (
        str(format_time(each, "B", locale=locale)) for each in (time(), _AFTER_MIDNIGHT)
    )
    return words.replace(midnight, night)
