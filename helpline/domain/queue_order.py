"""The order of the queue and the expected wait."""

from __future__ import annotations

from enum import Enum, IntEnum
from math import ceil


class Priority(IntEnum):
    """Priority of a callback that is due; the lowest goes first.

    A booked time is a promise, so once due it precedes "as soon as possible". Slots have a
    capacity, so the others are not kept waiting for ever. Urgent and later are set by staff for one
    callback.
    """

    URGENT = 1
    BOOKED = 4
    ASAP = 5
    LATER = 9


class WaitBand(Enum):
    """A range of waits; the value is the key of its sentence."""

    UNDER_5 = "under_5"
    UNDER_15 = "under_15"
    UNDER_30 = "under_30"
    UNDER_60 = "under_60"
    OVER_HOUR = "over_hour"
    UNKNOWN = "unknown"


_BANDS = (
    (5, WaitBand.UNDER_5),
    (15, WaitBand.UNDER_15),
    (30, WaitBand.UNDER_30),
    (60, WaitBand.UNDER_60),
)


def expected_wait_minutes(ahead: int, advisors: int, handling_minutes: float) -> int | None:
    """Return the expected wait of a new request, rounded up to minutes; None without an advisor.

    Args:
        ahead: callbacks that are called before it, claimed ones included.
        advisors: how many advisors are online.
        handling_minutes: how long one callback occupies an advisor.
    """
    if advisors < 1:
        return None
    return ceil(max(ahead, 0) * max(handling_minutes, 0.0) / advisors)


def wait_band(minutes: int | None) -> WaitBand:
    """Return the band of a wait (None when unknown): a range is honest, a number would be a
    promise.
    """
    if minutes is None:
        return WaitBand.UNKNOWN
    return next((band for below, band in _BANDS if minutes < below), WaitBand.OVER_HOUR)
