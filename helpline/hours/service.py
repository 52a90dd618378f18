"""What an admin does to the hours."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import available_timezones

from sqlalchemy.exc import IntegrityError

from helpline.db import add_if_absent, transaction
from helpline.domain.errors import HelplineError
from helpline.domain.opening_hours import Week
from helpline.hours import queries
from helpline.hours.models import WeekSave
from helpline.privacy import audit


class SavedMeanwhile(HelplineError):
    """Another admin saved the hours after this one opened them."""


class UnknownTimeZone(HelplineError):
    """There is no such time zone."""


def first_week(time_zone: str, *, now: datetime) -> bool:
    """Puts the first weekly hours in force, 10:00 to 18:00 on all seven days, where there are
    none yet; says whether it did."""
    with transaction() as session:
        if queries.newest_save(session) is not None:
            return False
        return add_if_absent(
            session,
            WeekSave,
            version=1,
            time_zone=time_zone,
            week=queries.DEFAULT_WEEK.to_data(),
            saved_at=now,
            saved_by=None,
        )


def save_week(week: Week, time_zone: str, *, based_on: int, admin_id: int, now: datetime) -> int:
    """Puts new weekly hours in force at once, for visitors, slots, queue and dialler alike.

    Args:
        week: the seven days.
        time_zone: an IANA name such as "Asia/Kolkata".
        based_on: the version the admin began from.

    Returns:
        The new version.

    Raises:
        SavedMeanwhile: a newer version is there; nothing was saved.
        UnknownTimeZone: no such zone; nothing was saved.
    """
    if time_zone not in available_timezones():
        raise UnknownTimeZone
    try:
        with transaction() as session:
            before = queries.newest_save(session)
            if before is not None and before.version != based_on:
                raise SavedMeanwhile
            session.add(
                WeekSave(
                    version=based_on + 1,
                    time_zone=time_zone,
                    week=week.to_data(),
                    saved_at=now,
                    saved_by=admin_id,
                )
            )
            audit.record(
                session,
                at=now,
                actor=f"staff:{admin_id}",
                deed="hours_changed",
                subject="hours",
                before={"zone": before.time_zone, "week": before.week} if before else None,
                after={"zone": time_zone, "week": week.to_data()},
            )
    except IntegrityError as error:
        raise SavedMeanwhile from error
    return based_on + 1
