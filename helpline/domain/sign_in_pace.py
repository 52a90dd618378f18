"""How long to wait after wrong passwords and codes: long for who guesses, never long for others.

Three counts are kept. The *own* one is of an account from one address (or one known browser): it
slows a guesser down to a few tries an hour. The *account's* is of all addresses together, the
*address's* of all accounts together: they hold up a guess that is spread, for a minute at most,
and only tries that come from no known browser. So nobody can be kept out by somebody else who
guesses at their name: the browser they always use is not held up at all, nor is the first try from
any place.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

FORGOTTEN_AFTER = timedelta(hours=24)
"""Wrong tries count for so long after the last of them."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How many wrong tries are free, and how long the wait becomes, which doubles with each."""

    free: int
    longest: timedelta

    def wait(self, wrong: int) -> timedelta:
        """The pause that is due after so many wrong tries."""
        if wrong < self.free:
            return timedelta(0)
        return min(self.longest, timedelta(seconds=2.0 ** min(wrong - self.free, 20)))


OWN = Pace(free=5, longest=timedelta(minutes=15))
ACCOUNT = Pace(free=20, longest=timedelta(minutes=1))
ADDRESS = Pace(free=50, longest=timedelta(minutes=1))
