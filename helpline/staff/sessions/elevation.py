"""Elevate a session after the second factor, in that transaction."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from helpline.privacy import audit
from helpline.staff.sessions.models import StaffSession
from helpline.staff.sessions.queries import key_hash


def elevate(session: Session, session_id: int, *, by: str, max_age: timedelta, at: datetime) -> str:
    """Elevate the session and give it a new key.

    Args:
        by: "app", "passkey" or "recovery_code".
        max_age: maximum age of a session.

    Returns:
        The new key for the cookie; the previous one is void.

    Raises:
        NoResultFound: the session is over.
    """
    staff_session = session.get_one(StaffSession, session_id)
    key = secrets.token_urlsafe(24)
    if staff_session.proven_at is None:
        staff_session.proven_at, staff_session.ends_at = at, staff_session.created_at + max_age
        audit.record(
            session,
            at=at,
            actor=f"staff:{staff_session.staff_id}",
            action="signed_in",
            subject=f"staff:{staff_session.staff_id}",
            by=by,
        )
    staff_session.key_hash, staff_session.confirmed_at = key_hash(key), at
    staff_session.app_secret = staff_session.challenge = None
    return key
