"""The workers' sign of life."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from helpline.db import add_if_absent, transaction
from helpline.messages.models import Heartbeat


def beat(worker: str, *, now: datetime) -> None:
    """A worker says that it is alive."""
    with transaction() as session:
        if not add_if_absent(session, Heartbeat, worker=worker, started_at=now, at=now):
            session.execute(sa.update(Heartbeat).where(Heartbeat.worker == worker).values(at=now))
