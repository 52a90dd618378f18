"""Create, revoke and accept invitations."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from helpline.db import transaction, updated_one_row
from helpline.privacy import audit
from helpline.privacy.encryption import link_hash
from helpline.staff import members
from helpline.staff.errors import EmailTaken, InvitationInvalid, UnknownRole
from helpline.staff.invitations import queries, revocation
from helpline.staff.invitations.models import Invitation
from helpline.staff.models import Staff

VALID_FOR = timedelta(hours=72)
_TOKEN_BYTES = 16  # 128 bits: nobody guesses it


def invite(
    email: str,
    roles: Sequence[str],
    languages: Sequence[str],
    *,
    admin_id: int,
    now: datetime,
) -> str:
    """Create an invitation that can be used once within 72 hours.

    Returns:
        The token of its link, to be shown once; only its hash is stored.

    Raises:
        EmailTaken: another account has this address.
        UnknownRole: there is no such role.
    """
    if not set(roles) <= members.ROLES.keys():
        raise UnknownRole
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    address = email.strip().lower()
    with transaction() as session:
        if session.scalar(sa.select(Staff.id).where(Staff.email == address)) is not None:
            raise EmailTaken
        invitation = Invitation(
            token_hash=link_hash(token),
            email=address,
            roles=list(roles),
            languages=list(languages),
            created_at=now,
            created_by=admin_id,
            expires_at=now + VALID_FOR,
        )
        session.add(invitation)
        session.flush()
        audit.record(
            session,
            at=now,
            actor=f"staff:{admin_id}",
            action="staff_invited",
            subject=f"invitation:{invitation.id}",
            roles=list(roles),
            languages=list(languages),
        )
    return token


def revoke(invitation_id: int, *, admin_id: int, now: datetime) -> bool:
    """Revoke an invitation; return whether it could still be used."""
    with transaction() as session:
        condition = Invitation.id == invitation_id
        return bool(revocation.revoke(session, condition, actor=f"staff:{admin_id}", at=now))


def accept(token: str, *, name: str, phone: str | None, password_hash: str, now: datetime) -> int:
    """Create the account of an invited person and return its id.

    Args:
        phone: E.164, or None.

    Raises:
        InvitationInvalid: also for the second of two at once.
        EmailTaken, PhoneTaken: nothing was changed.
    """
    with transaction() as session:
        invitation = queries.usable_invitation(session, token, now=now)
        email = invitation.email or ""
        if not updated_one_row(
            session,
            sa.update(Invitation)
            .where(Invitation.id == invitation.id, Invitation.over_at.is_(None))
            .values(over_at=now, email=None),
        ):
            raise InvitationInvalid
        staff = members.add(
            session,
            name=name,
            email=email,
            password_hash=password_hash,
            roles=invitation.roles,
            phone=phone,
            languages=invitation.languages,
        )
        session.execute(
            sa.update(Invitation).where(Invitation.id == invitation.id).values(staff_id=staff.id)
        )
        audit.record(
            session,
            at=now,
            actor=f"staff:{staff.id}",
            action="invitation_used",
            subject=f"invitation:{invitation.id}",
            roles=list(invitation.roles),
        )
        return staff.id
