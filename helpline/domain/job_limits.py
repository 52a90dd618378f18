"""How long a carrier job (a call, an offer, an inbound call, a text, a recording) may last, and
when one that may or may not have been made is looked up again.

Everything that the carrier is asked for ends by time as well, whether or not the carrier can be
asked how it went, and also where its account was removed meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

_FIRST_PAUSE = timedelta(seconds=1)
_LOOKS = 3


@dataclass(frozen=True, slots=True)
class JobLimits:
    """The longest that each stage of a carrier job can last.

    Args:
        queued: from a request of ours until a worker asks the carrier for it.
        unconfirmed: from asking the carrier until we know its id of the job.
        ringing: from asking the carrier until an advisor's phone was answered and 1 was pressed.
        quiet: between two webhooks of an inbound call, before the two talk.
        call: from asking the carrier, or the beginning of a talk, until its end. Twilio ends a
            call by its TimeLimit: https://www.twilio.com/docs/voice/api/call-resource#create-a-call
        recording: from a recorded message until it is fetched, where there is no carrier to fetch
            it from. With one, fetching ends by itself after some tries.
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
        """The limits that follow from an operator's settings: enough for a few looks at the carrier
        first, which knows better."""
        looks = _LOOKS * silent_after + lost_after
        ringing = timedelta(seconds=ring_seconds) + silent_after + looks
        return cls(
            queued=lost_after + looks,
            unconfirmed=looks,
            ringing=ringing,
            quiet=timedelta(seconds=longest_message_seconds) + ringing,
            call=timedelta(seconds=longest_seconds) + looks,
        )


def pause_before_next_look(since_asked: timedelta, longest: timedelta) -> timedelta:
    """The pause before a job that may not have been made is looked up again: as long as it has
    been unsure so far, so that the pauses double, within bounds.

    Args:
        since_asked: since when it is unsure.
        longest: no pause is longer.
    """
    return min(max(since_asked, _FIRST_PAUSE), longest)
