"""Reading the hours in force and the policy."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.domain.opening_hours import (
    Closure,
    Interval,
    OpeningHours,
    SpecialDay,
    Week,
    WeekVersion,
)
from helpline.domain.retries import RetryPolicy
from helpline.domain.slots import SlotPolicy
from helpline.hours.models import (
    CapacityMode,
    ClosureRow,
    Dispatch,
    ServicePolicy,
    SpecialDayRow,
    WeekSave,
)

DEFAULT_WEEK = Week.every_day(Interval.parse("10:00", "18:00"))
DEFAULT_ZONE = "Asia/Kolkata"
_PAST_DAYS_THAT_MATTER = 2


def newest_save(session: Session) -> WeekSave | None:
    """The weekly hours as last saved; None until the set-up has run."""
    return session.scalar(sa.select(WeekSave).order_by(WeekSave.version.desc()).limit(1))


def default_save() -> WeekSave:
    """The week of a new deployment, not yet stored."""
    return WeekSave(version=0, time_zone=DEFAULT_ZONE, week=DEFAULT_WEEK.to_data())


def in_force(session: Session, now: datetime) -> OpeningHours:
    """The opening hours that hold now and from now on.

    Past special days and closures are left out, so that years of them cost nothing.
    """
    saved = newest_save(session)
    since = now - timedelta(days=_PAST_DAYS_THAT_MATTER)
    special = session.scalars(
        sa.select(SpecialDayRow).where(SpecialDayRow.day >= since.date()).order_by("day")
    )
    closures = session.scalars(sa.select(ClosureRow).where(ClosureRow.ends_at > since))
    return OpeningHours(
        zone=ZoneInfo(saved.time_zone if saved else DEFAULT_ZONE),
        versions=(WeekVersion(None, Week.from_data(saved.week) if saved else DEFAULT_WEEK),),
        special_days=tuple(
            SpecialDay(row.day, tuple(Interval.parse(a, b) for a, b in row.intervals))
            for row in special
        ),
        closures=tuple(Closure(row.starts_at, row.ends_at) for row in closures),
    )


def policy(session: Session) -> ServicePolicy:
    """How callbacks are treated, as an admin set it; the defaults until then."""
    stored = session.get(ServicePolicy, 1)
    return stored if stored is not None else default_policy()


def default_policy() -> ServicePolicy:
    """The policy of a new deployment, not yet stored."""
    return ServicePolicy(
        id=1,
        version=1,
        slot_minutes=30,
        slot_capacity=2,
        capacity_mode=CapacityMode.FIXED,
        shift_share_percent=50,
        slot_days_ahead=7,
        slot_lead_minutes=30,
        last_start_minutes=30,
        max_attempts=3,
        retry_pauses_minutes=[15, 60],
        claim_minutes=5,
        wrap_up_minutes=10,
        expire_after_days=7,
        wanted_grace_minutes=10,
        dispatch=Dispatch.PULL,
        push_ring_at_once=1,
        misses_until_away=3,
        hand_deadline_minutes=15,
    )


def slot_policy(policy: ServicePolicy) -> SlotPolicy:
    """The part of the policy that makes slots."""
    return SlotPolicy(
        length_minutes=policy.slot_minutes,
        days_ahead=policy.slot_days_ahead,
        lead_minutes=policy.slot_lead_minutes,
        last_start_before_close_minutes=policy.last_start_minutes,
    )


def retry_policy(policy: ServicePolicy) -> RetryPolicy:
    """The part of the policy that says when to try again."""
    return RetryPolicy(
        max_attempts=policy.max_attempts, pauses_minutes=tuple(policy.retry_pauses_minutes)
    )


def imagined(policy: ServicePolicy, **changes: Any) -> ServicePolicy:
    """The policy as it would be with these values, to see what would come of it. Not stored."""
    known = {each.key: getattr(policy, each.key) for each in sa.inspect(ServicePolicy).columns}
    return ServicePolicy(**(known | changes))
