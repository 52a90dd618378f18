"""Rate limit, caller ids and rejected regions at the carrier, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import insert_or_ignore, updated_one_row
from helpline.telephony.models import CallerId, CallPace, RefusedRegion

MAX_PAUSE_SECONDS = 30


def acquire_slot(session: Session, *, now: datetime, interval: timedelta) -> timedelta:
    """Reserve the next call start for one of all workers; return zero, or how long to wait.

    Args:
        interval: minimum time between two call starts.
    """
    is_free = CallPace.id == 1, CallPace.next_at <= now
    if updated_one_row(session, sa.update(CallPace).where(*is_free).values(next_at=now + interval)):
        return timedelta(0)
    if insert_or_ignore(session, CallPace, id=1, next_at=now + interval, refusals=0):
        return timedelta(0)
    next_at = session.scalars(sa.select(CallPace.next_at).where(CallPace.id == 1)).one()
    return max(next_at - now, timedelta(milliseconds=1))


def slow_down(session: Session, *, now: datetime) -> None:
    """Back off after the carrier was too busy; pauses double."""
    insert_or_ignore(session, CallPace, id=1, next_at=now, refusals=0)
    pace = session.get_one(CallPace, 1, with_for_update=True, populate_existing=True)
    pace.refusals += 1
    pause = timedelta(seconds=min(MAX_PAUSE_SECONDS, 2**pace.refusals))
    pace.next_at = max(pace.next_at, now + pause)


def restore_rate(session: Session) -> None:
    """Reset the back-off after an accepted call."""
    session.execute(
        sa.update(CallPace).where(CallPace.id == 1, CallPace.refusals > 0).values(refusals=0)
    )


def caller_id_for(session: Session, region: str) -> str | None:
    """Return the caller id for a region; None for the default one."""
    return session.scalar(sa.select(CallerId.number).where(CallerId.region == region))


def caller_ids(session: Session) -> dict[str, str]:
    """Return the caller ids by region."""
    rows = session.execute(sa.select(CallerId.region, CallerId.number).order_by(CallerId.region))
    return {row.region: row.number for row in rows}


def set_caller_ids(session: Session, numbers: Mapping[str, str]) -> None:
    """Replace all caller ids."""
    session.execute(sa.delete(CallerId))
    for region, number in sorted(numbers.items()):
        session.add(CallerId(region=region, number=number))


def record_rejected_region(session: Session, region: str, code: int, *, now: datetime) -> None:
    """Record that the carrier rejected a region."""
    if not insert_or_ignore(session, RefusedRegion, region=region, code=code, refused_at=now):
        session.execute(
            sa.update(RefusedRegion)
            .where(RefusedRegion.region == region)
            .values(code=code, refused_at=now)
        )


def rejected_region(session: Session, region: str) -> RefusedRegion | None:
    """Return the open rejection of a region, if any."""
    return session.get(RefusedRegion, region)


def rejected_regions(session: Session) -> Sequence[RefusedRegion]:
    """Return the rejected regions, newest first."""
    return session.scalars(sa.select(RefusedRegion).order_by(RefusedRegion.refused_at.desc())).all()


def resolve_rejected_region(session: Session, region: str) -> bool:
    """Mark a rejection as resolved; return whether there was one."""
    rejection = session.get(RefusedRegion, region)
    if rejection is None:
        return False
    session.delete(rejection)
    return True
