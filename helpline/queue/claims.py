"""Claims on callbacks: claim the next, release, extend, expire."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import Pool

from helpline.callbacks import transitions
from helpline.callbacks.errors import AdvisorBusy, OutsideHours, StateChanged
from helpline.callbacks.models import Callback
from helpline.db import (
    db,
    ensure_no_transaction,
    on_postgresql,
    retry_on_deadlock,
    transaction,
    updated_one_row,
)
from helpline.domain.errors import HelplineError
from helpline.domain.lifecycle import Status
from helpline.hours import queries as hours_queries
from helpline.hours.queries import SavedHours
from helpline.messaging import job_failures, staff_notices
from helpline.messaging.models import NoticeKind
from helpline.policy import queries as policy_queries
from helpline.queue import claim_statement, queries

_MAX_ATTEMPTS = 3
_RETRY_PAUSE_SECONDS = 0.02
_cached_hours: WeakKeyDictionary[Pool, SavedHours] = WeakKeyDictionary()
"""The opening hours as this process last read them, by connection pool."""


class QueueEmpty(HelplineError):
    """No callback is due."""


class _CandidateLocked(HelplineError):
    """A callback is due but locked by a worker or another claim."""


@retry_on_deadlock
def claim_next(advisor_id: int, *, now: datetime) -> int:
    """Claim the next callback for an advisor.

    Callbacks in the advisor's languages come first, and among them those that prefer this advisor.
    One reserved for a colleague is skipped for a while. Two advisors never get the same callback;
    an advisor with a current callback gets that one again.

    Returns:
        The callback's id.

    Raises:
        OutsideHours: the helpline is closed.
        QueueEmpty: no callback is due.
        AdvisorBusy: the advisor is on an inbound call.
    """
    ensure_no_transaction()
    for _ in range(_MAX_ATTEMPTS):
        try:
            return _claim_next(advisor_id, now)
        except _CandidateLocked:
            db.session.rollback()  # Hold no connection meanwhile.
            time.sleep(_RETRY_PAUSE_SECONDS)
    raise QueueEmpty


def _claim_next(advisor_id: int, now: datetime) -> int:
    cached = _cached_hours.get(db.engine.pool)
    if cached is not None and hours_queries.open_state(cached.plan, now).is_open:
        callback_id = _claim_with_cached_hours(advisor_id, cached, now)
        if callback_id is not None:
            return callback_id
    state = claim_statement.advisor_state(advisor_id)
    _cached_hours[db.engine.pool] = state.saved
    if state.held is not None:
        return state.held
    open_state = hours_queries.open_state(state.saved.plan, now)
    if not open_state.is_open:
        raise OutsideHours(open_state.opens_at)
    if state.call_in is not None:
        raise AdvisorBusy
    if state.saved != cached:  # An admin has just saved new hours.
        return _claim_next(advisor_id, now)
    raise _CandidateLocked if queries.is_any_due(advisor_id, now) else QueueEmpty


def _claim_with_cached_hours(advisor_id: int, cached: SavedHours, now: datetime) -> int | None:
    """Claim with the cached opening hours; the database checks that they are still in force."""
    try:
        if on_postgresql():
            return claim_statement.claim_postgresql(advisor_id, cached, now)
        with transaction() as session:
            return claim_statement.claim_sqlite(session, advisor_id, cached, now)
    except IntegrityError:  # They have a current callback.
        return None


def release(callback_id: int, advisor_id: int, *, now: datetime) -> None:
    """Return a callback to the queue in its old position.

    Raises:
        StateChanged: the advisor no longer has it, or a call is in progress.
    """
    with transaction() as session:
        callback = session.get_one(Callback, callback_id)
        transitions.release(session, callback, advisor_id=advisor_id, at=now)


def extend_lease(callback_id: int, advisor_id: int, *, now: datetime) -> None:
    """Extend the lease of the current callback, before or after the call. A longer lease stays.

    Raises:
        StateChanged: the advisor no longer has it.
    """
    with transaction() as session:
        policy = policy_queries.current(session)
        callback = session.get_one(Callback, callback_id)
        in_call = callback.status == Status.CALLING
        minutes = policy.wrap_up_minutes if in_call else policy.claim_minutes
        ends_at = now + timedelta(minutes=minutes)
        if not in_call and callback.claimed_at is not None:
            deadline = timedelta(minutes=policy.hand_deadline_minutes)
            ends_at = min(ends_at, callback.claimed_at + deadline)
        if not updated_one_row(
            session,
            sa.update(Callback)
            .where(
                Callback.id == callback_id,
                Callback.claimed_by == advisor_id,
                Callback.claim_ends_at.is_not(None),
            )
            .values(
                claim_ends_at=sa.case(
                    (Callback.claim_ends_at > ends_at, Callback.claim_ends_at), else_=ends_at
                )
            ),
        ):
            raise StateChanged


def release_one_expired_claim(*, now: datetime) -> bool:
    """Return one callback with an expired lease to the queue; return whether there was one."""
    with transaction() as session:
        callback = job_failures.take_next(
            session,
            job_failures.Job.RETURN_CLAIM,
            Callback,
            Callback.status == Status.CLAIMED,
            Callback.claim_ends_at <= now,
            now=now,
            order_by=Callback.claim_ends_at,
        )
        if callback is None:
            return False
        transitions.expire_claim(session, callback, at=now)
        return True


def release_one_overdue_claim(*, now: datetime) -> bool:
    """Release one callback claimed longer than the overall deadline; return whether there was
    one.
    """
    with transaction() as session:
        until = now - timedelta(minutes=policy_queries.current(session).hand_deadline_minutes)
        callback = job_failures.take_next(
            session,
            job_failures.Job.RETURN_CLAIM,
            Callback,
            Callback.status == Status.CLAIMED,
            Callback.claimed_at <= until,
            now=now,
            order_by=Callback.claimed_at,
        )
        if callback is None:
            return False
        transitions.release_overdue(session, callback, at=now, claimed_until=until)
        staff_notices.notify_staff(
            session, NoticeKind.HAND_OVERDUE, f"callback:{callback.id}", now=now
        )
        return True


def release_one_at_closing(*, now: datetime) -> bool:
    """Release one claimed, uncalled callback once closed; return whether there was one."""
    with transaction() as session:
        if hours_queries.is_open(session, now):
            return False
        callback = job_failures.take_next(
            session,
            job_failures.Job.RETURN_CLAIM,
            Callback,
            Callback.status == Status.CLAIMED,
            now=now,
        )
        if callback is None or callback.claimed_by is None:
            return False
        transitions.release(
            session, callback, advisor_id=callback.claimed_by, at=now, actor="worker"
        )
        return True
