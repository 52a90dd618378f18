"""The account's calls per second, kept by all workers together, and what the carrier refuses."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.calls import carrier_failures
from helpline.calls.models import Offer, OfferState
from helpline.db import db, transaction
from helpline.messages import outbox
from helpline.messages.models import Kind
from helpline.privacy import audit
from helpline.telephony import allowance


def take_turn(*, now: datetime, calls_per_second: float) -> timedelta | None:
    """Takes the turn to ask the carrier for a call; while this worker has it nobody else does.

    Returns:
        Zero when it is taken; else how long it is until the next one; None when nothing is to be
        asked for.
    """
    if not _something_to_place(db.session(), now):
        return None
    with transaction() as session:
        interval = timedelta(seconds=1 / calls_per_second)
        return allowance.take_turn(session, now=now, interval=interval)


def carrier_too_busy(*, now: datetime) -> None:
    """The carrier said 429, or was out of reach: all workers wait, longer each time."""
    with transaction() as session:
        allowance.slow_down(session, now=now)


def region_set_right(region: str, *, admin_id: int, now: datetime) -> None:
    """An admin says that the carrier may ring a region now."""
    with transaction() as session:
        if carrier_failures.region_set_right(session, region):
            audit.record(
                session,
                at=now,
                actor=f"staff:{admin_id}",
                deed="region_set_right",
                subject=f"region:{region}",
            )


def _something_to_place(session: Session, now: datetime) -> bool:
    return bool(session.scalar(_SOMETHING_TO_PLACE, {"now": now}))


_SOMETHING_TO_PLACE = sa.select(
    sa.or_(
        sa.exists().where(outbox.is_due(Kind.PLACE_CALL)),
        sa.exists().where(Offer.state == OfferState.QUEUED, Offer.ended_at.is_(None)),
    )
)
