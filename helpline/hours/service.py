"""The first opening hours of a deployment; callbacks/change_hours changes them later."""

from __future__ import annotations

from datetime import datetime

from helpline.db import insert_or_ignore, transaction
from helpline.hours import queries
from helpline.hours.models import HoursVersion


def create_first_hours(time_zone: str, *, now: datetime) -> bool:
    """Save the default hours where there are none; return whether it did."""
    with transaction() as session:
        if queries.newest_version(session) is not None:
            return False
        return insert_or_ignore(
            session,
            HoursVersion,
            version=1,
            time_zone=time_zone,
            week=queries.DEFAULT_WEEK.to_data(),
            saved_at=now,
            saved_by=None,
        )
