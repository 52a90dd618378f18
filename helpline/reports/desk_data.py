"""What the status line of an advisor's desk shows, in one statement: a desk polls it all day."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks.models import Callback
from helpline.callbacks.queue import is_claimed_by
from helpline.calls.inbound.models import InboundCall
from helpline.calls.models import Attempt, Channel, Offer, OfferState
from helpline.calls.supervision.queries import SHOWN_FOR, is_action_shown_to
from helpline.db import ONE_ROW, Instant, db
from helpline.domain.call_progress import AttemptResult, AttemptState, Screening
from helpline.domain.lifecycle import Status
from helpline.hours import queries as hours_queries
from helpline.hours.queries import OpenState
from helpline.messaging.undelivered_sms import SHOWN_TO_ADVISOR_FOR, is_failed_crisis_text_of
from helpline.staff.models import Presence, SignedInStaff
from helpline.staff.sessions import queries as session_queries
from helpline.telephony.models import RefusedRegion


@dataclass(frozen=True, slots=True)
class CurrentCallback:
    """What the status line shows of the current callback."""

    id: int
    status: Status
    phone: str
    phone_region: str
    claimed_at: datetime | None
    claim_ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewestAttempt:
    """What it shows of the newest attempt to call them."""

    id: int
    channel: Channel
    state: AttemptState
    result: AttemptResult | None
    problem: str | None
    screening: Screening | None
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class InboundStatus:
    """What it shows of the inbound call that occupies the advisor's line."""

    id: int
    advisor_call: str | None
    talked_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeskStatus:
    """The state of an advisor's desk.

    Args:
        offer: the state of the live offer, under automatic dispatch.
        away_by_misses: whether they were set to break because they missed offers.
        refused_at: when the carrier last refused the region of the current callback.
        has_actions: whether there are recent actions of supervisors.
        has_failed_texts: whether crisis numbers that they sent were not delivered.
    """

    hours: OpenState
    callback: CurrentCallback | None
    attempt: NewestAttempt | None
    inbound: InboundStatus | None
    offer: OfferState | None
    away_by_misses: bool
    refused_at: datetime | None
    has_actions: bool
    has_failed_texts: bool


def desk_status(session: Session, advisor_id: int, now: datetime) -> DeskStatus:
    row = session.execute(_of_advisor(), {"advisor": advisor_id, **_since(now)}).one()
    return _read(row[:], now)


def desk_status_of_session(
    key: str, *, now: datetime, idle: timedelta
) -> tuple[SignedInStaff, DeskStatus] | None:
    """Return the owner of a session key and their desk's state; None if the session is over."""
    params = session_queries.session_params(key, now=now, idle=idle)
    row = db.session.execute(_of_session(), params | _since(now)).first()
    if row is None:
        return None
    session_columns = len(session_queries.session_query().selected_columns)
    return session_queries.read_signed_in(row, now), _read(row[session_columns:], now)


def _since(now: datetime) -> dict[str, datetime]:
    return {"actions_since": now - SHOWN_FOR, "texts_since": now - SHOWN_TO_ADVISOR_FOR}


_PARTS = (
    (CurrentCallback, Callback),
    (NewestAttempt, Attempt),
    (InboundStatus, InboundCall),
)
"""What is read of a row of each model, if there is one."""


def _read(row: Any, now: datetime) -> DeskStatus:
    parts: list[Any] = []
    for kind, _model in _PARTS:
        width = len(fields(kind))
        parts.append(kind(*row[:width]) if row[0] is not None else None)
        row = row[width:]
    offer, away_by_misses, refused_at, has_actions, has_failed_texts, *plan = row
    callback, attempt, inbound = parts
    return DeskStatus(
        hours=hours_queries.open_state(plan, now),
        callback=callback,
        attempt=attempt,
        inbound=inbound,
        offer=offer,
        away_by_misses=bool(away_by_misses),
        refused_at=refused_at,
        has_actions=has_actions,
        has_failed_texts=has_failed_texts,
    )


@cache
def _of_advisor() -> sa.Select[*tuple[Any, ...]]:
    advisor = sa.bindparam("advisor", type_=sa.Integer)
    return _with_status(sa.select().select_from(ONE_ROW), advisor)


@cache
def _of_session() -> sa.Select[*tuple[Any, ...]]:
    return _with_status(session_queries.session_query(), session_queries.SESSION_STAFF_ID)


def _with_status(start: sa.Select[Any], advisor: Any) -> sa.Select[*tuple[Any, ...]]:
    actions_since = sa.bindparam("actions_since", type_=Instant)
    texts_since = sa.bindparam("texts_since", type_=Instant)
    plan = hours_queries.newest_plan().subquery("plan")
    newest = (
        sa.select(sa.func.max(Attempt.id))
        .where(Attempt.callback_id == Callback.id)
        .correlate(Callback)
        .scalar_subquery()
    )
    return (
        start.add_columns(
            *(
                getattr(model, item.name).label(f"{model.__tablename__}_{item.name}")
                for kind, model in _PARTS
                for item in fields(kind)
            ),
            Offer.state.label("offer_state"),
            Presence.away_by_misses,
            RefusedRegion.refused_at,
            sa.exists().where(is_action_shown_to(advisor, actions_since)),
            sa.exists().where(is_failed_crisis_text_of(advisor, texts_since)),
            *plan.c,
        )
        .outerjoin(Callback, is_claimed_by(advisor))
        .outerjoin(Attempt, Attempt.id == newest)
        .outerjoin(
            InboundCall,
            sa.and_(InboundCall.advisor_id == advisor, InboundCall.ended_at.is_(None)),
        )
        .outerjoin(Offer, sa.and_(Offer.advisor_id == advisor, Offer.ended_at.is_(None)))
        .outerjoin(Presence, Presence.staff_id == advisor)
        .outerjoin(RefusedRegion, RefusedRegion.region == Callback.phone_region)
        .outerjoin(plan, sa.true())
    )
