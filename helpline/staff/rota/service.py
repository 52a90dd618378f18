"""Changes of the rota, each checked against its version and audited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import StaleVersion, insert_or_ignore, transaction, update_version
from helpline.domain.opening_hours import Interval
from helpline.domain.rota import Member, Shift, check_extra_overlap, check_overlap
from helpline.privacy import audit
from helpline.staff.errors import AlreadyOff
from helpline.staff.models import Staff
from helpline.staff.rota import queries
from helpline.staff.rota.models import ExceptionKind, RotaVersion, ShiftException, ShiftRow


def add_shifts(
    staff_id: int, shifts: Sequence[Shift], *, expected_version: int, admin_id: int, now: datetime
) -> None:
    """Add weekly shifts of one advisor, all or none.

    Args:
        expected_version: the version of the rota that the admin edited.

    Raises:
        ShiftsOverlap: one overlaps another of theirs.
        StaleVersion: the rota was changed in between.
    """
    with _changing_rota(staff_id, expected_version) as session:
        rota = queries.member(session, staff_id)
        for shift in shifts:
            check_overlap(rota, shift)
            rota = Member((*rota.shifts, shift), rota.days_off, rota.extras)
            session.add(
                ShiftRow(
                    staff_id=staff_id,
                    weekday=shift.weekday,
                    start_minute=shift.interval.start,
                    end_minute=shift.interval.end,
                    valid_from=shift.valid_from,
                    valid_until=shift.valid_until,
                )
            )
        _record(
            session,
            staff_id,
            "shifts_added",
            admin_id,
            now,
            after=[_audit_details(shift) for shift in shifts],
        )


def end_shift(
    shift_id: int,
    staff_id: int,
    last_day: date,
    *,
    expected_version: int,
    admin_id: int,
    now: datetime,
) -> None:
    """End a weekly shift; past ones stay on record, one never worked is deleted.

    Args:
        last_day: the last date on which it may begin.

    Raises:
        StaleVersion: the rota was changed in between.
    """
    with _changing_rota(staff_id, expected_version) as session:
        row = session.scalar(
            sa.select(ShiftRow).where(ShiftRow.id == shift_id, ShiftRow.staff_id == staff_id)
        )
        if row is None:
            raise StaleVersion
        before = _audit_details(queries.shift_of(row))
        if last_day < row.valid_from:
            session.delete(row)
            after = None
        else:
            row.valid_until = last_day
            after = _audit_details(queries.shift_of(row))
        _record(session, staff_id, "shift_ended", admin_id, now, before=before, after=after)


def add_day_off(
    staff_id: int, first: date, last: date, *, expected_version: int, admin_id: int, now: datetime
) -> None:
    """Add a day off, or one for every date of a range.

    Raises:
        AlreadyOff: all of them are days off already.
        StaleVersion: the rota was changed in between.
    """
    with _changing_rota(staff_id, expected_version) as session:
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        added = [
            insert_or_ignore(
                session, ShiftException, staff_id=staff_id, day=day, kind=ExceptionKind.OFF
            )
            for day in days
        ]
        if not any(added):
            raise AlreadyOff
        after = {"first": first.isoformat(), "last": last.isoformat()}
        _record(session, staff_id, "days_off_added", admin_id, now, after=after)


def add_extra(
    staff_id: int,
    day: date,
    hours: Interval,
    *,
    expected_version: int,
    admin_id: int,
    now: datetime,
) -> None:
    """Add an extra shift on one date.

    Raises:
        ShiftsOverlap: it overlaps another of theirs.
        StaleVersion: the rota was changed in between.
    """
    with _changing_rota(staff_id, expected_version) as session:
        check_extra_overlap(queries.member(session, staff_id), day, hours)
        session.add(
            ShiftException(
                staff_id=staff_id,
                day=day,
                kind=ExceptionKind.EXTRA,
                start_minute=hours.start,
                end_minute=hours.end,
            )
        )
        after = {"day": day.isoformat(), "hours": str(hours)}
        _record(session, staff_id, "extra_shift_added", admin_id, now, after=after)


def remove_exception(
    exception_id: int, staff_id: int, *, expected_version: int, admin_id: int, now: datetime
) -> None:
    """Remove a day off or an extra shift.

    Raises:
        ShiftsOverlap: the weekly shift of that date would overlap an extra one.
        StaleVersion: the rota was changed in between.
    """
    with _changing_rota(staff_id, expected_version) as session:
        row = session.scalar(
            sa.select(ShiftException).where(
                ShiftException.id == exception_id, ShiftException.staff_id == staff_id
            )
        )
        if row is None:
            raise StaleVersion
        before = {"kind": row.kind, "day": row.day.isoformat()}
        rota = queries.member(session, staff_id)
        if row.kind == ExceptionKind.OFF:
            remaining = Member(rota.shifts, rota.days_off - {row.day})
            for day, hours in rota.extras:
                check_extra_overlap(remaining, day, hours)
        session.delete(row)
        _record(session, staff_id, "shift_exception_removed", admin_id, now, before=before)


@contextmanager
def _changing_rota(staff_id: int, expected_version: int) -> Iterator[Session]:
    with transaction() as session:
        session.get_one(Staff, staff_id)
        insert_or_ignore(session, RotaVersion, staff_id=staff_id, version=0)
        update_version(
            session,
            RotaVersion,
            RotaVersion.staff_id == staff_id,
            expected_version=expected_version,
        )
        yield session


def _audit_details(shift: Shift) -> dict[str, Any]:
    return {
        "weekday": shift.weekday,
        "hours": str(shift.interval),
        "from": shift.valid_from.isoformat(),
        "until": shift.valid_until and shift.valid_until.isoformat(),
    }


def _record(
    session: Session, staff_id: int, action: str, admin_id: int, now: datetime, **detail: Any
) -> None:
    audit.record(
        session,
        at=now,
        actor=f"staff:{admin_id}",
        action=action,
        subject=f"staff:{staff_id}",
        **detail,
    )
