"""How far an attempt to ring a visitor has come, and what came of it.

The carrier tells of two legs, the advisor's and the visitor's, and may tell everything twice, late
or in any order. So what is kept is a set of facts that only grows, and state and result are read
from it: whatever the order, the same facts give the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AttemptState(StrEnum):
    """How far an attempt has come, in the order in which it comes there."""

    QUEUED = "queued"
    PLACING = "placing"
    ADVISOR_RINGING = "advisor_ringing"
    ADVISOR_ANSWERED = "advisor_answered"
    VISITOR_RINGING = "visitor_ringing"
    TALKING = "talking"
    ENDED = "ended"

    @property
    def rank(self) -> int:
        """Its place in that order, from 0."""
        return _RANK[self]


_RANK = {state: rank for rank, state in enumerate(AttemptState)}


class AttemptResult(StrEnum):
    """What came of an attempt."""

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
    """How it is made sure that a person, no machine, is connected with the advisor."""

    PRESS_ONE = "press_one"
    DETECTION = "detection"
    BOTH = "both"

    @classmethod
    def of(cls, *, press_one: bool, detection: bool) -> Screening | None:
        """The screening that is wanted; None for none."""
        if press_one and detection:
            return cls.BOTH
        return cls.PRESS_ONE if press_one else cls.DETECTION if detection else None


class Leg(StrEnum):
    """Whose phone."""

    ADVISOR = "advisor"
    VISITOR = "visitor"


class CarrierStatus(StrEnum):
    """What the carrier says of a leg, in our words; telephony/ translates."""

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
"""Results that only a visitor's phone can give: it was answered, rang out, or was engaged."""

FINAL = frozenset(
    {
        CarrierStatus.COMPLETED,
        CarrierStatus.BUSY,
        CarrierStatus.NO_ANSWER,
        CarrierStatus.CANCELED,
        CarrierStatus.FAILED,
    }
)
"""The leg is over."""

_SAYS_MOST = (
    CarrierStatus.COMPLETED,
    CarrierStatus.BUSY,
    CarrierStatus.NO_ANSWER,
    CarrierStatus.CANCELED,
    CarrierStatus.FAILED,
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an attempt. Facts are only ever added, with ``|``.

    Args:
        advisor_rang: the advisor's phone began to ring.
        advisor_answered: it was answered, by the advisor or by a voicemail box.
        pressed_one: the advisor pressed 1, so it was the advisor.
        visitor_rang: the visitor's phone began to ring.
        visitor_answered: it was answered.
        advisor_final: how the advisor's leg ended; None while it lasts.
        visitor_final: how the visitor's leg ended; None while it lasts or before it began.
        dial_outcome: what the carrier said when its try to connect the visitor was over.
        screened: whoever answers the visitor's phone is not connected before it is sure that
            it is a person, so that an answer alone is no talk.
        visitor_confirmed: it was a person.
        visitor_machine: it was a machine.

    Raises:
        ValueError: a status given as an end is none.
    """

    advisor_rang: bool = False
    advisor_answered: bool = False
    pressed_one: bool = False
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
        """What is known by both together. Order and repetition make no difference."""
        return Facts(
            advisor_rang=self.advisor_rang or other.advisor_rang,
            advisor_answered=self.advisor_answered or other.advisor_answered,
            pressed_one=self.pressed_one or other.pressed_one,
            visitor_rang=self.visitor_rang or other.visitor_rang,
            visitor_answered=self.visitor_answered or other.visitor_answered,
            advisor_final=_stronger(self.advisor_final, other.advisor_final),
            visitor_final=_stronger(self.visitor_final, other.visitor_final),
            dial_outcome=_stronger(self.dial_outcome, other.dial_outcome),
            screened=self.screened or other.screened,
            visitor_confirmed=self.visitor_confirmed or other.visitor_confirmed,
            visitor_machine=self.visitor_machine or other.visitor_machine,
        )

    @property
    def connected(self) -> bool:
        """Whether the two were connected: the visitor's phone was answered and, where that is
        screened, by a person."""
        return self.visitor_answered and (self.visitor_confirmed or not self.screened)

    @property
    def turned_away(self) -> bool:
        """Whether the visitor's phone was answered, but not by a person as far as is known."""
        return self.visitor_answered and not self.connected


def heard(leg: Leg, status: CarrierStatus) -> Facts:
    """What one status of one leg tells by itself.

    Args:
        leg: whose phone.
        status: what the carrier said of it.
    """
    rang = status == CarrierStatus.RINGING
    answered = status in {CarrierStatus.IN_PROGRESS, CarrierStatus.COMPLETED}
    final = status if status in FINAL else None
    if leg == Leg.ADVISOR:
        return Facts(advisor_rang=rang, advisor_answered=answered, advisor_final=final)
    return Facts(visitor_rang=rang, visitor_answered=answered, visitor_final=final)


def heard_of_dial(outcome: CarrierStatus) -> Facts:
    """What the carrier tells when its try to connect the visitor is over.

    Args:
        outcome: how it ended; a status that ends nothing tells nothing.
    """
    if outcome not in FINAL:
        return Facts()
    return Facts(
        pressed_one=True,
        visitor_answered=outcome == CarrierStatus.COMPLETED,
        dial_outcome=outcome,
    )


PRESSED_ONE = Facts(advisor_answered=True, pressed_one=True)
"""What is known when the advisor has pressed 1."""

VISITOR_CONFIRMED = Facts(pressed_one=True, visitor_answered=True, visitor_confirmed=True)
"""What is known when a person was heard of at the visitor's phone."""

VISITOR_MACHINE = Facts(pressed_one=True, visitor_answered=True, visitor_machine=True)
"""What is known when a machine was heard of there."""


def advance(current: AttemptState, seen: AttemptState) -> AttemptState:
    """The later of two states: an attempt only moves forward, and what has ended stays so.

    Args:
        current: how far it had come.
        seen: how far the newest word says.
    """
    return max(current, seen, key=_RANK.__getitem__)


def is_settled(facts: Facts) -> bool:
    """Whether nothing more can come of this attempt.

    The advisor's leg is the parent call and outlives the visitor's, so its end ends all; so does
    the outcome of the dial, after which only the advisor is still on the line.
    """
    return facts.advisor_final is not None or facts.dial_outcome is not None


def state_of(facts: Facts) -> AttemptState:
    """How far an attempt has come, by what is known of it.

    A later fact implies the earlier ones, whether or not they were heard of. That it was handed
    to the carrier is no fact of the carrier's: without any, it is ``queued``, and the caller
    keeps what it knows better with ``advance``.
    """
    if is_settled(facts):
        return AttemptState.ENDED
    if facts.connected:
        return AttemptState.TALKING
    if facts.visitor_rang or facts.turned_away:
        return AttemptState.VISITOR_RINGING
    if facts.pressed_one or facts.advisor_answered or facts.visitor_final is not None:
        return AttemptState.ADVISOR_ANSWERED
    if facts.advisor_rang:
        return AttemptState.ADVISOR_RINGING
    return AttemptState.QUEUED


def result_of(facts: Facts) -> AttemptResult | None:
    """What came of an attempt, by what is known of it; None while it is not settled.

    What only we can know (refused by the carrier before there was a call, stopped because the
    hours were over, cancelled by us) is no fact of the legs: the caller puts it in place of this.
    """
    if not is_settled(facts):
        return None
    if facts.connected:
        return AttemptResult.TALKED
    if facts.turned_away:
        return AttemptResult.NO_ANSWER
    # The leg itself says more than the dial does, but for one thing: a leg that the advisor broke
    # off by hanging up may be told as unanswered by one and as canceled by the other.
    told = {facts.visitor_final, facts.dial_outcome} - {None}
    if CarrierStatus.CANCELED in told and told <= _BROKEN_OFF:
        return AttemptResult.ADVISOR_HUNG_UP
    if (visitor := facts.visitor_final or facts.dial_outcome) is not None:
        return _BY_VISITOR[visitor]
    if facts.pressed_one or facts.visitor_rang:
        return AttemptResult.ADVISOR_HUNG_UP
    if facts.advisor_answered or facts.advisor_final is None:
        return AttemptResult.ADVISOR_NO_ANSWER
    return _BY_ADVISOR[facts.advisor_final]


def counts(result: AttemptResult, visitor_rang: bool) -> bool:
    """Whether an attempt uses up one of the visitor's chances.

    It does when their phone began to ring: the carrier said so, or gave a result that only a
    phone can give. A busy tone comes from the phone itself, so an engaged one counts. A call
    that could not be placed, or that the advisor never took, costs the visitor nothing.

    Args:
        result: what came of the attempt.
        visitor_rang: the carrier said that the visitor's phone began to ring.
    """
    return visitor_rang or result in COUNTS


_BY_VISITOR = {
    CarrierStatus.COMPLETED: AttemptResult.TALKED,
    CarrierStatus.BUSY: AttemptResult.BUSY,
    CarrierStatus.NO_ANSWER: AttemptResult.NO_ANSWER,
    CarrierStatus.CANCELED: AttemptResult.ADVISOR_HUNG_UP,
    CarrierStatus.FAILED: AttemptResult.VISITOR_FAILED,
}

_BROKEN_OFF = {CarrierStatus.CANCELED, CarrierStatus.NO_ANSWER}
"""A leg that nobody answered; if it was canceled, then since the advisor hung up."""

# Nobody pressed 1. Completed: somebody or something answered, and it was not the advisor. Busy:
# a mobile phone whose owner declines reports that.
_BY_ADVISOR = {
    CarrierStatus.COMPLETED: AttemptResult.ADVISOR_NO_ANSWER,
    CarrierStatus.BUSY: AttemptResult.ADVISOR_DECLINED,
    CarrierStatus.NO_ANSWER: AttemptResult.ADVISOR_NO_ANSWER,
    CarrierStatus.CANCELED: AttemptResult.CANCELLED,
    CarrierStatus.FAILED: AttemptResult.NOT_PLACED,
}


def _stronger(one: CarrierStatus | None, other: CarrierStatus | None) -> CarrierStatus | None:
    """Of two ends told of one leg, the one that says most, so that order makes no difference."""
    return next((status for status in _SAYS_MOST if status in (one, other)), None)
