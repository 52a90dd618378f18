"""Reading the audit log, newest first."""

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
    """Which entries are wanted; what is None or empty does not matter.

    Args:
        deeds: any of these.
        actor: whose deeds, as "staff:7" or "worker".
        subject: done to what, as "callback:12".
        since, until: when, the end not included.
    """

    deeds: Collection[str] = ()
    actor: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def entries(
    session: Session, wanted: Wanted, *, before: int | None, most: int
) -> Sequence[AuditEntry]:
    """A page of the log, the newest first.

    Args:
        before: only entries with a lower id: the last of the page before.
        most: how many at most.
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
