"""The arithmetic of the reports; docs/reports.md defines each figure.

Waits are counted in whole minutes, rounded up, so a histogram of waits gives exact percentiles and
service levels for any range and target.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import islice

from helpline.domain.opening_hours import Period

SUPPRESSED_BELOW = 5
"""Counts below this are not published."""

Waits = Mapping[int, int]
"""Histogram: number of callbacks by wait in minutes."""


class OpenTime:
    """Open time between two instants, by the hours that were in force."""

    def __init__(self, periods: Sequence[Period]) -> None:
        self._periods = tuple(periods)
        self._closings = [period.closes_at for period in self._periods]

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return how long the helpline was open between two instants; zero if they are reversed."""
        open_time = timedelta(0)
        for period in self._after(start):
            if period.opens_at >= end:
                break
            open_time += min(period.closes_at, end) - max(period.opens_at, start)
        return max(open_time, timedelta(0))

    def is_open(self, at: datetime) -> bool:
        """Return whether the helpline was open at an instant."""
        return next((period.opens_at <= at for period in self._after(at)), False)

    def _after(self, at: datetime) -> Iterator[Period]:
        return islice(self._periods, bisect_right(self._closings, at), None)


def whole_minutes(span: timedelta) -> int:
    """Return a span in minutes, rounded up."""
    return -(-span // timedelta(minutes=1))


def whole_seconds(span: timedelta) -> int:
    """Return a span in seconds, rounded down, at least 0."""
    return max(span // timedelta(seconds=1), 0)


def percentile(waits: Waits, percent: int) -> int | None:
    """Return a percentile of the waits in minutes (nearest rank); None for no waits.

    Args:
        percent: 1 to 100.
    """
    in_all, seen = sum(waits.values()), 0
    for minutes in sorted(waits):
        seen += waits[minutes]
        if seen * 100 >= percent * in_all and waits[minutes]:
            return minutes
    return None


def within(called: Waits, overdue: Waits, minutes: int) -> tuple[int, int]:
    """Return the service level as (called within the target, counted).

    Requests that ended or were rescheduled before the target had passed are not counted.

    Args:
        called: waits of the callbacks that were called.
        overdue: how many waits reached this many minutes, less those that had before.
        minutes: the target.
    """
    met = sum(number for waited, number in called.items() if waited <= minutes)
    missed = sum(number for waited, number in overdue.items() if waited > minutes)
    return met, met + missed


def share(part: int, total: int) -> Fraction | None:
    """Return a part of a whole; None for a whole of 0."""
    return Fraction(part, total) if total else None


def average(total: int, number: int) -> float | None:
    """Return an average; None for no items."""
    return total / number if number else None


def suppress_small_counts(counts: Sequence[int]) -> list[int | None]:
    """Return the counts of a breakdown as they may be published beside their total.

    Counts under five are suppressed (None). So that the total reveals none of them, the smallest
    others are suppressed as well, until at least two counts with at least ten people are.
    """
    hidden = {index for index, number in enumerate(counts) if number < SUPPRESSED_BELOW}
    others = sorted(set(range(len(counts))) - hidden, key=lambda place: (counts[place], place))
    while (
        hidden
        and others
        and (len(hidden) < 2 or sum(counts[index] for index in hidden) < 2 * SUPPRESSED_BELOW)
    ):
        hidden.add(others.pop(0))
    return [None if index in hidden else number for index, number in enumerate(counts)]
