"""Changing the hours as an admin does, and looking at who is booked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from helpline import clock
from helpline.callbacks import change_hours
from helpline.callbacks.models import Callback, CallbackEvent
from helpline.callbacks.rescheduling import Approval, NeedsApproval, ReschedulingOutcome
from helpline.db import db
from helpline.domain.hours_plan import HoursPlan
from helpline.domain.lifecycle import Event, Status
from helpline.domain.opening_hours import Interval, Week
from helpline.hours import queries

BOSS = 7


def day(*hours: str) -> tuple[Interval, ...]:
    return tuple(Interval.parse(*each.split("-")) for each in hours)


def daily(*hours: str) -> Callable[[HoursPlan], HoursPlan]:
    """The same hours every day, from now on."""
    return lambda plan: plan.with_week(Week.every_day(*day(*hours)), today=clock.now().date())


def change(
    edit: Callable[[HoursPlan], HoursPlan], agreed: Approval | None = None
) -> ReschedulingOutcome:
    """An admin saves; raises WouldStrand where booked callbacks are in the way."""
    db.session.rollback()
    saved = queries.newest_version(db.session())
    try:
        return change_hours.change_opening_hours(
            edit(queries.plan_of(saved)),
            expected_version=saved.version if saved else 0,
            action="hours_changed",
            staff_id=BOSS,
            now=clock.now(),
            agreed=agreed,
        )
    finally:
        db.session.rollback()


def shown(edit: Callable[[HoursPlan], HoursPlan]) -> ReschedulingOutcome:
    """What an admin is shown before anything is saved."""
    try:
        change(edit)
    except NeedsApproval as problem:
        return problem.settled
    raise AssertionError("nothing was in the way")


def agree(
    edit: Callable[[HoursPlan], HoursPlan], *, off_slots_too: bool = False
) -> ReschedulingOutcome:
    """An admin sees what is in the way, and agrees."""
    return change(edit, Approval(shown(edit).digest, off_slots_too))


def wall(at: datetime | None) -> str:
    """ "24 10:30": day and time on the helpline's wall."""
    zone = queries.plan(db.session()).zone
    return f"{at.astimezone(zone):%d %H:%M}" if at else "none"


def booked(*tokens_or_ids: int) -> list[str]:
    """The booked times of callbacks."""
    db.session.rollback()
    return [wall(db.session.get_one(Callback, each).slot_at) for each in tokens_or_ids]


def moved_by_us(callback_id: int) -> int:
    """How often we moved a callback."""
    return len(
        db.session.scalars(
            sa.select(CallbackEvent).where(
                CallbackEvent.callback_id == callback_id,
                CallbackEvent.event.in_((Event.MOVE, Event.MOVE_JOINED)),
                CallbackEvent.actor == f"staff:{BOSS}",
            )
        ).all()
    )


def outside_now(now: datetime) -> list[int]:
    """Who is promised a time at which we are closed."""
    hours = queries.effective_hours(db.session(), now)
    return [
        each.id
        for each in db.session.scalars(
            sa.select(Callback).where(
                Callback.status.in_((Status.WAITING, Status.JOINED)),
                Callback.slot_at == Callback.due_at,
                Callback.slot_at > now,
            )
        )
        if each.slot_at and not hours.is_open(each.slot_at)
    ]
