"""Lock and save the opening hours in the caller's transaction; never commits.

A booking and a change of hours exclude each other: else a slot could be booked by hours that are no
longer in force. See docs/decisions/0010-hours-are-whole-versions.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import advisory_lock, advisory_lock_shared, advisory_lock_shared_clause
from helpline.domain.hours_plan import HoursPlan
from helpline.hours import queries
from helpline.hours.errors import StaleVersion
from helpline.hours.models import HoursVersion
from helpline.row_updates import insert_or_ignore

_HOURS_LOCK_ID = 5_401_2026  # any number, the same in every process, of nobody else


def lock_shared(session: Session) -> None:
    """Lock the hours, shared, until the end of the transaction.

    Before any row lock that a change of hours might want, so that nothing deadlocks.
    """
    advisory_lock_shared(session, _HOURS_LOCK_ID)


def lock_shared_clause() -> sa.ColumnElement[Any]:
    """Return ``lock_shared`` as part of a statement for PostgreSQL.

    Read the hours after it: it may have to wait, and its own statement reads an older snapshot.
    """
    return advisory_lock_shared_clause(_HOURS_LOCK_ID)


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
    newest = queries.newest_version(session)
    if (newest.version if newest else 0) != expected_version or not insert_or_ignore(
        session,
        HoursVersion,
        version=expected_version + 1,
        time_zone=plan.zone_name,
        **{name: value for name, value in plan.to_data().items() if name != "zone"},
        saved_at=now,
        saved_by=saved_by,
    ):
        raise StaleVersion
