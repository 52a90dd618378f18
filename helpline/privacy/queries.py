"""Queries on the audit log."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.privacy.models import AuditEntry

ERASING = ("erased_by_visitor", "erased_on_request", "erased_in_time")


@dataclass(frozen=True, slots=True)
class Wanted:
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
    session: Session, wanted: Wanted, *, before: int | None, most: int
) -> Sequence[AuditEntry]:
    """Return a page of the log, newest first.

    Args:
        before: only entries with a lower id: the last of the previous page.
        most: page size.
    """
    found = sa.select(AuditEntry).order_by(AuditEntry.id.desc()).limit(most)
    if wanted.deeds:
        found = found.where(AuditEntry.deed.in_(wanted.deeds))
    if wanted.actor:
        found = found.where(AuditEntry.actor == wanted.actor)
    if wanted.subject:
        found = found.where(AuditEntry.subject == wanted.subject)
    if wanted.since:
        found = found.where(AuditEntry.at >= wanted.since)
    if wanted.until:
        found = found.where(AuditEntry.at < wanted.until)
    if before is not None:
        found = found.where(AuditEntry.id < before)
    return session.scalars(found).all()
