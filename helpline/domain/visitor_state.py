"""The state of a request as its visitor sees it, derived from the callback, its newest attempt, the
opening hours and the availability of advisors.

Pages, the API, the embed, voice and text messages all take their sentences from it.
See docs/decisions/0012-one-state-for-what-visitors-are-told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from helpline.domain.call_progress import AttemptResult, AttemptState
from helpline.domain.lifecycle import Status
from helpline.domain.opening_hours import OpeningHours
from helpline.domain.retries import FOLLOW_UP_ALLOWED, NOT_A_REQUEST, Disposition

CLOSING_SOON = timedelta(minutes=30)


class VisitorState(StrEnum):
    """Each state has one sentence in every language."""

    QUEUED = "queued"
    QUEUED_CLOSING = "queued_closing"
    QUEUED_UNSTAFFED = "queued_unstaffed"
    QUEUED_UNSTAFFED_CLOSING = "queued_unstaffed_closing"
    QUEUED_CLOSED = "queued_closed"
    RETRY_QUEUED = "retry_queued"
    RETRY_CLOSING = "retry_closing"
    RETRY_UNSTAFFED = "retry_unstaffed"
    RETRY_UNSTAFFED_CLOSING = "retry_unstaffed_closing"
    RETRY_CLOSED = "retry_closed"
    RETRY_LATER = "retry_later"
    BOOKED = "booked"
    LATER = "later"
    NO_OPENING = "no_opening"
    CLAIMED = "claimed"
    CONNECTING = "connecting"
    CALLING = "calling"
    CALLING_OWN_PHONE = "calling_own_phone"
    TALKING = "talking"
    CALL_ENDED = "call_ended"
    NOT_ANSWERED = "not_answered"
    REACHED = "reached"
    UNREACHED = "unreached"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    ON_HOLD = "on_hold"
    DO_NOT_CALL = "do_not_call"
    CUT_OFF = "cut_off"
    WRONG_NUMBER = "wrong_number"
    CLOSED = "closed"


QUEUED_WITH_ADVISORS = frozenset(
    {
        VisitorState.QUEUED,
        VisitorState.QUEUED_CLOSING,
        VisitorState.RETRY_QUEUED,
        VisitorState.RETRY_CLOSING,
    }
)
"""States for which a queue position and an expected wait can be given."""

UNSTAFFED = frozenset(
    {
        VisitorState.QUEUED_UNSTAFFED,
        VisitorState.QUEUED_UNSTAFFED_CLOSING,
        VisitorState.RETRY_UNSTAFFED,
        VisitorState.RETRY_UNSTAFFED_CLOSING,
    }
)
"""States of a request that is due while no advisor is available."""

_ENDED = {
    Status.REACHED: VisitorState.REACHED,
    Status.UNREACHED: VisitorState.UNREACHED,
    Status.CANCELLED: VisitorState.CANCELLED,
    Status.EXPIRED: VisitorState.EXPIRED,
}

_ENDED_BY_OUTCOME: Mapping[str | None, VisitorState] = {
    **dict.fromkeys(FOLLOW_UP_ALLOWED, VisitorState.REACHED),
    **dict.fromkeys((*NOT_A_REQUEST, Disposition.UNSAFE), VisitorState.CLOSED),
    Disposition.DO_NOT_CALL: VisitorState.DO_NOT_CALL,
    Disposition.DROPPED: VisitorState.CUT_OFF,
    Disposition.WRONG_NUMBER: VisitorState.WRONG_NUMBER,
}
"""Where the outcome says more than the status. A corrected one is on record, and the status final.
"""

_QUEUED = {
    # (closing soon, staffed): first call, retry
    (False, True): (VisitorState.QUEUED, VisitorState.RETRY_QUEUED),
    (True, True): (VisitorState.QUEUED_CLOSING, VisitorState.RETRY_CLOSING),
    (False, False): (VisitorState.QUEUED_UNSTAFFED, VisitorState.RETRY_UNSTAFFED),
    (True, False): (VisitorState.QUEUED_UNSTAFFED_CLOSING, VisitorState.RETRY_UNSTAFFED_CLOSING),
}


class CallbackFacts(Protocol):
    """The part of a callback that its state depends on."""

    @property
    def status(self) -> Status: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def slot_at(self) -> datetime | None: ...
    @property
    def attempts_used(self) -> int: ...
    @property
    def disposition(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class AttemptFacts:
    """The newest attempt of a callback.

    Args:
        own_phone: the advisor calls from their own phone, so no status is reported.
    """

    state: AttemptState
    result: AttemptResult | None
    own_phone: bool = False


class HoursFacts(Protocol):
    """The opening hours at this moment."""

    @property
    def hours(self) -> OpeningHours: ...
    @property
    def is_open(self) -> bool: ...
    @property
    def closes_at(self) -> datetime | None: ...
    @property
    def opens_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class HoursNow:
    """``HoursFacts`` of opening hours."""

    hours: OpeningHours
    is_open: bool
    closes_at: datetime | None
    opens_at: datetime | None

    @classmethod
    def of(cls, hours: OpeningHours, now: datetime) -> HoursNow:
        """Return the opening hours at an instant."""
        return cls(hours, hours.is_open(now), hours.closes_at(now), hours.next_opening(now))


@dataclass(frozen=True, slots=True)
class Outlook:
    """A state and the times that its sentence names.

    Args:
        call_at: when the call comes (booked), or the earliest time for it (later, closed, closing
            soon); None when unknown or past.
        closes_at: closing time, where that is soon.
        cut_off: whether the last call dropped, and another follows.
        staff_alerted: whether staff were texted, where no advisor is available.
    """

    state: VisitorState
    call_at: datetime | None = None
    closes_at: datetime | None = None
    cut_off: bool = False
    staff_alerted: bool = False


def is_closing_soon(hours: HoursFacts, wait_minutes: int | None, now: datetime) -> bool:
    """Return whether the helpline may close before a new request is called.

    Args:
        wait_minutes: the expected wait; None when no advisor is available.
    """
    if not hours.is_open or hours.closes_at is None:
        return False
    time_left = hours.closes_at - now
    return time_left <= CLOSING_SOON or time_left <= timedelta(minutes=wait_minutes or 0)


def visitor_state(
    callback: CallbackFacts,
    attempt: AttemptFacts | None,
    hours: HoursFacts,
    wait_minutes: int | None,
    now: datetime,
) -> Outlook:
    """Return the state of a request as its visitor sees it.

    A callback that an advisor has claimed, or for which only the advisor's phone rings, returns to
    the queue at closing, so it is queued from that instant on.

    Args:
        attempt: the newest attempt, where a call is in progress or just ended.
        wait_minutes: the expected wait; None when no advisor is available.
    """
    match callback.status:
        case Status.WAITING | Status.JOINED:
            outlook = _waiting(callback, hours, wait_minutes, now)
            return replace(outlook, cut_off=callback.disposition == Disposition.DROPPED)
        case Status.CLAIMED:
            return _with_advisor(VisitorState.CLAIMED, callback, hours, wait_minutes, now)
        case Status.CALLING:
            return _calling(callback, attempt, hours, wait_minutes, now)
        case Status.REACHED | Status.UNREACHED as status:
            return Outlook(_ENDED_BY_OUTCOME.get(callback.disposition, _ENDED[status]))
        case status:
            return Outlook(_ENDED[status])


@dataclass(frozen=True, slots=True)
class _NewRequest:
    """A request made now, to be called as soon as possible."""

    due_at: datetime
    status: Status = Status.WAITING
    slot_at: datetime | None = None
    attempts_used: int = 0
    disposition: str | None = None


def state_of_new_request(hours: HoursFacts, wait_minutes: int | None, now: datetime) -> Outlook:
    """Return the state that a request made now would have."""
    return visitor_state(_NewRequest(now), None, hours, wait_minutes, now)


def _waiting(
    callback: CallbackFacts, hours: HoursFacts, wait_minutes: int | None, now: datetime
) -> Outlook:
    if callback.disposition == Disposition.UNSAFE:
        return Outlook(VisitorState.ON_HOLD)
    is_retry = callback.attempts_used > 0
    if callback.due_at > now:
        if callback.slot_at == callback.due_at:
            return Outlook(VisitorState.BOOKED, callback.due_at)
        earliest = hours.hours.first_open_instant(callback.due_at)
        if earliest is None:
            return Outlook(VisitorState.NO_OPENING)
        return Outlook(VisitorState.RETRY_LATER if is_retry else VisitorState.LATER, earliest)
    if hours.is_open:
        is_closing = is_closing_soon(hours, wait_minutes, now)
        state = _QUEUED[is_closing, wait_minutes is not None][is_retry]
        if not is_closing:
            return Outlook(state)
        return Outlook(state, hours.opens_at, hours.closes_at)
    if hours.opens_at is None:
        return Outlook(VisitorState.NO_OPENING)
    state = VisitorState.RETRY_CLOSED if is_retry else VisitorState.QUEUED_CLOSED
    return Outlook(state, hours.opens_at)


def _with_advisor(
    state: VisitorState,
    callback: CallbackFacts,
    hours: HoursFacts,
    wait_minutes: int | None,
    now: datetime,
) -> Outlook:
    return Outlook(state) if hours.is_open else _waiting(callback, hours, wait_minutes, now)


def _calling(
    callback: CallbackFacts,
    attempt: AttemptFacts | None,
    hours: HoursFacts,
    wait_minutes: int | None,
    now: datetime,
) -> Outlook:
    if attempt is not None:
        match attempt.state:
            case AttemptState.ENDED if attempt.result == AttemptResult.TALKED:
                return Outlook(VisitorState.CALL_ENDED)
            case AttemptState.ENDED:
                return Outlook(VisitorState.NOT_ANSWERED)
            case _ if attempt.own_phone:
                return Outlook(VisitorState.CALLING_OWN_PHONE)
            case AttemptState.VISITOR_RINGING:
                return Outlook(VisitorState.CALLING)
            case AttemptState.TALKING:
                return Outlook(VisitorState.TALKING)
            case _:
                pass
    return _with_advisor(VisitorState.CONNECTING, callback, hours, wait_minutes, now)
