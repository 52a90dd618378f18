"""Slot capacity: a fixed number, or what the rota allows.

Read at every booking. Existing bookings stay when the rota shrinks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from helpline.domain.rota import Capacity, capacity
from helpline.hours import queries as hours_queries
from helpline.policy import queries as policy_queries
from helpline.policy.models import CapacityMode, ServicePolicy
from helpline.policy.queries import VisitorRules
from helpline.staff.rota import queries as rota_queries


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
    slot_starts = list(starts)
    policy = policy or policy_queries.current(session)
    if policy.capacity_mode == CapacityMode.FIXED or not slot_starts:
        return dict.fromkeys(slot_starts, Capacity(policy.slot_capacity))
    length = timedelta(minutes=policy.slot_minutes)
    zone = hours_queries.effective_hours(session, now).zone
    begins, ends = min(slot_starts), max(slot_starts) + length
    dates = (begins.astimezone(zone).date(), ends.astimezone(zone).date())
    members = rota_queries.members(session, dates)
    at_work = {member.id: member.rota.at_work(zone, begins, ends) for member in members}
    languages = {member.id: member.languages for member in members}
    share = policy.shift_share_percent
    return {start: capacity(start, length, at_work, languages, share) for start in slot_starts}


def capacity_at(
    session: Session, start: datetime, now: datetime, policy: VisitorRules | None = None
) -> Capacity:
    """Return the capacity of one start."""
    return capacities(session, [start], now, policy)[start]
