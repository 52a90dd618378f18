"""Erase what signing in leaves behind, once it is of no use."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from helpline.accounts.invitations import voiding
from helpline.accounts.password_links.models import PasswordLink
from helpline.accounts.sessions.models import StaffSession
from helpline.accounts.sign_in_tries.models import SignInTries
from helpline.domain.sign_in_pace import FORGOTTEN_AFTER


def erase_expired(session: Session, *, at: datetime) -> None:
    """Erase old counts of wrong passwords, sessions and password links that are over, and the
    addresses of invitations that nobody used. A row that a sign-in has locked is left for later.
    """
    voiding.forget_expired(session, at=at)
    expired: tuple[tuple[InstrumentedAttribute[Any], sa.ColumnElement[bool]], ...] = (
        (SignInTries.key, SignInTries.last_at < at - FORGOTTEN_AFTER),
        (StaffSession.id, StaffSession.ends_at <= at),
        (PasswordLink.staff_id, PasswordLink.expires_at <= at),
    )
    for key, is_over in expired:
        free = sa.select(key).where(is_over).order_by(key).with_for_update(skip_locked=True)
        session.execute(
            sa.delete(key.class_).where(key.in_(session.scalars(free).all())),
            execution_options={"synchronize_session": False},
        )
