"""The life of an offer: placed, answered, taken by pressing 1, or missed.

The row is its own outbox: queued until a worker claims it, then settled by what the carrier reports
or a lookup, never placed again. See docs/decisions/0007-one-line-for-each-advisor.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from helpline.callbacks import notifications, transitions
from helpline.callbacks.errors import StateChanged
from helpline.callbacks.models import Callback
from helpline.callbacks.phone_limits import checks
from helpline.calls import daily_budget
from helpline.calls.dispatch import MISSES
from helpline.calls.errors import NoSuchAttempt
from helpline.calls.models import (
    Attempt,
    Channel,
    DispatchRound,
    Offer,
    OfferResult,
    OfferState,
)
from helpline.db import ONE, Instant, transaction, updated_one_row
from helpline.domain.call_progress import FINAL, AttemptState, CarrierStatus
from helpline.domain.job_limits import JobLimits, pause_before_next_lookup
from helpline.domain.lifecycle import Status
from helpline.domain.sms_progress import SmsKind
from helpline.domain.unreadable import if_readable
from helpline.hours import queries as hours_queries
from helpline.messaging import job_failures, outbox, staff_notices
from helpline.messaging.models import Kind, NoticeKind
from helpline.policy import queries as policy_queries
from helpline.privacy import audit
from helpline.staff import advisor_line, missed_offers
from helpline.staff.models import Staff
from helpline.telephony import carrier_limits
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


@dataclass(frozen=True, slots=True)
class OfferPlacement:
    """A call to an advisor to place now."""

    offer_id: int
    ref: str
    advisor_number: str


@dataclass(frozen=True, slots=True)
class SilentOffer:
    """An offer to look up."""

    offer_id: int
    call: str | None
    advisor_number: str | None
    placing_at: datetime


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
        if offer.ended_at is not None or not _is_its_call(offer, call):
            return False
        _record_state(session, offer, call, OfferState.ANSWERED, now)
        return _still_needed(session, offer, now)


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
            if offer.ended_at is not None or not _is_its_call(offer, call):
                return OfferRefused.GONE
            if not hours_queries.effective_hours(session, now).is_open(now):
                _end(session, offer, OfferResult.WITHDRAWN, now=now)
                return OfferRefused.CLOSED
            if not _still_needed(session, offer, now):
                _end(session, offer, OfferResult.WITHDRAWN, now=now)
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
            is_its_call = offer.call == call and status not in _BEFORE_ANSWER
            return StatusFor.TAKEN if is_its_call else StatusFor.OLD
        if offer.ended_at is None and _is_its_call(offer, call):
            _apply_status(session, offer, call, status, problem, now)
            return StatusFor.NEWS
        return StatusFor.OLD


# What the worker does


def next_to_place(*, now: datetime, too_late_after: timedelta) -> OfferPlacement | bool:
    """Claim the next offer to place.

    Args:
        too_late_after: an older offer is not placed any more.

    Returns:
        The placement; True when an offer was settled without a call; False when there is none.
    """
    with transaction() as session:
        first = session.scalar(
            sa.select(Offer.id)
            .where(
                Offer.state == OfferState.QUEUED,
                Offer.ended_at.is_(None),
                job_failures.may_run(job_failures.Job.PLACE_OFFER, Offer.id, now),
            )
            .order_by(Offer.id)
            .limit(ONE)
        )
        if first is None:
            return False
        job_failures.begin(job_failures.Job.PLACE_OFFER, first)
        offer = _lock(session, Offer.id == first)
        assert offer is not None
        advisor = session.get_one(Staff, offer.advisor_id)
        if offer.state != OfferState.QUEUED:
            return True
        if not _still_needed(session, offer, now):
            _end(session, offer, OfferResult.WITHDRAWN, now=now)
        elif daily_budget.is_exhausted(session, now):
            _end(session, offer, OfferResult.NOT_PLACED, now=now, problem=Problem.SPENT)
        elif offer.created_at + too_late_after <= now or not if_readable(advisor.phone):
            _end(session, offer, OfferResult.NOT_PLACED, now=now, problem=Problem.TOO_LATE)
        else:
            offer.state, offer.placing_at, offer.heard_at = OfferState.PLACING, now, now
            assert advisor.phone is not None
            return OfferPlacement(offer.id, offer.ref, advisor.phone)
        return True


def placed(offer_id: int, call: str, *, now: datetime) -> None:
    """Store the carrier's id, unless a webhook did."""
    with transaction() as session:
        updated_one_row(
            session,
            sa.update(Offer)
            .where(Offer.id == offer_id, Offer.call.is_(None))
            .values(call=call, heard_at=now),
        )
        carrier_limits.restore_rate(session)


def not_placed(offer_id: int, problem: str, *, now: datetime) -> None:
    """Record that the phone was surely not called; the advisor may be asked again."""
    _end_by_id(offer_id, OfferResult.NOT_PLACED, problem, now)


def refused(offer_id: int, problem: str, *, now: datetime) -> None:
    """Record that the carrier rejected the call; it counts as a miss, so that others are called
    instead.
    """
    _end_by_id(offer_id, OfferResult.REFUSED, problem, now)


def next_to_cancel(*, now: datetime, again_after: timedelta) -> str | bool:
    """End one offer that is no longer needed: another advisor took it, the visitor cancelled or
    rescheduled, or the helpline closed.

    Args:
        again_after: when to retry ending the call at the carrier.

    Returns:
        The carrier's id of a call to end; True when there was no call yet; False when there is no
        such offer.
    """
    with transaction() as session:
        is_open = hours_queries.effective_hours(session, now).is_open(now)
        unwanted = (
            []
            if not is_open
            else [
                sa.or_(
                    Callback.status != Status.WAITING,
                    Callback.due_at > now,
                    checks.not_callable(now),
                )
            ]
        )
        offer_id = session.scalar(
            sa.select(Offer.id)
            .join(Callback, Callback.id == Offer.callback_id)
            .where(
                Offer.ended_at.is_(None),
                sa.or_(Offer.state == OfferState.QUEUED, Offer.call.is_not(None)),
                sa.or_(Offer.end_asked_at.is_(None), Offer.end_asked_at <= now - again_after),
                *unwanted,
            )
            .order_by(Offer.id)
            .limit(ONE)
        )
        offer = _lock(session, Offer.id == offer_id) if offer_id is not None else None
        if offer is None:
            return False
        if offer.ended_at is not None or _still_needed(session, offer, now):
            return True
        if offer.state == OfferState.QUEUED or offer.call is None:
            _end(session, offer, OfferResult.WITHDRAWN, now=now)
            return True
        offer.end_asked_at = now
        return offer.call


def next_silent(*, now: datetime, silent_after: timedelta) -> SilentOffer | None:
    """Claim one offer without a report for ``silent_after``, to look it up; not claimed again
    before that time has passed once more. An unconfirmed one is claimed sooner, with pauses that
    double.
    """
    with transaction() as session:
        offer = session.scalar(
            sa.select(Offer)
            .where(
                Offer.ended_at.is_(None),
                Offer.state != OfferState.QUEUED,
                sa.or_(Offer.heard_at <= now - silent_after, Offer.look_at <= now),
            )
            .order_by(Offer.heard_at)
            .limit(ONE)
            .with_for_update(skip_locked=True)
        )
        if offer is None:
            return None
        asked_at = offer.placing_at or offer.created_at
        offer.heard_at, offer.look_at = now, None
        if offer.call is None:
            offer.look_at = now + pause_before_next_lookup(now - asked_at, silent_after)
        advisor = session.get_one(Staff, offer.advisor_id)
        return SilentOffer(offer.id, offer.call, if_readable(advisor.phone), asked_at)


def mark_unconfirmed(offer_id: int, *, now: datetime) -> None:
    """Record that the carrier may or may not have placed the call; it is looked up at once."""
    with transaction() as session:
        session.execute(
            sa.update(Offer)
            .where(Offer.id == offer_id, Offer.ended_at.is_(None), Offer.call.is_(None))
            .values(look_at=now)
        )


def end_one_overdue(*, now: datetime, limits: JobLimits) -> bool:
    """End one offer that lasted longer than a phone can ring, with or without a carrier, and
    free its advisor; return whether there was one. Should its call ring after all, it is told to
    hang up.
    """
    asked_at = sa.func.coalesce(Offer.placing_at, Offer.created_at)
    with transaction() as session:
        offer_id = session.scalar(
            sa.select(Offer.id)
            .where(
                Offer.ended_at.is_(None),
                sa.or_(
                    sa.and_(
                        Offer.state == OfferState.QUEUED,
                        Offer.created_at <= now - limits.queued,
                    ),
                    sa.and_(
                        Offer.state != OfferState.QUEUED,
                        Offer.call.is_(None),
                        asked_at <= sa.literal(now - limits.unconfirmed, Instant),
                    ),
                    asked_at <= sa.literal(now - limits.ringing, Instant),
                ),
                job_failures.may_run(job_failures.Job.END_OVERDUE_OFFER, Offer.id, now),
            )
            .order_by(Offer.id)
            .limit(ONE)
        )
        if offer_id is None:
            return False
        job_failures.begin(job_failures.Job.END_OVERDUE_OFFER, offer_id)
        offer = _lock(session, Offer.id == offer_id)
        if offer is None or offer.ended_at is not None:
            return True
        if offer.state == OfferState.QUEUED:
            _end(session, offer, OfferResult.NOT_PLACED, now=now, problem=Problem.TOO_LATE)
        elif offer.call is None:
            _end(session, offer, OfferResult.NOT_PLACED, now=now, problem=Problem.LOST)
        else:
            _end(session, offer, OfferResult.MISSED, now=now)
        return True


def apply_lookup(offer_id: int, call: str, status: CarrierStatus, *, now: datetime) -> None:
    """Apply the status found by a lookup."""
    with transaction() as session:
        offer = _lock(session, Offer.id == offer_id)
        if offer is not None and offer.ended_at is None and _is_its_call(offer, call):
            _apply_status(session, offer, call, status, None, now)


def apply_missing(offer_id: int, *, now: datetime, lost_after: timedelta) -> None:
    """Record that the carrier does not know the call; ended once that can be no delay. Should it
    ring after all, its webhook gets the answer to hang up.
    """
    with transaction() as session:
        offer = _lock(session, Offer.id == offer_id)
        if offer is None or offer.ended_at is not None or offer.call is not None:
            return
        if (offer.placing_at or offer.created_at) + lost_after <= now:
            _end(session, offer, OfferResult.NOT_PLACED, now=now, problem=Problem.LOST)


# Inside the caller's transaction


def _lock_by_reference(session: Session, ref: str) -> Offer:
    offer = _lock(session, Offer.ref == ref)
    if offer is None:
        raise NoSuchAttempt
    return offer


def _lock(session: Session, condition: sa.ColumnElement[bool]) -> Offer | None:
    """The callback is locked first, as everywhere."""
    offer = session.scalar(sa.select(Offer).where(condition))
    if offer is None:
        return None
    for model, key in ((Callback, offer.callback_id), (Offer, offer.id)):
        session.get_one(model, key, with_for_update=True, populate_existing=True)
    return offer


def _is_its_call(offer: Offer, call: str) -> bool:
    return offer.call in (None, call)


def _still_needed(session: Session, offer: Offer, now: datetime) -> bool:
    callback = session.get_one(Callback, offer.callback_id)
    return (
        callback.status == Status.WAITING
        and callback.due_at <= now
        and not checks.is_not_callable(session, callback, now)
        and hours_queries.effective_hours(session, now).is_open(now)
    )


def _record_state(
    session: Session, offer: Offer, call: str, state: OfferState, now: datetime
) -> None:
    offer.call, offer.heard_at = call, now
    if offer.state != OfferState.ANSWERED:
        offer.state = state
    session.flush()


def _apply_status(
    session: Session,
    offer: Offer,
    call: str,
    status: CarrierStatus,
    problem: str | None,
    now: datetime,
) -> None:
    state = OfferState.ANSWERED if status == CarrierStatus.IN_PROGRESS else OfferState.RINGING
    if status in (CarrierStatus.QUEUED, CarrierStatus.INITIATED):
        state = OfferState(offer.state)
    _record_state(session, offer, call, state, now)
    if status in FINAL:
        result = _BY_STATUS.get(status, OfferResult.MISSED)
        if result == OfferResult.REFUSED and problem in NOT_ADVISOR_FAULT:
            result = OfferResult.NOT_PLACED
        _end(session, offer, result, now=now, problem=problem)


def _end_by_id(offer_id: int, result: OfferResult, problem: str, now: datetime) -> None:
    with transaction() as session:
        offer = _lock(session, Offer.id == offer_id)
        if offer is not None and offer.ended_at is None:
            _end(session, offer, result, now=now, problem=problem)


def _end(
    session: Session,
    offer: Offer,
    result: OfferResult,
    *,
    now: datetime,
    problem: str | None = None,
) -> None:
    """Once. An offer that is no longer needed counts as no miss."""
    if result in MISSES and (offer.end_asked_at or not _still_needed(session, offer, now)):
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
    _end(session, offer, OfferResult.TAKEN, now=now)
    missed_offers.reset(session, offer.advisor_id)
    session.execute(
        sa.delete(DispatchRound).where(DispatchRound.callback_id == callback.id),
        execution_options={"synchronize_session": False},
    )
