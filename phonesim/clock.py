"""The simulation's time: a wall clock that can be set off, and waits that can be shortened."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime


class SimClock:
    """A clock that converts simulated seconds to real ones.

    Time stamps are the machine's clock plus `offset_seconds`, so that they agree with a service
    whose clock was shifted by the same amount; with a `speed` they are its seconds since 1970 times
    that, plus the offset. Waits (ringing, speech, call lengths) pass `scale` times as fast as real
    ones.
    """

    def __init__(self, offset_seconds: float = 0.0, scale: float = 1.0, speed: float = 1.0) -> None:
        if scale <= 0 or speed <= 0:
            raise ValueError("time scale and clock speed must be above 0")
        self.offset_seconds = offset_seconds
        self.scale = self._first_scale = scale
        self.speed = speed
        self._since = time.monotonic()
        self._before = 0.0

    def now(self) -> datetime:
        """The simulated wall clock, in UTC."""
        real = datetime.now(UTC)
        if self.speed == 1:
            return real + timedelta(seconds=self.offset_seconds)
        return datetime.fromtimestamp(real.timestamp() * self.speed + self.offset_seconds, UTC)

    def elapsed(self) -> float:
        """Simulated seconds since the start; call lengths are differences of this."""
        return self._before + (time.monotonic() - self._since) * self.scale

    def run_at(self, scale: float | None = None) -> None:
        """Waits that begin from now on pass `scale` times as fast; None: as at the start.

        ValueError if it is not above 0.
        """
        scale = self._first_scale if scale is None else scale
        if scale <= 0:
            raise ValueError("time scale must be above 0")
        self._before, self._since, self.scale = self.elapsed(), time.monotonic(), scale

    def real(self, seconds: float) -> float:
        """How many real seconds a wait of `seconds` simulated ones takes."""
        return max(0.0, seconds) / self.scale


def rfc2822(moment: datetime | None) -> str | None:
    """`Mon, 23 Nov 2026 10:00:00 +0000`."""
    if moment is None:
        return None
    return format_datetime(moment.astimezone(UTC).replace(microsecond=0))
