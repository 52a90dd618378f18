"""The hour that a clock shows twice, when it is put back in autumn."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import IntEnum


class Showing(IntEnum):
    """Which showing of its wall time an instant is."""

    ONLY = 0
    FIRST = 1
    SECOND = 2


def showing(local: datetime) -> Showing:
    """Whether the clock shows this wall time twice that night, and which of the two this is.

    Args:
        local: an instant in its zone, as ``astimezone`` gives it.
    """
    before, after = (_offset(local.replace(fold=fold)) for fold in (0, 1))
    if before <= after:
        return Showing.ONLY
    return Showing.SECOND if local.fold else Showing.FIRST


def offset_name(local: datetime) -> str:
    """The offset by which two showings differ: "UTC-4", "UTC+5:30"."""
    minutes = int(_offset(local).total_seconds() // 60)
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")


def _offset(local: datetime) -> timedelta:
    return local.utcoffset() or timedelta(0)
