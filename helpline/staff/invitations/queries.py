"""Queries on invitations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.privacy.encryption import link_hash
from helpline.staff.errors import InvitationInvalid
from helpline.staff.invitations.models import Invitation


def usable_invitation(session: Session, token: str, *, now: datetime) -> Invitation:
    """Return the invitation of a link.

    Raises:
        InvitationInvalid: it cannot be used.
    """
    invitation = session.scalar(
        sa.select(Invitation).where(
            Invitation.token_hash == link_hash(token),
            Invitation.over_at.is_(None),
            Invitation.expires_at > now,
        )
    )
    if invitation is None:
        raise InvitationInvalid
    return invitation


def pending(session: Session, *, now: datetime) -> Sequence[Invitation]:
    """Return the invitations that can still be used, newest first."""
    return session.scalars(
        sa.select(Invitation)
        .where(Invitation.over_at.is_(None), Invitation.expires_at > now)
        .order_by(Invitation.id.desc())
    ).all()
