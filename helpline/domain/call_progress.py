"""The state and result of a call attempt, derived from what the carrier reports.

The carrier reports on two legs, the advisor's and the visitor's, and may report late, twice or in
any order. So an attempt keeps a set of facts that only grows, and the same facts give the same
state and result whatever their order.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AttemptState(StrEnum):
    """How far an attempt has progressed, in order."""

    QUEUED = "queued"
    PLACING = "placing"
    ADVISOR_RINGING = "advisor_ringing"
    ADVISOR_ANSWERED = "advisor_answered"
    VISITOR_RINGING = "visitor_ringing"
    TALKING = "talking"
    ENDED = "ended"

    @property
    def rank(self) -> int:
        """Position in that order, from 0."""
        return _RANK[self]


_RANK = {state: rank for rank, state in enumerate(AttemptState)}


class AttemptResult(StrEnum):
    """The result of an attempt."""

    TALKED = "talked"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    VISITOR_FAILED = "visitor_failed"
    ADVISOR_NO_ANSWER = "advisor_no_answer"
    ADVISOR_DECLINED = "advisor_declined"
    ADVISOR_HUNG_UP = "advisor_hung_up"
    NOT_PLACED = "not_placed"
    REFUSED = "refused"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    RESTS = "rests"
    VISITOR_ON_LINE = "visitor_on_line"


class Screening(StrEnum):
    """How an answering person is told from a machine before the advisor is connected."""

    PRESS_ONE = "press_one"
    DETECTION = "detection"
    BOTH = "both"

    @classmethod
    def of(cls, *, press_one: bool, detection: bool) -> Screening | None:
        """Return the screening for two switches; None when both are off."""
        if press_one and detection:
            return cls.BOTH
        return cls.PRESS_ONE if press_one else cls.DETECTION if detection else None


class Leg(StrEnum):
    """A leg of the call."""

    ADVISOR = "advisor"
    VISITOR = "visitor"


class CarrierStatus(StrEnum):
    """The status of a leg; ``telephony`` maps each carrier's own statuses to these."""

    QUEUED = "queued"
    INITIATED = "initiated"
    RINGING = "ringing"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    CANCELED = "canceled"
    FAILED = "failed"


COUNTS = frozenset({AttemptResult.TALKED, AttemptResult.NO_ANSWER, AttemptResult.BUSY})
"""Results that only the visitor's phone can give."""

FINAL = frozenset(
    {
        CarrierStatus.COMPLETED,
        CarrierStatus.BUSY,
        CarrierStatus.NO_ANSWER,
        CarrierStatus.CANCELED,
        CarrierStatus.FAILED,
    }
)
"""Statuses after which the leg is over."""

_BY_PRECEDENCE = (
    CarrierStatus.COMPLETED,
    CarrierStatus.BUSY,
    CarrierStatus.NO_ANSWER,
    CarrierStatus.CANCELED,
    CarrierStatus.FAILED,
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about an attempt. Facts are only added, with ``|``.

    Args:
        advisor_final: how the advisor's leg ended; None while it lasts.
        visitor_final: how the visitor's leg ended; None before and while it lasts.
        dial_outcome: how the carrier's Dial of the visitor ended.
        visitor_dialled: the visitor is being called, by a carrier that does not report ringing.
        screened: whether an answer alone does not count as a conversation.
        visitor_confirmed: a person answered the visitor's phone.
        visitor_machine: a machine answered it.

    Raises:
        ValueError: a status given as final is not final.
    """

    advisor_rang: bool = False
    advisor_answered: bool = False
    pressed_one: bool = False
    visitor_dialled: bool = False
    visitor_rang: bool = False
    visitor_answered: bool = False
    advisor_final: CarrierStatus | None = None
    visitor_final: CarrierStatus | None = None
    dial_outcome: CarrierStatus | None = None
    screened: bool = False
    visitor_confirmed: bool = False
    visitor_machine: bool = False

    def __post_init__(self) -> None:
        if not {self.advisor_final, self.visitor_final, self.dial_outcome} <= FINAL | {None}:
            raise ValueError("only a final status ends a leg")

    def __or__(self, other: Facts) -> Facts:
        return Facts(
            advisor_rang=self.advisor_rang or other.advisor_rang,
            advisor_answered=self.advisor_answered or other.advisor_answered,
            pressed_one=self.pressed_one or other.pressed_one,
            visitor_dialled=self.visitor_dialled or other.visitor_dialled,
            visitor_rang=self.visitor_rang or other.visitor_rang,
            visitor_answered=self.visitor_answered or other.visitor_answered,
            advisor_final=_by_precedence(self.advisor_final, other.advisor_final),
            visitor_final=_by_precedence(self.visitor_final, other.visitor_final),
            dial_outcome=_by_precedence(self.dial_outcome, other.dial_outcome),
            screened=self.screened or other.screened,
            visitor_confirmed=self.visitor_confirmed or other.visitor_confirmed,
            visitor_machine=self.visitor_machine or other.visitor_machine,
        )

    @property
    def connected(self) -> bool:
        """Whether advisor and visitor were connected (by a person, where calls are screened)."""
        return self.visitor_answered and (self.visitor_confirmed or not self.screened)

    @property
    def answered_unconfirmed(self) -> bool:
        """Whether the visitor's phone was answered, but by no confirmed person."""
        return self.visitor_answered and not self.connected


def facts_of_status(leg: Leg, status: CarrierStatus) -> Facts:
    """Return the facts that one status of one leg implies."""
    rang = status == CarrierStatus.RINGING
    answered = status in {CarrierStatus.IN_PROGRESS, CarrierStatus.COMPLETED}
    final = status if status in FINAL else None
    if leg == Leg.ADVISOR:
        return Facts(advisor_rang=rang, advisor_answered=answered, advisor_final=final)
    return Facts(visitor_rang=rang, visitor_answered=answered, visitor_final=final)


def facts_of_dial(outcome: CarrierStatus) -> Facts:
    """Return the facts that the outcome of the Dial implies; none for a status that is not
    final.
    """
    if outcome not in FINAL:
        return Facts()
    return Facts(
        pressed_one=True,
        visitor_answered=outcome == CarrierStatus.COMPLETED,
        dial_outcome=outcome,
    )


PRESSED_ONE = Facts(advisor_answered=True, pressed_one=True)
"""Facts once the advisor has pressed 1."""

VISITOR_CONFIRMED = Facts(pressed_one=True, visitor_answered=True, visitor_confirmed=True)
"""Facts once a person answered the visitor's phone."""

VISITOR_MACHINE = Facts(pressed_one=True, visitor_answered=True, visitor_machine=True)
"""Facts once a machine answered it."""


def advance(current: AttemptState, seen: AttemptState) -> AttemptState:
    """Return the later of two states: an attempt never goes back."""
    return max(current, seen, key=_RANK.__getitem__)


def is_settled(facts: Facts) -> bool:
    """Return whether no further fact can change the result: the advisor's leg is the parent call
    and outlives the visitor's, and after the outcome of the Dial only the advisor is still
    connected.
    """
    return facts.advisor_final is not None or facts.dial_outcome is not None


def state_of(facts: Facts) -> AttemptState:
    """Return the state that the facts imply; a later fact implies the earlier ones.

    Whether the request was handed to the carrier is not a fact of a leg: without any fact the state
    is ``queued``, and the caller combines it with its own state by ``advance``.
    """
    if is_settled(facts):
        return AttemptState.ENDED
    if facts.connected:
        return AttemptState.TALKING
    if facts.visitor_dialled or facts.visitor_rang or facts.answered_unconfirmed:
        return AttemptState.VISITOR_RINGING
    if facts.pressed_one or facts.advisor_answered or facts.visitor_final is not None:
        return AttemptState.ADVISOR_ANSWERED
    if facts.advisor_rang:
        return AttemptState.ADVISOR_RINGING
    return AttemptState.QUEUED


def result_of(facts: Facts) -> AttemptResult | None:
    """Return the result that the facts imply, or None while the attempt is not settled.

    Results that no leg can report (rejected before there was a call, closed, cancelled) are set by
    the caller instead.
    """
    if not is_settled(facts):
        return None
    if facts.connected:
        return AttemptResult.TALKED
    if facts.answered_unconfirmed:
        return AttemptResult.NO_ANSWER
    # The leg itself says more than the dial does, but for one thing: a leg that the advisor broke
    # off by hanging up may be reported as unanswered by one and as canceled by the other.
    reported = {facts.visitor_final, facts.dial_outcome} - {None}
    if CarrierStatus.CANCELED in reported and reported <= _UNANSWERED:
        return AttemptResult.ADVISOR_HUNG_UP
    if (visitor := facts.visitor_final or facts.dial_outcome) is not None:
        return _BY_VISITOR[visitor]
    if facts.pressed_one or facts.visitor_rang:
        return AttemptResult.ADVISOR_HUNG_UP
    if facts.advisor_answered or facts.advisor_final is None:
        return AttemptResult.ADVISOR_NO_ANSWER
    return _BY_ADVISOR[facts.advisor_final]


def counts(result: AttemptResult, visitor_rang: bool) -> bool:
    """Return whether an attempt counts against the visitor's maximum: once the visitor's phone
    rang, as reported by the carrier or implied by the result (busy comes from the phone itself).
    """
    return visitor_rang or result in COUNTS


_BY_VISITOR = {
    CarrierStatus.COMPLETED: AttemptResult.TALKED,
    CarrierStatus.BUSY: AttemptResult.BUSY,
    CarrierStatus.NO_ANSWER: AttemptResult.NO_ANSWER,
    CarrierStatus.CANCELED: AttemptResult.ADVISOR_HUNG_UP,
    CarrierStatus.FAILED: AttemptResult.VISITOR_FAILED,
}

_UNANSWERED = {CarrierStatus.CANCELED, CarrierStatus.NO_ANSWER}
"""Statuses of an unanswered leg; canceled means that the advisor hung up."""

# Nobody pressed 1. Completed: somebody or something answered, and it was not the advisor. Busy:
# a mobile phone whose owner declines reports that.
_BY_ADVISOR = {
    CarrierStatus.COMPLETED: AttemptResult.ADVISOR_NO_ANSWER,
    CarrierStatus.BUSY: AttemptResult.ADVISOR_DECLINED,
    CarrierStatus.NO_ANSWER: AttemptResult.ADVISOR_NO_ANSWER,
    CarrierStatus.CANCELED: AttemptResult.CANCELLED,
    CarrierStatus.FAILED: AttemptResult.NOT_PLACED,
}


def _by_precedence(one: CarrierStatus | None, other: CarrierStatus | None) -> CarrierStatus | None:
    return next((status for status in _BY_PRECEDENCE if status in (one, other)), None)
