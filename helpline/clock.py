"""The one source of "now"."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_ahead = timedelta(0)


def set_ahead(seconds: float) -> None:
    """Puts the service's clock ahead of real time (development only; config.py guards it).

    Args:
        seconds: how far ahead, in seconds; 0 is real time.
    """
    global _ahead
    _ahead = timedelta(seconds=seconds)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC) + _ahead
