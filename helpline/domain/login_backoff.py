"""Back-off after wrong passwords and references, and limits on wrong codes.

*Passwords.* Wrong attempts are counted by account and address (or known browser), which slows one
guesser to a few attempts an hour; by account over all addresses, which bounds guesses at one name
from many; and by network over all accounts. The last two delay only browsers not known to the
account, so nobody can lock an account's usual browser out.

*Codes.* Only someone with the right password gets to the code, so a stranger cannot lock an account
out with wrong codes. They are counted by sign-in and by account, whatever the address.

*References.* Wrong attempts are counted by the reference, whether or not a request has it, and by
where they come from: the network, or the phone that calls or writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

RESET_AFTER = timedelta(hours=24)
"""How long wrong attempts count after the last of them."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Free wrong attempts, the first and the longest wait; it doubles with each further one."""

    free: int
    longest: timedelta
    first: timedelta = timedelta(seconds=1)

    def wait(self, wrong: int) -> timedelta:
        """Return the wait after a number of wrong attempts."""
        if wrong < self.free:
            return timedelta(0)
        return min(self.longest, self.first * 2.0 ** min(wrong - self.free, 20))


ACCOUNT_AND_ADDRESS = Backoff(free=5, longest=timedelta(minutes=15))
ACCOUNT = Backoff(free=20, longest=timedelta(minutes=15))
"""About a hundred guesses a day at one account, besides those from its known browsers."""
NETWORK = Backoff(free=50, longest=timedelta(minutes=1))
"""An IPv4 address, or an IPv6 /64 or /56."""
WIDE_NETWORK = Backoff(free=200, longest=timedelta(minutes=1))
"""An IPv6 /48: one customer of a provider, or many."""

REFERENCE = Backoff(free=5, first=timedelta(hours=1), longest=timedelta(days=1))
"""About six guesses a day at the digits of one reference: in the two weeks that it opens a request
that is over, fewer than 90 of 10,000.
"""
GUESSER = Backoff(free=20, first=timedelta(minutes=1), longest=timedelta(hours=1))
"""Where references come from: an IPv4 address, an IPv6 /64 or /56, or a phone."""
WIDE_GUESSER = Backoff(free=200, first=timedelta(minutes=1), longest=timedelta(hours=1))
"""An IPv6 /48, or all phones that withhold their number."""

MAX_WRONG_CODES_PER_SIGN_IN = 5
"""After so many wrong codes the password is asked for again."""
MAX_CONSECUTIVE_WRONG_CODES = 50
"""After so many consecutive wrong codes the password is revoked: someone else knows it. NIST SP
800-63B, section 5.2.2, allows 100 at most.
"""
