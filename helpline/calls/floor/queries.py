"""Reading the floor. Nothing here says who a visitor is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.accounts.models import Presence, PresenceState, Role, Staff
from helpline.callbacks.models import Callback
from helpline.calls.floor.models import FloorDeed
from helpline.calls.inbound.models import InboundCall
from helpline.calls.models import Attempt, Offer
from helpline.domain.lifecycle import Status
from helpline.queue.queries import DESK_IS_SILENT_AFTER, is_due

TOLD_FOR = timedelta(minutes=10)
"""So long an advisor's desk says what a supervisor did."""


class Doing(StrEnum):
    """What an advisor is on."""

    OFFERED = "offered"
    CLAIMED = "claimed"
    CALLING = "calling"
    CALL_IN = "call_in"
    WRAP_UP = "wrap_up"
    AVAILABLE = "available"
    AWAY = "away"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class OnTheFloor:
    """An advisor, what they are on, since when, and with which callback."""

    id: int
    name: str
    languages: tuple[str, ...]
    doing: Doing
    since: datetime | None
    callback_id: int | None = None


@dataclass(frozen=True, slots=True)
class Waits:
    """How many wait in a language, and since when the first of them does."""

    language: str
    count: int
    oldest: datetime


def advisors(session: Session, now: datetime) -> list[OnTheFloor]:
    """Every advisor: those who are on something first, by name."""
    rows = session.execute(
        sa.select(Staff.id, Staff.name, Staff.languages, Presence)
        .outerjoin(Presence, Presence.staff_id == Staff.id)
        .where(Staff.active, Staff.roles.any(Role.name == "advisor"))
        .order_by(Staff.name, Staff.id)
    ).all()
    busy = _in_hand(session) | _calls_in(session)
    offered = _offered(session)
    found = []
    for staff_id, name, languages, presence in rows:
        doing, since, callback_id = (
            busy.get(staff_id) or offered.get(staff_id) or _presence(presence, now)
        )
        found.append(OnTheFloor(staff_id, name, tuple(languages), doing, since, callback_id))
    return sorted(found, key=lambda each: list(Doing).index(each.doing) >= len(Doing) - 1)


def waiting_by_language(session: Session, now: datetime) -> list[Waits]:
    """Who is due, by language, the longest wait first."""
    rows = session.execute(
        sa.select(
            Callback.language,
            sa.func.count(Callback.id),
            sa.func.min(Callback.due_at).label("oldest"),
        )
        .where(is_due(now))
        .group_by(Callback.language)
        .order_by("oldest")
    )
    return [Waits(*row) for row in rows]


def deeds_of(session: Session, callback_id: int) -> Sequence[FloorDeed]:
    """What supervisors did with a callback, oldest first."""
    return session.scalars(
        sa.select(FloorDeed).where(FloorDeed.callback_id == callback_id).order_by(FloorDeed.id)
    ).all()


def deeds_told_to(session: Session, advisor_id: int, now: datetime) -> Sequence[FloorDeed]:
    """What was lately done with what this advisor has, had, or is to have."""
    return session.scalars(
        sa.select(FloorDeed)
        .where(
            FloorDeed.at > now - TOLD_FOR,
            sa.or_(FloorDeed.from_staff == advisor_id, FloorDeed.to_staff == advisor_id),
        )
        .order_by(FloorDeed.id)
    ).all()


_State = tuple[Doing, datetime | None, int | None]


def _in_hand(session: Session) -> dict[int, _State]:
    """By advisor: a callback before the call, in it, or in its wrap-up."""
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
    found: dict[int, _State] = {}
    for advisor_id, callback_id, status, claimed_at, is_live, begun, ended in rows:
        if advisor_id is None:
            continue
        if status == Status.CLAIMED:
            found[advisor_id] = (Doing.CLAIMED, claimed_at, callback_id)
        elif is_live:
            found[advisor_id] = (Doing.CALLING, begun, callback_id)
        else:
            found[advisor_id] = (Doing.WRAP_UP, ended, callback_id)
    return found


def _calls_in(session: Session) -> dict[int, _State]:
    rows = session.execute(
        sa.select(
            InboundCall.advisor_id, sa.func.coalesce(InboundCall.talked_at, InboundCall.began_at)
        ).where(InboundCall.advisor_id.is_not(None), InboundCall.ended_at.is_(None))
    )
    return {advisor_id: (Doing.CALL_IN, since, None) for advisor_id, since in rows if advisor_id}


def _offered(session: Session) -> dict[int, _State]:
    rows = session.execute(
        sa.select(Offer.advisor_id, Offer.created_at, Offer.callback_id).where(
            Offer.ended_at.is_(None)
        )
    )
    return {advisor: (Doing.OFFERED, since, callback) for advisor, since, callback in rows}


def _presence(presence: Presence | None, now: datetime) -> _State:
    if presence is None:
        return Doing.OFFLINE, None, None
    if presence.last_seen_at <= now - DESK_IS_SILENT_AFTER:
        return Doing.OFFLINE, presence.last_seen_at, None
    doing = {
        PresenceState.AVAILABLE: Doing.AVAILABLE,
        PresenceState.AWAY: Doing.AWAY,
        PresenceState.OFFLINE: Doing.OFFLINE,
    }[PresenceState(presence.state)]
    return doing, presence.since, None
