"""Queries on staff and presence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import ONE
from helpline.domain.shortcuts import Shortcuts
from helpline.staff.models import Presence, Role, Staff
from helpline.staff.sessions.models import StaffSession


def presence_of(session: Session, staff_id: int) -> Presence | None:
    """Return an advisor's presence; None before the first one."""
    return session.get(Presence, staff_id)


def can_anyone_sign_in(session: Session) -> bool:
    """Return whether any account can sign in."""
    return session.scalar(sa.select(Staff.id).where(Staff.active).limit(ONE)) is not None


def colleagues_of(session: Session, staff_id: int) -> Sequence[Staff]:
    """Return all other active advisors, by name."""
    return session.scalars(
        sa.select(Staff)
        .where(Staff.active, Staff.id != staff_id, Staff.roles.any(Role.name == "advisor"))
        .order_by(Staff.name, Staff.id)
    ).all()


def advisors(session: Session) -> Sequence[Staff]:
    """Return all active advisors, by name."""
    return session.scalars(
        sa.select(Staff)
        .where(Staff.active, Staff.roles.any(Role.name == "advisor"))
        .order_by(Staff.name, Staff.id)
    ).all()


def is_active_advisor(session: Session, staff_id: int) -> bool:
    """Return whether this is an active advisor."""
    return any(advisor.id == staff_id for advisor in advisors(session))


def shortcuts_of(session: Session, staff_id: int) -> Shortcuts:
    """Return the keys that an advisor uses at the desk."""
    stored = session.scalar(sa.select(Staff.shortcuts).where(Staff.id == staff_id))
    return Shortcuts.of_stored(stored)


def staff_name(session: Session, staff_id: int) -> str:
    return session.get_one(Staff, staff_id).name


def all_staff(session: Session) -> Sequence[tuple[Staff, datetime | None]]:
    """Return all staff by name, deactivated ones included, and when each was last seen."""
    last_used = (
        sa.select(sa.func.max(StaffSession.last_used_at))
        .where(StaffSession.staff_id == Staff.id)
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(Staff, Presence.last_seen_at, last_used)
        .outerjoin(Presence, Presence.staff_id == Staff.id)
        .order_by(Staff.name, Staff.id)
    )
    return [(row[0], max(filter(None, row[1:]), default=None)) for row in rows]


def staff_names(session: Session) -> dict[int, str]:
    """Return names by id, deactivated staff included."""
    rows = session.execute(sa.select(Staff.id, Staff.name))
    return {row[0]: row[1] for row in rows}
