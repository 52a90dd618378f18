"""Undo of an outcome that an advisor has just saved.

A status that has ended is final, so nothing is reversed: the call becomes an unfinished one, and
the outcome that its advisor chooses next corrects the callback (``drafts.conclude``).
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks.errors import StateChanged
from helpline.callbacks.models import Callback, CallbackEvent
from helpline.callbacks.row_locks import lock_callback
from helpline.callbacks.transitions import staff_actor
from helpline.calls import attempts
from helpline.calls.models import Attempt
from helpline.db import ONE, guarded_update, transaction
from helpline.domain import retries
from helpline.domain.lifecycle import Event
from helpline.privacy import audit

UNDO_SECONDS = 30
"""How long the desk offers to undo an outcome."""
_TIME_TO_UNDO = timedelta(seconds=UNDO_SECONDS + 5)
OUTCOME_EVENTS = {Event.GIVE_UP, *retries.CONSEQUENCES.values()}


def undo_outcome(callback_id: int, advisor_id: int, *, now: datetime) -> None:
    """Let the advisor choose another outcome of the call that they have just saved.

    Until they do, the saved outcome counts and the call is listed as unfinished.

    Raises:
        StateChanged: it was saved too long ago or by someone else, a follow-up was booked with it,
            or something has happened to the callback since.
    """
    with transaction() as session:
        callback = lock_callback(session, callback_id)
        attempt = attempts.newest_of(session, callback_id)
        if attempt is None or not _can_undo(session, callback, attempt, advisor_id, now):
            raise StateChanged
        if not guarded_update(session, attempt, {"unfinished_at": None}, unfinished_at=now):
            raise StateChanged
        audit.record(
            session,
            at=now,
            actor=staff_actor(advisor_id),
            action="disposition_undone",
            subject=f"callback:{callback_id}",
            disposition=attempt.disposition,
        )


def _can_undo(
    session: Session, callback: Callback, attempt: Attempt, advisor_id: int, now: datetime
) -> bool:
    newest = newest_event(session, callback)
    return (
        attempt.advisor_id == advisor_id
        and attempt.disposition is not None
        and callback.erased_at is None
        and newest.event in OUTCOME_EVENTS
        and newest.actor == staff_actor(advisor_id)
        and newest.at > now - _TIME_TO_UNDO
        and not has_follow_up(session, callback)
    )


def newest_event(session: Session, callback: Callback) -> CallbackEvent:
    return session.scalars(
        sa.select(CallbackEvent)
        .where(CallbackEvent.callback_id == callback.id)
        .order_by(CallbackEvent.id.desc())
        .limit(ONE)
    ).one()


def has_follow_up(session: Session, callback: Callback) -> bool:
    """Return whether another call was booked with the outcome of this callback."""
    booked = sa.exists().where(Callback.follow_up_of == callback.id)
    return bool(session.scalar(sa.select(booked)))
