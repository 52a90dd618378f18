"""Begin, elevate, use and end sessions."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import transaction, updated_one_row
from helpline.privacy import audit
from helpline.staff.models import Staff
from helpline.staff.sessions import revocation
from helpline.staff.sessions.models import StaffSession
from helpline.staff.sessions.queries import key_hash

PASSWORD_ONLY_LIFETIME = timedelta(minutes=15)
"""How long a sign-in may wait for its second factor."""
TOUCH_INTERVAL = timedelta(minutes=5)
"""Use is recorded no more often, so that it does not show what was done."""


def start(
    staff_id: int, *, browser: str, needs_second_factor: bool, max_age: timedelta, now: datetime
) -> str:
    """Begin a session after a right password and return its key for the cookie.

    Args:
        browser: two words, for the list of sessions.
        needs_second_factor: whether it may only give the second factor yet.
        max_age: maximum age, used or not.
    """
    key = secrets.token_urlsafe(24)
    with transaction() as session:
        session.execute(sa.delete(StaffSession).where(StaffSession.ends_at <= now))
        session.add(
            StaffSession(
                key_hash=key_hash(key),
                staff_id=staff_id,
                browser=browser,
                created_at=now,
                last_used_at=now,
                ends_at=now + (PASSWORD_ONLY_LIFETIME if needs_second_factor else max_age),
                proven_at=None if needs_second_factor else now,
                confirmed_at=now,
            )
        )
        audit.record(
            session,
            at=now,
            actor=f"staff:{staff_id}",
            action="password_given" if needs_second_factor else "signed_in",
            subject=f"staff:{staff_id}",
        )
    return key


def touch(session_id: int, *, now: datetime) -> None:
    """Record use of a session."""
    with transaction() as session:
        session.execute(
            sa.update(StaffSession)
            .where(StaffSession.id == session_id, StaffSession.last_used_at < now)
            .values(last_used_at=now)
        )


def confirm(session_id: int, *, now: datetime) -> None:
    """Record that its owner authenticated again."""
    with transaction() as session:
        session.execute(
            sa.update(StaffSession).where(StaffSession.id == session_id).values(confirmed_at=now)
        )


def end(session_id: int, staff_id: int, *, actor: str, now: datetime) -> bool:
    """Revoke one session of a member of staff; return whether there was one."""
    with transaction() as session:
        ended = updated_one_row(
            session,
            sa.delete(StaffSession).where(
                StaffSession.id == session_id, StaffSession.staff_id == staff_id
            ),
        )
        if ended:
            audit.record(
                session, at=now, actor=actor, action="signed_out", subject=f"staff:{staff_id}"
            )
        return ended


def end_others(staff_id: int, *, keep: int | None, actor: str, now: datetime) -> int:
    """Revoke all sessions but one; return how many."""
    with transaction() as session:
        return revocation.revoke_all(
            session, staff_id, at=now, actor=actor, reason="asked", keep=keep
        )


def change_password(session_id: int, staff_id: int, password_hash: str, *, now: datetime) -> str:
    """Change one's own password, end all other sessions, and return this session's new key."""
    with transaction() as session:
        replace_password(session, staff_id, password_hash, at=now, keep=session_id)
        key = secrets.token_urlsafe(24)
        staff_session = session.get_one(StaffSession, session_id)
        staff_session.key_hash, staff_session.confirmed_at = key_hash(key), now
        return key


def replace_password(
    session: Session, staff_id: int, password_hash: str, *, at: datetime, keep: int | None = None
) -> None:
    """Replace a password in the caller's transaction, reset wrong attempts, and end the sessions.

    Args:
        keep: the session that continues, if any.
    """
    staff, actor = session.get_one(Staff, staff_id), f"staff:{staff_id}"
    staff.password, staff.password_void_at = password_hash, None
    staff.wrong_codes, staff.guessed_at = 0, None
    audit.record(session, at=at, actor=actor, action="password_changed", subject=actor)
    revocation.revoke_all(
        session, staff_id, at=at, actor=actor, reason="password_changed", keep=keep
    )


def acknowledge_guesses(staff_id: int, *, now: datetime) -> None:
    """Record that the owner has read about guessed codes."""
    with transaction() as session:
        session.execute(
            sa.update(Staff)
            .where(Staff.id == staff_id, Staff.guessed_at <= now)
            .values(guessed_at=None)
        )
