"""Lift blocks of numbers, in the caller's transaction; never commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks.phone_limits import checks
from helpline.callbacks.phone_limits.models import LimitReason, NumberLimit
from helpline.db import updated_one_row
from helpline.privacy import audit, tombstones


def asked_blocks(session: Session, *where: sa.ColumnElement[bool]) -> Sequence[NumberLimit]:
    """Lock and return blocks of numbers that asked not to be called again."""
    return session.scalars(
        sa.select(NumberLimit)
        .where(*where, NumberLimit.why == LimitReason.ASKED, NumberLimit.lifted_at.is_(None))
        .with_for_update()
    ).all()


def lift(
    session: Session, limit: NumberLimit, *, actor: str, now: datetime, by_staff: int | None = None
) -> None:
    """Lift a block. Idempotent."""
    number_hash = limit.phone_hash
    if not updated_one_row(
        session,
        sa.update(NumberLimit)
        .where(
            NumberLimit.id == limit.id,
            checks.IS_BLOCK,
            NumberLimit.lifted_at.is_(None),
            NumberLimit.until > now,
        )
        .values(lifted_at=now, lifted_by=by_staff, phone_hash=None),
    ):
        return
    if number_hash is not None:
        tombstones.record_unblocked(session, number_hash, why=limit.why, until=limit.until, at=now)
    audit.record(
        session,
        at=now,
        actor=actor,
        action="number_unblocked",
        subject=f"callback:{limit.callback_id}",
        before={"until": limit.until.isoformat()},
    )
