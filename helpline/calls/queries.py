"""Queries on attempts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from helpline.callbacks.models import Callback
from helpline.calls.listening.models import Listener
from helpline.calls.models import Attempt, CallEvent, Channel, EventKind, Offer
from helpline.db import ONE
from helpline.domain.call_progress import AttemptResult, AttemptState, CarrierStatus, Leg
from helpline.domain.visitor_state import AttemptFacts

_MOST_EARLIER_CALLS = 10


def attempts_of(session: Session, callback_id: int) -> Sequence[Attempt]:
    """Return the attempts of a callback, oldest first."""
    return session.scalars(
        sa.select(Attempt).where(Attempt.callback_id == callback_id).order_by(Attempt.id)
    ).all()


def earlier_calls(session: Session, callback: Callback) -> Sequence[Attempt]:
    """Return the newest calls of closed requests of the same number and extension, oldest first.

    Those of the request that this one follows or replaces are not among them.
    """
    follows = callback.follow_up_of or callback.again_of or callback.id
    rows = session.scalars(
        sa.select(Attempt)
        .join(Callback, Callback.id == Attempt.callback_id)
        .options(contains_eager(Attempt.callback))
        .where(
            Callback.phone_hash == callback.phone_hash,
            Callback.id.not_in([callback.id, follows]),
            Callback.ended_at.is_not(None),
            Attempt.disposition.is_not(None),
        )
        .order_by(Attempt.id.desc())
        .limit(_MOST_EARLIER_CALLS)
    )
    same = [row for row in rows if row.callback.phone_extension == callback.phone_extension]
    return same[::-1]


def newest_attempt(session: Session, callback_id: int) -> AttemptFacts | None:
    """Return the newest attempt as the visitor's state depends on it."""
    attempt = session.scalar(
        sa.select(Attempt)
        .where(Attempt.callback_id == callback_id)
        .order_by(Attempt.id.desc())
        .limit(ONE)
    )
    if attempt is None:
        return None
    result = AttemptResult(attempt.result) if attempt.result else None
    own_phone = attempt.channel == Channel.OWN_PHONE
    return AttemptFacts(AttemptState(attempt.state), result, own_phone)


def is_on_phone(session: Session, staff_id: int) -> bool:
    """Return whether a member of staff has a call of ours on their phone, or is about to."""
    return any(
        session.scalar(sa.select(owner).where(owner == staff_id, ended_at.is_(None)).limit(ONE))
        for owner, ended_at in (
            (Attempt.advisor_id, Attempt.ended_at),
            (Offer.advisor_id, Offer.ended_at),
            (Listener.supervisor_id, Listener.ended_at),
        )
    )


def answered_at() -> sa.ScalarSelect[datetime]:
    """Return the subquery for when the visitor answered an attempt of the statement around it."""
    at = sa.func.coalesce(CallEvent.occurred_at, CallEvent.received_at)
    return (
        sa.select(sa.func.min(at, type_=CallEvent.received_at.type))
        .where(
            CallEvent.attempt_id == Attempt.id,
            CallEvent.leg == Leg.VISITOR,
            CallEvent.status == CarrierStatus.IN_PROGRESS,
            CallEvent.kind != EventKind.VISITOR_MACHINE,
        )
        .correlate(Attempt)
        .scalar_subquery()
    )


def talk_time(session: Session, attempt: Attempt) -> timedelta | None:
    """Return how long the two were connected; None when unknown, as for a call from an own
    phone.
    """
    if attempt.ended_at is None or attempt.channel == Channel.OWN_PHONE:
        return None
    if attempt.channel == Channel.CALL_IN:
        return attempt.ended_at - attempt.created_at
    answered = session.scalar(sa.select(answered_at()).where(Attempt.id == attempt.id))
    return None if answered is None else attempt.ended_at - answered


def completed_calls_of(
    session: Session, advisor_id: int, *, before: int | None, limit: int
) -> list[Attempt]:
    """Return an advisor's calls with a recorded outcome, newest first.

    Args:
        before: only those before this attempt, for the next page.
        limit: page size.
    """
    query = (
        sa.select(Attempt)
        .where(Attempt.advisor_id == advisor_id, Attempt.disposition.is_not(None))
        .order_by(Attempt.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(Attempt.id < before)
    return list(session.scalars(query))
