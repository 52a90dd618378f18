"""Rate limit and rejected regions of each carrier, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import insert_or_ignore, updated_one_row
from helpline.telephony.models import CarrierPace, RefusedRegion

MAX_PAUSE_SECONDS = 30


def acquire_slot(
    session: Session, carrier: str, *, now: datetime, interval: timedelta
) -> timedelta:
    """Reserve the next call start for one of all workers; return zero, or how long to wait.

    Args:
        interval: minimum time between two call starts.
    """
    is_free = CarrierPace.carrier == carrier, CarrierPace.next_at <= now
    reserve = sa.update(CarrierPace).where(*is_free).values(next_at=now + interval)
    if updated_one_row(session, reserve):
        return timedelta(0)
    if insert_or_ignore(session, CarrierPace, carrier=carrier, next_at=now + interval, refusals=0):
        return timedelta(0)
    stored = sa.select(CarrierPace.next_at).where(CarrierPace.carrier == carrier)
    return max(session.scalars(stored).one() - now, timedelta(milliseconds=1))


def slow_down(session: Session, carrier: str, *, now: datetime) -> None:
    """Back off after the carrier was too busy; pauses double."""
    insert_or_ignore(session, CarrierPace, carrier=carrier, next_at=now, refusals=0)
    pace = session.get_one(CarrierPace, carrier, with_for_update=True, populate_existing=True)
    pace.refusals += 1
    pause = timedelta(seconds=min(MAX_PAUSE_SECONDS, 2**pace.refusals))
    pace.next_at = max(pace.next_at, now + pause)


def restore_rate(session: Session, carrier: str) -> None:
    """Reset the back-off after an accepted call."""
    session.execute(
        sa.update(CarrierPace)
        .where(CarrierPace.carrier == carrier, CarrierPace.refusals > 0)
        .values(refusals=0)
    )


def record_rejected_region(
    session: Session, carrier: str, region: str, code: int, *, now: datetime
) -> None:
    """Record that a carrier rejected a region."""
    if not insert_or_ignore(
        session, RefusedRegion, region=region, carrier=carrier, code=code, refused_at=now
    ):
        session.execute(
            sa.update(RefusedRegion)
            .where(RefusedRegion.region == region, RefusedRegion.carrier == carrier)
            .values(code=code, refused_at=now)
        )


def rejected_region(session: Session, carrier: str, region: str) -> RefusedRegion | None:
    """Return the open rejection of a region by a carrier, if any."""
    return session.get(RefusedRegion, (region, carrier))


def rejected_regions(session: Session) -> Sequence[RefusedRegion]:
    """Return the rejected regions, newest first."""
    return session.scalars(sa.select(RefusedRegion).order_by(RefusedRegion.refused_at.desc())).all()


def resolve_rejected_region(session: Session, carrier: str, region: str) -> bool:
    """Mark a rejection as resolved; return whether there was one."""
    rejection = session.get(RefusedRegion, (region, carrier))
    if rejection is None:
        return False
    session.delete(rejection)
    return True
