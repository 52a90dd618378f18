"""Revoke sessions, in the transaction of the action that causes it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.privacy import audit
from helpline.staff.sessions.models import StaffSession


def revoke_all(
    session: Session,
    staff_id: int,
    *,
    at: datetime,
    actor: str,
    reason: str,
    keep: int | None = None,
) -> int:
    """Revoke all sessions of a member of staff; return how many.

    Args:
        reason: the action: "password_changed", "roles_changed", "deactivated".
        keep: the session that continues, if any.
    """
    deletion = sa.delete(StaffSession).where(StaffSession.staff_id == staff_id)
    if keep is not None:
        deletion = deletion.where(StaffSession.id != keep)
    ended = len(session.scalars(deletion.returning(StaffSession.id)).all())
    if ended:
        audit.record(
            session,
            at=at,
            actor=actor,
            action="sessions_ended",
            subject=f"staff:{staff_id}",
            why=reason,
            count=ended,
        )
    return ended
