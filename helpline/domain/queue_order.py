"""Who is rung first, and how long the others are likely to wait."""

from __future__ import annotations

from enum import Enum, IntEnum
from math import ceil


class Priority(IntEnum):
    """The lower goes first, among callbacks that are due.

    A booked time is a promise, so it goes before as soon as possible once it is due. Slots have
    a capacity, so those who did not book cannot be kept waiting for ever. Urgent and later are
    said by a person, of one callback.
    """

    URGENT = 1
    BOOKED = 4
    ASAP = 5
    LATER = 9


class WaitBand(Enum):
    """A wait in words one can promise; the value is the key of the sentence on screen."""

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
    """How long somebody who asks now will likely wait, rounded up to whole minutes.

    Args:
        ahead: how many callbacks are to be rung before, those in hand included.
        advisors: how many advisors are there.
        handling_minutes: how long one callback keeps an advisor, in minutes.

    Returns:
        Minutes; None when no advisor is there, since then nobody can say.
    """
    if advisors < 1:
        return None
    return ceil(max(ahead, 0) * max(handling_minutes, 0.0) / advisors)


def wait_band(minutes: int | None) -> WaitBand:
    """The words for a wait: a band is honest where a number would be a promise.

    Args:
        minutes: the expected wait in minutes; None when unknown.
    """
    if minutes is None:
        return WaitBand.UNKNOWN
    return next((band for below, band in _BANDS if minutes < below), WaitBand.OVER_HOUR)
