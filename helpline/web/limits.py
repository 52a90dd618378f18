"""How often one address may ask: counted in this process, told as 429.

Crisis numbers are never behind a limit.
"""

from __future__ import annotations

import math
import time

from flask import Flask, current_app, request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

_EXTENSION = "helpline-limits"

READ = "60/minute"
"""Looking something up."""
CHANGE = "20/minute"
"""Moving or cancelling."""
ASK = "10/minute"
"""Asking for a callback."""


class Limits:
    """The counts of one application.

    Args:
        on: whether anything is counted.
    """

    def __init__(self) -> None:
        self.on = True
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def seconds_to_wait(self, limit: RateLimitItem, *who: str) -> int | None:
        """Counts once more; None while that is within the limit, else when to come again."""
        if not self.on or self._limiter.hit(limit, *who):
            return None
        reset, _left = self._limiter.get_window_stats(limit, *who)
        return max(1, math.ceil(reset - time.time()))


def install(app: Flask) -> None:
    """Gives the application its counts."""
    app.extensions[_EXTENSION] = Limits()


def of(app: Flask) -> Limits:
    """The counts of an application."""
    found: Limits = app.extensions[_EXTENSION]
    return found


def need_turn(what: str, most: str) -> None:
    """Lets a request pass while its address keeps to the limit.

    Args:
        what: which requests are counted together, such as "api-ask".
        most: such as "10/minute".

    Raises:
        TooManyRequests: it does not; the answer says when to come again.
    """
    wait = of(current_app).seconds_to_wait(parse(most), what, request.remote_addr or "")
    if wait is not None:
        raise TooManyRequests(retry_after=wait)
