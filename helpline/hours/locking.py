"""Lock and save the opening hours in the caller's transaction; never commits.

A booking and a change of hours exclude each other: else a slot could be booked by hours that are no
longer in force. See docs/decisions/0010-hours-are-whole-versions.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from helpline.db import (
    add_version,
    advisory_lock,
    advisory_lock_shared,
)
from helpline.domain.hours_plan import HoursPlan
from helpline.hours.models import HoursVersion

_HOURS_LOCK_ID = 5_401_2026  # any number, the same in every process, of nobody else


def lock_shared(session: Session) -> None:
    """Lock the hours, shared, until the end of the transaction.

    Before any row lock that a change of hours might want, so that nothing deadlocks.
    """
    advisory_lock_shared(session, _HOURS_LOCK_ID)


def lock_exclusive(session: Session) -> None:
    """Lock the hours, exclusively, until the end of the transaction."""
    advisory_lock(session, _HOURS_LOCK_ID)


def save_version(
    session: Session, plan: HoursPlan, *, expected_version: int, saved_by: int | None, now: datetime
) -> None:
    """Save a new version of the hours; the caller holds ``lock_exclusive``.

    Args:
        expected_version: the version that the admin edited; 0 before the first.

    Raises:
        StaleVersion: a newer version exists; nothing was changed.
    """
    data = plan.to_data()
    add_version(
        session,
        HoursVersion(time_zone=data.pop("zone"), **data, saved_at=now, saved_by=saved_by),
        expected_version=expected_version,
    )
