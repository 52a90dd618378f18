"""The verb by which an admin changes when we are open; here, since bookings hang on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from helpline.callbacks import rehouse
from helpline.callbacks.rehouse import Agreed, Settled
from helpline.db import gives_way, transaction
from helpline.domain.hours_plan import HoursPlan
from helpline.hours import queries as hours
from helpline.hours import saving
from helpline.privacy import audit


@gives_way
def change(
    plan: HoursPlan,
    *,
    based_on: int,
    deed: str,
    staff_id: int,
    now: datetime,
    agreed: Agreed | None = None,
) -> Settled:
    """Puts a plan in force at once, for visitors, slots, queue and dialler alike: another week, a
    week to come, an exception, another time zone, the red switch.

    Args:
        plan: all of it as it shall be.
        based_on: the version the admin began from.
        deed: what they did, for the audit log, such as "hours_changed".
        agreed: what becomes of booked callbacks, as they were shown and agreed to.

    Returns:
        What became of booked callbacks.

    Raises:
        InvalidHours: the parts do not fit each other, or there is no such zone.
        SavedMeanwhile: a newer version is there; nothing was saved.
        WouldStrand: booked callbacks are in the way, and this list of them was not agreed to;
            nothing was saved.
    """
    plan = plan.as_of(now)
    plan.opening_hours()
    with transaction() as session:
        saving.alone(session)
        before, was = hours.plan(session), rehouse.standing(session, now)
        kept = rehouse.with_kept(session, plan, agreed, now)
        saving.put(session, kept, based_on=based_on, saved_by=staff_id, now=now)
        settled = rehouse.settle(session, was, agreed=agreed, staff_id=staff_id, now=now, plan=plan)
        audit.record(
            session,
            at=now,
            actor=f"staff:{staff_id}",
            deed=deed,
            subject="hours",
            **_difference(before, kept),
        )
        return settled


def _difference(before: HoursPlan, after: HoursPlan) -> dict[str, Any]:
    """The parts that differ, as they were and as they are."""
    old, new = before.to_data(), after.to_data()
    parts = [name for name in new if old[name] != new[name]]
    return {
        "before": {name: old[name] for name in parts},
        "after": {name: new[name] for name in parts},
    }
