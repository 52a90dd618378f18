"""What a visitor does: request, reschedule, cancel, ask for a retry."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from helpline.callbacks import networks, queries, requests, slot_booking, transitions, visitor_retry
from helpline.callbacks.errors import StateChanged, TooManyBookings
from helpline.callbacks.models import Callback, Channel
from helpline.callbacks.networks import Origin
from helpline.callbacks.requests import CallbackRequest
from helpline.callbacks.row_locks import has_open_status, lock_unlocked
from helpline.callbacks.set_aside.models import SetAsideMember
from helpline.db import ONE, retry_on_deadlock, transaction
from helpline.domain.lifecycle import Status
from helpline.domain.opening_hours import OpeningHours
from helpline.domain.retries import Disposition
from helpline.domain.safe_times import IfNoAnswer
from helpline.hours import locking
from helpline.hours import queries as hours_queries
from helpline.messaging import job_failures, staff_notices
from helpline.messaging.models import NoticeKind
from helpline.policy import queries as policy_queries
from helpline.privacy import audit
from helpline.privacy.encryption import link_hash, link_token

__all__ = (
    "CallbackRequest",
    "Channel",
    "cancel",
    "end_one_follower",
    "end_one_past_safe_time",
    "expire_one",
    "request_callback",
    "reschedule",
    "retry",
)

_MAY_END_BY_TIME = sa.or_(Callback.held_at.is_(None), Callback.disposition == Disposition.UNSAFE)
"""What a restored backup holds waits for a supervisor, however long."""
_MAX_TRANSACTIONS = 3
_BATCH_SIZE = 100
_LONGEST_CLOSURE_FACTOR = 8


@retry_on_deadlock
def request_callback(
    request: CallbackRequest,
    *,
    request_key: str,
    now: datetime,
    request_hash: str | None = None,
    staff_id: int | None = None,
) -> str:
    """Create a callback request and return the token of its status link.

    The same form submitted twice creates one callback with one link. A second request for a number
    with an open callback gets its own link but no slot: it waits behind the first and takes over if
    that one is cancelled.

    Args:
        request: ``slot_at`` None means as soon as possible.
        request_key: the form's idempotency key.
        request_hash: hash of the whole request, where the key must not be reused for another.
        staff_id: who makes it for a caller, for the audit log.

    Raises:
        IdempotencyConflict: the key was used for another request; nothing was stored.
        SlotUnavailable: the slot is full or no longer offered; nothing was stored.
        TooManyBookings: the network's limit of bookings in an hour is reached; nothing was stored.
    """
    token = link_token(request_key)
    for tries_left in reversed(range(_MAX_TRANSACTIONS)):
        try:
            with transaction() as session:
                callback = requests.create(
                    session, request, link_hash(token), now, request_hash=request_hash
                )
                if callback is not None:
                    _audit_staff(session, callback, "booked_for_caller", staff_id, now)
            return token
        except TooManyBookings:
            _notify_of_booking_limit(now)
            raise
        except IntegrityError:
            if not tries_left:
                raise
    raise AssertionError("unreachable")


def _audit_staff(
    session: Session, callback: Callback, action: str, staff_id: int | None, now: datetime
) -> None:
    """Audit what staff do at the wish of the visitor, whose deed it is in the history."""
    if staff_id is not None:
        audit.record(
            session,
            at=now,
            actor=transitions.staff_actor(staff_id),
            action=action,
            subject=f"callback:{callback.id}",
        )


def _notify_of_booking_limit(now: datetime) -> None:
    with transaction() as session:
        staff_notices.notify_staff(session, NoticeKind.BOOKINGS_BOUNDED, "queue", now=now)


@retry_on_deadlock
def reschedule(
    token: str,
    slot_at: datetime | None,
    *,
    now: datetime,
    origin: Origin | None = None,
    if_no_answer: IfNoAnswer | None = None,
    staff_id: int | None = None,
) -> None:
    """Reschedule a waiting callback (None: as soon as possible).

    Args:
        origin: the network of this request, and the booking limits.
        if_no_answer: the visitor's new choice; None keeps the old one.
        staff_id: who does it at the visitor's wish, for the audit log.

    Raises:
        NoSuchCallback: no callback has this link.
        SlotUnavailable: the slot is full or no longer offered; the old time is kept.
        TooManyBookings: the network's limit of bookings in an hour is reached; the old time is
            kept.
        StateChanged: an advisor has claimed it, or it has ended.
    """
    try:
        _reschedule(token, slot_at, origin, if_no_answer, staff_id, now)
    except TooManyBookings:
        _notify_of_booking_limit(now)
        raise


def _reschedule(
    token: str,
    slot_at: datetime | None,
    origin: Origin | None,
    if_no_answer: IfNoAnswer | None,
    staff_id: int | None,
    now: datetime,
) -> None:
    with transaction() as session:
        locking.lock_shared(session)
        if origin is not None and slot_at is not None:
            origin = networks.origin_of(queries.by_link(session, token), origin)
            networks.lock_network(session, origin)
        callback = queries.by_link(session, token, lock=True)
        if callback.status not in (Status.WAITING, Status.JOINED):
            raise StateChanged
        # As soon as possible is a change for who waits for an opening that we promised.
        is_same = callback.slot_at == slot_at and (slot_at is not None or callback.due_at <= now)
        if is_same and not transitions.is_unsafe(callback):
            if if_no_answer is not None:  # The row is locked.
                callback.if_missed = if_no_answer.if_missed
                callback.call_until = if_no_answer.call_until
            return
        slot_booking.lock_slots(session, callback.slot_at, slot_at)
        if slot_at is not None:
            requests.require_slot(
                session,
                slot_at,
                callback.language,
                now,
                book=callback.status == Status.WAITING,
                origin=origin,
                rescheduled_id=callback.id,
            )
        transitions.reschedule(
            session,
            callback,
            at=now,
            actor="visitor",
            slot_at=slot_at,
            if_no_answer=if_no_answer,
        )
        _audit_staff(session, callback, "rescheduled_for_caller", staff_id, now)


@retry_on_deadlock
def cancel(token: str, *, now: datetime, staff_id: int | None = None) -> None:
    """Cancel a callback; a call that is being set up is stopped by a job of ``calls``. Idempotent.

    Args:
        staff_id: who does it at the visitor's wish, for the audit log.

    Raises:
        NoSuchCallback: no callback has this link.
        StateChanged: it has ended.
    """
    with transaction() as session:
        callback = queries.by_link(session, token, lock=True)
        if callback.status == Status.CANCELLED:
            return
        transitions.cancel(session, callback, at=now, actor="visitor")
        _audit_staff(session, callback, "cancelled_for_caller", staff_id, now)


@retry_on_deadlock
def retry(token: str, *, now: datetime) -> str:
    """Bring the next attempt forward because the visitor missed a call, or create one more request.

    Idempotent.

    Returns:
        The token of the request that is now called.

    Raises:
        NoSuchCallback: no callback has this link.
        StateChanged: there is nothing to retry.
    """
    for tries_left in reversed(range(_MAX_TRANSACTIONS)):
        try:
            with transaction() as session:
                callback = queries.by_link(session, token, lock=True)
                return visitor_retry.retry(session, callback, token, now=now)
        except IntegrityError:  # Somebody asked for this number at the same moment.
            if not tries_left:
                raise
    raise AssertionError("unreachable")


@retry_on_deadlock
def end_one_follower(*, now: datetime) -> bool:
    """End one follower whose first request has ended, once it is due; return whether there was
    one.
    """
    with transaction() as session:
        open_callback = aliased(Callback)
        follower = job_failures.take_next(
            session,
            job_failures.Job.END_REQUEST_BEHIND,
            Callback,
            has_open_status(Status.JOINED),
            Callback.due_at <= now,
            ~SetAsideMember.holds(Callback.id),
            ~sa.exists().where(
                open_callback.phone_hash == Callback.phone_hash,
                open_callback.status.in_((Status.WAITING, Status.CLAIMED, Status.CALLING)),
            ),
            now=now,
        )
        if follower is None:
            return False
        first = session.scalar(
            sa.select(Callback)
            .where(
                Callback.phone_hash == follower.phone_hash,
                Callback.status.in_((Status.REACHED, Status.UNREACHED)),
                Callback.ended_at >= follower.requested_at,
            )
            .order_by(Callback.ended_at.desc())
            .limit(ONE)
        )
        transitions.end_follower(session, follower, first, at=now)
        return True


@retry_on_deadlock
def expire_one(*, now: datetime) -> bool:
    """Expire one callback that has waited longer than the policy allows; return whether there
    was one.
    """
    with transaction() as session:
        days = policy_queries.current(session).expire_after_days
        # A callback never called has waited since it was due, which may be long after the request.
        asked_for = sa.func.coalesce(Callback.slot_at, Callback.requested_at)
        wanted_at = sa.case((Callback.attempts_used == 0, Callback.due_at), else_=asked_for)
        candidates = lock_unlocked(
            session,
            has_open_status(Status.WAITING),
            Callback.due_at <= now,
            _MAY_END_BY_TIME,
            wanted_at <= now - timedelta(days=days),
            job_failures.may_run(job_failures.Job.EXPIRE_CALLBACK, Callback.id, now),
            limit=_BATCH_SIZE,
        )
        opening_hours = hours_queries.effective_hours(session, now)
        callback = next(
            (
                candidate
                for candidate in candidates
                if _waited_long_enough(candidate, opening_hours, days, now)
            ),
            None,
        )
        if callback is None:
            return False
        job_failures.begin(job_failures.Job.EXPIRE_CALLBACK, callback.id)
        transitions.expire(session, callback, at=now)
        return True


def end_one_past_safe_time(*, now: datetime) -> bool:
    """End one callback that waits past ``call_until``; return whether there was one.

    On their page the visitor can say that they may be called again.
    """
    with transaction() as session:
        callback = job_failures.take_next(
            session,
            job_failures.Job.EXPIRE_CALLBACK,
            Callback,
            Callback.status == Status.WAITING,
            Callback.call_until.is_not(None),
            Callback.call_until <= now,
            _MAY_END_BY_TIME,
            now=now,
            order_by=Callback.call_until,
        )
        if callback is None:
            return False
        if callback.attempts_used:
            disposition = callback.disposition or "unknown"
            transitions.give_up(session, callback, at=now, actor="worker", disposition=disposition)
        else:
            transitions.expire(session, callback, at=now)
        return True


def _waited_long_enough(
    callback: Callback, opening_hours: OpeningHours, days: int, now: datetime
) -> bool:
    """Whether the helpline was open on enough days since, within a maximum.

    A long closure must not cost a visitor their call, nor keep one waiting for ever.
    """
    wanted_at = callback.slot_at or callback.requested_at
    if not callback.attempts_used:
        wanted_at = callback.due_at
    return len(opening_hours.periods(wanted_at, now)) > days or now - wanted_at > timedelta(
        days=_LONGEST_CLOSURE_FACTOR * days
    )
