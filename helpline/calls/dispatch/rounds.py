"""Automatic dispatch: which advisors are called with which callback, and whom to notify when none
can.

An offered callback stays in the queue in its position. See calls/dispatch/offers for the life
of an offer.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks import dispatch_pause, queue
from helpline.callbacks.models import Callback
from helpline.callbacks.row_locks import lock_unlocked
from helpline.calls import daily_budget
from helpline.calls.listening.models import Listener
from helpline.calls.models import Attempt, DispatchRound, Offer, OfferResult, OfferState
from helpline.db import ONE, Instant, db, insert_missing, insert_or_ignore, transaction
from helpline.domain.dispatch import FreeAdvisor, advisors_to_call
from helpline.domain.lifecycle import Status
from helpline.domain.unreadable import is_unreadable
from helpline.hours import queries as hours_queries
from helpline.messaging import job_failures, staff_notices
from helpline.messaging.models import NoticeKind
from helpline.policy import queries as policy_queries
from helpline.policy.models import Dispatch, ServicePolicy
from helpline.staff import advisor_line
from helpline.staff.models import Presence, PresenceState, Role, Staff
from helpline.telephony import carrier_routes

MISSES = frozenset({OfferResult.MISSED, OfferResult.DECLINED, OfferResult.REFUSED})
"""Results after which an advisor is not offered the same callback again in the same round."""

_LOOK_AHEAD = 50


def offer_next(*, now: datetime) -> bool:
    """Offer the next due callback that an available advisor can take; return whether there was one.

    Does nothing outside opening hours, while dispatch is paused, or where advisors claim callbacks
    themselves.
    """
    with transaction() as session:
        policy = policy_queries.current(session)
        if policy.dispatch != Dispatch.PUSH or not hours_queries.effective_hours(
            session, now
        ).is_open(now):
            return False
        if dispatch_pause.current(session, now):
            return False
        free = _free_advisors(session, now)
        if not free or daily_budget.is_exhausted(session, now):
            return False
        spoken = {
            language
            for advisor in _available_advisors(session, now)
            for language in advisor.languages
        }
        for callback_id in _not_offered(session, now):
            job_failures.begin(job_failures.Job.OFFER_CALLBACK, callback_id)
            if _offer(session, callback_id, free, spoken, policy, now):
                return True
        return False


def alert_waiting(*, now: datetime) -> bool:
    """Notify supervisors and admins of one callback that nobody took within the deadline, and
    why; return whether there was one. A new round begins, in which everyone may be asked again.
    """
    if not hours_queries.is_open(db.session(), now):
        if db.session.scalar(sa.select(DispatchRound.callback_id).limit(ONE)) is not None:
            with transaction() as session:
                session.execute(sa.delete(DispatchRound))
        return False
    with transaction() as session:
        _sync_rounds(session, now)
        policy = policy_queries.current(session)
        overdue = now - timedelta(minutes=policy.hand_deadline_minutes)
        overdue_round = session.scalar(
            sa.select(DispatchRound)
            .where(DispatchRound.started_at <= overdue)
            .order_by(DispatchRound.started_at, DispatchRound.callback_id)
            .limit(ONE)
            .with_for_update(skip_locked=True)
        )
        if overdue_round is None:
            return False
        if _was_open_since(session, overdue_round.started_at, now):
            kind, subject = _waiting_reason(session, overdue_round, now)
            staff_notices.notify_staff(session, kind, subject, now=now)
            overdue_round.passed += 1
        overdue_round.started_at = now
        return True


def _not_offered(session: Session, now: datetime) -> list[int]:
    offered = sa.exists().where(Offer.callback_id == Callback.id, Offer.ended_at.is_(None))
    return list(
        session.scalars(
            sa.select(Callback.id)
            .where(
                queue.is_due(now),
                ~offered,
                job_failures.may_run(job_failures.Job.OFFER_CALLBACK, Callback.id, now),
            )
            .order_by(*queue.ORDER)
            .limit(_LOOK_AHEAD)
        )
    )


def _offer(
    session: Session,
    callback_id: int,
    free: Collection[FreeAdvisor],
    spoken: Collection[str],
    policy: ServicePolicy,
    now: datetime,
) -> bool:
    due = lock_unlocked(session, Callback.id == callback_id, queue.is_due(now), limit=1)
    # Looked at again under the lock: another worker may have offered it a moment ago.
    if not due or _is_offered(session, callback_id):
        return False
    [callback] = due
    this_round = _current_round(session, callback_id, now)
    any_language = this_round.passed > 0 or callback.language not in spoken
    chosen = advisors_to_call(
        list(free),
        language=None if any_language else callback.language,
        asked=_advisors_asked(session, this_round),
        at_once=policy.push_ring_at_once,
        only=_reserved_for(callback, now),
    )
    # In the order of their ids, so that two workers never wait for each other's advisors.
    offered_to = [
        advisor_id
        for advisor_id in sorted(chosen)
        if _create_offer(session, callback, advisor_id, now)
    ]
    return bool(offered_to)


def _reserved_for(callback: Callback, now: datetime) -> int | None:
    if callback.wanted_until is None or callback.wanted_until <= now:
        return None
    return callback.wanted_advisor


def _create_offer(session: Session, callback: Callback, advisor_id: int, now: datetime) -> bool:
    ref = secrets.token_hex(16)
    if not advisor_line.occupy(session, advisor_id, ref):
        return False
    session.add(
        Offer(
            ref=ref,
            callback_id=callback.id,
            advisor_id=advisor_id,
            carrier=carrier_routes.route_for(session, callback.phone_region).carrier,
            state=OfferState.QUEUED,
            created_at=now,
            heard_at=now,
        )
    )
    session.flush()
    return True


def _is_offered(session: Session, callback_id: int) -> bool:
    live = sa.select(Offer.id).where(Offer.callback_id == callback_id, Offer.ended_at.is_(None))
    return session.scalar(live.limit(ONE)) is not None


def _current_round(session: Session, callback_id: int, now: datetime) -> DispatchRound:
    insert_or_ignore(session, DispatchRound, callback_id=callback_id, started_at=now, passed=0)
    this_round = session.get_one(DispatchRound, callback_id, populate_existing=True)
    # Another tick may have begun it a moment later than the instant this offer is made at; who is
    # asked now must still count as asked in this round.
    this_round.started_at = min(this_round.started_at, now)
    return this_round


def _advisors_asked(session: Session, this_round: DispatchRound) -> set[int]:
    return set(
        session.scalars(
            sa.select(Offer.advisor_id).where(
                Offer.callback_id == this_round.callback_id,
                Offer.created_at >= this_round.started_at,
                Offer.result.in_(MISSES),
            )
        )
    )


def _is_available(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        Staff.active,
        Staff.roles.any(Role.name == "advisor"),
        Presence.state == PresenceState.AVAILABLE,
        Presence.last_seen_at > now - queue.DESK_OFFLINE_AFTER,
    )


def _available_advisors(session: Session, now: datetime) -> list[Staff]:
    """Busy or not."""
    available = (
        sa.select(Staff).join(Presence, Presence.staff_id == Staff.id).where(_is_available(now))
    )
    return list(session.scalars(available))


def _free_advisors(session: Session, now: datetime) -> list[FreeAdvisor]:
    has_callback = sa.exists().where(
        Callback.claimed_by == Staff.id,
        Callback.status.in_((Status.CLAIMED, Status.CALLING)),
    )
    has_attempt = sa.exists().where(Attempt.advisor_id == Staff.id, Attempt.ended_at.is_(None))
    listens = sa.exists().where(Listener.supervisor_id == Staff.id, Listener.ended_at.is_(None))
    last_call = (
        sa.select(sa.func.max(Attempt.ended_at))
        .where(Attempt.advisor_id == Staff.id)
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(Staff, Presence, last_call)
        .join(Presence, Presence.staff_id == Staff.id)
        .where(
            _is_available(now),
            Staff.phone.is_not(None),
            Presence.call_in.is_(None),
            ~has_callback,
            ~has_attempt,
            ~listens,
        )
    )
    return [
        FreeAdvisor(
            staff.id,
            tuple(staff.languages),
            max(filter(None, (presence.since, presence.call_in_ended_at, called))),
        )
        for staff, presence, called in rows
        if not is_unreadable(staff.phone)
    ]


def _sync_rounds(session: Session, now: datetime) -> None:
    """Keep one round for every waiting callback, and none for others."""
    waits = sa.select(Callback.id).where(queue.is_due(now))
    session.execute(
        sa.delete(DispatchRound).where(DispatchRound.callback_id.not_in(waits)),
        execution_options={"synchronize_session": False},
    )
    has_one = sa.exists().where(DispatchRound.callback_id == Callback.id)
    new = sa.select(Callback.id, sa.literal(now, Instant), sa.literal(0))
    new = new.where(queue.is_due(now), ~has_one).order_by(*queue.ORDER).limit(_LOOK_AHEAD)
    insert_missing(session, DispatchRound, ("callback_id", "started_at", "passed"), new)


def _was_open_since(session: Session, started_at: datetime, now: datetime) -> bool:
    """Whether the helpline did not close in between: nothing is overdue overnight."""
    closes_at = hours_queries.effective_hours(session, now).closes_at(started_at)
    return closes_at is None or closes_at > now


def _waiting_reason(
    session: Session, this_round: DispatchRound, now: datetime
) -> tuple[NoticeKind, str]:
    if dispatch_pause.current(session, now):
        return NoticeKind.DISPATCH_PAUSED, "queue"
    if _advisors_asked(session, this_round):
        return NoticeKind.NOBODY_ANSWERED, f"callback:{this_round.callback_id}"
    if not _available_advisors(session, now):
        return NoticeKind.NOBODY_ON_SHIFT, "queue"
    if not _free_advisors(session, now):
        return NoticeKind.EVERYONE_BUSY, "queue"
    return NoticeKind.NOBODY_TOOK, f"callback:{this_round.callback_id}"
