"""What the carrier reports of an offer: answered, taken by pressing 1, or missed.

See offer_jobs for placing it, and docs/decisions/0007-one-line-for-each-advisor.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from helpline.callbacks import dispatch_pause, notifications, transitions
from helpline.callbacks.errors import StateChanged
from helpline.callbacks.models import Callback
from helpline.callbacks.phone_limits import checks
from helpline.callbacks.row_locks import lock_callback
from helpline.calls.dispatch.rounds import MISSES
from helpline.calls.errors import NoSuchAttempt
from helpline.calls.models import (
    Attempt,
    Channel,
    DispatchRound,
    Offer,
    OfferResult,
    OfferState,
)
from helpline.db import transaction
from helpline.domain.call_progress import FINAL, AttemptState, CarrierStatus
from helpline.domain.lifecycle import Status
from helpline.domain.sms_progress import SmsKind
from helpline.hours import queries as hours_queries
from helpline.messaging import outbox, staff_notices
from helpline.messaging.models import Kind, NoticeKind
from helpline.policy import queries as policy_queries
from helpline.privacy import audit
from helpline.staff import advisor_line, missed_offers
from helpline.telephony.problems import Problem

_BEFORE_ANSWER = (CarrierStatus.QUEUED, CarrierStatus.INITIATED, CarrierStatus.RINGING)
NOT_ADVISOR_FAULT = frozenset(
    {Problem.ACCOUNT, Problem.BUSY, Problem.CALLER_ID, Problem.CREDENTIALS}
)
"""Rejections that any advisor's phone would get: no miss of this advisor."""

_BY_STATUS = {
    CarrierStatus.BUSY: OfferResult.DECLINED,
    CarrierStatus.FAILED: OfferResult.REFUSED,
}


class OfferRefused(StrEnum):
    """Why pressing 1 does not give the advisor the callback."""

    CLOSED = "closed"
    GONE = "gone"


class StatusFor(StrEnum):
    """What a status callback is about."""

    TAKEN = "taken"
    """The attempt with the same reference: the offer was taken."""
    NEWS = "news"
    """The live offer."""
    OLD = "old"
    """An ended offer."""


# What the carrier tells and asks


def answered(ref: str, call: str, *, now: datetime) -> bool:
    """Return whether to ask the answering advisor for the 1; else the callback is taken or ended.

    Raises:
        NoSuchAttempt: unknown reference.
    """
    with transaction() as session:
        offer = _lock_by_reference(session, ref)
        if offer.result == OfferResult.TAKEN:
            return offer.call == call
        if offer.ended_at is not None or not is_its_call(offer, call):
            return False
        _record_state(session, offer, call, OfferState.ANSWERED, now)
        return still_needed(session, offer, now)


def accept(ref: str, call: str, *, now: datetime) -> OfferRefused | None:
    """Claim the callback for the advisor who pressed 1 and begin its call, in one transaction.

    Of several who press, the first gets it. Idempotent.

    Returns:
        None when it is theirs; the attempt then has this reference. Else why it is not.

    Raises:
        NoSuchAttempt: unknown reference.
    """
    try:
        with transaction() as session:
            offer = _lock_by_reference(session, ref)
            if offer.result == OfferResult.TAKEN:
                return None if offer.call == call else OfferRefused.GONE
            if offer.ended_at is not None or not is_its_call(offer, call):
                return OfferRefused.GONE
            if not hours_queries.effective_hours(session, now).is_open(now):
                end(session, offer, OfferResult.WITHDRAWN, now=now)
                return OfferRefused.CLOSED
            if not still_needed(session, offer, now):
                end(session, offer, OfferResult.WITHDRAWN, now=now)
                return OfferRefused.GONE
            _record_state(session, offer, call, OfferState.ANSWERED, now)
            _accept(session, offer, now)
            return None
    except (StateChanged, IntegrityError):
        return OfferRefused.GONE


def status_received(
    ref: str, call: str, status: CarrierStatus, *, problem: str | None, now: datetime
) -> StatusFor:
    """Process a status callback of the advisor's phone.

    Raises:
        NoSuchAttempt: unknown reference.
    """
    with transaction() as session:
        offer = _lock_by_reference(session, ref)
        if offer.result == OfferResult.TAKEN:
            is_attempt = offer.call == call and status not in _BEFORE_ANSWER
            return StatusFor.TAKEN if is_attempt else StatusFor.OLD
        if offer.ended_at is None and is_its_call(offer, call):
            apply_status(session, offer, call, status, problem, now)
            return StatusFor.NEWS
        return StatusFor.OLD


# Inside the caller's transaction


def _lock_by_reference(session: Session, ref: str) -> Offer:
    offer = lock(session, Offer.ref == ref)
    if offer is None:
        raise NoSuchAttempt
    return offer


def lock(session: Session, condition: sa.ColumnElement[bool]) -> Offer | None:
    """Lock an offer and before it its callback, as everywhere."""
    offer = session.scalar(sa.select(Offer).where(condition))
    if offer is None:
        return None
    lock_callback(session, offer.callback_id)
    return session.get_one(Offer, offer.id, with_for_update=True, populate_existing=True)


def is_its_call(offer: Offer, call: str) -> bool:
    """Return whether a report is about the call of this offer."""
    return offer.call in (None, call)


def still_needed(session: Session, offer: Offer, now: datetime) -> bool:
    """Return whether the callback still waits for an advisor, and may be offered now."""
    callback = session.get_one(Callback, offer.callback_id)
    return (
        callback.status == Status.WAITING
        and callback.due_at <= now
        and not checks.is_not_callable(session, callback, now)
        and hours_queries.effective_hours(session, now).is_open(now)
        and not dispatch_pause.current(session, now)
    )


def _record_state(
    session: Session, offer: Offer, call: str, state: OfferState, now: datetime
) -> None:
    offer.call, offer.heard_at = call, now
    if offer.state != OfferState.ANSWERED:
        offer.state = state
    session.flush()


def apply_status(
    session: Session,
    offer: Offer,
    call: str,
    status: CarrierStatus,
    problem: str | None,
    now: datetime,
) -> None:
    """Apply a status of the call, reported or looked up."""
    state = OfferState.ANSWERED if status == CarrierStatus.IN_PROGRESS else OfferState.RINGING
    if status in (CarrierStatus.QUEUED, CarrierStatus.INITIATED):
        state = OfferState(offer.state)
    _record_state(session, offer, call, state, now)
    if status in FINAL:
        result = _BY_STATUS.get(status, OfferResult.MISSED)
        if result == OfferResult.REFUSED and problem in NOT_ADVISOR_FAULT:
            result = OfferResult.NOT_PLACED
        end(session, offer, result, now=now, problem=problem)


def end(
    session: Session,
    offer: Offer,
    result: OfferResult,
    *,
    now: datetime,
    problem: str | None = None,
) -> None:
    """End an offer and free its advisor. One that is no longer needed counts as no miss."""
    if result in MISSES and (offer.end_asked_at or not still_needed(session, offer, now)):
        result = OfferResult.WITHDRAWN
    offer.state, offer.result, offer.ended_at = OfferState.ENDED, result, now
    offer.problem = problem or offer.problem
    session.flush()
    advisor_line.release(session, offer.ref)
    if result in MISSES:
        _count_miss(session, offer, now)


def _count_miss(session: Session, offer: Offer, now: datetime) -> None:
    until_away = policy_queries.current(session).misses_until_away
    if missed_offers.record_miss(session, offer.advisor_id, max_misses=until_away, now=now):
        subject = transitions.staff_actor(offer.advisor_id)
        audit.record(
            session,
            at=now,
            actor="worker",
            action="marked_away",
            subject=subject,
            misses=until_away,
        )
        staff_notices.notify_staff(session, NoticeKind.ADVISOR_AWAY, subject, now=now)


def _accept(session: Session, offer: Offer, now: datetime) -> None:
    """Claim, dial and create the attempt; the call to the advisor becomes the attempt's."""
    callback = session.get_one(Callback, offer.callback_id)
    ends_at = now + timedelta(minutes=policy_queries.current(session).claim_minutes)
    transitions.claim(
        session,
        callback,
        advisor_id=offer.advisor_id,
        at=now,
        ends_at=ends_at,
        call_in=offer.ref,
    )
    transitions.dial(session, callback, advisor_id=offer.advisor_id, at=now, call_in=offer.ref)
    attempt = Attempt(
        ref=offer.ref,
        callback_id=callback.id,
        advisor_id=offer.advisor_id,
        channel=Channel.CARRIER,
        carrier=offer.carrier,
        state=AttemptState.ADVISOR_ANSWERED,
        created_at=offer.created_at,
        placing_at=offer.placing_at,
        heard_at=now,
        advisor_call=offer.call,
    )
    session.add(attempt)
    session.flush()
    # The call was made as the offer's: its effect is written down as done.
    outbox.enqueue(session, Kind.PLACE_CALL, attempt.id, now=now)
    outbox.mark_done(session, Kind.PLACE_CALL, attempt.id, now=now)
    audit.record(
        session,
        at=now,
        actor=transitions.staff_actor(offer.advisor_id),
        action="call_started",
        subject=f"callback:{callback.id}",
        channel=Channel.CARRIER,
        offered=True,
    )
    once = str(callback.attempts_used)
    notifications.notify(session, callback, SmsKind.ABOUT_TO_RING, now=now, once=once)
    end(session, offer, OfferResult.TAKEN, now=now)
    missed_offers.reset(session, offer.advisor_id)
    session.execute(
        sa.delete(DispatchRound).where(DispatchRound.callback_id == callback.id),
        execution_options={"synchronize_session": False},
    )
