"""Each carrier's limits, kept by all workers together: calls per second, calls at once; and
rejected regions.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zlib import crc32

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline import clock
from helpline.calls import carrier_failures
from helpline.calls.inbound.models import InboundCall
from helpline.calls.listening.models import Listener, ListenerState
from helpline.calls.models import Attempt, Channel, Offer, OfferState
from helpline.db import advisory_lock, db, transaction
from helpline.domain.call_progress import AttemptState
from helpline.messaging import outbox
from helpline.messaging.models import Kind, OutboxRow
from helpline.privacy import audit
from helpline.telephony import carrier_limits

_TIMEOUT = timedelta(seconds=1.5)
_LEGS_OF_A_CALL = 2


def acquire_slot(carrier: str, *, now: datetime, calls_per_second: float) -> timedelta | None:
    """Reserve the next call start at a carrier; while this worker has it no other does.

    Returns:
        Zero when reserved; else how long to wait; None when nothing is to be placed.
    """
    if not _has_call_to_place(db.session(), carrier, now):
        return None
    with transaction() as session:
        interval = timedelta(seconds=1 / calls_per_second)
        return carrier_limits.acquire_slot(session, carrier, now=now, interval=interval)


def wait_for_slot(carrier: str, calls_per_second: float) -> bool:
    """Wait a second or two until this worker may place a call by a carrier.

    Returns:
        False when no call is to be placed, or other workers used up the rate.
    """
    now, until = clock.now(), clock.now() + _TIMEOUT
    while now <= until:
        wait = acquire_slot(carrier, now=now, calls_per_second=calls_per_second)
        if not wait:
            return wait is not None
        if now + wait > until:
            return False
        clock.wait(wait)
        now = max(clock.now(), now + wait)
    return False


def lock_free_legs(session: Session, carrier: str, legs_at_once: int | None) -> bool:
    """Return whether the account may have one more call now, in the transaction that starts it.

    Each call counts with both its legs from its start, so that the second is never refused.

    Args:
        legs_at_once: how many the carrier allows; None for no limit.
    """
    if legs_at_once is None:
        return True
    advisory_lock(session, crc32(f"calls at once: {carrier}".encode()))
    counts = (
        sa.select(sa.func.count(model.id)).where(
            model.carrier == carrier, model.ended_at.is_(None), *conditions
        )
        for model, *conditions in (
            (Attempt, Attempt.channel == Channel.CARRIER, Attempt.state != AttemptState.QUEUED),
            (Offer, Offer.state != OfferState.QUEUED),
            (Listener, Listener.state != ListenerState.QUEUED),
            (InboundCall,),
        )
    )
    calls = sum(session.scalar(count) or 0 for count in counts)
    return (calls + 1) * _LEGS_OF_A_CALL <= legs_at_once


def resolve_region(carrier: str, region: str, *, admin_id: int, now: datetime) -> None:
    """Record that an admin resolved the rejection of a region by a carrier."""
    with transaction() as session:
        if carrier_failures.resolve_region(session, carrier, region):
            audit.record(
                session,
                at=now,
                actor=f"staff:{admin_id}",
                action="region_set_right",
                subject=f"region:{region}",
                carrier=carrier,
            )


def _has_call_to_place(session: Session, carrier: str, now: datetime) -> bool:
    attempt_is_due = sa.exists().where(
        outbox.is_due(Kind.PLACE_CALL, now),
        Attempt.id == OutboxRow.subject_id,
        Attempt.carrier == carrier,
    )
    offer_is_queued = sa.exists().where(
        Offer.state == OfferState.QUEUED, Offer.ended_at.is_(None), Offer.carrier == carrier
    )
    listener_is_queued = sa.exists().where(
        Listener.state == ListenerState.QUEUED,
        Listener.ended_at.is_(None),
        Listener.carrier == carrier,
    )
    is_due = sa.or_(attempt_is_due, offer_is_queued, listener_is_queued)
    return bool(session.scalar(sa.select(is_due)))
