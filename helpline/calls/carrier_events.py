"""What the carrier reports of an outbound call, and how it is to continue.

Each event may come twice, late or out of order; the result is the same. Before the advisor is
connected, a person must have answered the visitor's phone: a machine cannot press 1, and the
carrier can often detect one. Where it cannot, the 1 is asked for even where only detection was
wanted: a machine never hears an advisor. See docs/decisions/0027-extensions-belong-to-no-number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from helpline.callbacks.models import Callback
from helpline.callbacks.phone_limits import checks
from helpline.calls import attempts
from helpline.calls.models import Attempt, EventKind
from helpline.db import guarded_update, transaction
from helpline.domain.call_progress import FINAL, AttemptResult, CarrierStatus, Leg, Screening
from helpline.domain.lifecycle import Status
from helpline.domain.unreadable import if_readable, is_unreadable
from helpline.hours import queries as hours_queries
from helpline.privacy import audit
from helpline.telephony import carrier_routes
from helpline.telephony.events import Detection


@dataclass(frozen=True, slots=True)
class Connect:
    """Call the visitor now and connect the two."""

    number: str
    caller_id: str
    screening: Screening | None = None
    extension: str | None = None


@dataclass(frozen=True, slots=True)
class Decline:
    """Do not call the visitor; ``why`` is said to the advisor."""

    why: AttemptResult


@dataclass(frozen=True, slots=True)
class ScreeningStep:
    """Connect the visitor, or ask for the 1 first, in their language.

    Args:
        behind_switchboard: whether their number has an extension that may still be connecting.
    """

    ask: bool
    language: str
    behind_switchboard: bool = False


def advisor_answered(ref: str, call: str, *, now: datetime) -> bool:
    """Return whether to ask the answering advisor for the 1; else hang up, since the attempt has
    ended.

    Raises:
        NoSuchAttempt: unknown reference.
    """
    with transaction() as session:
        attempt = attempts.lock_by_reference(session, ref)
        _record_event(
            session,
            attempt,
            call,
            EventKind.STATUS,
            CarrierStatus.IN_PROGRESS,
            sequence=-1,
            now=now,
        )
        return _is_current(session, attempt, call)


def advisor_pressed_one(
    ref: str, call: str, *, now: datetime, screening: Screening | None = None
) -> Connect | Decline:
    """Decide after the advisor pressed 1: opening hours are checked once more, then the visitor is
    called.

    The decision is stored, so that a repeated webhook gets the same one; but no number after
    closing. If the first answer arrived, the two are connected already, and stay so.

    Args:
        screening: how a person is distinguished from a machine; None for not at all.

    Raises:
        NoSuchAttempt: unknown reference.
    """
    with transaction() as session:
        attempt = attempts.lock_by_reference(session, ref)
        _record_event(
            session, attempt, call, EventKind.PRESSED_ONE, CarrierStatus.IN_PROGRESS, 0, now=now
        )
        callback = session.get_one(Callback, attempt.callback_id)
        if not _is_current(session, attempt, call):
            return Decline(attempt.result or AttemptResult.CANCELLED)
        is_open = hours_queries.is_open(session, now)
        if is_unreadable(callback.phone):
            attempts.end_attempt(session, attempt, AttemptResult.NOT_PLACED, rang=False, now=now)
            return Decline(AttemptResult.NOT_PLACED)
        if attempt.dial_allowed is None and checks.is_on_call(session, callback, now):
            why = AttemptResult.VISITOR_ON_LINE
            attempts.end_attempt(session, attempt, why, rang=False, now=now)
            return Decline(why)
        if attempt.dial_allowed is None:
            may_ring = is_open and checks.record_ring(session, callback, now)
            guarded_update(
                session,
                attempt,
                {"dial_allowed": None},
                dial_allowed=may_ring,
                screening=screening,
            )
            audit.record(
                session,
                at=now,
                actor="carrier",
                action=_dial_action(is_open=is_open, may_ring=may_ring),
                subject=f"callback:{callback.id}",
            )
        if not attempt.dial_allowed:
            why = AttemptResult.RESTS if is_open else AttemptResult.CLOSED
            attempts.end_attempt(session, attempt, why, rang=False, now=now)
            return Decline(why)
        if not is_open:
            return Decline(AttemptResult.CLOSED)
        attempts.advance_attempt(session, attempt, now=now)
        caller_id = carrier_routes.caller_id_at(session, attempt.carrier, callback.phone_region)
        extension = if_readable(callback.phone_extension)
        return Connect(callback.phone, caller_id, attempt.screening, extension)


def _dial_action(*, is_open: bool, may_ring: bool) -> str:
    if may_ring:
        return "visitor_dialled"
    return "dial_refused_number_rests" if is_open else "dial_refused_outside_hours"


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
        attempt = attempts.lock_by_reference(session, ref)
        callback = session.get_one(Callback, attempt.callback_id)
        if detected == Detection.MACHINE:
            _record_visitor_event(session, attempt, EventKind.VISITOR_MACHINE, call, now)
        if detected == Detection.MACHINE or not _is_current(session, attempt, parent_call):
            return None
        ask = detected == Detection.UNSURE or attempt.screening != Screening.DETECTION
        if not ask:
            _record_visitor_event(session, attempt, EventKind.VISITOR_CONFIRMED, call, now)
        return ScreeningStep(ask, callback.language, callback.phone_extension is not None)


def visitor_confirmed(ref: str, call: str, parent_call: str, *, now: datetime) -> bool:
    """Return whether to connect the visitor who pressed 1; else the attempt has ended.

    Raises:
        NoSuchAttempt: unknown reference.
    """
    with transaction() as session:
        attempt = attempts.lock_by_reference(session, ref)
        if not _is_current(session, attempt, parent_call):
            return False
        _record_visitor_event(session, attempt, EventKind.VISITOR_CONFIRMED, call, now)
        return True


def status_received(
    ref: str,
    leg: Leg,
    call: str,
    status: CarrierStatus,
    *,
    sequence: int,
    error_code: int | None,
    problem: str | None,
    now: datetime,
    connected: bool = False,
    occurred_at: datetime | None = None,
) -> bool:
    """Process a status callback of one leg; repeated, late or out of order makes no difference.

    Args:
        sequence: the carrier's sequence number of the event within the call.
        error_code: the carrier's code of a failed leg.
        problem: that code as our problem.
        connected: whether the carrier reports that the visitor pressed the key.
        occurred_at: when it happened, by the carrier's clock.

    Returns:
        Whether it is new.

    Raises:
        NoSuchAttempt: unknown reference.
    """
    with transaction() as session:
        attempt = attempts.lock_by_reference(session, ref)
        if connected and attempt.screening is not None:
            _record_visitor_event(session, attempt, EventKind.VISITOR_CONFIRMED, call, now)
        if _may_be_of_move(attempt, leg, status):
            attempt.look_at = now if attempt.ended_at is None else attempt.look_at
            return False
        return _record_event(
            session,
            attempt,
            call,
            EventKind.STATUS,
            status,
            sequence,
            leg=leg,
            error_code=error_code,
            problem=problem,
            now=now,
            occurred_at=occurred_at,
        )


def dial_finished(
    ref: str,
    call: str,
    outcome: CarrierStatus,
    *,
    now: datetime,
    rang: bool = False,
    bridged_call: str | None = None,
    error_code: int | None = None,
    problem: str | None = None,
) -> bool:
    """Process the end of the Dial; return whether it is new.

    Args:
        rang: whether the carrier reports only now that the visitor's phone rang.
        bridged_call: the visitor's leg, if the carrier reports that it was connected.
        error_code: the carrier's code when the visitor was not called; without a leg nothing else
            has it.
        problem: that code as our problem; what the leg itself reported takes precedence.

    Raises:
        NoSuchAttempt: unknown reference.
    """
    with transaction() as session:
        attempt = attempts.lock_by_reference(session, ref)
        if rang and attempt.advisor_call in (None, call):
            _record_event(
                session,
                attempt,
                "",  # the id of that leg is not reported
                EventKind.STATUS,
                CarrierStatus.RINGING,
                sequence=-1,
                leg=Leg.VISITOR,
                now=now,
            )
        if attempt.screening is not None and bridged_call:
            attempts.record_visitor_event(
                session, attempt, EventKind.VISITOR_CONFIRMED, bridged_call, now=now
            )
        if problem and attempts.has_visitor_error_code(session, attempt):
            problem = None
        return _record_event(
            session,
            attempt,
            call,
            EventKind.DIALLED,
            outcome,
            0,
            error_code=error_code,
            problem=problem,
            now=now,
        )


def conference_left(ref: str, *, now: datetime) -> None:
    """Process that advisor or visitor have left the conference, which ends it for both. Idempotent.

    Raises:
        NoSuchAttempt: unknown reference.
    """
    with transaction() as session:
        attempt = attempts.lock_by_reference(session, ref)
        _record_event(
            session,
            attempt,
            attempt.advisor_call or "",
            EventKind.DIALLED,
            CarrierStatus.COMPLETED,
            0,
            now=now,
        )


def _may_be_of_move(attempt: Attempt, leg: Leg, status: CarrierStatus) -> bool:
    """Whether the end of a leg may be that of the Dial which it left for a conference. A lookup
    tells.
    """
    return attempt.move_asked_at is not None and leg == Leg.VISITOR and status in FINAL


def _record_event(
    session: Session,
    attempt: Attempt,
    call: str,
    kind: EventKind,
    status: CarrierStatus,
    sequence: int,
    *,
    now: datetime,
    leg: Leg = Leg.ADVISOR,
    error_code: int | None = None,
    problem: str | None = None,
    occurred_at: datetime | None = None,
) -> bool:
    if leg == Leg.ADVISOR and attempt.advisor_call not in (None, call):
        return False
    facts = attempts.record_event(
        session,
        attempt,
        kind=kind,
        leg=leg,
        call=call,
        status=status,
        sequence=sequence,
        error_code=error_code,
        now=now,
        occurred_at=occurred_at,
    )
    if facts is None:
        return False
    if problem:
        attempt.problem = problem
    attempts.advance_attempt(session, attempt, now=now, facts=facts)
    return True


def _is_current(session: Session, attempt: Attempt, call: str) -> bool:
    return (
        attempt.ended_at is None
        and attempt.advisor_call == call
        and session.get_one(Callback, attempt.callback_id).status == Status.CALLING
    )


def _record_visitor_event(
    session: Session, attempt: Attempt, kind: EventKind, call: str, now: datetime
) -> None:
    facts = attempts.record_visitor_event(session, attempt, kind, call, now=now)
    if facts is not None:
        attempts.advance_attempt(session, attempt, now=now, facts=facts)
