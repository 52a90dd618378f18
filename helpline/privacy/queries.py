"""Queries on the audit log."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.privacy.models import AuditEntry

ERASURE_ACTIONS = ("erased_by_visitor", "erased_on_request", "erased_in_time")


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """A filter of audit entries; None or empty matches all.

    Args:
        deeds: any of these actions.
        actor: such as "staff:7" or "worker".
        subject: such as "callback:12".
        since, until: the time, end excluded.
    """

    deeds: Collection[str] = ()
    actor: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def entries(
    session: Session, criteria: AuditFilter, *, before: int | None, limit: int
) -> Sequence[AuditEntry]:
    """Return a page of the log, newest first.

    Args:
        before: only entries with a lower id: the last of the previous page.
        limit: page size.
    """
    query = sa.select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if criteria.deeds:
        query = query.where(AuditEntry.deed.in_(criteria.deeds))
    if criteria.actor:
        query = query.where(AuditEntry.actor == criteria.actor)
    if criteria.subject:
        query = query.where(AuditEntry.subject == criteria.subject)
    if criteria.since:
        query = query.where(AuditEntry.at >= criteria.since)
    if criteria.until:
        query = query.where(AuditEntry.at < criteria.until)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    return session.scalars(query).all()
