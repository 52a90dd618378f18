"""Reading staff and presence."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.accounts.models import Presence, Role, Staff


def presence_of(session: Session, staff_id: int) -> Presence | None:
    """An advisor's presence; None before their first day."""
    return session.get(Presence, staff_id)


def anybody_signs_in(session: Session) -> bool:
    """Whether there is any member of staff who can sign in."""
    return session.scalar(sa.select(Staff.id).where(Staff.active).limit(1)) is not None


def colleagues_of(session: Session, staff_id: int) -> Sequence[Staff]:
    """Everybody else who takes callbacks, by name."""
    return session.scalars(
        sa.select(Staff)
        .where(Staff.active, Staff.id != staff_id, Staff.roles.any(Role.name == "advisor"))
        .order_by(Staff.name, Staff.id)
    ).all()


def name_of(session: Session, staff_id: int) -> str:
    """What a member of staff is called."""
    return session.get_one(Staff, staff_id).name
