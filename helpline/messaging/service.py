"""Worker heartbeats, and dismissing notices."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from helpline.db import transaction, updated_one_row
from helpline.messaging import job_failures
from helpline.messaging.models import Heartbeat, Notice, NoticeKind
from helpline.privacy import audit


def record_heartbeat(
    worker: str, *, now: datetime, interval: timedelta = timedelta(seconds=1)
) -> None:
    """Record a heartbeat, and how late this round began.

    Args:
        interval: the intended interval.
    """
    with transaction() as session:
        heartbeat = session.get(Heartbeat, worker)
        if heartbeat is None:
            session.add(Heartbeat(worker=worker, started_at=now, at=now))
            return
        heartbeat.late_ms = max(0, (now - heartbeat.at - interval) // timedelta(milliseconds=1))
        heartbeat.at = now


def dismiss_notice(notice_id: int, *, staff_id: int, now: datetime) -> bool:
    """Dismiss a notice; return whether it was open. A job that was set aside runs again."""
    with transaction() as session:
        if not updated_one_row(
            session,
            sa.update(Notice)
            .where(Notice.id == notice_id, Notice.dismissed_at.is_(None))
            .values(dismissed_at=now, dismissed_by=staff_id),
        ):
            return False
        notice = session.get_one(Notice, notice_id)
        if notice.kind == NoticeKind.SET_ASIDE:
            job_failures.retry(session, notice.subject)
        audit.record(
            session,
            at=now,
            actor=f"staff:{staff_id}",
            action="notice_dismissed",
            subject=f"notice:{notice_id}",
        )
        return True
