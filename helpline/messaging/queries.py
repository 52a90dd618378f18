"""Queries on heartbeats and notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import ONE
from helpline.messaging.models import Heartbeat, Notice


def last_heartbeat(session: Session) -> datetime | None:
    """Return the newest heartbeat of any worker, or None."""
    return session.scalar(sa.select(Heartbeat.at).order_by(Heartbeat.at.desc()).limit(ONE))


def open_notices(session: Session) -> Sequence[Notice]:
    """Return the notices not dismissed, newest first."""
    return session.scalars(
        sa.select(Notice).where(Notice.dismissed_at.is_(None)).order_by(Notice.last_at.desc())
    ).all()
