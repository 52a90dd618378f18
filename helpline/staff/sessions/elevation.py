"""Elevate a session after the second factor, in that transaction."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from helpline.privacy import audit
from helpline.staff.sessions.models import StaffSession
from helpline.staff.sessions.queries import key_hash


def elevate(session: Session, session_id: int, *, by: str, lasts: timedelta, at: datetime) -> str:
    """Elevate the session and give it a new key.

    Args:
        by: "app", "passkey" or "recovery_code".
        lasts: maximum age of a session.

    Returns:
        The new key for the cookie; the previous one is void.

    Raises:
        NoResultFound: the session is over.
    """
    found = session.get_one(StaffSession, session_id)
    key = secrets.token_urlsafe(24)
    if found.proven_at is None:
        found.proven_at, found.ends_at = at, found.created_at + lasts
        audit.record(
            session,
            at=at,
            actor=f"staff:{found.staff_id}",
            action="signed_in",
            subject=f"staff:{found.staff_id}",
            by=by,
        )
    found.key_hash, found.confirmed_at = key_hash(key), at
    found.app_secret = found.challenge = None
    return key
