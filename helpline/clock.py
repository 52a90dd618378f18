"""The one source of "now"."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from helpline.app_state import AppState

if TYPE_CHECKING:
    from flask import Flask


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock that is ahead of real time, or faster (development only; config.py guards it).

    Args:
        ahead: how far ahead it is; none is real time.
        speed: how many of its seconds pass in a real one. They are counted from 1970, so that
            processes which start one after the other have the same time.
    """

    ahead: timedelta = timedelta(0)
    speed: float = 1.0


_CLOCK = AppState[Clock]("clock")
_outside = Clock()


def install(app: Flask, seconds: float, *, speed: float = 1.0) -> None:
    """Give an application its clock; see ``Clock``.

    Args:
        seconds: how far ahead of real time, in seconds.
    """
    _CLOCK.install(app, Clock(timedelta(seconds=seconds), speed))


def set_ahead(seconds: float, *, speed: float = 1.0) -> None:
    """Set the clock of what runs outside of any application, such as a simulation that starts
    other processes. No application calls it.

    Args:
        seconds: how far ahead of real time, in seconds.
    """
    global _outside
    _outside = Clock(timedelta(seconds=seconds), speed)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    clock, real = _current(), datetime.now(UTC)
    if clock.speed == 1:
        return real + clock.ahead
    seconds = real.timestamp() * clock.speed + clock.ahead.total_seconds()
    return datetime.fromtimestamp(seconds, UTC)


def ahead() -> timedelta:
    """How far it is ahead of real time just now."""
    clock = _current()
    return clock.ahead if clock.speed == 1 else now() - datetime.now(UTC)


def wait(passed: timedelta) -> None:
    """Sleeps until so much time has passed on it."""
    time.sleep(passed / timedelta(seconds=1) / _current().speed)


def _current() -> Clock:
    return _CLOCK.get() or _outside
