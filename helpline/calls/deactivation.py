"""Change and deactivate staff together with their current callbacks, so that none is stranded."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks import transitions
from helpline.callbacks.models import Callback
from helpline.callbacks.row_locks import lock_callbacks
from helpline.calls import attempts
from helpline.calls.models import Attempt
from helpline.db import retry_on_deadlock, transaction, updated_one_row
from helpline.domain.call_progress import AttemptResult, AttemptState
from helpline.domain.lifecycle import Status
from helpline.privacy import audit
from helpline.staff import advisor_line, members
from helpline.staff.members import Profile


@retry_on_deadlock
def change_profile(
    staff_id: int, profile: Profile, *, expected_version: int, admin_id: int, now: datetime
) -> None:
    """Save a profile; someone who is no longer an advisor releases their current callback.

    Args:
        expected_version: the version that the admin edited.

    Raises:
        UnknownRole, LastAdmin, PhoneTaken, StaleVersion: nothing was changed.
    """
    with transaction() as session:
        actor = transitions.staff_actor(admin_id)
        returned = 0
        if "advisor" not in profile.roles:
            advisor_line.is_free(session, staff_id)  # As in ``deactivate``.
            returned = _release_current(session, staff_id, actor=actor, now=now)
        details = members.change(
            session, staff_id, profile, expected_version=expected_version, actor=actor, now=now
        )
        audit.record(
            session,
            at=now,
            actor=actor,
            action="staff_changed",
            subject=transitions.staff_actor(staff_id),
            **details,
            **({"returned": returned} if returned else {}),
        )


@retry_on_deadlock
def deactivate(staff_id: int, *, expected_version: int, admin_id: int, now: datetime) -> None:
    """Deactivate an account, end its sessions and return its current callback to the queue in its
    old position. A call in progress continues, and its wrap-up ends by itself.

    Raises:
        LastAdmin, StaleVersion: nothing was changed.
    """
    with transaction() as session:
        actor = transitions.staff_actor(admin_id)
        advisor_line.is_free(
            session, staff_id
        )  # A claim has the line first too, and then a callback.
        returned = _release_current(session, staff_id, actor=actor, now=now)
        members.deactivate(
            session, staff_id, expected_version=expected_version, actor=actor, now=now
        )
        # What they took between the two: from here on they can take nothing.
        returned += _release_current(session, staff_id, actor=actor, now=now)
        audit.record(
            session,
            at=now,
            actor=actor,
            action="staff_deactivated",
            subject=transitions.staff_actor(staff_id),
            returned=returned,
        )


def reactivate(staff_id: int, *, expected_version: int, admin_id: int, now: datetime) -> None:
    """Reactivate an account.

    Raises:
        StaleVersion, PhoneTaken: nothing was changed.
    """
    with transaction() as session:
        members.reactivate(session, staff_id, expected_version=expected_version)
        audit.record(
            session,
            at=now,
            actor=transitions.staff_actor(admin_id),
            action="staff_reactivated",
            subject=transitions.staff_actor(staff_id),
        )


def _release_current(session: Session, staff_id: int, *, actor: str, now: datetime) -> int:
    callbacks = lock_callbacks(
        session,
        Callback.claimed_by == staff_id,
        Callback.status.in_((Status.CLAIMED, Status.CALLING)),
    )
    returned = 0
    for callback in callbacks:
        if callback.status == Status.CALLING:
            _cancel_if_not_sent(session, callback, now)
        if callback.status == Status.CLAIMED:
            transitions.release(session, callback, advisor_id=staff_id, at=now, actor=actor)
            returned += 1
    return returned


def _cancel_if_not_sent(session: Session, callback: Callback, now: datetime) -> None:
    attempt = attempts.live_of(session, callback.id)
    if attempt is not None and updated_one_row(
        session,
        sa.update(Attempt)
        .where(Attempt.id == attempt.id, Attempt.state == AttemptState.QUEUED)
        .values(heard_at=now),
    ):
        attempts.end_attempt(session, attempt, AttemptResult.NOT_PLACED, rang=False, now=now)
