"""Attempts of which nothing was heard for too long: what to ask the carrier, and what follows.

Never is a call asked for again on a guess. Few are asked about at a time, and each of them only
now and then, so that a silent carrier is not flooded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from helpline.accounts.models import Staff
from helpline.calls import attempts
from helpline.calls.models import Attempt, Channel, EventKind, Offer
from helpline.db import ONE, changed_one, transaction
from helpline.domain.call_progress import (
    FINAL,
    AttemptResult,
    AttemptState,
    CarrierStatus,
    Leg,
)
from helpline.domain.unreadable import if_readable
from helpline.telephony.words import Problem

_TALKING_MAY_BE_SILENT = 10
_SEQUENCE = {status: place for place, status in enumerate(CarrierStatus)}


@dataclass(frozen=True, slots=True)
class Silent:
    """An attempt to ask the carrier about."""

    attempt_id: int
    advisor_call: str | None
    advisor_number: str | None
    placing_at: datetime


def take_silent(*, now: datetime, silent_after: timedelta) -> Silent | None:
    """Takes one attempt of which nothing was heard for ``silent_after``, so that no other worker
    asks about it too; it is not taken again before that time has passed once more."""
    with transaction() as session:
        attempt = session.scalar(
            sa.select(Attempt)
            .where(
                Attempt.ended_at.is_(None),
                Attempt.channel == Channel.CARRIER,
                Attempt.state != AttemptState.QUEUED,
                Attempt.heard_at <= now - silent_after,
                sa.or_(
                    Attempt.state != AttemptState.TALKING,
                    Attempt.heard_at <= now - _TALKING_MAY_BE_SILENT * silent_after,
                ),
            )
            .order_by(Attempt.heard_at)
            .limit(ONE)
            .with_for_update(skip_locked=True)
        )
        if attempt is None or not changed_one(
            session,
            sa.update(Attempt)
            .where(Attempt.id == attempt.id, Attempt.heard_at == attempt.heard_at)
            .values(heard_at=now),
        ):
            return None
        advisor = session.get_one(Staff, attempt.advisor_id)
        return Silent(
            attempt.id,
            attempt.advisor_call,
            if_readable(advisor.phone),
            attempt.placing_at or attempt.created_at,
        )


def unclaimed(calls: list[str]) -> list[str]:
    """Of these carrier ids, those that belong to no attempt yet."""
    with transaction() as session:
        known = session.scalars(
            sa.select(Attempt.advisor_call)
            .where(Attempt.advisor_call.in_(calls))
            .union_all(sa.select(Offer.call).where(Offer.call.in_(calls)))
        ).all()
        return [call for call in calls if call not in set(known)]


def found(
    attempt_id: int,
    call: str,
    advisor: CarrierStatus,
    visitor: tuple[str, CarrierStatus] | None,
    *,
    now: datetime,
) -> None:
    """Takes in what the carrier said when asked.

    Args:
        call: the carrier's id of the advisor's leg.
        advisor: how that leg stands.
        visitor: the id of the visitor's leg and how it stands, if there is one.
    """
    with transaction() as session:
        attempt = attempts.hold(session, attempt_id)
        assert attempt is not None
        seen = [(Leg.ADVISOR, call, advisor)]
        if visitor is not None:
            seen.append((Leg.VISITOR, *visitor))
        for leg, sid, status in seen:
            attempts.note(
                session,
                attempt,
                kind=EventKind.LOOKED_UP,
                leg=leg,
                call=sid,
                status=status,
                sequence=_SEQUENCE[status],
                error_code=None,
                now=now,
            )
        attempts.move_on(session, attempt, now=now, sure=advisor in FINAL)


def not_found(attempt_id: int, *, now: datetime, lost_after: timedelta) -> None:
    """The carrier knows no such call. Once that can no longer be a delay, the call was not made
    and the advisor may try again; should it ring after all, its webhook is told to hang up."""
    with transaction() as session:
        attempt = attempts.hold(session, attempt_id)
        assert attempt is not None
        asked_at = attempt.placing_at or attempt.created_at
        if attempt.advisor_call is None and asked_at + lost_after <= now:
            attempts.settle(
                session,
                attempt,
                AttemptResult.NOT_PLACED,
                rang=False,
                now=now,
                problem=Problem.LOST,
            )
