"""Revoke invitations, in the transaction of the action that causes it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.privacy import audit
from helpline.staff.invitations.models import Invitation


def revoke(
    session: Session, condition: sa.ColumnElement[bool], *, actor: str, at: datetime
) -> list[int]:
    """Revoke invitations, erase their addresses, and return the ids of those still open."""
    ended = session.scalars(
        sa.update(Invitation)
        .where(condition, Invitation.over_at.is_(None))
        .values(over_at=at, email=None)
        .returning(Invitation.id)
    ).all()
    for invitation_id in sorted(ended):
        audit.record(
            session,
            at=at,
            actor=actor,
            action="invitation_taken_back",
            subject=f"invitation:{invitation_id}",
        )
    return list(ended)


def revoke_created_by(session: Session, staff_id: int, *, actor: str, at: datetime) -> None:
    """Revoke the invitations of a former admin, who must not keep a way in."""
    revoke(session, Invitation.created_by == staff_id, actor=actor, at=at)


def erase_expired_addresses(session: Session, *, at: datetime) -> None:
    """Erase the addresses of expired invitations."""
    session.execute(
        sa.update(Invitation)
        .where(Invitation.expires_at <= at, Invitation.email.is_not(None))
        .values(over_at=sa.func.coalesce(Invitation.over_at, Invitation.expires_at), email=None)
    )
