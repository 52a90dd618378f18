"""What follows a call: done, another try, or the end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from helpline.domain.call_progress import AttemptResult
from helpline.domain.errors import InvalidPolicy
from helpline.domain.lifecycle import Event
from helpline.domain.opening_hours import OpeningHours

MOST_ATTEMPTS = 10
LONGEST_PAUSE_MINUTES = 7 * 24 * 60


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often we try, and how long we wait in between, as an admin set it.

    Args:
        max_attempts: how many times a visitor's phone is rung in all, 1 to 10.
        pauses_minutes: the wait after the first attempt, after the second, ...; the last one
            repeats. Each 1 to 10080 (a week).

    Raises:
        InvalidPolicy: one of them is out of its bounds; names the field.
    """

    max_attempts: int = 3
    pauses_minutes: tuple[int, ...] = (15, 60)

    def __post_init__(self) -> None:
        if not 1 <= self.max_attempts <= MOST_ATTEMPTS:
            raise InvalidPolicy("max_attempts", f"Choose a number from 1 to {MOST_ATTEMPTS}.")
        if not self.pauses_minutes:
            raise InvalidPolicy("pauses_minutes", "Give at least one pause.")
        if not all(1 <= pause <= LONGEST_PAUSE_MINUTES for pause in self.pauses_minutes):
            raise InvalidPolicy(
                "pauses_minutes", f"Choose pauses from 1 to {LONGEST_PAUSE_MINUTES} minutes."
            )

    def pause_after(self, attempts_used: int) -> timedelta:
        """How long to wait after that many attempts (after none, as after the first)."""
        place = min(max(attempts_used, 1), len(self.pauses_minutes)) - 1
        return timedelta(minutes=self.pauses_minutes[place])


def next_try(
    policy: RetryPolicy, attempts_used: int, ended_at: datetime, hours: OpeningHours
) -> datetime | None:
    """When to ring again somebody who was not reached: after a pause, and inside opening hours.

    Args:
        policy: how often and after what pauses.
        attempts_used: attempts that counted, this one included.
        ended_at: when this one ended, with a zone.
        hours: the opening hours in force.

    Returns:
        The instant; None when the attempts are used up. With no opening in sight it is the end
        of the pause: the queue rings nobody outside hours anyway, and nothing is lost.

    Raises:
        ValueError: ``ended_at`` has no zone.
    """
    if attempts_used >= policy.max_attempts:
        return None
    rested = ended_at + policy.pause_after(attempts_used)
    return hours.first_open_instant(rested) or rested


class Disposition(StrEnum):
    """What the advisor says came of a call."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    VOICEMAIL = "voicemail"
    WRONG_NUMBER = "wrong_number"
    DECLINED = "declined"


_DONE = frozenset({Disposition.REACHED, Disposition.DECLINED})

_SUGGESTED = {
    AttemptResult.TALKED: Disposition.REACHED,
    AttemptResult.NO_ANSWER: Disposition.NO_ANSWER,
    AttemptResult.BUSY: Disposition.BUSY,
}


def consequence(disposition: Disposition, *, tries_left: bool = True) -> Event:
    """What follows from what the advisor says.

    Somebody who was reached and declined was reached: we do not ring again. A wrong number is
    never rung again. Everybody else is, while tries are left.

    Args:
        disposition: what the advisor says.
        tries_left: whether the retry policy has another try.

    Returns:
        Event.REACHED, Event.RETRY or Event.GIVE_UP.
    """
    if disposition in _DONE:
        return Event.REACHED
    if disposition == Disposition.WRONG_NUMBER or not tries_left:
        return Event.GIVE_UP
    return Event.RETRY


SHORT_TALK = timedelta(seconds=30)
"""A talk shorter than this may have been with a voicemail box."""


def suggested(result: AttemptResult, talk: timedelta | None) -> Disposition | None:
    """The disposition that follows from what the carrier said; None when that is not known.

    Args:
        talk: how long the two were connected; None if nobody knows. The carrier calls a voicemail
            box answered too, so a short talk alone does not mean that anybody was reached.
    """
    if result == AttemptResult.TALKED and (talk is None or talk < SHORT_TALK):
        return None
    return _SUGGESTED.get(result)
