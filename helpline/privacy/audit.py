"""Writing the audit log, in the transaction of the deed itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.privacy.models import AuditEntry
from helpline.statements import plain_rows

ENTRY = cast(sa.Table, AuditEntry.__table__)
_ADDING = sa.insert(ENTRY).inline()


def record(
    session: Session, *, at: datetime, actor: str, deed: str, subject: str, **detail: Any
) -> None:
    """Adds one entry.

    Args:
        actor: "staff:7", "visitor", "carrier" or "worker"; never a name.
        deed: what was done, as an event: "number_shown", "hours_changed".
        subject: what it was done to: "callback:12".
        detail: before and after, or why; never a name, a number or a note.
    """
    entry = row(at=at, actor=actor, deed=deed, subject=subject, **detail)
    plain_rows(session, _ADDING, entry)


def row(*, at: Any, actor: Any, deed: str, subject: Any, **detail: Any) -> dict[str, Any]:
    """What ``record`` adds, for a statement that adds it together with its deed."""
    return {"at": at, "actor": actor, "deed": deed, "subject": subject, "detail": detail}
