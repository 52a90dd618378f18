"""Whether a person answered the visitor's phone, before the advisor is connected.

A machine cannot press 1, and the carrier can often detect one. Where it cannot, the 1 is asked for
even where only detection was wanted: a machine never hears an advisor.
See docs/decisions/0027-extensions-belong-to-no-number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from helpline.callbacks.models import Callback
from helpline.calls import attempts
from helpline.calls.errors import NoSuchAttempt
from helpline.calls.models import Attempt, EventKind
from helpline.db import transaction
from helpline.domain.call_progress import Screening
from helpline.domain.lifecycle import Status
from helpline.telephony.events import Detection


@dataclass(frozen=True, slots=True)
class ScreeningStep:
    """Connect the visitor, or ask for the 1 first, in their language.

    Args:
        behind_switchboard: whether their number has an extension that may still be connecting.
    """

    ask: bool
    language: str
    behind_switchboard: bool = False


def visitor_answered(
    ref: str, call: str, parent_call: str, detected: Detection, *, now: datetime
) -> ScreeningStep | None:
    """Return how to continue after the visitor's phone was answered; None to hang up, since it is a
    machine or the attempt has ended.

    Args:
        call: the carrier's id of the visitor's leg.
        parent_call: that of the advisor's.
        detected: the result of the carrier's detection.

    Raises:
        NoSuchAttempt: unknown reference.
    """
    with transaction() as session:
        attempt = _lock_by_reference(session, ref)
        callback = session.get_one(Callback, attempt.callback_id)
        if detected == Detection.MACHINE:
            _record_event(session, attempt, EventKind.VISITOR_MACHINE, call, now)
        if detected == Detection.MACHINE or not _is_current(attempt, callback, parent_call):
            return None
        ask = detected == Detection.UNSURE or attempt.screening != Screening.DETECTION
        if not ask:
            _record_event(session, attempt, EventKind.VISITOR_CONFIRMED, call, now)
        return ScreeningStep(ask, callback.language, callback.phone_extension is not None)


def visitor_confirmed(ref: str, call: str, parent_call: str, *, now: datetime) -> bool:
    """Return whether to connect the visitor who pressed 1; else the attempt has ended.

    Raises:
        NoSuchAttempt: unknown reference.
    """
    with transaction() as session:
        attempt = _lock_by_reference(session, ref)
        callback = session.get_one(Callback, attempt.callback_id)
        if not _is_current(attempt, callback, parent_call):
            return False
        _record_event(session, attempt, EventKind.VISITOR_CONFIRMED, call, now)
        return True


def _lock_by_reference(session: Session, ref: str) -> Attempt:
    attempt = attempts.lock_by_reference(session, ref)
    if attempt is None:
        raise NoSuchAttempt
    return attempt


def _record_event(
    session: Session, attempt: Attempt, kind: EventKind, call: str, now: datetime
) -> None:
    facts = attempts.record_visitor_event(session, attempt, kind, call, now=now)
    if facts is not None:
        attempts.advance_attempt(session, attempt, now=now, facts=facts)


def _is_current(attempt: Attempt, callback: Callback, parent_call: str) -> bool:
    return (
        attempt.ended_at is None
        and attempt.advisor_call == parent_call
        and callback.status == Status.CALLING
    )
