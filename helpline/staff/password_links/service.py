"""Create and use password links."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import transaction, updated_one_row
from helpline.privacy import audit
from helpline.privacy.encryption import link_hash
from helpline.staff.errors import PasswordLinkInvalid
from helpline.staff.models import Staff
from helpline.staff.password_links.models import PasswordLink
from helpline.staff.sessions import service as sessions

VALID_FOR = timedelta(hours=24)
_TOKEN_BYTES = 16  # 128 bits: nobody guesses it


def create(staff_id: int, *, admin_id: int | None, now: datetime) -> str:
    """Create a link that works once within 24 hours; the previous one is revoked.

    Args:
        admin_id: who verified the person's identity; None for an operator's command.

    Returns:
        The token of the link, to be shown once.
    """
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    with transaction() as session:
        session.execute(sa.delete(PasswordLink).where(PasswordLink.staff_id == staff_id))
        session.add(
            PasswordLink(
                staff_id=staff_id,
                token_hash=link_hash(token),
                created_by=admin_id,
                expires_at=now + VALID_FOR,
            )
        )
        audit.record(
            session,
            at=now,
            actor=f"staff:{admin_id}" if admin_id else "operator",
            action="password_link_made",
            subject=f"staff:{staff_id}",
        )
    return token


def owner_of(session: Session, token: str, *, now: datetime) -> Staff:
    """Return who may choose a new password by this link.

    Raises:
        PasswordLinkInvalid: it cannot be used.
    """
    staff = session.scalar(
        sa.select(Staff)
        .join(PasswordLink, PasswordLink.staff_id == Staff.id)
        .where(
            PasswordLink.token_hash == link_hash(token),
            PasswordLink.expires_at > now,
            Staff.active,
        )
    )
    if staff is None:
        raise PasswordLinkInvalid
    return staff


def redeem(token: str, password_hash: str, *, now: datetime) -> int:
    """Replace the password, end all sessions, and return the id of the owner.

    Raises:
        PasswordLinkInvalid: also for the second of two at once.
    """
    with transaction() as session:
        staff_id = owner_of(session, token, now=now).id
        deletion = sa.delete(PasswordLink).where(PasswordLink.token_hash == link_hash(token))
        if not updated_one_row(session, deletion):
            raise PasswordLinkInvalid
        sessions.replace_password(session, staff_id, password_hash, at=now)
        return staff_id


def revoke_created_by(session: Session, admin_id: int) -> None:
    """Revoke the links created by a former admin."""
    session.execute(sa.delete(PasswordLink).where(PasswordLink.created_by == admin_id))


def revoke_for(session: Session, staff_id: int) -> None:
    """Revoke the link of a deactivated member of staff."""
    session.execute(sa.delete(PasswordLink).where(PasswordLink.staff_id == staff_id))
