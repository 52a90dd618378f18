"""Staffing arithmetic: Erlang C for inbound calls, and capacity for booked callbacks.

Erlang C (A. K. Erlang, 1917) assumes calls that arrive at random, wait in one queue and never hang
up, so it errs on the safe side. It is computed by the recurrence of Erlang B, which stays small for
any number of advisors.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf

_HOUR_SECONDS = 3600
_MOST_ADVISORS = 10_000


@dataclass(frozen=True, slots=True)
class LiveCalls:
    """Inbound calls that are answered live.

    Args:
        an_hour: average arrivals an hour.
        handling_seconds: talk and wrap-up time of one call.

    Raises:
        ValueError: a number is negative, or the handling time is zero.
    """

    an_hour: float
    handling_seconds: float

    def __post_init__(self) -> None:
        if self.an_hour < 0 or self.handling_seconds <= 0:
            raise ValueError("calls are not fewer than none, and each takes its time")

    @property
    def load(self) -> float:
        """Offered load in erlangs."""
        return self.an_hour * self.handling_seconds / _HOUR_SECONDS

    def waits(self, advisors: int) -> float:
        """Return the probability that a caller waits; 1 with too few advisors."""
        if self.load == 0:
            return 0.0
        if advisors <= self.load:
            return 1.0
        blocked = 1.0
        for number in range(1, advisors + 1):
            blocked = self.load * blocked / (number + self.load * blocked)
        busy = self.load / advisors
        return blocked / (1 - busy * (1 - blocked))

    def answered_within(self, advisors: int, seconds: float) -> float:
        """Return the share of callers answered within so many seconds, 0 to 1.

        Raises:
            ValueError: the seconds are negative.
        """
        if seconds < 0:
            raise ValueError("nobody is answered before they ring")
        if self.load == 0:
            return 1.0
        if advisors <= self.load:
            return 0.0
        spare = advisors - self.load
        return 1 - self.waits(advisors) * exp(-spare * seconds / self.handling_seconds)

    def average_wait_seconds(self, advisors: int) -> float:
        """Return the average speed of answer over all callers; infinite with too few advisors."""
        if self.load == 0:
            return 0.0
        if advisors <= self.load:
            return inf
        return self.waits(advisors) * self.handling_seconds / (advisors - self.load)

    def advisors_needed(self, share: float, seconds: float) -> int:
        """Return the fewest advisors for a service level.

        Args:
            share: above 0 and below 1.
            seconds: 0 or more.

        Raises:
            ValueError: the share is out of its bounds, or it would take more than 10,000.
        """
        if not 0 < share < 1:
            raise ValueError("a share is above 0 and below 1")
        if self.load == 0:
            return 0
        for advisors in range(int(self.load) + 1, _MOST_ADVISORS + 1):
            if self.answered_within(advisors, seconds) >= share:
                return advisors
        raise ValueError("more advisors than any helpline has")


def booked_capacity(
    advisors: float,
    minutes: float,
    *,
    occupancy: float,
    shrinkage: float,
    handling_minutes: float,
) -> float:
    """Return how many booked callbacks advisors can handle in a time.

    advisors x minutes x occupancy x (1 - shrinkage) / handling time

    Args:
        advisors: on shift, on average.
        minutes: the length of the time.
        occupancy: share of desk time spent on calls and wrap-up, 0 to 1.
        shrinkage: share of the shift away from the desk (breaks, training), 0 to 1.
        handling_minutes: how long one callback occupies an advisor.

    Raises:
        ValueError: a number is out of its bounds.
    """
    if advisors < 0 or minutes < 0 or handling_minutes <= 0:
        raise ValueError("advisors and minutes are not fewer than none, and a callback takes time")
    if not (0 <= occupancy <= 1 and 0 <= shrinkage <= 1):
        raise ValueError("a share is 0 to 1")
    return advisors * minutes * occupancy * (1 - shrinkage) / handling_minutes
