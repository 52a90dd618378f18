"""Taking and giving back a place in a slot, inside the caller's transaction. Never commits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks.models import Slot
from helpline.db import add_if_absent, changed_one


def take(session: Session, starts_at: datetime, *, capacity: int) -> bool:
    """Books one place; says whether there was one.

    The count and the limit are compared by the database in one statement, so that two who want
    the last place cannot both have it.
    """
    if capacity < 1:
        return False
    add_if_absent(session, Slot, starts_at=starts_at, capacity=capacity, booked=0)
    return changed_one(
        session,
        sa.update(Slot)
        .where(Slot.starts_at == starts_at, Slot.booked < capacity)
        .values(booked=Slot.booked + 1, capacity=capacity),
    )


def hold(session: Session, *starts: datetime | None) -> None:
    """Locks these slots, the earlier first: all who need two take them in this order, so that
    nobody waits in a circle. A callback is locked before its slots."""
    wanted = [each for each in starts if each is not None]
    session.scalars(
        sa.select(Slot.starts_at)
        .where(Slot.starts_at.in_(wanted))
        .order_by(Slot.starts_at)
        .with_for_update()
    ).all()


def give_back(session: Session, starts_at: datetime) -> None:
    """Frees one place that was booked."""
    changed_one(
        session,
        sa.update(Slot)
        .where(Slot.starts_at == starts_at, Slot.booked > 0)
        .values(booked=Slot.booked - 1),
    )


def full(session: Session, starts: Iterable[datetime], *, capacity: int) -> frozenset[datetime]:
    """Which of these starts have no place left."""
    wanted = list(starts)
    if not wanted or capacity < 1:
        return frozenset(wanted)
    rows = session.scalars(
        sa.select(Slot.starts_at).where(
            Slot.starts_at.between(min(wanted), max(wanted)), Slot.booked >= capacity
        )
    )
    return frozenset(rows) & frozenset(wanted)
