"""Change the opening hours; in this package because of the bookings affected."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from helpline.callbacks import rescheduling
from helpline.callbacks.rescheduling import Approval, ReschedulingOutcome
from helpline.db import retry_on_deadlock, transaction
from helpline.domain.hours_plan import HoursPlan
from helpline.hours import locking
from helpline.hours import queries as hours_queries
from helpline.privacy import audit


@retry_on_deadlock
def change_opening_hours(
    plan: HoursPlan,
    *,
    expected_version: int,
    action: str,
    staff_id: int,
    now: datetime,
    agreed: Approval | None = None,
) -> ReschedulingOutcome:
    """Save and apply a plan of opening hours, with its effect on booked callbacks.

    Args:
        plan: the complete new plan.
        expected_version: the version that the admin edited.
        action: for the audit log, such as "hours_changed".
        agreed: what the admin agreed to for booked callbacks.

    Returns:
        The effect on booked callbacks.

    Raises:
        InvalidHours: the parts contradict each other, or there is no such zone.
        StaleVersion: a newer version exists; nothing was saved.
        NeedsApproval: the effect on booked callbacks was not agreed to; nothing was saved.
    """
    plan = plan.without_past(now)
    plan.opening_hours()
    with transaction() as session:
        locking.lock_exclusive(session)
        old_plan, old_schedule = hours_queries.plan(session), rescheduling.snapshot(session, now)
        new_plan = rescheduling.with_exceptions(session, plan, agreed, now)
        locking.save_version(
            session, new_plan, expected_version=expected_version, saved_by=staff_id, now=now
        )
        outcome = rescheduling.reschedule(
            session, old_schedule, agreed=agreed, staff_id=staff_id, now=now, plan=plan
        )
        audit.record(
            session,
            at=now,
            actor=f"staff:{staff_id}",
            action=action,
            subject="hours",
            **_difference(old_plan, new_plan),
        )
        return outcome


def _difference(before: HoursPlan, after: HoursPlan) -> dict[str, Any]:
    old, new = before.to_data(), after.to_data()
    parts = [name for name in new if old[name] != new[name]]
    return {
        "before": {name: old[name] for name in parts},
        "after": {name: new[name] for name in parts},
    }
