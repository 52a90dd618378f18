"""Queries of the live view, without visitors' personal data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.callbacks.models import Callback, CallbackEvent
from helpline.callbacks.queue import DESK_OFFLINE_AFTER
from helpline.callbacks.transitions import staff_actor
from helpline.calls.inbound.models import InboundCall
from helpline.calls.models import Attempt, Channel, Offer
from helpline.calls.queries import answered_at
from helpline.calls.supervision.models import SupervisorEvent
from helpline.domain.call_progress import AttemptState
from helpline.domain.lifecycle import Status
from helpline.staff.models import Presence, PresenceState, Role, Staff

_A_DAY = timedelta(days=1)
SHOWN_FOR = timedelta(minutes=10)
"""How long an advisor's desk shows a supervisor's action."""


class Activity(StrEnum):
    """What an advisor is doing."""

    OFFERED = "offered"
    CLAIMED = "claimed"
    CALLING = "calling"
    TALKING = "talking"
    CALL_IN = "call_in"
    WRAP_UP = "wrap_up"
    AVAILABLE = "available"
    AWAY = "away"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class AdvisorStatus:
    """An advisor, what they are doing, since when, and with which callback.

    Args:
        desk_lost_at: the last poll of the desk of a busy advisor, where it polls no more: what they
            are doing may be out of date.
    """

    id: int
    name: str
    languages: tuple[str, ...]
    doing: Activity
    since: datetime | None
    callback_id: int | None = None
    desk_lost_at: datetime | None = None


def advisors(session: Session, now: datetime) -> list[AdvisorStatus]:
    """Return all advisors, busy ones first, by name."""
    rows = session.execute(
        sa.select(Staff.id, Staff.name, Staff.languages, Presence)
        .outerjoin(Presence, Presence.staff_id == Staff.id)
        .where(Staff.active, Staff.roles.any(Role.name == "advisor"))
        .order_by(Staff.name, Staff.id)
    ).all()
    busy = _claimed(session) | _talking(session) | _inbound_calls(session)
    offered = _offered(session)
    free_since = _idle_since(session, now)
    statuses = []
    for staff_id, name, languages, presence in rows:
        state = busy.get(staff_id) or offered.get(staff_id)
        is_lost = state and presence and presence.last_seen_at <= now - DESK_OFFLINE_AFTER
        doing, since, callback_id = state or _presence(presence, free_since.get(staff_id), now)
        statuses.append(
            AdvisorStatus(
                *(staff_id, name, tuple(languages), doing, since, callback_id),
                desk_lost_at=presence.last_seen_at if is_lost else None,
            )
        )
    return sorted(
        statuses, key=lambda status: list(Activity).index(status.doing) >= len(Activity) - 1
    )


def activity_of(
    session: Session, advisor_id: int, now: datetime
) -> tuple[Activity, datetime | None]:
    """Return what an advisor is doing, and since when."""
    busy = _claimed(session) | _talking(session) | _inbound_calls(session)
    state = busy.get(advisor_id) or _offered(session).get(advisor_id)
    if state is None:
        presence = session.get(Presence, advisor_id)
        state = _presence(presence, _idle_since(session, now, advisor_id).get(advisor_id), now)
    doing, since, _callback_id = state
    return doing, since


def actions_of(session: Session, callback_id: int) -> Sequence[SupervisorEvent]:
    """Return supervisors' actions on a callback, oldest first."""
    return session.scalars(
        sa.select(SupervisorEvent)
        .where(SupervisorEvent.callback_id == callback_id)
        .order_by(SupervisorEvent.id)
    ).all()


def actions_shown_to(session: Session, advisor_id: int, now: datetime) -> Sequence[SupervisorEvent]:
    """Return recent actions on callbacks that this advisor has, had, or gets."""
    return session.scalars(
        sa.select(SupervisorEvent)
        .where(is_action_shown_to(advisor_id, now - SHOWN_FOR))
        .order_by(SupervisorEvent.id)
    ).all()


def is_action_shown_to(
    advisor_id: int | sa.BindParameter[int], since: datetime | sa.BindParameter[datetime]
) -> sa.ColumnElement[bool]:
    """Return the condition of ``actions_shown_to``, for larger statements."""
    return sa.and_(
        SupervisorEvent.at > since,
        sa.or_(SupervisorEvent.from_staff == advisor_id, SupervisorEvent.to_staff == advisor_id),
    )


_State = tuple[Activity, datetime | None, int | None]


def _claimed(session: Session) -> dict[int, _State]:
    live = sa.func.count(Attempt.id).filter(Attempt.ended_at.is_(None))
    rows = session.execute(
        sa.select(
            Callback.claimed_by,
            Callback.id,
            Callback.status,
            Callback.claimed_at,
            live,
            sa.func.max(Attempt.created_at, type_=Attempt.created_at.type),
            sa.func.max(Attempt.ended_at, type_=Attempt.ended_at.type),
        )
        .outerjoin(Attempt, Attempt.callback_id == Callback.id)
        .where(Callback.status.in_((Status.CLAIMED, Status.CALLING)))
        .group_by(Callback.claimed_by, Callback.id, Callback.status, Callback.claimed_at)
    )
    states: dict[int, _State] = {}
    for advisor_id, callback_id, status, claimed_at, is_live, begun, ended in rows:
        if advisor_id is None:
            continue
        if status == Status.CLAIMED:
            states[advisor_id] = (Activity.CLAIMED, claimed_at, callback_id)
        elif is_live:
            states[advisor_id] = (Activity.CALLING, begun, callback_id)
        else:
            states[advisor_id] = (Activity.WRAP_UP, ended, callback_id)
    return states


def _talking(session: Session) -> dict[int, _State]:
    """Conversations in progress by advisor. Of a call from an own phone only its start is known."""
    rows = session.execute(
        sa.select(Attempt.advisor_id, Attempt.callback_id, Attempt.created_at, answered_at()).where(
            Attempt.ended_at.is_(None),
            sa.or_(Attempt.state == AttemptState.TALKING, Attempt.channel == Channel.OWN_PHONE),
        )
    )
    return {
        advisor_id: (Activity.TALKING, answered or begun, callback_id)
        for advisor_id, callback_id, begun, answered in rows
    }


def _idle_since(
    session: Session, now: datetime, advisor_id: int | None = None
) -> dict[int, datetime]:
    """Since when each advisor has been idle, within the last day.

    Args:
        advisor_id: only this one; None for all.
    """
    done = (
        sa.select(
            CallbackEvent.actor,
            sa.func.max(CallbackEvent.at, type_=CallbackEvent.at.type),
        )
        .where(
            CallbackEvent.actor.in_(
                [staff_actor(staff_id) for staff_id in _advisor_ids(session, advisor_id)]
            ),
            CallbackEvent.at > now - _A_DAY,
        )
        .group_by(CallbackEvent.actor)
    )
    ended = (
        sa.select(Attempt.advisor_id, sa.func.max(Attempt.ended_at, type_=Attempt.ended_at.type))
        .where(
            Attempt.ended_at > now - _A_DAY,
            Attempt.advisor_id == advisor_id if advisor_id else sa.true(),
        )
        .group_by(Attempt.advisor_id)
    )
    idle_since = {int(actor.removeprefix("staff:")): at for actor, at in session.execute(done)}
    for staff_id, at in session.execute(ended):
        if at is not None:
            idle_since[staff_id] = max(at, idle_since.get(staff_id, at))
    return idle_since


def _advisor_ids(session: Session, advisor_id: int | None) -> Sequence[int]:
    if advisor_id is not None:
        return (advisor_id,)
    return session.scalars(sa.select(Presence.staff_id)).all()


def _inbound_calls(session: Session) -> dict[int, _State]:
    rows = session.execute(
        sa.select(
            InboundCall.advisor_id, sa.func.coalesce(InboundCall.talked_at, InboundCall.began_at)
        ).where(InboundCall.advisor_id.is_not(None), InboundCall.ended_at.is_(None))
    )
    return {advisor_id: (Activity.CALL_IN, since, None) for advisor_id, since in rows if advisor_id}


def _offered(session: Session) -> dict[int, _State]:
    rows = session.execute(
        sa.select(Offer.advisor_id, Offer.created_at, Offer.callback_id).where(
            Offer.ended_at.is_(None)
        )
    )
    return {advisor: (Activity.OFFERED, since, callback) for advisor, since, callback in rows}


def _presence(presence: Presence | None, free_since: datetime | None, now: datetime) -> _State:
    if presence is None:
        return Activity.OFFLINE, None, None
    if presence.last_seen_at <= now - DESK_OFFLINE_AFTER:
        return Activity.OFFLINE, presence.last_seen_at, None
    doing = {
        PresenceState.AVAILABLE: Activity.AVAILABLE,
        PresenceState.AWAY: Activity.AWAY,
        PresenceState.OFFLINE: Activity.OFFLINE,
    }[PresenceState(presence.state)]
    if doing != Activity.AVAILABLE:
        return doing, presence.since, None
    ends = (presence.since, presence.call_in_ended_at, free_since)
    return doing, max(instant for instant in ends if instant is not None), None
