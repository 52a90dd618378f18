"""Slot capacity: a fixed number, or what the rota allows.

Read at every booking. Existing bookings stay when the rota shrinks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from helpline.domain.rota import Capacity, capacity
from helpline.hours import queries as hours
from helpline.hours.models import CapacityMode, ServicePolicy
from helpline.hours.queries import VisitorRules
from helpline.staff.rota import queries as rota


def capacities(
    session: Session,
    starts: Iterable[datetime],
    now: datetime,
    policy: ServicePolicy | VisitorRules | None = None,
) -> Mapping[datetime, Capacity]:
    """Return the capacity of each start.

    Args:
        policy: a policy other than the one in force, for a preview.
    """
    wanted = list(starts)
    policy = policy or hours.policy(session)
    if policy.capacity_mode == CapacityMode.FIXED or not wanted:
        return dict.fromkeys(wanted, Capacity(policy.slot_capacity))
    length = timedelta(minutes=policy.slot_minutes)
    zone = hours.in_force(session, now).zone
    begins, ends = min(wanted), max(wanted) + length
    dates = (begins.astimezone(zone).date(), ends.astimezone(zone).date())
    people = rota.members(session, dates)
    at_work = {person.id: person.rota.at_work(zone, begins, ends) for person in people}
    languages = {person.id: person.languages for person in people}
    share = policy.shift_share_percent
    return {start: capacity(start, length, at_work, languages, share) for start in wanted}


def capacity_at(
    session: Session, start: datetime, now: datetime, policy: VisitorRules | None = None
) -> Capacity:
    """Return the capacity of one start."""
    return capacities(session, [start], now, policy)[start]
