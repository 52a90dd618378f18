"""Consecutive unanswered offers of an advisor, in the caller's transaction."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import updated_one_row
from helpline.staff.models import Presence, PresenceState


def record_miss(session: Session, staff_id: int, *, max_misses: int, now: datetime) -> bool:
    """Count a missed offer; return whether the advisor is set to away for it.

    Args:
        max_misses: consecutive misses after which an available advisor is set to away.
    """
    update = sa.update(Presence).where(Presence.staff_id == staff_id)
    updated_one_row(session, update.values(missed_offers=Presence.missed_offers + 1))
    return updated_one_row(
        session,
        update.where(
            Presence.missed_offers >= max_misses, Presence.state == PresenceState.AVAILABLE
        ).values(state=PresenceState.AWAY, since=now, away_by_misses=True),
    )


def reset(session: Session, staff_id: int) -> None:
    """Reset the count after an answered offer."""
    updated_one_row(
        session, sa.update(Presence).where(Presence.staff_id == staff_id).values(missed_offers=0)
    )
