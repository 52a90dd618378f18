"""The one source of "now"."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

_ahead = timedelta(0)
_speed = 1.0


def set_ahead(seconds: float, *, speed: float = 1.0) -> None:
    """Puts the service's clock ahead of real time (development only; config.py guards it).

    Args:
        seconds: how far ahead, in seconds; 0 is real time.
        speed: how many of its seconds pass in a real one. They are counted from 1970, so that
            processes which start one after the other have the same time.
    """
    global _ahead, _speed
    _ahead, _speed = timedelta(seconds=seconds), speed


def now() -> datetime:
    """The present instant, aware, in UTC."""
    real = datetime.now(UTC)
    if _speed == 1:
        return real + _ahead
    return datetime.fromtimestamp(real.timestamp() * _speed + _ahead.total_seconds(), UTC)


def ahead() -> timedelta:
    """How far it is ahead of real time just now."""
    return _ahead if _speed == 1 else now() - datetime.now(UTC)


def wait(passed: timedelta) -> None:
    """Sleeps until so much time has passed on it."""
    time.sleep(passed / timedelta(seconds=1) / _speed)
