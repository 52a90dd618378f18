"""Correction of an outcome or its notes until the end of the advisor's shift.

A correction does what an undo and another outcome would do (``drafts.conclude``), and is refused
where something has followed from the saved outcome.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session, joinedload

from helpline.callbacks.models import Callback
from helpline.callbacks.row_locks import lock_callback
from helpline.callbacks.transitions import staff_actor
from helpline.calls import attempts, drafts, emergencies
from helpline.calls.errors import CorrectionRefused
from helpline.calls.models import Attempt
from helpline.calls.undo_outcome import OUTCOME_EVENTS, has_follow_up, newest_event
from helpline.db import transaction
from helpline.domain.lifecycle import Status
from helpline.domain.opening_hours import Period
from helpline.domain.retries import Disposition
from helpline.hours import queries as hours_queries
from helpline.privacy import audit
from helpline.staff.rota import queries as rota_queries


class Obstacle(StrEnum):
    """Why an outcome can no longer be changed."""

    SHIFT_OVER = "shift_over"
    CALLED_SINCE = "called_since"
    CLAIMED = "claimed"
    FOLLOW_UP = "follow_up"
    NEW_REQUEST = "new_request"
    CHANGED_SINCE = "changed_since"


def calls_of_shift(session: Session, advisor_id: int, shift: Period) -> Sequence[Attempt]:
    """Return the advisor's calls of a shift that have an outcome, newest first."""
    return session.scalars(
        sa.select(Attempt)
        .options(joinedload(Attempt.callback))
        .where(
            Attempt.advisor_id == advisor_id,
            Attempt.disposition.is_not(None),
            Attempt.created_at >= shift.opens_at,
        )
        .order_by(Attempt.id.desc())
    ).all()


def call_to_correct(session: Session, attempt_id: int, advisor_id: int) -> Attempt:
    """Return one of the advisor's calls that has an outcome.

    Raises:
        NoResultFound: there is no such call, or it is someone else's, has no outcome or is erased.
    """
    attempt = session.get_one(Attempt, attempt_id, populate_existing=True)
    is_erased = session.get_one(Callback, attempt.callback_id).erased_at is not None
    if attempt.advisor_id != advisor_id or attempt.disposition is None or is_erased:
        raise NoResultFound
    return attempt


def obstacle(session: Session, attempt: Attempt, now: datetime) -> Obstacle | None:
    """Return why the outcome of a call cannot be changed; None where it can."""
    callback = session.get_one(Callback, attempt.callback_id)
    newest = attempts.newest_of(session, callback.id)
    event = newest_event(session, callback)
    was_replaced = sa.exists().where(Callback.again_of == callback.id)
    if is_over(session, attempt, now):
        return Obstacle.SHIFT_OVER
    if newest is not None and newest.id != attempt.id:
        return Obstacle.CALLED_SINCE
    if callback.status in (Status.CLAIMED, Status.CALLING):
        return Obstacle.CLAIMED
    if has_follow_up(session, callback):
        return Obstacle.FOLLOW_UP
    if session.scalar(sa.select(was_replaced)):
        return Obstacle.NEW_REQUEST
    is_outcome = event.event in OUTCOME_EVENTS
    if not is_outcome or event.actor not in (staff_actor(attempt.advisor_id), "worker"):
        return Obstacle.CHANGED_SINCE
    return None


def is_over(session: Session, attempt: Attempt, now: datetime) -> bool:
    """Return whether the shift of a call is over, so that not even its notes can be changed."""
    zone = hours_queries.effective_hours(session, now).zone
    shift = rota_queries.day_of_work(session, attempt.advisor_id, zone, now)
    return attempt.created_at < shift.opens_at or now >= shift.closes_at


def correct(
    attempt_id: int,
    advisor_id: int,
    disposition: Disposition,
    notes: str,
    *,
    now: datetime,
    risk_note: str | None = None,
) -> None:
    """Change the outcome or the notes of a call that the advisor saved in this shift.

    Args:
        risk_note: None keeps the stored one.

    Raises:
        CorrectionRefused: the outcome stands, for the reason given; nothing was changed.
        EmergencyNotDescribed: an emergency was marked or chosen, and the notes are empty.
        NoResultFound: as for ``call_to_correct``.
    """
    with transaction() as session:
        callback = lock_callback(session, session.get_one(Attempt, attempt_id).callback_id)
        attempt = call_to_correct(session, attempt_id, advisor_id)
        before = attempt.disposition
        is_same = disposition == before
        reason = obstacle(session, attempt, now)
        if reason is not None and (not is_same or reason is Obstacle.SHIFT_OVER):
            raise CorrectionRefused(reason)
        emergencies.require_description(
            callback, attempt.created_at, notes, disposition=disposition
        )
        attempt.notes = notes or None
        if risk_note is not None:
            attempt.risk_note = risk_note or None
        if not is_same or attempt.unfinished_at is not None:
            drafts.conclude(session, attempt, disposition, actor=staff_actor(advisor_id), now=now)
        audit.record(
            session,
            at=now,
            actor=staff_actor(advisor_id),
            action="notes_corrected" if is_same else "disposition_corrected",
            subject=f"callback:{callback.id}",
            before={"disposition": before},
            after={"disposition": disposition},
        )
