"""Queueing theory of a queue with abandonment: Erlang A (M/M/n+M).

Callers arrive at random, are served by the first of n free servers for an exponential time, and
leave after an exponential patience. Erlang A is Palm's model of 1946; the formulas are those of
Baccelli and Hebuterne (1981) for the time that a caller who never leaves would wait, of which
Garnett, Mandelbaum and Reiman, "Designing a Call Center with Impatient Customers" (2002), give
examples.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import exp, expm1, inf

_STEPS = 20_000
_NEXT_TO_NOTHING = 40  # e to the minus 40


@dataclass(frozen=True)
class ErlangA:
    """One line.

    Args:
        an_hour: how many come in an hour, on average.
        service_seconds: how long one keeps a server, on average.
        patience_seconds: how long one would wait, on average.
        servers: how many serve.
    """

    an_hour: float
    service_seconds: float
    patience_seconds: float
    servers: int

    @property
    def load(self) -> float:
        """The work that comes, in servers who would do nothing else (erlangs)."""
        return self.an_hour * self.service_seconds / 3600

    @property
    def waits(self) -> float:
        """The share of those who come who do not find a server free."""
        return self._over(lambda _seconds: 1.0)

    @property
    def gives_up(self) -> float:
        """The share of those who come who leave before they are served."""
        return self._over(lambda seconds: -expm1(-seconds / self.patience_seconds))

    @property
    def wait_seconds(self) -> float:
        """How long those who come wait on average, whether they are served or leave."""
        return self.gives_up * self.patience_seconds

    @property
    def wait_of_served_seconds(self) -> float:
        """How long those who are served have waited on average."""
        stays = self._over(lambda seconds: seconds * exp(-seconds / self.patience_seconds))
        return stays / (1 - self.gives_up)

    def served_within(self, seconds: float) -> float:
        """The share of those who come who are served within so many seconds."""
        at_once = 1 - self.waits
        return at_once + self._over(lambda at: exp(-at / self.patience_seconds), seconds)

    def _exponent(self, seconds: float) -> float:
        """The logarithm of how likely a wait of so long is, up to a factor."""
        a_second = self.an_hour / 3600
        staying = -self.patience_seconds * expm1(-seconds / self.patience_seconds)
        return a_second * staying - self.servers / self.service_seconds * seconds

    @cached_property
    def _longest_seconds(self) -> float:
        """From there on, waits do not count."""
        longest = self.service_seconds
        while self._exponent(longest) > -_NEXT_TO_NOTHING:
            longest *= 1.5
        return longest

    @cached_property
    def _weight(self) -> float:
        """What makes a probability of that likelihood."""
        free = 1.0
        for number in range(1, self.servers):
            free = 1 + free * number / self.load
        a_second = self.an_hour / 3600
        return a_second / (free + a_second * self._sum(lambda _at: 1.0, self._longest_seconds))

    def _over(self, of: Callable[[float], float], until: float = inf) -> float:
        """The mean of something over the waits of those who have to wait, up to so many seconds;
        those who do not have to count as nothing."""
        return self._weight * self._sum(of, min(until, self._longest_seconds))

    def _sum(self, of: Callable[[float], float], until: float) -> float:
        """Simpson's rule."""
        step = until / _STEPS
        total = 0.0
        for place in range(_STEPS + 1):
            factor = 1 if place in (0, _STEPS) else 4 if place % 2 else 2
            total += factor * of(place * step) * exp(self._exponent(place * step))
        return total * step / 3
