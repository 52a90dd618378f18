"""How many advisors it takes: Erlang C for calls answered live, and what booked slots can bear.

Erlang C is A. K. Erlang's formula of 1917 for calls that wait in one line, come at random, and
are answered by whoever is free first; nobody hangs up while they wait, so it errs on the safe
side. It is worked out through the recurrence of Erlang B, which never makes a large number and so
holds for any number of advisors.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf

_HOUR_SECONDS = 3600
_MOST_ADVISORS = 10_000


@dataclass(frozen=True, slots=True)
class LiveCalls:
    """Calls that come in and are answered live.

    Args:
        an_hour: how many come in an hour, on average.
        handling_seconds: how long one keeps an advisor, talk and wrap-up together.

    Raises:
        ValueError: a number is negative, or calls take no time.
    """

    an_hour: float
    handling_seconds: float

    def __post_init__(self) -> None:
        if self.an_hour < 0 or self.handling_seconds <= 0:
            raise ValueError("calls are not fewer than none, and each takes its time")

    @property
    def load(self) -> float:
        """The work that comes in, in advisors who would do nothing else (erlangs)."""
        return self.an_hour * self.handling_seconds / _HOUR_SECONDS

    def waits(self, advisors: int) -> float:
        """The probability that a caller has to wait at all; 1 where there are too few advisors."""
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
        """The share of callers answered within so many seconds, 0 to 1.

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
        """The average speed of answer over all callers; infinite where there are too few."""
        if self.load == 0:
            return 0.0
        if advisors <= self.load:
            return inf
        return self.waits(advisors) * self.handling_seconds / (advisors - self.load)

    def advisors_needed(self, share: float, seconds: float) -> int:
        """The fewest advisors with whom this share is answered within so many seconds.

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
    """How many callbacks so many advisors can ring in a stretch of time; for booked slots, where
    nobody comes at random.

    advisors x minutes x occupancy x (1 - shrinkage) / handling time

    Args:
        advisors: on shift, on average.
        minutes: how long the stretch is.
        occupancy: the share of their time at the desk that can be calls and wrap-up, 0 to 1.
        shrinkage: the share of their shift that they are not at the desk (breaks, training), 0
            to 1.
        handling_minutes: how long one callback keeps an advisor, tries, talk and wrap-up together.

    Raises:
        ValueError: a number is out of its bounds.
    """
    if advisors < 0 or minutes < 0 or handling_minutes <= 0:
        raise ValueError("advisors and minutes are not fewer than none, and a callback takes time")
    if not (0 <= occupancy <= 1 and 0 <= shrinkage <= 1):
        raise ValueError("a share is 0 to 1")
    return advisors * minutes * occupancy * (1 - shrinkage) / handling_minutes
