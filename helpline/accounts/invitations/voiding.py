"""Invitations that lead nowhere any more, in the transaction of the deed that ends them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.accounts.invitations.models import Invitation
from helpline.privacy import audit


def void(session: Session, which: sa.ColumnElement[bool], *, actor: str, at: datetime) -> list[int]:
    """Makes invitations useless and forgets whom they were for; says which were not so before."""
    ended = session.scalars(
        sa.update(Invitation)
        .where(which, Invitation.over_at.is_(None))
        .values(over_at=at, email=None)
        .returning(Invitation.id)
    ).all()
    for invitation_id in sorted(ended):
        audit.record(
            session,
            at=at,
            actor=actor,
            deed="invitation_taken_back",
            subject=f"invitation:{invitation_id}",
        )
    return list(ended)


def void_those_by(session: Session, staff_id: int, *, actor: str, at: datetime) -> None:
    """Those of an admin who is none any more: whoever was put out must not have kept a door open
    for themselves."""
    void(session, Invitation.created_by == staff_id, actor=actor, at=at)


def forget_expired(session: Session, *, at: datetime) -> None:
    """Forgets whom the invitations that nobody used were for."""
    session.execute(
        sa.update(Invitation)
        .where(Invitation.expires_at <= at, Invitation.email.is_not(None))
        .values(over_at=sa.func.coalesce(Invitation.over_at, Invitation.expires_at), email=None)
    )
