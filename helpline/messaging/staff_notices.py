"""Notices to supervisors and admins, in the caller's transaction; never commits."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import insert_or_ignore
from helpline.messaging.models import Notice, NoticeKind


def notify_staff(session: Session, kind: NoticeKind, subject: str, *, now: datetime) -> None:
    """Add a notice; a repeated one that is not dismissed is counted.

    Args:
        subject: such as "callback:12", "staff:3" or "queue".
    """
    new = insert_or_ignore(
        session, Notice, kind=kind, subject=subject, at=now, times=1, last_at=now
    )
    if not new:
        session.execute(
            sa.update(Notice)
            .where(Notice.kind == kind, Notice.subject == subject, Notice.dismissed_at.is_(None))
            .values(times=Notice.times + 1, last_at=now),
            execution_options={"synchronize_session": False},
        )
