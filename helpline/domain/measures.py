"""What the measures are, as plain sums: docs/measures.md says each in a sentence.

Waits are counted in whole minutes, rounded up: 61 seconds are two minutes. So a table of how many
waited how many minutes tells percentiles and service level exactly, for any range and any target.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import islice

from helpline.domain.opening_hours import Period

FEW = 5
"""Counts under this are not told to outsiders."""

Waits = Mapping[int, int]
"""How many waited how many minutes."""


class OpenTime:
    """How long we were open between two instants, by the hours that were in force."""

    def __init__(self, periods: Sequence[Period]) -> None:
        """Args:
        periods: when we were open, in time order.
        """
        self._periods = tuple(periods)
        self._closings = [each.closes_at for each in self._periods]

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How long we were open from one instant to another; nothing if the second is earlier."""
        found = timedelta(0)
        for each in self._after(start):
            if each.opens_at >= end:
                break
            found += min(each.closes_at, end) - max(each.opens_at, start)
        return max(found, timedelta(0))

    def is_open(self, at: datetime) -> bool:
        """Whether we were open at an instant."""
        return next((each.opens_at <= at for each in self._after(at)), False)

    def _after(self, at: datetime) -> Iterator[Period]:
        """The periods that are not over at an instant."""
        return islice(self._periods, bisect_right(self._closings, at), None)


def whole_minutes(span: timedelta) -> int:
    """A span in minutes, rounded up."""
    return -(-span // timedelta(minutes=1))


def whole_seconds(span: timedelta) -> int:
    """A span in seconds, rounded down; never fewer than none."""
    return max(span // timedelta(seconds=1), 0)


def percentile(waits: Waits, percent: int) -> int | None:
    """The fewest minutes within which at least so many percent of those who waited were done
    (nearest rank); None when nobody waited.

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
    """The service level: how many were called within the target, and of how many: these, and all
    whose wait became longer than the target.

    Who left or moved before the target was over is not counted: we had not failed them yet.

    Args:
        called: the waits of those who were called.
        overdue: how many waits came to so many minutes, less those that were so long before.
        minutes: the longest wait that is still soon enough.
    """
    met = sum(number for waited, number in called.items() if waited <= minutes)
    missed = sum(number for waited, number in overdue.items() if waited > minutes)
    return met, met + missed


def share(part: int, whole: int) -> Fraction | None:
    """A part of a whole; None of nothing."""
    return Fraction(part, whole) if whole else None


def average(total: int, number: int) -> float | None:
    """An average; None of nothing."""
    return total / number if number else None


def for_outside(counts: Sequence[int]) -> list[int | None]:
    """The counts of one breakdown as outsiders may have them, when they may know their total;
    None for one that is not told.

    Counts under five are not told. So that the total gives none of them away, the smallest of the
    others go too, until two or more are left out and ten or more people are in those left out; or
    nothing is left to tell.
    """
    hidden = {place for place, number in enumerate(counts) if number < FEW}
    others = sorted(set(range(len(counts))) - hidden, key=lambda place: (counts[place], place))
    while (
        hidden and others and (len(hidden) < 2 or sum(counts[place] for place in hidden) < 2 * FEW)
    ):
        hidden.add(others.pop(0))
    return [None if place in hidden else number for place, number in enumerate(counts)]
