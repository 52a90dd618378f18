"""Emergencies that advisors have marked on their calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks.models import IS_OPEN, Callback
from helpline.calls.errors import EmergencyNotDescribed
from helpline.domain.retries import Disposition
from helpline.staff.models import Staff


@dataclass(frozen=True, slots=True)
class OpenEmergency:
    """An emergency whose callback has not ended; ``advisor`` is None while it is in the queue."""

    callback_id: int
    advisor: str | None
    since: datetime


def open_emergencies(session: Session) -> Sequence[OpenEmergency]:
    """Return the emergencies whose callbacks have not ended, oldest first."""
    rows = session.execute(
        sa.select(Callback.id, Staff.name, Callback.emergency_at)
        .outerjoin(Staff, Staff.id == Callback.claimed_by)
        .where(IS_OPEN, Callback.emergency_at.is_not(None))
        .order_by(Callback.emergency_at, Callback.id)
    )
    return [
        OpenEmergency(callback_id, advisor, since)
        for callback_id, advisor, since in rows
        if since is not None
    ]


def require_description(
    callback: Callback,
    since: datetime | None,
    *texts: str,
    disposition: Disposition | None = None,
) -> None:
    """Require a text about what was done, where an emergency was marked or is the outcome.

    Args:
        since: when the advisor claimed or called; only an emergency marked since then counts.

    Raises:
        EmergencyNotDescribed: all texts are empty.
    """
    marked_at = callback.emergency_at
    is_marked = marked_at is not None and since is not None and marked_at >= since
    if (is_marked or disposition == Disposition.EMERGENCY) and not any(texts):
        raise EmergencyNotDescribed
