"""Reading the queue: who waits, how long, and behind how many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.accounts.models import Presence, PresenceState, Staff
from helpline.callbacks.models import Callback
from helpline.callbacks.numbers import resting
from helpline.domain.lifecycle import Status
from helpline.domain.queue_order import Priority, expected_wait_minutes

DESK_IS_SILENT_AFTER = timedelta(seconds=90)
USUAL_HANDLING_MINUTES = 15.0

ORDER = (Callback.priority, Callback.due_at, Callback.id)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row of the queue: enough to see how it stands, nothing of who it is."""

    id: int
    due_at: datetime
    slot_at: datetime | None
    priority: int
    language: str
    attempts_used: int
    wanted_advisor: int | None


def is_due(now: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    """What the queue is: who waits, is due, and whose number is not to be left alone for now."""
    return sa.and_(Callback.status == Status.WAITING, Callback.due_at <= now, ~resting.rests(now))


def is_open_to(advisor_id: int, now: datetime) -> sa.ColumnElement[bool]:
    """Which callbacks an advisor may have: all but those that want a colleague, and have not
    wanted them for too long yet."""
    return sa.or_(
        Callback.wanted_advisor.is_(None),
        Callback.wanted_advisor == advisor_id,
        Callback.wanted_until.is_(None),
        Callback.wanted_until <= now,
    )


def order_for(advisor_id: int) -> tuple[sa.ColumnExpressionArgument[Any], ...]:
    """The order for one advisor: what is urgent, then who wants them, then as for everybody."""
    urgent_first = sa.case((Callback.priority == Priority.URGENT, 0), else_=1)
    mine_first = sa.case((Callback.wanted_advisor == advisor_id, 0), else_=1)
    return (urgent_first, mine_first, *ORDER)


def waiting_list(session: Session, now: datetime, limit: int = 50) -> Sequence[Waiting]:
    """The callbacks that are due, in the order in which they will be taken."""
    columns = (
        Callback.id,
        Callback.due_at,
        Callback.slot_at,
        Callback.priority,
        Callback.language,
        Callback.attempts_used,
        sa.case((Callback.wanted_until > now, Callback.wanted_advisor)),
    )
    rows = session.execute(sa.select(*columns).where(is_due(now)).order_by(*ORDER).limit(limit))
    return [Waiting(*row) for row in rows]


def due_count(session: Session, now: datetime) -> int:
    """How many are due."""
    return session.scalar(sa.select(sa.func.count(Callback.id)).where(is_due(now))) or 0


def later_count(session: Session, now: datetime) -> int:
    """How many wait for a later time: booked, or pausing before the next try."""
    later = sa.and_(Callback.status == Status.WAITING, Callback.due_at > now)
    return session.scalar(sa.select(sa.func.count(Callback.id)).where(later)) or 0


def in_hand_count(session: Session) -> int:
    """How many are in an advisor's hands."""
    in_hand = Callback.status.in_((Status.CLAIMED, Status.CALLING))
    return session.scalar(sa.select(sa.func.count(Callback.id)).where(in_hand)) or 0


def held_by(session: Session, advisor_id: int) -> Callback | None:
    """The callback an advisor has in hand, if any."""
    return session.scalar(
        sa.select(Callback).where(
            Callback.claimed_by == advisor_id,
            Callback.status.in_((Status.CLAIMED, Status.CALLING)),
        )
    )


def ahead_of(session: Session, priority: int, due_at: datetime, now: datetime) -> int:
    """How many that are due come before a callback of this priority and time."""
    return session.scalar(count_ahead(priority, due_at, now)) or 0


def count_ahead(
    priority: int | sa.BindParameter[int],
    due_at: datetime | sa.BindParameter[datetime],
    now: datetime | sa.BindParameter[datetime],
) -> sa.Select[int]:
    """What ``ahead_of`` asks, for those who ask more in one statement."""
    before = sa.or_(
        Callback.priority < priority,
        sa.and_(Callback.priority == priority, Callback.due_at < due_at),
    )
    return sa.select(sa.func.count(Callback.id)).where(is_due(now), before)


def advisors_there(session: Session, now: datetime) -> int:
    """How many advisors are at their desks and not away."""
    return session.scalar(count_there(now - DESK_IS_SILENT_AFTER)) or 0


def count_there(since: datetime | sa.BindParameter[datetime]) -> sa.Select[int]:
    """What ``advisors_there`` asks, for those who ask more in one statement.

    Args:
        since: their desks were heard of after this.
    """
    return (
        sa.select(sa.func.count(Presence.staff_id))
        .join(Staff, Staff.id == Presence.staff_id)
        .where(
            Staff.active,
            Presence.state == PresenceState.AVAILABLE,
            Presence.last_seen_at > since,
        )
    )


def likely_wait_minutes(session: Session, ahead: int, now: datetime) -> int | None:
    """How long somebody with so many ahead will likely wait; None when no advisor is there."""
    return wait_minutes(ahead, advisors_there(session, now))


def wait_minutes(ahead: int, there: int) -> int | None:
    """The same, where the number of advisors there is known."""
    return expected_wait_minutes(ahead, there, USUAL_HANDLING_MINUTES)
