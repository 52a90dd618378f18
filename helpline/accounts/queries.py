"""Reading staff and presence."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.accounts.models import Presence, Staff


def presence_of(session: Session, staff_id: int) -> Presence | None:
    """An advisor's presence; None before their first day."""
    return session.get(Presence, staff_id)


def anybody_signs_in(session: Session) -> bool:
    """Whether there is any member of staff who can sign in."""
    return session.scalar(sa.select(Staff.id).where(Staff.active).limit(1)) is not None
