"""Retention periods, set by an admin, versioned and audited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import insert_or_ignore, transaction, update_version
from helpline.policy.change import audit_change
from helpline.policy.models import RetentionPolicy
from helpline.policy.numbers import RETENTION, Number, numbers
from helpline.privacy import erasure_tables
from helpline.privacy.pii_inventory import Group

NUMBERS: Mapping[Group, Number] = {
    Group(name.removesuffix("_days")): number for name, number in numbers(RetentionPolicy).items()
}
DEFAULT_DAYS: Mapping[Group, int] = {group: number.default for group, number in NUMBERS.items()}
"""Default periods in days after the end."""


@dataclass(frozen=True, slots=True)
class RetentionPeriods:
    """Retention periods in days by group, and their version."""

    days: Mapping[Group, int]
    version: int = 0
    next_run_at: datetime | None = None

    def before(self, group: Group, now: datetime) -> datetime:
        """Return the time before which data of a group must have ended to be erased now."""
        return now - timedelta(days=self.days[group])


def retention_periods(session: Session) -> RetentionPeriods:
    return periods_of(session.get(RetentionPolicy, 1, populate_existing=True))


def periods_of(stored: RetentionPolicy | None) -> RetentionPeriods:
    """Return the stored periods, else the defaults."""
    if stored is None:
        return RetentionPeriods(DEFAULT_DAYS)
    days = {group: getattr(stored, f"{group}_days") for group in DEFAULT_DAYS}
    return RetentionPeriods(days, stored.version, stored.next_at)


def save(days: Mapping[Group, int], *, expected_version: int, admin_id: int, now: datetime) -> int:
    """Save retention periods and return their version. A worker erases what is now too old.

    Args:
        days: periods in days after the end, by group.
        expected_version: the version that the admin edited.

    Raises:
        StaleVersion: a newer version exists; nothing was saved.
        InvalidPolicy: a period is missing or out of bounds.
    """
    for group, number in NUMBERS.items():
        number.check(f"{group}_days", days.get(group))
    values = {f"{group}_days": count for group, count in days.items()}
    with transaction() as session:
        _ensure_row(session, now)
        before = retention_periods(session).days
        update_version(
            session,
            RetentionPolicy,
            RetentionPolicy.id == 1,
            expected_version=expected_version,
            next_at=now,
            **values,
        )
        audit_change(
            session,
            RETENTION,
            before={str(group): count for group, count in before.items()},
            after={str(group): count for group, count in days.items()},
            admin_id=admin_id,
            now=now,
        )
        return expected_version + 1


def due_counts(
    session: Session, days: Mapping[Group, int], now: datetime, *, ahead: int = 0
) -> Mapping[Group, int]:
    """Return how many rows of each group are due for erasure.

    Args:
        days: the retention period of each group.
        ahead: within so many days from now.
    """
    return {
        group: erasure_tables.count_due(session, group, now - timedelta(days=period - ahead))
        for group, period in days.items()
    }


# What the worker does, inside its transaction. Never commits.


def reserve_run(session: Session, *, now: datetime) -> RetentionPeriods | None:
    """Return the periods to the one worker that is to erase now; None to the others."""
    stored = session.get(RetentionPolicy, 1, populate_existing=True)
    if stored is None:
        _ensure_row(session, now)
    elif stored.next_at > now:
        return None
    locked = session.scalar(
        sa.select(RetentionPolicy)
        .where(RetentionPolicy.id == 1, RetentionPolicy.next_at <= now)
        .with_for_update(skip_locked=True)
    )
    return None if locked is None else periods_of(locked)


def set_next_run(session: Session, *, until: datetime) -> None:
    """Record that nothing is due for erasure until then."""
    session.execute(sa.update(RetentionPolicy).where(RetentionPolicy.id == 1).values(next_at=until))


def _ensure_row(session: Session, now: datetime) -> None:
    defaults = {f"{group}_days": days for group, days in DEFAULT_DAYS.items()}
    insert_or_ignore(session, RetentionPolicy, id=1, version=0, next_at=now, **defaults)
