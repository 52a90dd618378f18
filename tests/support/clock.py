"""Puts the clock where a test wants it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import time_machine


class Clock:
    """Time stands still where it was put; before the first call it is real time."""

    def __init__(self) -> None:
        self._travel: time_machine.travel | None = None
        self._traveller: time_machine.Traveller | None = None

    def __call__(self, wall: str, zone: str = "Asia/Kolkata") -> datetime:
        """Puts the clock at this wall time and gives the instant, in UTC."""
        instant = datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        if self._traveller is None:
            self._travel = time_machine.travel(instant, tick=False)
            self._traveller = self._travel.start()
        else:
            self._traveller.move_to(instant)
        return instant

    def later(self, **passed: float) -> datetime:
        """Lets time pass (seconds=, minutes=, hours=, days=) and gives the new instant."""
        if self._traveller is None:
            raise RuntimeError('put the clock somewhere first: at("2026-11-23 10:00")')
        self._traveller.shift(timedelta(**passed))
        return datetime.now(UTC)

    def stop(self) -> None:
        """Back to real time."""
        if self._travel is not None:
            self._travel.stop()
            self._travel = self._traveller = None
