"""Queries on blocked numbers: since when, until when and why; never the numbers themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks.models import Callback
from helpline.callbacks.phone_limits.models import LimitReason, NumberLimit
from helpline.db import ONE


def blocks(session: Session, now: datetime) -> Sequence[NumberLimit]:
    """Return the blocks in force, newest first."""
    return session.scalars(_in_force(now).order_by(NumberLimit.since.desc())).all()


def blocked_until(session: Session, callback: Callback, now: datetime) -> datetime | None:
    """Return until when a callback's number is blocked; None if it is not."""
    blocks_of_number = _in_force(now).where(NumberLimit.phone_hash == callback.phone_hash)
    limit = session.scalar(blocks_of_number.order_by(NumberLimit.until.desc()).limit(ONE))
    return limit.until if limit is not None else None


def _in_force(now: datetime) -> sa.Select[NumberLimit]:
    return sa.select(NumberLimit).where(
        NumberLimit.why == LimitReason.BLOCKED,
        NumberLimit.until > now,
        NumberLimit.lifted_at.is_(None),
    )
