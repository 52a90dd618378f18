"""Reading sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.accounts.models import Staff
from helpline.accounts.sessions.models import StaffSession
from helpline.privacy.encryption import keyed_hash

FRESH_FOR = timedelta(minutes=15)
"""So long after showing that it is still they, somebody may change how they sign in."""


@dataclass(frozen=True, slots=True)
class Live:
    """The session of a request, as it stood when the request began."""

    id: int
    staff_id: int
    proven: bool
    fresh: bool
    last_used_at: datetime


def key_hash(key: str) -> str:
    """Under what the key of a browser's cookie is kept."""
    return keyed_hash("staff-session", key)


def live(
    session: Session, key: str, *, now: datetime, idle: timedelta
) -> tuple[Live, Staff] | None:
    """The session that belongs to a key, and whose it is; None if it is over.

    Args:
        idle: a session that nobody used for so long is over.
    """
    row = session.execute(
        sa.select(StaffSession, Staff)
        .join(Staff, Staff.id == StaffSession.staff_id)
        .where(StaffSession.key_hash == key_hash(key), Staff.active, *_goes_on(now, idle))
    ).first()
    if row is None:
        return None
    found, staff = row
    told = Live(
        id=found.id,
        staff_id=found.staff_id,
        proven=found.proven_at is not None,
        fresh=now - found.confirmed_at < FRESH_FOR,
        last_used_at=found.last_used_at,
    )
    return told, staff


def sessions_of(
    session: Session, staff_id: int, *, now: datetime, idle: timedelta
) -> Sequence[StaffSession]:
    """Where somebody is signed in, the last used first."""
    return session.scalars(
        sa.select(StaffSession)
        .where(
            StaffSession.staff_id == staff_id,
            StaffSession.proven_at.is_not(None),
            *_goes_on(now, idle),
        )
        .order_by(StaffSession.last_used_at.desc(), StaffSession.id.desc())
    ).all()


def _goes_on(now: datetime, idle: timedelta) -> tuple[sa.ColumnElement[bool], ...]:
    return StaffSession.ends_at > now, StaffSession.last_used_at > now - idle
