"""Changing who is on the staff, together with what they have in hand.

It is up here because nobody's callback may be stranded with somebody who left.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.accounts import lines, people
from helpline.accounts.people import Profile
from helpline.callbacks import transitions
from helpline.callbacks.models import Callback
from helpline.calls import attempts
from helpline.calls.models import Attempt
from helpline.db import changed_one, gives_way, transaction
from helpline.domain.call_progress import AttemptResult, AttemptState
from helpline.domain.lifecycle import Status
from helpline.privacy import audit


def change(staff_id: int, wanted: Profile, *, based_on: int, admin_id: int, now: datetime) -> None:
    """Changes what somebody is called, may do, speaks, and on which phone they are rung. Who is no
    advisor any more gives back what they have in hand.

    Args:
        based_on: the version that the admin began from.

    Raises:
        UnknownRole, LastAdmin, PhoneTaken: nothing was changed.
        SavedMeanwhile: somebody saved meanwhile; nothing was changed.
    """
    with transaction() as session:
        actor = transitions.staff(admin_id)
        returned = 0
        if "advisor" not in wanted.roles:
            returned = _give_back(session, staff_id, actor=actor, now=now)
        told = people.change(session, staff_id, wanted, based_on=based_on, actor=actor, now=now)
        audit.record(
            session,
            at=now,
            actor=actor,
            deed="staff_changed",
            subject=transitions.staff(staff_id),
            **told,
            **({"returned": returned} if returned else {}),
        )


@gives_way
def deactivate(staff_id: int, *, based_on: int, admin_id: int, now: datetime) -> None:
    """Ends somebody's account at once: their sessions are over, and what they have in hand is in
    the queue again, in its old place. A call that is on goes on, and is wrapped up by itself.

    Raises:
        LastAdmin: nobody could set anything any more; nothing was changed.
        SavedMeanwhile: somebody saved meanwhile; nothing was changed.
    """
    with transaction() as session:
        actor = transitions.staff(admin_id)
        lines.is_free(session, staff_id)  # A claim has the line first too, and then a callback.
        returned = _give_back(session, staff_id, actor=actor, now=now)
        people.leave(session, staff_id, based_on=based_on, actor=actor, now=now)
        # What they took between the two: from here on they can take nothing.
        returned += _give_back(session, staff_id, actor=actor, now=now)
        audit.record(
            session,
            at=now,
            actor=actor,
            deed="staff_deactivated",
            subject=transitions.staff(staff_id),
            returned=returned,
        )


def reactivate(staff_id: int, *, based_on: int, admin_id: int, now: datetime) -> None:
    """Lets somebody in again.

    Raises:
        SavedMeanwhile: somebody saved meanwhile; nothing was changed.
        PhoneTaken: somebody else has their phone now; nothing was changed.
    """
    with transaction() as session:
        people.come_back(session, staff_id, based_on=based_on)
        audit.record(
            session,
            at=now,
            actor=transitions.staff(admin_id),
            deed="staff_reactivated",
            subject=transitions.staff(staff_id),
        )


def _give_back(session: Session, staff_id: int, *, actor: str, now: datetime) -> int:
    """Returns what somebody has in hand to the queue; says how many. Not while a call is on."""
    held = session.scalars(
        sa.select(Callback)
        .where(
            Callback.claimed_by == staff_id,
            Callback.status.in_((Status.CLAIMED, Status.CALLING)),
        )
        .order_by(Callback.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    returned = 0
    for callback in held:
        if callback.status == Status.CALLING:
            _stop_if_not_asked(session, callback, now)
        if callback.status == Status.CLAIMED:
            transitions.release(session, callback, advisor_id=staff_id, at=now, actor=actor)
            returned += 1
    return returned


def _stop_if_not_asked(session: Session, callback: Callback, now: datetime) -> None:
    """Takes back a call that no worker has asked the carrier for yet."""
    attempt = attempts.live_of(session, callback.id)
    if attempt is not None and changed_one(
        session,
        sa.update(Attempt)
        .where(Attempt.id == attempt.id, Attempt.state == AttemptState.QUEUED)
        .values(heard_at=now),
    ):
        attempts.settle(session, attempt, AttemptResult.NOT_PLACED, rang=False, now=now)
