"""What the status line of an advisor's desk shows, in one statement: a desk polls it all day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from helpline.callbacks import dispatch_pause
from helpline.callbacks.dispatch_pause import Pause
from helpline.callbacks.models import Callback, DispatchPause
from helpline.callbacks.queue import is_claimed_by
from helpline.calls.inbound.models import InboundCall
from helpline.calls.listening.models import Listener
from helpline.calls.listening.queries import HEARS
from helpline.calls.models import Attempt, Channel, Offer, OfferState
from helpline.calls.queries import answered_at
from helpline.calls.supervision.models import HelpRequest
from helpline.calls.supervision.queries import SHOWN_FOR, is_action_shown_to
from helpline.db import DataclassBundle, Instant, db
from helpline.domain.call_progress import AttemptResult, AttemptState, Screening
from helpline.domain.lifecycle import Status
from helpline.hours import queries as hours_queries
from helpline.hours.queries import OpenState
from helpline.messaging.undelivered_sms import SHOWN_TO_ADVISOR_FOR, is_failed_crisis_text_of
from helpline.staff.models import Presence, SignedInStaff, Staff
from helpline.staff.sessions import queries as session_queries
from helpline.telephony import carrier_routes
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
class ListenerStatus:
    """The supervisor who listens to the current call."""

    name: str
    joined: bool


@dataclass(frozen=True, slots=True)
class HelpStatus:
    """The advisor's open call for help; ``acknowledged_by`` is the name of who has seen it."""

    asked_at: datetime
    acknowledged_by: str | None


@dataclass(frozen=True, slots=True)
class DeskStatus:
    """The state of an advisor's desk.

    Args:
        offer: the state of the live offer, under automatic dispatch.
        away_by_misses: whether they were set to break because they missed offers.
        answered_at: when the visitor answered the newest attempt.
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
    answered_at: datetime | None
    refused_at: datetime | None
    has_actions: bool
    has_failed_texts: bool
    help: HelpStatus | None
    pause: Pause | None
    listener: ListenerStatus | None


def desk_status(session: Session, advisor_id: int, now: datetime) -> DeskStatus:
    row = session.execute(_of_advisor(), {"advisor": advisor_id, **_since(now)}).one()
    return _read(row, now)


def desk_status_of_session(
    key: str, *, now: datetime, idle: timedelta
) -> tuple[SignedInStaff, DeskStatus] | None:
    """Return the owner of a session key and their desk's state; None if the session is over."""
    params = session_queries.session_params(key, now=now, idle=idle)
    row = db.session.execute(_of_session(), params | _since(now)).first()
    if row is None:
        return None
    return session_queries.read_signed_in(row, now), _read(row, now)


def _since(now: datetime) -> dict[str, datetime]:
    return {"now": now, "actions_since": now - SHOWN_FOR, "texts_since": now - SHOWN_TO_ADVISOR_FOR}


def _read(row: Any, now: datetime) -> DeskStatus:
    return DeskStatus(
        hours=hours_queries.open_state(row.stored_plan, now),
        callback=row.callback,
        attempt=row.attempt,
        inbound=row.inbound,
        offer=row.offer_state,
        away_by_misses=bool(row.away_by_misses),
        answered_at=row.answered_at,
        refused_at=row.refused_at,
        has_actions=row.has_actions,
        has_failed_texts=row.has_failed_texts,
        pause=row.pause,
        listener=ListenerStatus(row.listener_name, row.joined_at is not None)
        if row.listener_name
        else None,
        help=HelpStatus(row.help_asked_at, row.help_acknowledged_by) if row.help_asked_at else None,
    )


@cache
def _of_advisor() -> sa.Select[*tuple[Any, ...]]:
    advisor_id = sa.bindparam("advisor", type_=sa.Integer)
    advisor = sa.select().select_from(Staff).where(Staff.id == advisor_id)
    return _with_status(advisor, Staff.id)


@cache
def _of_session() -> sa.Select[*tuple[Any, ...]]:
    return _with_status(session_queries.session_query(), session_queries.SESSION_STAFF_ID)


def _with_status(start: sa.Select[Any], advisor: Any) -> sa.Select[*tuple[Any, ...]]:
    actions_since = sa.bindparam("actions_since", type_=Instant)
    texts_since = sa.bindparam("texts_since", type_=Instant)
    supervisor, pauser, listening = aliased(Staff), aliased(Staff), aliased(Staff)
    newest = (
        sa.select(sa.func.max(Attempt.id))
        .where(Attempt.callback_id == Callback.id)
        .correlate(Callback)
        .scalar_subquery()
    )
    return (
        start.add_columns(
            DataclassBundle("callback", CurrentCallback, Callback),
            DataclassBundle("attempt", NewestAttempt, Attempt),
            DataclassBundle("inbound", InboundStatus, InboundCall),
            hours_queries.STORED_PLAN,
            Offer.state.label("offer_state"),
            Presence.away_by_misses,
            answered_at().label("answered_at"),
            RefusedRegion.refused_at,
            HelpRequest.asked_at.label("help_asked_at"),
            supervisor.name.label("help_acknowledged_by"),
            listening.name.label("listener_name"),
            Listener.joined_at,
            DataclassBundle("pause", Pause, DispatchPause, by=pauser.name),
            sa.exists().where(is_action_shown_to(advisor, actions_since)).label("has_actions"),
            sa.exists()
            .where(is_failed_crisis_text_of(advisor, texts_since))
            .label("has_failed_texts"),
        )
        .outerjoin(Callback, is_claimed_by(advisor))
        .outerjoin(Attempt, Attempt.id == newest)
        .outerjoin(
            Listener,
            sa.and_(Listener.attempt_id == Attempt.id, Listener.ended_at.is_(None), HEARS),
        )
        .outerjoin(listening, listening.id == Listener.supervisor_id)
        .outerjoin(
            InboundCall,
            sa.and_(InboundCall.advisor_id == advisor, InboundCall.ended_at.is_(None)),
        )
        .outerjoin(Offer, sa.and_(Offer.advisor_id == advisor, Offer.ended_at.is_(None)))
        .outerjoin(Presence, Presence.staff_id == advisor)
        .outerjoin(
            RefusedRegion,
            sa.and_(
                RefusedRegion.region == Callback.phone_region,
                carrier_routes.is_of_route(RefusedRegion.carrier, Callback.phone_region),
            ),
        )
        .outerjoin(
            HelpRequest,
            sa.and_(HelpRequest.advisor_id == advisor, HelpRequest.ended_at.is_(None)),
        )
        .outerjoin(supervisor, supervisor.id == HelpRequest.acknowledged_by)
        .outerjoin(DispatchPause, dispatch_pause.is_in_force(sa.bindparam("now", type_=Instant)))
        .outerjoin(pauser, pauser.id == DispatchPause.by_staff)
        .outerjoin(hours_queries.NEWEST_PLAN, sa.true())
    )
