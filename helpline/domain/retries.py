"""What follows a call: completion, a retry, or the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from helpline.domain.call_progress import AttemptResult
from helpline.domain.errors import InvalidPolicy
from helpline.domain.lifecycle import Event
from helpline.domain.opening_hours import OpeningHours

MAX_ATTEMPTS = 10
MAX_PAUSE_MINUTES = 7 * 24 * 60


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often to call, and how long to wait in between.

    Args:
        max_attempts: total attempts that may ring the visitor's phone, 1 to 10.
        pauses_minutes: the wait after the first attempt, the second, ...; the last one repeats.
            Each 1 to 10080 (a week).

    Raises:
        InvalidPolicy: a value is out of its bounds; names the field.
    """

    max_attempts: int = 3
    pauses_minutes: tuple[int, ...] = (15, 60)

    def __post_init__(self) -> None:
        if not 1 <= self.max_attempts <= MAX_ATTEMPTS:
            raise InvalidPolicy("max_attempts", f"Enter a number from 1 to {MAX_ATTEMPTS}.")
        if not self.pauses_minutes:
            raise InvalidPolicy("pauses_minutes", "Enter at least one time between attempts.")
        if not all(1 <= pause <= MAX_PAUSE_MINUTES for pause in self.pauses_minutes):
            raise InvalidPolicy(
                "pauses_minutes", f"Enter times from 1 to {MAX_PAUSE_MINUTES} minutes."
            )

    def pause_after(self, attempts_used: int) -> timedelta:
        """Return the wait after a number of attempts; after none, as after the first."""
        place = min(max(attempts_used, 1), len(self.pauses_minutes)) - 1
        return timedelta(minutes=self.pauses_minutes[place])


def next_attempt_at(
    policy: RetryPolicy, attempts_used: int, ended_at: datetime, hours: OpeningHours
) -> datetime | None:
    """Return when to call again a visitor who was not reached; None when attempts are used up.

    It is after the pause and within opening hours. Without any opening ahead it is the end of the
    pause: the queue calls nobody outside hours, and the request is kept.

    Args:
        attempts_used: attempts that counted, this one included.
        ended_at: when this one ended.
        hours: the opening hours in force.

    Raises:
        ValueError: ``ended_at`` has no zone.
    """
    if attempts_used >= policy.max_attempts:
        return None
    rested = ended_at + policy.pause_after(attempts_used)
    return hours.first_open_instant(rested) or rested


class Disposition(StrEnum):
    """The outcome that the advisor records: a meaning that is fixed, under a label that an admin
    may change (``calls/outcome_list``).
    """

    REACHED = "reached"
    """Reached and supported; also what a call without a recorded outcome suggests."""
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    VOICEMAIL = "voicemail"
    WRONG_NUMBER = "wrong_number"
    DECLINED = "declined"
    SOMEONE_ELSE = "someone_else"
    """Someone else answered, and was told nothing."""
    UNSAFE = "unsafe"
    DO_NOT_CALL = "do_not_call"
    """They asked not to be called again; their number is blocked."""
    REFERRED = "referred"
    EMERGENCY = "emergency"
    DROPPED = "dropped"
    DUPLICATE = "duplicate"
    HOAX = "hoax"


_D = Disposition
CONSEQUENCES: Mapping[Disposition, Event] = MappingProxyType(
    {
        **dict.fromkeys((_D.REACHED, _D.REFERRED, _D.EMERGENCY), Event.REACHED),
        **dict.fromkeys((_D.DECLINED, _D.DO_NOT_CALL), Event.REACHED),
        **dict.fromkeys((_D.NO_ANSWER, _D.BUSY, _D.VOICEMAIL, _D.SOMEONE_ELSE), Event.RETRY),
        **dict.fromkeys((_D.WRONG_NUMBER, _D.DUPLICATE, _D.HOAX), Event.GIVE_UP),
        _D.DROPPED: Event.CALL_BACK,
        _D.UNSAFE: Event.HOLD,
    }
)
"""What follows from a disposition, where nothing else decides; see ``consequence``."""

FOLLOW_UP_ALLOWED = frozenset({_D.REACHED, _D.REFERRED, _D.EMERGENCY, _D.DECLINED})
"""After these, another call can be agreed on."""
REACHES = FOLLOW_UP_ALLOWED | {_D.DO_NOT_CALL, _D.DROPPED}
"""The visitor was spoken with."""
NOT_A_REQUEST = frozenset({_D.DUPLICATE, _D.HOAX})
"""No one waited for this call, so it was neither reached nor missed."""
TRY_AGAIN = frozenset({_D.NO_ANSWER, _D.BUSY, _D.VOICEMAIL, _D.SOMEONE_ELSE})
"""The visitor missed the call, and may ask for another."""

_SUGGESTED = {
    AttemptResult.TALKED: Disposition.REACHED,
    AttemptResult.NO_ANSWER: Disposition.NO_ANSWER,
    AttemptResult.BUSY: Disposition.BUSY,
}


def consequence(
    disposition: Disposition, *, may_retry: bool = True, may_call_back: bool = False
) -> Event:
    """Return the event that follows: REACHED, RETRY, CALL_BACK, HOLD or GIVE_UP.

    A visitor who declined was reached and is not called again, and a wrong number never is.

    Args:
        may_retry: whether the retry policy allows another attempt.
        may_call_back: whether the visitor allowed a call back after a dropped call.
    """
    event = CONSEQUENCES[disposition]
    if event == Event.RETRY and not may_retry:
        return Event.GIVE_UP
    if event == Event.CALL_BACK and not may_call_back:
        return Event.REACHED
    return event


SHORT_TALK = timedelta(seconds=30)
"""A shorter conversation may have been with a voicemail box."""


def suggested_disposition(result: AttemptResult, talk: timedelta | None) -> Disposition | None:
    """Return the disposition that the carrier's result suggests, or None.

    Args:
        talk: how long the two were connected; None when unknown. A carrier reports a voicemail box
            as answered, so a short conversation does not mean that the visitor was reached.
    """
    if result == AttemptResult.TALKED and (talk is None or talk < SHORT_TALK):
        return None
    return _SUGGESTED.get(result)
