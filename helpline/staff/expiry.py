"""Erase expired sign-in data."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from helpline.domain.login_backoff import RESET_AFTER
from helpline.staff.invitations import revocation
from helpline.staff.login_throttle.models import LoginAttempts
from helpline.staff.password_links.models import PasswordLink
from helpline.staff.sessions.models import StaffSession


def erase_expired(session: Session, *, at: datetime) -> None:
    """Erase old login-throttle counts, expired sessions and password links, and the addresses of
    unused invitations.

    A row locked by a sign-in is left for the next run.
    """
    revocation.erase_expired_addresses(session, at=at)
    expired: tuple[tuple[InstrumentedAttribute[Any], sa.ColumnElement[bool]], ...] = (
        (LoginAttempts.key, LoginAttempts.last_at < at - RESET_AFTER),
        (StaffSession.id, StaffSession.ends_at <= at),
        (PasswordLink.staff_id, PasswordLink.expires_at <= at),
    )
    for key, is_over in expired:
        free = sa.select(key).where(is_over).order_by(key).with_for_update(skip_locked=True)
        session.execute(
            sa.delete(key.class_).where(key.in_(session.scalars(free).all())),
            execution_options={"synchronize_session": False},
        )
