"""Claims on callbacks: claim the next, release, extend, expire."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from helpline.callbacks import dispatch_pause, queue, transitions
from helpline.callbacks.errors import AdvisorBusy, DispatchPaused, OutsideHours, StateChanged
from helpline.callbacks.models import Callback
from helpline.callbacks.row_locks import has_open_status, lock_callback
from helpline.db import (
    ONE,
    Instant,
    db,
    retry_on_deadlock,
    transaction,
    updated_one_row,
)
from helpline.domain.errors import HelplineError
from helpline.domain.lifecycle import Status
from helpline.hours import queries as hours_queries
from helpline.messaging import job_failures, staff_notices
from helpline.messaging.models import NoticeKind
from helpline.policy import queries as policy_queries
from helpline.policy.models import ServicePolicy
from helpline.staff import advisor_line
from helpline.staff.models import Staff

_MAX_ATTEMPTS = 3
_RETRY_PAUSE_SECONDS = 0.02


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
        DispatchPaused: a supervisor has paused dispatch.
        QueueEmpty: no callback is due.
        AdvisorBusy: the advisor is on an inbound call.
    """
    for _ in range(_MAX_ATTEMPTS):
        try:
            with transaction() as session:
                return _claim_next(session, advisor_id, now)
        # The database keeps the first of two claims by one advisor (``uq_callback_in_hand``).
        except (_CandidateLocked, IntegrityError):
            time.sleep(_RETRY_PAUSE_SECONDS)
    raise QueueEmpty


def _claim_next(session: Session, advisor_id: int, now: datetime) -> int:
    is_free = advisor_line.is_free(session, advisor_id)
    advisor = session.execute(_advisor_query(), {"advisor": advisor_id, "now": now}).one()
    if advisor.current_id is not None:
        return int(advisor.current_id)
    open_state = hours_queries.open_state(advisor.stored_plan, now)
    if not open_state.is_open:
        raise OutsideHours(open_state.opens_at)
    if advisor.is_paused:
        raise DispatchPaused
    if not is_free:
        raise AdvisorBusy
    if not advisor.active:
        raise QueueEmpty
    minutes = advisor.claim_minutes or policy_queries.default().claim_minutes
    claimed_id = transitions.claim_first(
        session,
        advisor_id=advisor_id,
        languages=advisor.languages,
        at=now,
        ends_at=now + timedelta(minutes=minutes),
    )
    if claimed_id is not None:
        return claimed_id
    raise _CandidateLocked if queue.is_any_due(session, advisor_id, now) else QueueEmpty


@cache
def _advisor_query() -> sa.Select[*tuple[Any, ...]]:
    """What decides whether an advisor may claim.

    The advisor is locked, so that nothing is assigned to one who is being deactivated.
    """
    advisor_id = sa.bindparam("advisor", type_=sa.Integer)
    current_id = sa.select(Callback.id).where(queue.is_claimed_by(advisor_id))
    return (
        sa.select(
            Staff.active,
            Staff.languages,
            current_id.scalar_subquery().label("current_id"),
            ServicePolicy.claim_minutes,
            dispatch_pause.is_paused(sa.bindparam("now", type_=Instant)).label("is_paused"),
            hours_queries.STORED_PLAN,
        )
        .select_from(Staff)
        .outerjoin(ServicePolicy, ServicePolicy.id == ONE)
        .outerjoin(hours_queries.NEWEST_PLAN, sa.true())
        .where(Staff.id == advisor_id)
        .with_for_update(read=True, of=Staff)
    )


def release(callback_id: int, advisor_id: int, *, now: datetime) -> None:
    """Return a callback to the queue in its old position.

    Raises:
        StateChanged: the advisor no longer has it, or a call is in progress.
    """
    with transaction() as session:
        callback = lock_callback(session, callback_id)
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
            has_open_status(Status.CLAIMED),
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
    until = now - timedelta(minutes=policy_queries.current(db.session()).hand_deadline_minutes)
    if not db.session.scalar(sa.select(sa.exists().where(_was_claimed_by(until)))):
        return False  # Nearly always; no transaction is begun to write.
    with transaction() as session:
        callback = job_failures.take_next(
            session,
            job_failures.Job.RETURN_CLAIM,
            Callback,
            _was_claimed_by(until),
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


def _was_claimed_by(until: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(has_open_status(Status.CLAIMED), Callback.claimed_at <= until)


def release_one_at_closing(*, now: datetime) -> bool:
    """Release one claimed, uncalled callback once closed; return whether there was one."""
    if hours_queries.is_open(db.session(), now):
        return False
    with transaction() as session:
        callback = job_failures.take_next(
            session,
            job_failures.Job.RETURN_CLAIM,
            Callback,
            has_open_status(Status.CLAIMED),
            now=now,
        )
        if callback is None or callback.claimed_by is None:
            return False
        transitions.release(
            session, callback, advisor_id=callback.claimed_by, at=now, actor="worker"
        )
        return True
