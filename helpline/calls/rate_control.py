"""The account's calls per second, shared by all workers, and rejected regions."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline import clock
from helpline.calls import carrier_failures
from helpline.calls.models import Offer, OfferState
from helpline.db import db, transaction
from helpline.messaging import outbox
from helpline.messaging.models import Kind
from helpline.privacy import audit
from helpline.telephony import carrier_limits

_TIMEOUT = timedelta(seconds=1.5)


def acquire_slot(*, now: datetime, calls_per_second: float) -> timedelta | None:
    """Reserve the next call start; while this worker has it no other does.

    Returns:
        Zero when reserved; else how long to wait; None when nothing is to be placed.
    """
    if not _has_call_to_place(db.session(), now):
        return None
    with transaction() as session:
        interval = timedelta(seconds=1 / calls_per_second)
        return carrier_limits.acquire_slot(session, now=now, interval=interval)


def wait_for_slot(calls_per_second: float) -> bool:
    """Wait a second or two until this worker may place a call.

    Returns:
        False when no call is to be placed, or other workers used up the rate.
    """
    now, until = clock.now(), clock.now() + _TIMEOUT
    while now <= until:
        wait = acquire_slot(now=now, calls_per_second=calls_per_second)
        if not wait:
            return wait is not None
        if now + wait > until:
            return False
        clock.wait(wait)
        now = max(clock.now(), now + wait)
    return False


def resolve_region(region: str, *, admin_id: int, now: datetime) -> None:
    """Record that an admin resolved the rejection of a region."""
    with transaction() as session:
        if carrier_failures.resolve_region(session, region):
            audit.record(
                session,
                at=now,
                actor=f"staff:{admin_id}",
                action="region_set_right",
                subject=f"region:{region}",
            )


def _has_call_to_place(session: Session, now: datetime) -> bool:
    attempt_is_due = sa.exists().where(outbox.is_due(Kind.PLACE_CALL, now))
    offer_is_queued = sa.exists().where(Offer.state == OfferState.QUEUED, Offer.ended_at.is_(None))
    return bool(session.scalar(sa.select(sa.or_(attempt_is_due, offer_is_queued))))
