"""What follows a call: completion, a retry, or the end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

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
    """The outcome that the advisor records."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    VOICEMAIL = "voicemail"
    WRONG_NUMBER = "wrong_number"
    DECLINED = "declined"


_REACHED = frozenset({Disposition.REACHED, Disposition.DECLINED})

_SUGGESTED = {
    AttemptResult.TALKED: Disposition.REACHED,
    AttemptResult.NO_ANSWER: Disposition.NO_ANSWER,
    AttemptResult.BUSY: Disposition.BUSY,
}


def consequence(disposition: Disposition, *, may_retry: bool = True) -> Event:
    """Return the event that follows from a disposition: REACHED, RETRY or GIVE_UP.

    A visitor who declined was reached and is not called again, and a wrong number never is.

    Args:
        may_retry: whether the retry policy allows another attempt.
    """
    if disposition in _REACHED:
        return Event.REACHED
    if disposition == Disposition.WRONG_NUMBER or not may_retry:
        return Event.GIVE_UP
    return Event.RETRY


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
