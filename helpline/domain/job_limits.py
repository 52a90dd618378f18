"""Time limits of a carrier job (call, offer, inbound call, text, recording).

Every job ends by time as well, whether or not the carrier can be asked about it, and also when its
account has been removed. See docs/decisions/0005-look-up-never-dial-again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

_FIRST_PAUSE = timedelta(seconds=1)
_LOOKUPS = 3


@dataclass(frozen=True, slots=True)
class JobLimits:
    """The maximum duration of each stage of a carrier job.

    Args:
        queued: from our request until a worker sends it to the carrier.
        unconfirmed: from sending it until the carrier's id is known.
        ringing: from sending it until an advisor answered and pressed 1.
        quiet: between two webhooks of an inbound call, before the two are connected.
        call: from sending it, or from the start of a conversation, until its end. The
            carrier ends a call that lasts longer.
        recording: from a recorded message until it is fetched, without a carrier to fetch it from.
    """

    queued: timedelta
    unconfirmed: timedelta
    ringing: timedelta
    quiet: timedelta
    call: timedelta
    recording: timedelta = timedelta(hours=6)

    @classmethod
    def of(
        cls,
        *,
        ring_seconds: int,
        longest_seconds: int,
        longest_message_seconds: int,
        silent_after: timedelta,
        lost_after: timedelta,
    ) -> JobLimits:
        """Return the limits for an operator's settings, with room for a few lookups at the
        carrier first.
        """
        looks = time_for_lookups(silent_after, lost_after)
        ringing = timedelta(seconds=ring_seconds) + silent_after + looks
        return cls(
            queued=lost_after + looks,
            unconfirmed=looks,
            ringing=ringing,
            quiet=timedelta(seconds=longest_message_seconds) + ringing,
            call=timedelta(seconds=longest_seconds) + looks,
        )


def time_for_lookups(silent_after: timedelta, lost_after: timedelta) -> timedelta:
    """Return the time in which a job without a report has been looked up a few times."""
    return _LOOKUPS * silent_after + lost_after


def pause_before_next_lookup(since_asked: timedelta, longest: timedelta) -> timedelta:
    """Return the pause before an unconfirmed job is looked up again; pauses double, up to
    ``longest``.
    """
    return min(max(since_asked, _FIRST_PAUSE), longest)
