"""How long to wait after wrong passwords, and how many wrong codes end a sign-in.

*Passwords.* Three kinds of count are kept. The *own* one is of an account from one address (or one
known browser): it slows a guesser down to a few tries an hour. The *account's* is of all addresses
together, so that guesses at one name are bounded however many addresses they come from. The
*network's* is of all accounts together. The last two hold up only tries from browsers that the
account is not known in: the browser somebody always uses is never held up by what others type.

*Codes.* Only somebody who gave the right password gets as far as a code, so nobody can lock a
stranger out with wrong ones. They are counted by sign-in and by account, whatever the address.
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
ACCOUNT = Pace(free=20, longest=timedelta(minutes=15))
"""About a hundred guesses a day at one name, beside those of its known browsers."""
NETWORK = Pace(free=50, longest=timedelta(minutes=1))
"""An address, or an IPv6 /64 or /56."""
WIDE_NETWORK = Pace(free=200, longest=timedelta(minutes=1))
"""An IPv6 /48, which may be one customer of a provider or many."""

WRONG_CODES_A_SIGN_IN = 5
"""So many wrong codes end a sign-in that is half done; the password is asked for again."""
WRONG_CODES_IN_A_ROW = 50
"""So many wrong codes in a row make the password void: somebody knows it who is not its owner.
NIST SP 800-63B, section 5.2.2, allows 100 at most."""
