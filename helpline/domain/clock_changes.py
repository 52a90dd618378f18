"""The wall-clock hour that occurs twice when the clock is put back in autumn."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import IntEnum


class Showing(IntEnum):
    """Which occurrence of its wall-clock time an instant is."""

    ONLY = 0
    FIRST = 1
    SECOND = 2


def showing(local: datetime) -> Showing:
    """Return whether a wall-clock time occurs twice that night, and which of the two it is;
    ``local`` as ``astimezone`` returns it.
    """
    before, after = (_offset(local.replace(fold=fold)) for fold in (0, 1))
    if before <= after:
        return Showing.ONLY
    return Showing.SECOND if local.fold else Showing.FIRST


def offset_name(local: datetime) -> str:
    """Return the UTC offset that tells two occurrences apart: "UTC-4", "UTC+5:30"."""
    minutes = int(_offset(local).total_seconds() // 60)
    sign, (hours, remainder) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    return f"UTC{sign}{hours}" + (f":{remainder:02}" if remainder else "")


def _offset(local: datetime) -> timedelta:
    return local.utcoffset() or timedelta(0)
