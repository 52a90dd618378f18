"""The only source of the current time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Flask, current_app

from helpline.app_state import AppState


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock that is ahead of real time, or faster (development only; config.py checks that).

    Args:
        ahead: how far ahead; none is real time.
        speed: its seconds per real second, counted from 1970, so that processes started one after
            another agree.
    """

    ahead: timedelta = timedelta(0)
    speed: float = 1.0


_CLOCK = AppState[Clock]("clock")
_outside = Clock()


def install(app: Flask, seconds: float, *, speed: float = 1.0) -> None:
    """Set the clock of an application, in seconds ahead of real time; see ``Clock``."""
    _CLOCK.install(app, Clock(timedelta(seconds=seconds), speed))


def set_ahead(seconds: float, *, speed: float = 1.0) -> None:
    """Set the clock outside of any application, such as for a simulation, in seconds."""
    global _outside
    _outside = Clock(timedelta(seconds=seconds), speed)


def now() -> datetime:
    """Return the current time, aware, in UTC."""
    clock, real = _current(), datetime.now(UTC)
    if clock.speed == 1:
        return real + clock.ahead
    seconds = real.timestamp() * clock.speed + clock.ahead.total_seconds()
    return datetime.fromtimestamp(seconds, UTC)


def ahead() -> timedelta:
    """Return how far the clock is ahead of real time."""
    clock = _current()
    return clock.ahead if clock.speed == 1 else now() - datetime.now(UTC)


def wait(passed: timedelta) -> None:
    """Sleep until so much time has passed on the clock."""
    time.sleep(passed / timedelta(seconds=1) / _current().speed)


def _current() -> Clock:
    return _CLOCK.get() if current_app else _outside
