"""Reading the workers' sign of life."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.messages.models import Heartbeat


def last_beat(session: Session) -> datetime | None:
    """When any worker was last heard of; None if none ever was."""
    return session.scalar(sa.select(Heartbeat.at).order_by(Heartbeat.at.desc()).limit(1))
