"""Change the capacity policy, which can affect bookings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from helpline.callbacks import rescheduling
from helpline.callbacks.rescheduling import Approval, ReschedulingOutcome
from helpline.db import retry_on_deadlock, transaction
from helpline.domain.slots import require_any_slot
from helpline.hours import locking
from helpline.hours import queries as hours_queries
from helpline.policy import queries as policy_queries
from helpline.policy.change import audit_change, change_policy
from helpline.policy.numbers import CAPACITY


@retry_on_deadlock
def save_capacity(
    values: Mapping[str, Any],
    *,
    expected_version: int,
    admin_id: int,
    now: datetime,
    agreed: Approval | None = None,
) -> ReschedulingOutcome:
    """Save and apply the capacity policy.

    Bookings stay, and keep their time where it is no longer a slot, unless the admin chooses to
    reschedule them.

    Args:
        values: by column of the policy.
        expected_version: the version of the policy that the admin edited.
        agreed: what the admin agreed to for booked callbacks.

    Returns:
        The effect on booked callbacks.

    Raises:
        StaleVersion: another admin saved in between; nothing was saved.
        NeedsApproval: the effect on booked callbacks was not agreed to; nothing was saved.
        InvalidPolicy: a number is out of its bounds, or with the current weekly hours nothing could
            ever be booked.
    """
    with transaction() as session:
        locking.lock_exclusive(session)
        old_schedule = rescheduling.snapshot(session, now)
        before = change_policy(session, expected_version=expected_version, **values)
        slots = policy_queries.slot_policy(policy_queries.current(session))
        require_any_slot(hours_queries.plan(session).weekly_hours(now), slots, now)
        audit_change(session, CAPACITY, before=before, after=values, admin_id=admin_id, now=now)
        return rescheduling.reschedule(
            session, old_schedule, agreed=agreed, staff_id=admin_id, now=now
        )
