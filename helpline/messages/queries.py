"""Reading the workers' sign of life."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import ONE
from helpline.messages.models import Heartbeat, Notice


def last_beat(session: Session) -> datetime | None:
    """When any worker was last heard of; None if none ever was."""
    return session.scalar(sa.select(Heartbeat.at).order_by(Heartbeat.at.desc()).limit(ONE))


def open_notices(session: Session) -> Sequence[Notice]:
    """What nobody has dismissed yet, the newest first."""
    return session.scalars(
        sa.select(Notice).where(Notice.dismissed_at.is_(None)).order_by(Notice.last_at.desc())
    ).all()
