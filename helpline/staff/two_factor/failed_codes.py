"""Wrong codes after a right password, counted by sign-in and by account, whatever the address.

Only someone with the right password gets this far, so a stranger cannot lock an account out.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import transaction, updated_one_row
from helpline.domain.login_backoff import MAX_CONSECUTIVE_WRONG_CODES, MAX_WRONG_CODES_PER_SIGN_IN
from helpline.messaging import staff_notices
from helpline.messaging.models import NoticeKind
from helpline.privacy import audit
from helpline.staff.models import Staff
from helpline.staff.sessions.models import StaffSession
from helpline.staff.two_factor.errors import TooManyInvalidCodes


def count_attempt(session_id: int, staff_id: int, *, now: datetime) -> None:
    """Count a code as wrong before it is checked, so that concurrent guesses all count.

    Raises:
        TooManyInvalidCodes: there were too many already; this one must not be checked.
    """
    with transaction() as session:
        is_allowed = _try_count(session, session_id, staff_id)
        if not is_allowed:
            _revoke_password_at_limit(session, staff_id, now)
    if not is_allowed:
        raise TooManyInvalidCodes


def _try_count(session: Session, session_id: int, staff_id: int) -> bool:
    session_update = sa.update(StaffSession).where(
        StaffSession.id == session_id, StaffSession.wrong_codes < MAX_WRONG_CODES_PER_SIGN_IN
    )
    account_update = sa.update(Staff).where(
        Staff.id == staff_id,
        Staff.wrong_codes < MAX_CONSECUTIVE_WRONG_CODES,
        Staff.password_void_at.is_(None),
    )
    return updated_one_row(
        session, session_update.values(wrong_codes=StaffSession.wrong_codes + 1)
    ) and updated_one_row(session, account_update.values(wrong_codes=Staff.wrong_codes + 1))


def reset(session: Session, session_id: int, staff_id: int) -> None:
    """Reset the count after a right code, in the caller's transaction."""
    for model, key in ((StaffSession, session_id), (Staff, staff_id)):
        session.execute(sa.update(model).where(model.id == key).values(wrong_codes=0))


def record_failure(session_id: int, staff_id: int, *, now: datetime) -> None:
    """Record a wrong code.

    After too many the sign-in ends, its owner and the admins are notified, and finally the password
    is revoked.

    Raises:
        TooManyInvalidCodes: this sign-in has ended.
    """
    with transaction() as session:
        ended = _record_failure(session, session_id, staff_id, now)
    if ended:
        raise TooManyInvalidCodes


def _record_failure(session: Session, session_id: int, staff_id: int, now: datetime) -> bool:
    subject = f"staff:{staff_id}"
    audit.record(
        session, at=now, actor="visitor", action="sign_in_failed", subject=subject, what="code"
    )
    ended = updated_one_row(
        session,
        sa.delete(StaffSession).where(
            StaffSession.id == session_id, StaffSession.wrong_codes >= MAX_WRONG_CODES_PER_SIGN_IN
        ),
    )
    if ended:
        session.execute(sa.update(Staff).where(Staff.id == staff_id).values(guessed_at=now))
        staff_notices.notify_staff(session, NoticeKind.CODES_GUESSED, subject, now=now)
        audit.record(
            session,
            at=now,
            actor="worker",
            action="sessions_ended",
            subject=subject,
            why="wrong_codes",
            count=1,
        )
    _revoke_password_at_limit(session, staff_id, now)
    return ended


def _revoke_password_at_limit(session: Session, staff_id: int, now: datetime) -> None:
    """Complete sessions continue, in which the owner can change the password."""
    if not updated_one_row(
        session,
        sa.update(Staff)
        .where(
            Staff.id == staff_id,
            Staff.wrong_codes >= MAX_CONSECUTIVE_WRONG_CODES,
            Staff.password_void_at.is_(None),
        )
        .values(password_void_at=now, guessed_at=now),
    ):
        return
    session.execute(
        sa.delete(StaffSession).where(
            StaffSession.staff_id == staff_id, StaffSession.proven_at.is_(None)
        )
    )
    subject = f"staff:{staff_id}"
    audit.record(session, at=now, actor="worker", action="password_made_void", subject=subject)
    staff_notices.notify_staff(session, NoticeKind.SIGN_IN_STOPPED, subject, now=now)
