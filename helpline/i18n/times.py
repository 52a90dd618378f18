"""Dates and times by CLDR patterns, with idiomatic midnight."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from babel import Locale
from babel.dates import format_datetime, format_time

MIDNIGHT_ENDS_DAY = frozenset({"hi"})
"""Languages in which midnight belongs to the day that ends."""

_DAY = timedelta(days=1)
_AFTER_MIDNIGHT = time(0, 1)


def midnight_ends_day(locale: Locale) -> bool:
    return locale.language in MIDNIGHT_ENDS_DAY


def format_clock_time(wall: time, pattern: str, locale: Locale) -> str:
    """Format a time; midnight is "12:00 at night", not CLDR's redundant "midnight 12:00"."""
    text = str(format_time(wall, pattern, locale=locale))
    return _replace_midnight(text, pattern, locale) if wall == time() else text


def format_moment(at: datetime, pattern: str, locale: Locale) -> str:
    """Format a date and a time of day, both in the time zone to show."""
    if at.time() != time():
        return str(format_datetime(at, pattern, locale=locale))
    # By the wall clock: the day that ends is the one before, whatever the zone does that night.
    shown = at - _DAY if midnight_ends_day(locale) else at
    return _replace_midnight(str(format_datetime(shown, pattern, locale=locale)), pattern, locale)


def _replace_midnight(text: str, pattern: str, locale: Locale) -> str:
    if "B" not in pattern:
        return text
    midnight, night = (
        str(format_time(hour, "B", locale=locale)) for hour in (time(), _AFTER_MIDNIGHT)
    )
    return text.replace(midnight, night)
